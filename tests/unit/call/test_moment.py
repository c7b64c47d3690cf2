import pytest

from AudioSocketLibrary.call import Moment

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("text", "event", "after", "written"),
    [
        ("900 ms after bot starts", "bot starts", 0.9, "900 ms after the bot starts"),
        ("bot pauses", "bot pauses", 0.0, "bot pauses"),
        ("2 s after Bot Stops", "bot stops", 2.0, "2 s after the bot stops"),
        ("1 с after caller_stops", "caller stops", 1.0, "1 s after caller stops"),
        ("5 after call starts", "call starts", 5.0, "5 s after call starts"),
        ("after the reply", "", 0.0, "after the reply"),
        (
            "900 ms after prompt Tyres_found starts",
            "prompt Tyres_found starts",
            0.9,
            "900 ms after prompt Tyres_found starts",
        ),
        ("Prompt greeting starts", "prompt greeting starts", 0.0, "prompt greeting starts"),
    ],
)
def test_moments(text, event, after, written):
    moment = Moment.parse(text)
    assert (moment.event, moment.after, str(moment)) == (event, after, written)


@pytest.mark.parametrize(
    "text",
    ["", "soon", "900 ms", "900 ms after", "after bot starts", "1 s after lunch", "1 s bot stops", "prompt starts"],
)
def test_what_is_no_moment(text):
    with pytest.raises(ValueError, match="is no moment: a moment is '<time> after <event>', where event is one of"):
        Moment.parse(text)


def test_a_time_that_is_none():
    with pytest.raises(ValueError, match="900 means 900 seconds; for milliseconds write '900 ms'"):
        Moment.parse("900 after bot starts")
