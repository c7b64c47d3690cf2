"""What must hold of a dialogue before the first call: every place is there, can be reached, and leads on."""

from __future__ import annotations

from collections.abc import Iterator

from ...records.yaml_lines import Mapping
from ..script import nearest
from .model import AGAIN, BACK, Dialogue, Move, State

_SPECIAL = (AGAIN, BACK)


def check(dialogue: Dialogue, content: Mapping) -> None:
    """Check a dialogue.

    Args:
        dialogue: as it was read.
        content: its file, which knows the lines.

    Raises:
        UsageError: something in it is wrong.
    """
    states = content.mapping("states")
    for name in _SPECIAL:
        if name in dialogue.states:
            states.wrong(f"a state cannot be called '{name}': that is where a move may go already", name)
    for state in dialogue.states.values():
        _check_kind(state, states.mapping(state.name))
        _check_targets(dialogue, state.moves(), states.mapping(state.name), f"the state '{state.name}'")
    anywhere = content.mapping("anywhere")
    _check_targets(dialogue, moves_anywhere(dialogue), anywhere, "'anywhere'")
    _check_reached(dialogue, states)
    _check_circles(dialogue, states)


def _check_kind(state: State, given: Mapping) -> None:
    for key in ("with", "keep", "then"):
        if key in given and not state.call:
            given.wrong(f"'{key}' belongs to a tool: the state '{state.name}' calls none", key)
    listens = bool(state.hear or state.keys or state.fill)
    kinds = {"call": bool(state.call), "end": bool(state.end), "hear, keys or fill": listens}
    several = [kind for kind, is_it in kinds.items() if is_it]
    if len(several) > 1:
        given.wrong(f"the state '{state.name}' has {' and '.join(several)}: make two states of it")
    if not several and not state.go:
        given.wrong(f"the state '{state.name}' leads nowhere: give it hear, keys, fill, call, go or end")
    if state.go and several and not state.fill:
        given.wrong(f"'go' in the state '{state.name}' has no effect beside {several[0]}", "go")
    if state.fill and not state.go:
        given.wrong(f"the state '{state.name}' fills slots: 'go' names the state that follows")
    if state.call and not state.then.keys() & {"found", "answered"}:
        given.wrong(f"the state '{state.name}' calls a tool: 'then' needs 'found', or 'answered' to wait for a human")


def moves_anywhere(dialogue: Dialogue) -> Iterator[Move]:
    """The moves that every state has."""
    yield from (*dialogue.hear.values(), *dialogue.keys.values())
    yield from (Move(each.then, each.say) for each in (dialogue.not_understood, dialogue.silence))
    if dialogue.failed:
        yield Move(dialogue.failed)


def _check_targets(dialogue: Dialogue, moves: Iterator[Move], given: Mapping, where: str) -> None:
    known = (*dialogue.states, *_SPECIAL)
    for move in moves:
        for target in (move.go, move.unsure):
            if target and target not in known:
                given.wrong_where(target, f"{where} goes to '{target}', which is no state; {nearest(target, known)}")


def _check_reached(dialogue: Dialogue, states: Mapping) -> None:
    reached: set[str] = set()
    waiting = [dialogue.start]
    while waiting:
        name = waiting.pop()
        if name in reached or name not in dialogue.states:
            continue
        reached.add(name)
        for move in (*dialogue.states[name].moves(), *moves_anywhere(dialogue)):
            waiting += [move.go, move.unsure]
    for name in dialogue.states:
        if name not in reached:
            states.wrong(f"no way leads to the state '{name}'", name)


def _check_circles(dialogue: Dialogue, states: Mapping) -> None:
    for name in dialogue.states:
        at, passed = name, set[str]()
        while at and at not in passed:
            passed.add(at)
            at = dialogue.states[at].go
        if at:
            states.wrong(f"the state '{at}' passes on and comes back to itself without asking the caller", at)
