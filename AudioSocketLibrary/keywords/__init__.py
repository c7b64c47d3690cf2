"""What a suite can say: thin keyword classes, Robot's thread, and what the log shows."""
