"""A request to a service over HTTP, and a sentence where it fails: the same for all engines behind a URL."""

from __future__ import annotations

import os
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit, urlunsplit

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class WebService:
    """A service of the OpenAI shape at one address."""

    name: str
    """Its address without the query."""
    options: Mapping[str, str]
    """Of the query, such as ``model``."""
    key: str
    """The environment variable that holds its key, where it wants one."""
    does: str
    """What nothing does where nothing answers: ``recognises speech``."""
    gets: str
    """What it refused: ``the recording``."""
    error: type[ValueError]
    timeout: float

    @classmethod
    def at(cls, address: str, *, key: str, does: str, gets: str, error: type[ValueError], timeout: float) -> WebService:
        """The service at ``http://host:port/v1?model=NAME``; an error of that type where this is no address."""
        parts = urlsplit(address)
        if not parts.hostname or parts.scheme not in {"http", "https"}:
            raise error(f"'{address}' is no address of a speech service: write http://host:port/v1")
        options = {name: values[0] for name, values in parse_qs(parts.query).items()}
        name = urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/"), "", ""))
        return cls(name, options, key, does, gets, error, timeout)

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> bytes:
        """Returns what is answered to a body."""
        if os.environ.get(self.key):
            headers = {**headers, "Authorization": f"Bearer {os.environ[self.key]}"}
        request = urllib.request.Request(self.name + path, body, dict(headers))  # noqa: S310 - http or https, see above
        try:
            with urllib.request.urlopen(request, timeout=self.timeout) as response:  # noqa: S310
                answer: bytes = response.read()
                return answer
        except urllib.error.HTTPError as error:
            with error:
                said = " ".join(error.read(300).decode("utf-8", "replace").split())
            hint = f"; put its key into the environment variable {self.key}" if error.code in {401, 403} else ""
            raise self.error(f"{self.name} refused {self.gets}: {error.code} {error.reason}{hint}. {said}") from None
        except TimeoutError:
            raise self._late() from None
        except OSError as error:
            reason = getattr(error, "reason", error)
            if isinstance(reason, TimeoutError):
                raise self._late() from None
            reason = getattr(reason, "strerror", None) or reason
            raise self.error(
                f"Nothing {self.does} at {self.name} ({reason}): start the service, or give another address"
            ) from None

    def _late(self) -> ValueError:
        return self.error(f"{self.name} gave no answer within {self.timeout:g} s")
