"""Callers who speak with recorded phrases, and what a bot told of their calls."""

import asyncio
import functools
import json
from collections import defaultdict

from AudioSocketLibrary.call import Call, CallSettings
from AudioSocketLibrary.media import load_sound, recordings_dir
from AudioSocketLibrary.media.phrases import load_phrase_book

BOOK = load_phrase_book()
VOICE = "m7"
OVER = "(until the call is over)"


@functools.cache
def says(name, voice=VOICE):
    path = next(path for path in BOOK.phrase(name).recordings if path.parent == recordings_dir() / "callers" / voice)
    return load_sound(path, 8000)


async def talk(address, steps, uuid=None, voice=VOICE):
    settings = CallSettings(turn_timeout=20.0, reply_pause=0.4)
    async with await Call.place(address, settings, uuid=uuid) as call:
        for step in steps:
            if step == OVER:
                await asyncio.wait_for(call.line.wait_closed(), 30)
                return
            if step.startswith("key "):
                await call.press(step[4:])
            else:
                await call.play(says(step, voice))
        await call.wait_until_replied()


def read_events(path):
    events = defaultdict(list)
    for line in path.read_text(encoding="utf-8").splitlines():
        event = json.loads(line)
        events[event["uuid"]].append((event["event"], event["fields"]))
    return events


def fields(events, name):
    return [about for event, about in events if event == name]


def prompts(events):
    return [about["prompt"] for about in fields(events, "answered")]


def tools(events):
    return [(about["name"], about["arguments"]) for about in fields(events, "tool called")]
