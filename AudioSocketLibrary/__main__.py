"""``python -m AudioSocketLibrary``: the command ``audiosocket`` where it is not on the path."""

from .cli import main

main()
