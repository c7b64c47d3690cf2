"""``audiosocket http-basic``: does the HTTP side of a voice bot answer at all? The first of the load tests."""

from __future__ import annotations

import json
import statistics
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import click
import httpx

from ..records import UsageError, time_text
from ..transport import now
from .options import Time


@click.command("http-basic")
@click.argument("url", metavar="URL")
@click.option("--requests", type=click.IntRange(1, 10_000), default=10, show_default=True, help="How many.")
@click.option("--timeout", type=Time(), default="5 s", show_default=True, help="For each of them.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE.json", help="The result.")
@click.option("--quiet", "-q", is_flag=True, help="Only failures.")
@click.pass_context
def http_basic(
    context: click.Context, url: str, requests: int, timeout: float, output: Path | None, quiet: bool
) -> None:
    """Ask a health check some times, and whether the documentation is there.

    URL is that of the health check, like http://127.0.0.1:8000/healthcheck; without a path, /healthcheck is asked.
    Exit code: 0 every request was answered with a status below 400, 1 not all, 2 nobody is there.

    \b
    Example:
      audiosocket bot --dialogue tyre_shop --backend-port 8000      (in another terminal)
      audiosocket http-basic http://127.0.0.1:8000
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise UsageError(f"'{url}' is no URL: write http://host:port/healthcheck")
    target = url if parts.path.strip("/") else urljoin(url, "/healthcheck")
    result = ask(target, requests, timeout)
    if output:
        try:
            output.write_text(json.dumps(result, indent=2), encoding="utf-8")
        except OSError as error:
            raise UsageError(f"The result could not be written to {output}: {error.strerror or error}") from None
    passed = result["succeeded"] == result["total"]
    if not (quiet and passed):
        click.echo(
            f"{result['succeeded']} of {result['total']} requests answered in {time_text(result['duration'])}, "
            f"request time p50 {time_text(result['p50'])}, longest {time_text(result['longest'])}"
        )
        for why, count in result["failures"].items():
            click.echo(f"  {count} times: {why}")
        click.echo(f"Documentation (/docs): {'there' if result['docs_accessible'] else 'not there'}")
    context.exit(0 if passed else 1)


def ask(url: str, requests: int, timeout: float) -> dict[str, Any]:
    """Ask ``url`` so many times, one after the other.

    Raises:
        UsageError: nobody is there.
    """
    times: list[float] = []
    failures: dict[str, int] = {}
    began = now()
    with httpx.Client(trust_env=False, timeout=timeout) as client:
        for number in range(requests):
            asked = now()
            why = _why_not(client, url)
            times.append(now() - asked)
            if why and number == 0 and why.startswith(_NOBODY):
                raise UsageError(f"{why}. Start it, or give another URL")
            if why:
                failures[why] = failures.get(why, 0) + 1
        duration = now() - began
        docs = _why_not(client, urljoin(url, "/docs")) == ""
    failed = sum(failures.values())
    return {
        "url": url,
        "total": requests,
        "succeeded": requests - failed,
        "success_rate": (requests - failed) / requests,
        "duration": round(duration, 6),
        "p50": round(statistics.median(times), 6),
        "longest": round(max(times), 6),
        "docs_accessible": docs,
        "failures": failures,
    }


_NOBODY = "Nobody answers at "


def _why_not(client: httpx.Client, url: str) -> str:
    try:
        answer = client.get(url)
    except httpx.ConnectError as error:
        return f"{_NOBODY}{url} ({error})"
    except httpx.TimeoutException:
        return "no answer in time"
    except httpx.HTTPError as error:
        return f"no HTTP answer ({error})"
    return "" if answer.status_code < httpx.codes.BAD_REQUEST else f"{answer.status_code} {answer.reason_phrase}"
