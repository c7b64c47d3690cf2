"""Who may do what: users, their passwords, and signed tokens with an end."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import jwt

from .settings import ROLES, User

_ALGORITHM: Final = "HS256"
Refusal = Literal["expired", "invalid"]


class TokenRefused(PermissionError):
    """The token has expired, or is none of ours."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who a token belongs to."""

    name: str
    role: str
    expires: float
    """Seconds since 1970."""


class Accounts:
    """Users and tokens; passwords are kept as salted hashes only.

    Args:
        users: none: an operator and a viewer, with passwords that ``take_credentials`` hands out once.
        secret: signs tokens; None: generated.
        life: of a token, in seconds.
    """

    def __init__(self, users: Sequence[User] = (), secret: str | None = None, life: float = 3600.0) -> None:
        generated = tuple(User(role, secrets.token_urlsafe(12), role) for role in ROLES)
        self._handed_out = {user.name: user.password for user in generated} if not users else {}
        # A short secret of the user's is stretched: the signature wants 32 bytes.
        self._key = hashlib.sha256((secret or secrets.token_urlsafe(32)).encode()).digest()
        self._life = life
        self._salt = secrets.token_bytes(16)
        self._users = {user.name: (self._hash(user.password), user.role) for user in users or generated}

    def take_credentials(self) -> dict[str, str]:
        """The generated passwords by name; the first call alone gets them."""
        taken, self._handed_out = self._handed_out, {}
        return taken

    def log_in(self, name: str, password: str, expires_in: float | None = None) -> tuple[str, str] | None:
        """A token, at most for its usual life in seconds, and the role; None: the name or password is wrong."""
        # Hashed in any case: how long it takes must not tell whether the name exists.
        given = self._hash(password)
        known, role = self._users.get(name, (b"", ""))
        if not hmac.compare_digest(given, known):
            return None
        return self.token(name, role, self._life if expires_in is None else min(expires_in, self._life)), role

    def token(self, name: str, role: str, expires_in: float | None = None) -> str:
        """A token for anybody, already expired where ``expires_in`` is negative: for the starter, and for tests."""
        now = time.time()
        ends = now + (self._life if expires_in is None else expires_in)
        return jwt.encode({"sub": name, "role": role, "iat": int(now), "exp": ends}, self._key, algorithm=_ALGORITHM)

    def visitor(self, token: str) -> Visitor:
        """Who a token belongs to.

        Raises:
            TokenRefused: it has expired, or is none of ours.
        """
        try:
            claims = jwt.decode(token, self._key, algorithms=[_ALGORITHM], options={"require": ["sub", "exp", "role"]})
        except jwt.ExpiredSignatureError:
            raise TokenRefused("The token has expired: log in again") from None
        except (jwt.InvalidTokenError, ValueError):
            raise TokenRefused("The token is invalid: log in at POST /login") from None
        return Visitor(str(claims["sub"]), str(claims["role"]), float(claims["exp"]))

    def _hash(self, password: str) -> bytes:
        return hashlib.scrypt(password.encode("utf-8", "replace"), salt=self._salt, n=2**12, r=8, p=1)
