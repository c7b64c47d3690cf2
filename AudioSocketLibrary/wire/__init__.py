"""RTP packets and SIP messages as bytes, for those who test at that level. Standard library only; no socket.

No maintained, freely licensed library that is pure Python serves here: those for SIP refuse valid hosts like ``pbx1``
or folded headers, those for RTP bring a media stack. So both are read here by their RFCs, strictly, with the section
in each error.
"""

from .errors import WireError
from .rtp import STATIC_CODECS, RtpCodec, RtpExtension, RtpPacket, build_rtp, parse_rtp
from .sdp import Codec, Media, Sdp, build_audio_sdp, parse_sdp
from .sip import COMPACT_FORMS, SipHeaders, SipMessage, parse_sip
from .sip_building import build_request, build_response
from .sip_rules import sip_problems
from .sip_values import CSeq, SipAddress, SipUri, Via

__all__ = [
    "COMPACT_FORMS",
    "STATIC_CODECS",
    "CSeq",
    "Codec",
    "Media",
    "RtpCodec",
    "RtpExtension",
    "RtpPacket",
    "Sdp",
    "SipAddress",
    "SipHeaders",
    "SipMessage",
    "SipUri",
    "Via",
    "WireError",
    "build_audio_sdp",
    "build_request",
    "build_response",
    "build_rtp",
    "parse_rtp",
    "parse_sdp",
    "parse_sip",
    "sip_problems",
]
