"""A secret is never shown, and is fit to be sent."""

from __future__ import annotations

import copy
import json
import logging
import pickle
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from traceback import TracebackException

import pytest
from hypothesis import given
from hypothesis import strategies as st
from keyring.errors import PasswordSetError

from console.credentials import Credentials, Secret, checked_secret
from console.errors import BadInput, KeyringUnavailable
from tests.credentials.vault import Trust, Vault, credentials, found
from tests.keyrings import API_KEY, ORIGIN

CANARY = "pk_canary.5f1d2c3b"


@dataclass(frozen=True)
class Account:
    name: str
    key: Secret


SHOWN: dict[str, Callable[[Secret], str]] = {
    "str": str,
    "repr": repr,
    "ascii": ascii,
    "percent": lambda secret: "%s %r" % (secret, secret),  # noqa: UP031 - it is what is tested
    "format": "{0} {0!r} {0:>40}".format,
    "f-string": lambda secret: f"{secret} {secret!r:>40} {secret:x}",
    "list": lambda secret: str([secret]),
    "dataclass": lambda secret: repr(Account("a", secret)),
    "asdict": lambda secret: str(asdict(Account("a", secret))),
    "json": lambda secret: json.dumps({"key": secret}, default=str),
    "copy": lambda secret: repr((copy.copy(secret), copy.deepcopy([secret]))),
    "fingerprint": Secret.fingerprint,
}


@pytest.mark.parametrize("show", SHOWN.values(), ids=SHOWN.keys())
def test_a_secret_shows_in_no_rendering(show: Callable[[Secret], str]) -> None:
    assert CANARY not in show(Secret(CANARY))


def test_a_secret_shows_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    logging.getLogger("any").debug("key %s, %r", Secret(CANARY), Secret(CANARY))

    assert "Secret(***)" in caplog.text
    assert CANARY not in caplog.text


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_secret_is_never_pickled(protocol: int) -> None:
    with pytest.raises(TypeError, match="never pickled"):
        pickle.dumps(Account("a", Secret(CANARY)), protocol)


def test_a_secret_is_no_json() -> None:
    with pytest.raises(TypeError) as raised:
        json.dumps({"key": Secret(CANARY)})

    assert CANARY not in everything_in(raised.value)


def test_secrets_are_equal_by_value() -> None:
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("é\udce9") == Secret("é\udce9")
    assert Secret("a") != "a"
    assert len({Secret("a"), Secret("a"), Secret("b")}) == 2


def test_a_fingerprint_tells_secrets_apart_and_lasts() -> None:
    assert Secret("pk_1.abc").fingerprint() == "974b870892b3"
    assert Secret("pk_1.abd").fingerprint() != Secret("pk_1.abc").fingerprint()
    assert len(Secret("bytes that are no UTF-8: \udcff").fingerprint()) == 12


def everything_in(error: BaseException | None) -> str:
    """All that a crash report could print: each frame's locals, causes and contexts even where they are hidden."""
    shown = ""
    while error is not None:
        shown += "".join(TracebackException.from_exception(error, capture_locals=True).format(chain=True))
        error = error.__cause__ or error.__context__
    return shown


class Failing(Vault):
    """Fails in the middle of a write, with the plain secret in its frame."""

    def set_password(self, service: str, username: str, password: str) -> None:
        raise PasswordSetError(f"no space for {username}")


def test_no_crash_report_of_a_failed_write_shows_the_secret(trust: Trust) -> None:
    trust(Failing())
    secret = Secret(CANARY)

    with pytest.raises(KeyringUnavailable) as raised:
        credentials().store("prowler", ORIGIN, API_KEY, secret)

    assert "no space for prowler/api_key" in str(raised.value)
    assert CANARY not in everything_in(raised.value)


def test_no_crash_report_of_a_refused_secret_shows_it() -> None:
    secret = Secret(f"{CANARY}\r\nX-Admin: 1")

    with pytest.raises(BadInput) as raised:
        credentials().store("prowler", ORIGIN, API_KEY, secret)

    assert CANARY not in everything_in(raised.value)


def test_no_crash_report_of_a_missing_session_bus_shows_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.SecretService.Keyring")
    monkeypatch.setenv("ANOTHER_PROGRAMS_TOKEN", CANARY)

    with pytest.raises(KeyringUnavailable) as raised:
        Credentials().store("prowler", ORIGIN, API_KEY, Secret("a secret"))

    assert "DBUS_SESSION_BUS_ADDRESS is unset" in str(raised.value)
    assert CANARY not in everything_in(raised.value)


def test_no_signature_shows_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROWLER_API_KEY", CANARY)
    code = "import inspect; from console.credentials import Credentials; print(inspect.signature(Credentials))"

    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert "environ" in shown
    assert CANARY not in shown


@given(st.text())
def test_a_checked_secret_fits_a_request_header(text: str) -> None:
    try:
        checked = checked_secret(Secret(text), "API key").reveal()
    except BadInput:
        return
    assert checked
    assert checked == text.strip(" \t\r\n")
    assert all(0x20 <= ord(character) <= 0x7E for character in checked)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "The API key is empty."),
        (" \r\n", "The API key is empty."),
        ("one\ntwo", "character 4 is not printable ASCII"),
        ("one\x00", "character 4 is not printable ASCII"),
        ("“quoted”", "character 1 is not printable ASCII"),
        ("\u00a0one", "character 1 is not printable ASCII"),
        ("x" * 8_193, "is 8,193 characters long"),
    ],
)
def test_what_can_not_be_sent_is_no_secret(text: str, reason: str) -> None:
    with pytest.raises(BadInput, match=reason):
        checked_secret(Secret(text), "API key")


def test_a_line_break_at_the_end_is_no_part_of_a_secret(vault: Vault) -> None:
    kept = credentials()

    kept.store("prowler", ORIGIN, API_KEY, Secret("from a pipe\r\n"))
    kept.remember("other", ORIGIN, API_KEY, Secret("typed in\n"))

    assert found(kept).secret == Secret("from a pipe")
    assert found(kept, target="other").secret == Secret("typed in")
