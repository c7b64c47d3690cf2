"""The commands of ``audiosocket``, one module each."""
