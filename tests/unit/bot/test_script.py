"""Scripts: rows, what they mean, and what is said about wrong ones."""

import pytest

from AudioSocketLibrary.bot import ACTIONS, EVENTS, BotSettings, Script, load_script, read_script, row, rows_of
from AudioSocketLibrary.records import UsageError

pytestmark = pytest.mark.unit


def test_reads_yaml():
    script = read_script("""
about: the second answer is late
rows:
  - {on: uuid, do: play, recording: menu, after: 300 ms}
  - on: caller stops
    turn: 2+
    do: play
    recording: [tyres_found, goodbye]
    after: [600 ms, 1.5 s]
  - {on: key star, do: late payload 6 ms}
  - {on: silence 3 s, do: frames of 100 bytes}
""")
    first, second, third, fourth = script.rows
    assert script.about == "the second answer is late"
    assert (first.on, first.do, first.after, first.how["recording"]) == ("uuid", "play", (0.3,), ("menu",))
    assert (second.after, second.how["recording"]) == ((0.6, 1.5), ("tyres_found", "goodbye"))
    assert 1 not in second.when["turn"]
    assert 7 in second.when["turn"]
    assert (third.when["key"], third.how["by"]) == ("*", 0.006)
    assert (fourth.when["lasting"], fourth.how["bytes"]) == (3.0, 100)
    assert script.recordings == {"menu", "tyres_found", "goodbye"}


def test_reads_json():
    [only] = read_script('[{"on": "time", "at": "2 s", "do": "send", "data": "02 00 00"}]').rows
    assert (only.when["at"], only.how["data"]) == (2.0, b"\x02\0\0")


def test_comes_on_top_of_the_usual_behaviour_only_if_it_says_so():
    usual = rows_of(BotSettings())
    assert len(read_script("[{on: uuid, do: reset}]", usual=usual).rows) == 1
    assert len(read_script("{base: usual, rows: [{on: uuid, do: reset}]}", usual=usual).rows) == len(usual) + 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- {on: uuid, do: hangup}", "ROW1 there is no action 'hangup'; did you mean 'hang up'?"),
        ("- {on: uuid, do: reset}\n- {on: caller stop, do: reset}",
         "s.yaml, row 2 (line 2): there is no event 'caller stop'; did you mean 'caller stops'?"),
        ("rows:\n  - on: caller stops\n    do: reset\n    trun: 2",
         "s.yaml, row 1 (line 2): 'caller stops: reset' has no key 'trun'; did you mean 'turn'?"),
        ("- {on: uuid, do: reset, turn: 2}",
         "ROW1 'uuid: reset' has no key 'turn'; the keys are on, do, after"),
        ("- {on: uuid, do: play}",
         "ROW1 the action 'play' needs 'recording': a prompt's name or a file; a list is taken in turn"),
        ("- {on: uuid, do: pause soon}",
         "ROW1 'for' cannot be read: 'soon' is no time: write it like '800 ms', '2 s', '1 min 30 s' or '1:30'"),
        ("- {on: uuid, do: reset, after: 800}",
         "ROW1 'after' cannot be read: 800 means 800 seconds; for milliseconds write '800 ms', for seconds '800 s'"),
        ("- {on: caller stops, turn: first, do: reset}",
         ("ROW1 'turn' cannot be read: 'first' is no turn: write a number (1 is the "
          "caller's first), or '2+' for 2 and later")),
        ("- {on: key E, do: reset}",
         "ROW1 'key' cannot be read: 'E' is no key: 0-9, star, hash, A-D"),
        ("- {on: uuid, do: send xyz}",
         "ROW1 'data' cannot be read: 'xyz' is no bytes: write them in hexadecimal, like '02 00 00'"),
        ("- {on: uuid, do: frames of 0 bytes}",
         "ROW1 'bytes' cannot be read: '0 bytes' is no number from 1 to 65535"),
        ("- {on: uuid, do: echo maybe}",
         "ROW1 'echo' cannot be read: 'maybe' is neither 'on' nor 'off'"),
        ("- {do: reset}",
         ("ROW1 a row needs 'on'; there are connected, uuid, caller speaks, caller stops, "
          "caller speaks over, key, silence, time, reply ends")),
        ("- reset", "ROW1 'reset' is no row: write {on: an event, do: an action}"),
        ("row: []", "s.yaml has no key 'row'; did you mean 'rows'?"),
        ("rows: reset", "s.yaml has no list 'rows'"),
        ("base: some\nrows: []", "s.yaml: base is 'usual' or 'nothing', not 'some'"),
        ("hello", "s.yaml holds no rows: write a list of rows like '- {on: uuid, do: play greeting}'"),
        ("", "s.yaml holds no rows: write a list of rows like '- {on: uuid, do: play greeting}'"),
        ("- {on: [", "s.yaml is neither YAML nor JSON: expected the node content, but found '<stream end>' (line 1)"),
    ],
)  # fmt: skip
def test_says_what_is_wrong(text, message):
    with pytest.raises(UsageError) as error:
        read_script(text, name="s.yaml")
    assert str(error.value) == message.replace("ROW1", "s.yaml, row 1 (line 1):")


def test_says_that_a_file_is_missing(tmp_path):
    with pytest.raises(UsageError, match=r"There is no script .*missing\.yaml"):
        load_script(tmp_path / "missing.yaml")


def test_recordings_may_lie_beside_the_script(tmp_path):
    (tmp_path / "mine.wav").touch()
    (tmp_path / "s.yaml").write_text("[{on: uuid, do: play, recording: [mine.wav, menu]}]", "utf-8")
    assert load_script(tmp_path / "s.yaml").recordings == {str(tmp_path / "mine.wav"), "menu"}


def test_exact_rows_take_the_place_of_general_ones():
    script = Script([
        row("key", "play", recording="menu"),
        row("key", "stop", key="1"),
        row("key", "play", key="1", recording="goodbye"),
        row("caller stops", "reset", turn=3),
        row("caller stops", "mute"),
    ])  # fmt: skip
    assert [each.do for each in script.rows_on("key", key="1")] == ["stop", "play"]
    assert [each.do for each in script.rows_on("key", key="5")] == ["play"]
    assert [each.do for each in script.rows_on("caller stops", turn=3)] == ["reset"]
    assert [each.do for each in script.rows_on("caller stops", turn=4)] == ["mute"]
    assert script.rows_on("uuid") == []


def test_delays_are_taken_in_turn_or_drawn_with_a_seed():
    each = row("caller stops", "tone", after=[0.1, 0.2, 0.3])
    assert [each.delay(count, 1, None) for count in range(4)] == [0.1, 0.2, 0.3, 0.1]
    drawn = [each.delay(count, 1, 7) for count in range(50)]
    assert drawn == [each.delay(count, 1, 7) for count in range(50)]
    assert drawn != [each.delay(count, 2, 7) for count in range(50)]
    assert set(drawn) == {0.1, 0.2, 0.3}


def test_no_word_means_two_things_in_a_row():
    of_events = {parameter.name for kind in EVENTS.values() for parameter in kind.parameters}
    of_actions = {parameter.name for action in ACTIONS.values() for parameter in action.parameters}
    assert not of_events & of_actions
    assert not (of_events | of_actions) & {"on", "do", "after"}


def test_every_action_tells_what_a_caller_notices():
    assert all(action.notice for action in ACTIONS.values())
