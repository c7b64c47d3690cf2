"""``audiosocket doctor``: how many calls can this machine make, and which limits would be false alarms on it?"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from ..monitor.calibration import LADDER, QUICK, Calibration, Step, calibrate, step_to_dict
from ..monitor.echo import EchoBot
from ..monitor.host import HostFacts, host_facts, memory_advice, open_files_advice
from ..monitor.rates import HostRates, host_rates
from ..monitor.stress import StressThresholds
from ..records import UsageError, Validity
from ..records.units import percent_text
from ..transport import new_event_loop, raise_open_files, use_fine_timers
from ..version import __version__

CANNOT = 3
"""Exit code: this machine cannot keep time at all."""
_BUSY = 0.25
"""Of all cores, used by others: then the answer is about them, too."""
_LATE_TIMER = 0.003


@click.command("doctor")
@click.option("--quick", is_flag=True, help="A rough answer in 15 seconds instead of a minute.")
@click.option(
    "--calls",
    type=click.IntRange(10, 1000),
    default=1000,
    show_default=True,
    metavar="N",
    help="The most calls at once to try.",
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the answer as JSON, too.",
)
@click.option("--quiet", "-q", is_flag=True, help="Only the answer.")
@click.pass_context
def doctor(context: click.Context, quick: bool, calls: int, output: Path | None, quiet: bool) -> None:
    """Say how many calls at once this machine can honestly make.

    It makes calls to an echo on this machine, more and more of them, until our own clock is late: beyond that a load
    would measure us, and not the bot. It also says what to change (open files, event loop), and which limits of stress
    tests would be false alarms here. Let nothing else run meanwhile.

    Exit code: 0 done, 3 not even 10 calls keep time.

    \b
    Example:
      audiosocket doctor
      audiosocket doctor --quick --calls 100
    """
    _check_writable(output)
    tell: Callable[[str], object] = (lambda _: None) if quiet else click.echo
    use_fine_timers()
    facts = host_facts()
    tell(
        f"{facts.cpu}, {facts.cores:g} cores, {facts.system}, Python {facts.python}, {facts.loop}, "
        f"media path: {facts.media_path}"
    )
    raise_open_files()
    found = _calibrate(calls, quick=quick, tell=tell)
    rates = host_rates()
    answer = answer_of(found)
    click.echo(answer)
    for line in _advice(facts, found, rates, calls):
        click.echo(line)
    if output:
        _write(output, _result(answer, facts, found, rates))
    context.exit(0 if found.best else CANNOT)


def _calibrate(most: int, *, quick: bool, tell: Callable[[str], object]) -> Calibration:
    with EchoBot() as bot, asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(
            calibrate(
                bot.address,
                most=most,
                seconds=9.0 if quick else 45.0,
                each=0.8 if quick else 2.0,
                ladder=QUICK if quick else LADDER,
                tell=lambda step: tell(_line(step)),
            )
        )


def _line(step: Step) -> str:
    return (
        f"{step.calls:>6,} calls   our lateness p99 {_ms(step.lateness_p99):>7}   loop lag p99 "
        f"{_ms(step.loop_lag_p99):>7}   CPU {percent_text(round(step.cpu, 2)):>5} of a core   "
        f"{'ok' if step.honest else 'late' if not step.lost else 'lost calls'}"
    )


def answer_of(found: Calibration) -> str:
    """The answer in a sentence."""
    best, late = found.best, found.least_late
    if best is None:
        first = found.steps[-1]
        return (
            f"This machine cannot keep time with {first.calls} calls at once: {_why(first, found)}. Close other "
            "programs, give it more cores, or call from another machine."
        )
    if late:
        more = f"at {late.calls:,} {_why(late, found)}"
    else:
        more = "more were not tried" if found.in_time else "the time was up before it was late: leave --quick out"
    return (
        f"This machine can honestly make {best.calls:,} calls at once in one process (our lateness p99 "
        f"{_ms(best.lateness_p99)}; {more})."
    )


def _why(step: Step, found: Calibration) -> str:
    if found.last_words:
        return found.last_words
    wrong = next(check for check in step.verdict.checks if check.validity is not Validity.VALID)
    return f"{wrong.name} was {wrong.actual}, {wrong.limits.partition(',')[0]}"


def _advice(facts: HostFacts, found: Calibration, rates: HostRates, most: int) -> list[str]:
    best = found.best.calls if found.best else 0
    lines = [_workers(facts, best)] if best else []
    if facts.busy > _BUSY:
        lines.append(
            f"Others were using {percent_text(round(facts.busy, 2))} of all cores: on a quiet machine it would be more."
        )
    lines += [open_files_advice(facts, most), memory_advice(facts, most)]
    if facts.loop == "asyncio" and "Windows" not in facts.system:
        lines.append(
            "Loop: asyncio's. uvloop makes calls cheaper:  pip install 'robotframework-audiosocketlibrary[fast]'"
        )
    if facts.media_path != "compiled":
        lines.append(f"Media path: {facts.media_path}. Compiled, each frame costs less:  docs/compiled.md")
    if facts.timer > _LATE_TIMER:
        lines.append(f"Timers are late by {_ms(facts.timer)} (p99): response times are exact to that, and no better.")
    alarms = StressThresholds().false_alarms(rates.store)
    if alarms:
        lines.append("Stress limits that are false alarms here (a test that breaks them is INVALID: host, not failed):")
        lines += [f"  {sentence}" for sentence in alarms.values()]
    else:
        lines.append("Stress limits: none of the defaults would be a false alarm here.")
    return [line for line in lines if line]


def _workers(facts: HostFacts, best: int) -> str:
    workers = int(facts.cores) - 1
    if workers < 1:
        return "Workers: one core is all there is. Call a bot on another machine, or it takes from the same core."
    if workers == 1:
        return "Workers: one. The other core is for the bot, if it runs here, and for the system; elsewhere take two."
    return (
        f"Workers: {workers} (--workers {workers}), a core each and one for the system; about "
        f"{_rounded(workers * best)} calls in all, which was not tried. A bot on this machine needs cores of its own."
    )


def _rounded(calls: int) -> str:
    return f"{calls // 50 * 50 if calls >= 100 else calls:,}"


def _result(answer: str, facts: HostFacts, found: Calibration, rates: HostRates) -> dict[str, Any]:
    return {
        "v": 1,
        "library": __version__,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "answer": answer,
        "calls": found.best.calls if found.best else 0,
        "late_at": found.least_late.calls if found.least_late else None,
        "in_time": found.in_time,
        "host": facts.to_dict(),
        "steps": [step_to_dict(step) for step in found.steps],
        "rates": rates.to_dict(),
        "false_alarms": StressThresholds().false_alarms(rates.store),
    }


def _check_writable(output: Path | None) -> None:
    """Better now than after a minute."""
    if output and not output.parent.is_dir():
        raise UsageError(f"There is no folder {output.parent} to write {output.name} into: make it first")


def _write(output: Path, result: dict[str, Any]) -> None:
    try:
        output.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"The answer could not be written to {output}: {error.strerror or error}") from None


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.3g} ms"
