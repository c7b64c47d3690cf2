"""SIP messages and SDP: read, built, judged; whatever bytes come, the answer is a message or a sentence."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from AudioSocketLibrary.wire import (
    COMPACT_FORMS,
    WireError,
    build_audio_sdp,
    build_request,
    build_response,
    parse_sdp,
    parse_sip,
    sip_problems,
)
from AudioSocketLibrary.wire.sip_values import parse_addresses, parse_uri, parse_vias, split

pytestmark = pytest.mark.unit

INVITE = (Path(__file__).parents[3] / "suites/wire/invite.sip").read_bytes().replace(b"\n", b"\r\n")
SDP = INVITE.partition(b"\r\n\r\n")[2]


def with_junk(whole: bytes) -> st.SearchStrategy[bytes]:
    """The whole with a few bytes put in somewhere."""
    return st.builds(lambda at, junk: whole[:at] + junk + whole[at:], st.integers(0, len(whole)), st.binary(max_size=6))


def told(parse, data):
    """What was read and None, or None and the error's text."""
    try:
        return parse(data), None
    except WireError as error:
        return None, str(error)


VALUES = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=30)


def changed(old: bytes, new: bytes) -> bytes:
    assert old in INVITE
    return INVITE.replace(old, new)


def without(name: bytes) -> bytes:
    lines = INVITE.split(b"\r\n")
    return b"\r\n".join(line for line in lines if not line.startswith(name + b":"))


def test_invite_is_read_to_its_last_part():
    message = parse_sip(INVITE)
    assert (message.method, message.uri, message.is_request) == ("INVITE", "sip:100@pbx1:5060", True)
    assert (message.request_uri.user, message.request_uri.host, message.request_uri.port) == ("100", "pbx1", 5060)
    assert message.from_address.name == "Olena Kovalenko"
    assert message.from_address.tag == "1928301774"
    assert (message.vias[0].host, message.vias[0].branch, message.vias[0].parameters["rport"]) == (
        "10.0.0.7",
        "z9hG4bK776asdhds",
        "",
    )
    assert message.headers["subject"] == "Winter tyres, four of them"
    assert message.sdp.audio.codecs[1].name == "telephone-event"
    assert message.body == SDP
    assert not sip_problems(message)


def test_bytes_of_a_message_read_as_the_same_message():
    message = parse_sip(INVITE)
    again = parse_sip(bytes(message))
    assert (again.start_line, again.headers.rows, again.body) == (
        message.start_line,
        message.headers.rows,
        message.body,
    )


@pytest.mark.parametrize("compact", COMPACT_FORMS)
def test_short_names_are_the_long_ones(compact):
    message = parse_sip(f"OPTIONS sip:a@b.example SIP/2.0\r\n{compact.upper()}: 0\r\n\r\n".encode())
    assert message.headers[COMPACT_FORMS[compact]] == message.headers[compact] == "0"


def test_what_follows_the_body_is_kept_apart():
    message = parse_sip(INVITE + b"OPTIONS")
    assert (message.body, message.rest) == (SDP, b"OPTIONS")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "no empty line"),
        (INVITE[:100], "no empty line"),
        (INVITE[:-5], r"says 198 bytes of body, and only 193 came"),
        (INVITE.replace(b"\r\n", b"\n"), "LF alone"),
        (changed(b"SIP/2.0\r\nv:", b"SIP/3.0\r\nv:"), "begins no SIP message"),
        (changed(b"Max-Forwards: 70", b"Max-Forwards 70"), "'Max-Forwards 70' is no header"),
        (changed(b"198", b"-1"), "Content-Length is a number of bytes"),
        (changed(b"Olena", b"\xff\xfe"), "not UTF-8 at byte"),
    ],
)
def test_what_is_no_message_is_refused(data, reason):
    with pytest.raises(WireError, match=reason):
        parse_sip(data)


