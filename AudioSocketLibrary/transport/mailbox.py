"""Where many connections put their media frames, and what they tell of those they sent: nothing is looked at here."""

from __future__ import annotations

from array import array


class Mailbox:
    """Media frames of many connections, one behind another as they came, without an object for each.

    Args:
        size: of a frame with its header, in bytes.
    """

    __slots__ = ("audio", "numbers", "size", "times")

    def __init__(self, size: int) -> None:
        self.size = size
        self.numbers = array("q")
        """Whose frame it is, ..."""
        self.times = array("d")
        """... when it arrived, ..."""
        self.audio = bytearray()
        """... and the frame with its header."""

    def emptied(self) -> tuple[array[int], array[float], bytearray]:
        """Take all that is in it: numbers, times, frames."""
        found = self.numbers, self.times, self.audio
        if found[0]:
            self.numbers, self.times, self.audio = array("q"), array("d"), bytearray()
        return found


class SentBook:
    """Media frames that many connections have sent, as they went, without an object for each."""

    __slots__ = ("late", "numbers")

    def __init__(self) -> None:
        self.numbers = array("q")
        """Whose frame it was, ..."""
        self.late = array("d")
        """... and how long after it was due it went, in seconds."""

    def emptied(self) -> tuple[array[int], array[float]] | None:
        """Take all that is in it: numbers and times; None: there is nothing."""
        if not self.numbers:
            return None
        found = self.numbers, self.late
        self.numbers, self.late = array("q"), array("d")
        return found
