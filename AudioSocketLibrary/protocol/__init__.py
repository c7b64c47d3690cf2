"""AudioSocket without a socket: bytes to frames and back, and the rules of a connection, for both ends.

No clock, no network, no dependency. Alone it is what an AudioSocket server needs to understand its caller:

>>> from uuid import UUID
>>> from AudioSocketLibrary.protocol import AudioFormat, FrameType, Incoming, Party, encode, encode_uuid
>>> incoming = Incoming(Party.CALLER)
>>> received = encode_uuid(UUID(int=7)) + encode(FrameType.AUDIO, bytes(320))
>>> for event in incoming.feed(received + b"\\x03\\x00\\x01"):  # the network may cut anywhere
...     print(event)
0x01 UUID, 16 bytes
0x10 AUDIO, 320 bytes
>>> [key] = incoming.feed(b"5")
>>> key.type == FrameType.DTMF, key.payload
(True, b'5')
>>> violation, frame = incoming.feed(encode(0x20, b"?"))
>>> violation.text
'the caller sent a frame of unknown type 0x20, which Asterisk never sends'
>>> incoming.eof()
[]

To answer, write a media frame every 20 ms, each in one write; `HANGUP_FRAME`, or closing, hangs up:

>>> answer = AudioFormat.slin16
>>> len(encode(answer.type, bytes(answer.size)))
643
"""

from .asterisk import NEWEST, ROWS, AsteriskVersion, Behaviour, behaviour_of
from .formats import AudioFormat, Encoding
from .frames import (
    AUDIO_TYPES,
    DTMF_KEYS,
    HANGUP_FRAME,
    HEADER_SIZE,
    MAX_PAYLOAD,
    RATE_OF,
    UUID_SIZE,
    Frame,
    FrameType,
    encode,
    encode_dtmf,
    encode_uuid,
    name_of,
)
from .incoming import Event, Incoming
from .reader import FrameReader, Inside, Remainder
from .rules import RuleBook
from .violations import Party, Violation, ViolationKind

__all__ = [
    "AUDIO_TYPES",
    "DTMF_KEYS",
    "HANGUP_FRAME",
    "HEADER_SIZE",
    "MAX_PAYLOAD",
    "NEWEST",
    "RATE_OF",
    "ROWS",
    "UUID_SIZE",
    "AsteriskVersion",
    "AudioFormat",
    "Behaviour",
    "Encoding",
    "Event",
    "Frame",
    "FrameReader",
    "FrameType",
    "Incoming",
    "Inside",
    "Party",
    "Remainder",
    "RuleBook",
    "Violation",
    "ViolationKind",
    "behaviour_of",
    "encode",
    "encode_dtmf",
    "encode_uuid",
    "name_of",
]
