import re

import pytest

from AudioSocketLibrary.records import UsageError
from AudioSocketLibrary.transport import Address

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("127.0.0.1:9092", "127.0.0.1", 9092),
        (" bot.example.org:1 ", "bot.example.org", 1),
        ("localhost:65535", "localhost", 65535),
        ("[::1]:9092", "::1", 9092),
        ("[fe80::1%eth0]:9092", "fe80::1%eth0", 9092),
    ],
)
def test_an_address_is_read_and_written(text, host, port):
    address = Address.parse(text)
    assert (address.host, address.port) == (host, port)
    assert str(address) == text.strip()


@pytest.mark.parametrize(
    "text",
    ["", "9092", ":9092", "127.0.0.1", "http://127.0.0.1:9092", "host:", "host:port", "a b:1", "::1:9092", "h:1/x"],
)
def test_what_is_no_address(text):
    message = f"'{text}' is no address of a bot: write host:port, like 127.0.0.1:9092 (no http://)"
    with pytest.raises(UsageError, match=re.escape(message)):
        Address.parse(text)


def test_a_port_out_of_range():
    with pytest.raises(UsageError, match="'bot:0' has no usable port: 0 is not between 1 and 65535"):
        Address.parse("bot:0")
    with pytest.raises(UsageError, match="'bot:70000' has no usable port: 70000 is not between 1 and 65535"):
        Address.parse("bot:70000")
    assert Address.parse("bot:0", lowest=0).port == 0
