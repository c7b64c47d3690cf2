"""What tests share: a bot of their own, on plain sockets and threads, with none of our code on the wire."""
