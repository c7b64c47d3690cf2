"""What ``AudioSocketLibrary.Wire`` says when it refuses."""

from __future__ import annotations

import pytest

from tests.helpers.inner_run import run_robot

pytestmark = pytest.mark.integration

SETTINGS = """\
*** Settings ***
Library    AudioSocketLibrary.Wire
"""


def test_messages_of_wire(tmp_path):
    run = run_robot(
        tmp_path,
        """\
No Bytes
    Parse Frames    zz
No Type
    Build Frame    SOUND
Two Payloads
    Build Frame    DTMF    35    text=5
Response To Nothing
    Build SIP Message    200 OK
Request Without URI
    Build SIP Message    INVITE
Two Bodies
    Build SIP Message    INVITE    sip:a@b.example    body=x    audio=127.0.0.1:4000
Number Too Large
    Build RTP Packet    ff    sequence=65536
Not Valid
    SIP Message Should Be Valid    OPTIONS sip:a@b.example SIP/2.0\\n\\n
No Message
    SIP Message Should Be Valid    hello
""",
        settings=SETTINGS,
    )
    assert "write pairs of hexadecimal digits" in run.message("No Bytes")
    assert "'SOUND' is no type of a frame" in run.message("No Type")
    assert run.message("Two Payloads").startswith("A frame has one payload")
    assert run.message("Response To Nothing") == "200 OK is a response: say to what, with request="
    assert run.message("Request Without URI").startswith("INVITE is a request: give its URI")
    assert run.message("Two Bodies").startswith("A message has one body")
    assert run.message("Number Too Large").startswith("The sequence of an RTP packet is 0 to 65535, not 65536")
    assert run.message("Not Valid").startswith("The SIP message is not valid: it has no Via (RFC 3261")
    assert run.message("No Message").startswith("The SIP message is not valid: The SIP message has no empty line")