@pytest.mark.parametrize(
    ("data", "reason", "section"),
    [
        (without(b"Max-Forwards"), "it has no Max-Forwards", "8.1.1"),
        (without(b"To"), "it has no To", "8.1.1"),
        (changed(b"CSeq:", b"CSeq: 1 INVITE\r\nCSeq:"), "it has 2 headers CSeq", "7.3.1"),
        (changed(b"z9hG4bK776", b"776"), "does not begin with z9hG4bK", "8.1.1.7"),
        (changed(b"314159 INVITE", b"314159 OPTIONS"), "its CSeq says OPTIONS", "8.1.1.5"),
        (changed(b"314159", b"2147483648"), "not below 2147483648", "8.1.1.5"),
        (changed(b"314159 INVITE", b"INVITE"), "'INVITE' is no CSeq", "20.16"),
        (changed(b";tag=1928301774", b""), "its From has no tag", "8.1.1.3"),
        (changed(b"Forwards: 70", b"Forwards: 256"), "not a number from 0 to 255", "20.22"),
        (changed(b"10.0.0.7\r\nCSeq", b"10.0.0.7 x\r\nCSeq"), "is not one word", "20.8"),
        (without(b"Contact"), "it has 0 Contact addresses", "8.1.1.8"),
        (without(b"Content-Type"), "no Content-Type", "20.15"),
        (changed(b"sip:100@pbx1:5060 ", b"sip:100@ "), "is no URI", "19.1.1"),
        (changed(b"v: SIP/2.0/UDP", b"v: UDP"), "is no Via", "20.42"),
        (changed(b"v=0", b"v=1"), "SDP has version 0", "5.1"),
    ],
)
def test_invalid_message_says_why(data, reason, section):
    [problem] = [each for each in sip_problems(parse_sip(data)) if reason in each]
    assert section in problem


def test_response_answers_its_request():
    invite = parse_sip(INVITE)
    ok = build_response(invite, 200, body=build_audio_sdp("127.0.0.1", 4000), sdp=True)
    read = parse_sip(bytes(ok))
    assert not sip_problems(read)
    assert (read.status, read.reason, read.method) == (200, "OK", "INVITE")
    for name in ("Via", "From", "Call-ID", "CSeq"):
        assert read.headers[name] == invite.headers[name]
    assert read.to_address.tag
    assert not build_response(invite, 100).to_address.tag


def test_response_without_to_tag_is_invalid():
    ok = build_response(parse_sip(INVITE), 200, headers={"To": "<sip:100@pbx1>"})
    assert any("its To has no tag" in each for each in sip_problems(ok))


@given(method=st.sampled_from(["INVITE", "OPTIONS", "REGISTER", "BYE"]), subject=VALUES, body=st.binary(max_size=50))
def test_requests_that_are_built_are_valid_and_read_back(method, subject, body):
    headers = {"Subject": subject, "Content-Type": "text/plain"}
    message = parse_sip(bytes(build_request(method, "sip:100@127.0.0.1", headers=headers, body=body)))
    assert not sip_problems(message)
    assert (message.headers["s"], message.body) == (subject, body)


@pytest.mark.parametrize(
    ("headers", "reason"), [({"Subject": "a\r\nB: c"}, "end of a line"), ({"Sub ject": "a"}, "no name of a header")]
)
def test_a_header_that_would_break_the_message_is_refused(headers, reason):
    with pytest.raises(WireError, match=reason):
        build_request("INVITE", "sip:100@127.0.0.1", headers=headers)


def test_a_header_is_left_out_or_replaced_by_any_of_its_names():
    message = build_request("INVITE", "sip:100@127.0.0.1", headers={"m": None, "f": "<sip:x@y.example>;tag=1"})
    assert "Contact" not in message.headers
    assert message.headers.all("From") == ["<sip:x@y.example>;tag=1"]


@given(st.binary(max_size=200) | with_junk(INVITE))
def test_any_bytes_are_a_message_or_a_sentence(data):
    message, error = told(parse_sip, data)
    reasons = [error] if error else sip_problems(message)
    assert all("RFC" in reason or "port" in reason for reason in reasons)


