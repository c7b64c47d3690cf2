"""Settings from the environment, users and tokens, and what is imported when."""

import subprocess
import sys
import time

import jwt
import pytest

from AudioSocketLibrary.bot import backend as package
from AudioSocketLibrary.bot.backend import BackendSettings, PoolSettings, User
from AudioSocketLibrary.bot.backend.accounts import Accounts, TokenRefused
from AudioSocketLibrary.bot.backend.settings import POOL_PRESETS
from AudioSocketLibrary.records import UsageError

pytestmark = pytest.mark.unit


def test_pool_by_the_environment():
    assert PoolSettings.from_environment({}) == PoolSettings(size=10, max_overflow=10, timeout=30, recycle=1800)
    environment = {
        "DB_POOL_SIZE": "5", "DB_MAX_OVERFLOW": "0", "DB_POOL_TIMEOUT": "0.5", "DB_POOL_RECYCLE": "60",
    }  # fmt: skip
    assert PoolSettings.from_environment(environment) == PoolSettings(size=5, max_overflow=0, timeout=0.5, recycle=60)
    assert (POOL_PRESETS["prod"].size, POOL_PRESETS["test"].max_overflow) == (50, 20)


@pytest.mark.parametrize("value", ["many", "0"])
def test_a_pool_that_cannot_be_is_told(value):
    with pytest.raises(UsageError):
        PoolSettings.from_environment({"DB_POOL_SIZE": value})


def test_secrets_come_from_the_environment_and_are_shown_nowhere():
    settings = BackendSettings.from_environment(
        {
            "AUDIOSOCKET_BACKEND_USERS": "ann:s3cr3t:colon:operator bob:hush:viewer",
            "AUDIOSOCKET_BACKEND_SECRET": "top-s3cr3t",
            "DATABASE_URL": "postgresql://u:s3cr3t@h/d",
        }
    )
    assert settings.users == (User("ann", "s3cr3t:colon", "operator"), User("bob", "hush", "viewer"))
    assert settings.secret == "top-s3cr3t"
    assert "s3cr3t" not in repr(settings)
    assert "hush" not in repr(settings)


@pytest.mark.parametrize("users", ["ann", "ann:s3cr3t", "ann:s3cr3t:root", ":s3cr3t:viewer"])
def test_users_that_cannot_be_read_are_told_without_their_passwords(users):
    with pytest.raises(UsageError, match="write name:password:role") as told:
        BackendSettings.from_environment({"AUDIOSOCKET_BACKEND_USERS": users})
    assert "s3cr3t" not in str(told.value)


def test_generated_passwords_are_handed_out_once():
    accounts = Accounts()
    taken = accounts.take_credentials()
    assert set(taken) == {"operator", "viewer"}
    assert accounts.take_credentials() == {}
    token, role = accounts.log_in("viewer", taken["viewer"])
    assert (accounts.visitor(token).name, accounts.visitor(token).role, role) == ("viewer", "viewer", "viewer")
    assert accounts.log_in("viewer", taken["operator"]) is None
    assert accounts.log_in("nobody", "") is None


def test_a_token_ends_and_one_of_another_is_none():
    ours, theirs = Accounts(life=10), Accounts()
    assert ours.visitor(ours.token("a", "viewer")).expires == pytest.approx(time.time() + 10, abs=2)
    with pytest.raises(TokenRefused, match="expired"):
        ours.visitor(ours.token("a", "viewer", -1))
    for token in (theirs.token("a", "operator"), "", "x.y.z", "é", ours.token("a", "viewer")[:-2]):
        with pytest.raises(TokenRefused, match="invalid"):
            ours.visitor(token)
    users = [User("a", "p", "operator")]
    shared, same = Accounts(users, "k"), Accounts(users, "k")
    assert same.visitor(shared.token("a", "operator")).role == "operator"
    assert shared.take_credentials() == {}
    token, _ = ours.log_in("viewer", ours.take_credentials()["viewer"], expires_in=99_999)
    assert ours.visitor(token).expires < time.time() + 60, "nobody prolongs a token"


def test_an_unsigned_token_is_none():
    claims = {"sub": "a", "role": "operator", "exp": time.time() + 100}
    for token in (jwt.encode(claims, "", algorithm="none"), jwt.encode(claims, "x" * 32, algorithm="HS256")):
        with pytest.raises(TokenRefused, match="invalid"):
            Accounts().visitor(token)


EXTRA = ("fastapi", "uvicorn", "sqlalchemy", "jwt", "nh3", "websockets", "pydantic", "psutil")


def test_without_the_extra_the_bot_and_its_events_are_there_and_the_rest_says_what_to_install():
    code = f"""
import sys
class Without:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {EXTRA!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Without())
import AudioSocketLibrary.bot
from AudioSocketLibrary.bot.backend import BackendSettings, CallRef, CallStateStore, Event
Event.now("mark", CallRef("u"), name="x")
try:
    from AudioSocketLibrary.bot.backend import Backend
except Exception as error:
    print(type(error).__name__, error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("UsageError The bot's backend needs '")
    assert "pip install 'robotframework-audiosocketlibrary[bot]'" in done.stdout


def test_all_that_is_named_is_there():
    assert all(getattr(package, name) for name in package.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = package.nothing
