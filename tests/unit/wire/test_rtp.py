"""RTP packets: what is built is read back, and whatever bytes come, the answer is a packet or a sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from AudioSocketLibrary.wire import RtpExtension, WireError, build_rtp, parse_rtp

pytestmark = pytest.mark.unit

# Hand-made: version 2, marker, PCMU, sequence 0x1234, timestamp 160, SSRC 0xdecafbad; 20 ms of mu-law silence.
FIXTURE = bytes.fromhex("80801234000000a0decafbad") + b"\xff" * 160

WORDS = st.integers(0, 2**32 - 1)
EXTENSIONS = st.none() | st.builds(
    RtpExtension, st.integers(0, 0xFFFF), st.binary(max_size=40).map(lambda data: data[: len(data) // 4 * 4])
)


def test_fixture_is_read():
    packet = parse_rtp(FIXTURE)
    assert (packet.version, packet.payload_type, packet.codec, packet.marker) == (2, 0, "PCMU", True)
    assert (packet.sequence, packet.timestamp, packet.ssrc) == (0x1234, 160, 0xDECAFBAD)
    assert (len(packet.payload), packet.milliseconds) == (160, 20.0)


def test_fixture_is_built():
    assert build_rtp(b"\xff" * 160, sequence=0x1234, timestamp=160, ssrc=0xDECAFBAD, marker=True) == FIXTURE


@given(
    payload=st.binary(max_size=400),
    payload_type=st.integers(0, 63) | st.integers(96, 127),
    sequence=st.integers(0, 0xFFFF),
    timestamp=WORDS,
    ssrc=WORDS,
    marker=st.booleans(),
    csrcs=st.lists(WORDS, max_size=15).map(tuple),
    extension=EXTENSIONS,
    padding=st.integers(0, 255),
)
def test_what_is_built_is_read(**fields):
    payload = fields.pop("payload")
    packet = parse_rtp(build_rtp(payload, **fields))
    assert packet.payload == payload
    assert {name: getattr(packet, name) for name in fields} == fields


@given(st.binary(max_size=60))
def test_any_bytes_are_a_packet_or_a_sentence(data):
    packet = error = None
    try:
        packet = parse_rtp(data)
    except WireError as failure:
        error = str(failure)
    if packet is None:
        assert "RFC" in error
    else:
        assert data.endswith(packet.payload + data[len(data) - packet.padding :])


@given(st.integers(0, len(FIXTURE)))
def test_a_packet_cut_anywhere_never_has_more_than_came(size):
    if size < 12:
        with pytest.raises(WireError, match=f"only {size} came"):
            parse_rtp(FIXTURE[:size])
    else:
        assert parse_rtp(FIXTURE[:size]).payload == FIXTURE[12:size]


@pytest.mark.parametrize(
    ("field", "value", "highest"),
    [("sequence", 65536, 65535), ("payload_type", 128, 127), ("ssrc", -1, 2**32 - 1), ("padding", 256, 255)],
)
def test_a_number_that_does_not_fit_is_refused(field, value, highest):
    with pytest.raises(WireError, match=rf"is 0 to {highest}, not {value} "):
        build_rtp(b"", **{field: value})


def test_a_payload_type_that_would_read_as_rtcp_is_refused():
    with pytest.raises(WireError, match=r"would be read as RTCP \(sender report\)"):
        build_rtp(b"", payload_type=72, marker=True)


def test_an_extension_of_odd_length_is_refused():
    with pytest.raises(WireError, match="multiple of 4 bytes, not 3"):
        build_rtp(b"", extension=RtpExtension(0xBEDE, b"abc"))
