"""The error of this room."""


class WireError(ValueError):
    """Bytes that are not what they should be, or cannot be built; the text says which rule of which RFC."""

    ROBOT_SUPPRESS_NAME = True