@given(st.lists(VALUES, max_size=4), st.lists(VALUES, max_size=4))
def test_commas_in_quotes_and_brackets_do_not_split(quoted, angled):
    parts = [f'"{",".join(each)}" <sip:{",".join(angled)}>'.replace("\\", "") for each in [quoted, angled]]
    parts = [part if part.count('"') == 2 and part.count("<") == part.count(">") == 1 else "x" for part in parts]
    assert split(", ".join(parts)) == parts


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("sip:a@pbx1", "pbx1", 0),
        ("sip:10.0.0.1:5070", "10.0.0.1", 5070),
        ("sips:a@[2001:db8::1]:5061;transport=tls", "2001:db8::1", 5061),
        ("sip:a:secret@x.example?Subject=hi", "x.example", 0),
        ("tel:+380441234567", "", 0),
    ],
)
def test_uris_are_read(text, host, port):
    uri = parse_uri(text)
    assert (uri.host, uri.port, str(uri)) == (host, port, text)


def test_several_addresses_in_one_header():
    first, second = parse_addresses("Contact", '"A, \\"B\\"" <sip:a@b.example;lr>;q=1, sip:c@d.example;tag=2')
    assert (first.name, first.uri.parameters, first.parameters) == ('A, "B"', {"lr": ""}, {"q": "1"})
    assert (second.uri.user, second.tag) == ("c", "2")


def test_via_may_be_written_with_spaces():
    [via] = parse_vias("SIP / 2.0 / UDP first.example.com: 4000;ttl=16 ;maddr=224.2.0.1;branch=z9hG4bKa7c6a8dlze.1")
    assert (via.transport, via.port, via.branch) == ("UDP", 4000, "z9hG4bKa7c6a8dlze.1")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b"t=0 0\r\n", b"", r"no time \(t=\)"),
        (b"o=olena 2890844526", b"o=olena", "An origin has 6 fields"),
        (b"s=-", b"s", "Line 3 of the SDP is no"),
        (b"m=audio 40000 ", b"m=audio 70000 ", "A media line is"),
        (b"c=IN IP4 10.0.0.7\r\n", b"", "there is no c= line"),
        (b"a=rtpmap:0 PCMU/8000", b"a=rtpmap:0 PCMU", "is no 'a=rtpmap"),
        (b"s=-\r\nc=IN", b"s=-\r\nx=1\r\nc=IN", "x= has no place in the session's part"),
        (b"s=-\r\nc=IN IP4 10.0.0.7\r\n", b"c=IN IP4 10.0.0.7\r\ns=-\r\n", "s= must come before c="),
    ],
)
def test_wrong_sdp_says_its_line(old, new, reason):
    assert old in SDP
    with pytest.raises(WireError, match=reason):
        parse_sdp(SDP.replace(old, new))


@given(st.binary(max_size=80) | with_junk(SDP))
def test_any_bytes_are_an_sdp_or_a_sentence(data):
    sdp, error = told(parse_sdp, data)
    assert "RFC" in error if error else sdp.origin


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_sdp_that_is_built_is_read(host):
    audio = parse_sdp(build_audio_sdp(host, 4000, ["opus", "PCMA"])).audio
    assert (audio.address, audio.port, audio.ptime, audio.direction) == (host, 4000, 20, "sendrecv")
    assert [(codec.name, codec.rate, codec.channels) for codec in audio.codecs] == [
        ("opus", 48000, 2),
        ("PCMA", 8000, 1),
    ]


def test_sdp_needs_an_address_and_known_codecs():
    with pytest.raises(WireError, match="needs an IP address, not 'pbx1'"):
        build_audio_sdp("pbx1", 4000)
    with pytest.raises(WireError, match="There is no codec 'MP3'"):
        build_audio_sdp("127.0.0.1", 4000, ["MP3"])
