"""A call as a suite would leave it."""

from __future__ import annotations

import pytest

from AudioSocketLibrary.records import CallRecord, Finding, Judgement, Span, Turn


@pytest.fixture
def record() -> CallRecord:
    return CallRecord(
        call="472d5355",
        uuid="472d5355-0d8c-4c2e-9f5e-3b1a7c0f9e11",
        bot="10.0.0.5:9092",
        asterisk="22.10",
        started="2026-11-20T10:53:12.401+02:00",
        length=28.2,
        ended_by="bot",
        figures={"greeting_time": 0.62, "talk share": 0.47, "our lateness": 0.0013, "skipped": 2.0},
        turns=(
            Turn(0, "greeting", "", None, None, (Span(0.62, 3.1),)),
            Turn(1, "speech", "Потрібні зимові шини", 4.3, 6.4, (Span(7.61, 8.9), Span(10.0, 12.9)), 1.21),
            Turn(2, "speech", "Так, замовляю", 13.7, 15.2, (Span(18.61, 22.21),), 3.41),
            Turn(3, "speech", "Стоп", 21.9, 23.1, (Span(24.3, 25.0),), 1.2, 0.31),
            Turn(4, "keys", "1 2 #", 26.0, 26.4),
        ),
        keys=((16.0, "9"), (16.3, "*"), (26.0, "1"), (26.2, "2"), (26.4, "#")),
        sounds=((Span(11.0, 11.5), "cough"),),
        findings=(Finding(10.84, "gap", "The bot sent no media frame for 243 ms"),),
        judgements=(
            Judgement(18.61, "late reply", "Bot replied after 3.41 s", 2, "response_time", 3.41, 2.0),
            Judgement(25.5, "wrong words", "Bot did not say 'шини' within 10 s", 3),
        ),
    )
