"""What a keyring may do wrong, and what is said of it."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import Windows, fail, null
from keyring.errors import InitError, KeyringLocked

from console.credentials import Credentials, Secret, Source
from console.credentials.system import TRUSTED, SystemKeyring
from console.errors import ConsoleError, KeyringUnavailable
from tests.credentials.vault import Trust, Vault, credentials, found, made, name_of
from tests.keyrings import API_KEY, ORIGIN


class Truncating(Vault):
    def set_password(self, service: str, username: str, password: str) -> None:
        super().set_password(service, username, password[:4])


@pytest.mark.parametrize("backend", [null.Keyring, Truncating])
def test_a_write_that_can_not_be_read_back_is_no_write(trust: Trust, backend: Callable[[], KeyringBackend]) -> None:
    trust(backend())

    with pytest.raises(KeyringUnavailable, match="took the Prowler API key and did not give it back"):
        credentials().store("prowler", ORIGIN, API_KEY, Secret("a secret"))


class Keeping(Vault):
    def delete_password(self, service: str, username: str) -> None:
        """Say nothing and keep it."""


def test_a_removal_that_removes_nothing_is_an_error(trust: Trust) -> None:
    trust(Keeping())
    kept = credentials()
    kept.store("prowler", ORIGIN, API_KEY, Secret("a secret"))

    with pytest.raises(KeyringUnavailable, match="may still hold the Prowler API key") as raised:
        kept.forget("prowler", ORIGIN, API_KEY)

    assert "'prowler/api_key' of 'ocsf-console:https://api.example.com'" in raised.value.hint


def test_forgetting_says_where_the_secret_was(vault: Vault) -> None:
    kept = credentials()
    kept.store("prowler", ORIGIN, API_KEY, Secret("a secret"))
    kept.remember("prowler", ORIGIN, API_KEY, Secret("a secret"))

    assert kept.forget("prowler", ORIGIN, API_KEY) == (Source.KEYRING, Source.SESSION)
    assert kept.forget("prowler", ORIGIN, API_KEY) == ()
    assert found(kept).source is Source.MISSING


def test_the_session_forgets_even_when_the_keyring_can_not_be_asked() -> None:
    keyring.set_keyring(made(fail.Keyring))
    kept = credentials()
    kept.remember("prowler", ORIGIN, API_KEY, Secret("a secret"))
    remembered = found(kept).source

    with pytest.raises(KeyringUnavailable):
        kept.forget("prowler", ORIGIN, API_KEY)

    assert (remembered, found(kept).source) == (Source.SESSION, Source.MISSING)


def test_a_secret_too_long_for_windows_is_refused_with_the_number() -> None:
    keyring.set_keyring(made(Windows.WinVaultKeyring))

    with pytest.raises(KeyringUnavailable, match="1,281 characters long; the Windows Credential Manager holds 1,280"):
        credentials().store("prowler", ORIGIN, API_KEY, Secret("x" * 1_281))


def test_a_secret_just_short_enough_for_windows_is_taken(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TRUSTED, name_of(Vault), TRUSTED[name_of(Windows.WinVaultKeyring)])

    credentials().store("prowler", ORIGIN, API_KEY, Secret("x" * 1_280))

    assert list(vault.entries.values()) == ["x" * 1_280]


class Raising(Vault):
    """Raises what it was made with, whatever it is asked."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self._error = error

    def get_password(self, service: str, username: str) -> str | None:
        raise self._error


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (KeyringLocked("Failed to unlock the collection!"), "The Vault is locked. Unlock it and try again."),
        (InitError("Prompt dismissed.."), "The Vault can't be used: Prompt dismissed."),
        (ConnectionResetError("reset"), "The Vault can't be used: reset."),
        (RuntimeError("no transport"), "The Vault can't be used: no transport."),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid"), "The Vault can't be used: 'utf-8' codec can't"),
        (OSError(), "The Vault can't be used: OSError."),
        (OSError("\x1b[2J" + "x" * 500), "The Vault can't be used: ␛[2J" + "x" * 196 + "…."),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_what_a_keyring_raises_becomes_a_sentence(trust: Trust, error: Exception, reason: str) -> None:
    trust(Raising(error))

    assert reason in refusal_of_lookups(credentials())


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has D-Bus and the libraries for it")
def test_what_d_bus_raises_becomes_a_sentence(trust: Trust) -> None:
    # jeepney publishes no types
    from jeepney import DBusErrorResponse, Message  # type: ignore[import-untyped]
    from jeepney.low_level import Endianness, Header, MessageType  # type: ignore[import-untyped]
    from secretstorage.exceptions import SecretServiceNotAvailableException

    answer = Message(Header(Endianness.little, MessageType.error, 0, 1, 0, 1, {}), ("the bus is gone",))
    for error in (DBusErrorResponse(answer), SecretServiceNotAvailableException("the bus is gone")):
        trust(Raising(error))
        assert "the bus is gone" in refusal_of_lookups(credentials())


def refusal_of_lookups(kept: Credentials) -> str:
    state, result = kept.backend(), found(kept)
    assert (state.name, state.usable, result.source) == ("Vault", False, Source.MISSING)
    assert state.reason == result.detail
    return state.reason


def test_an_error_that_nobody_foresaw_is_reported_and_nobody_waits(
    trust: Trust, monkeypatch: pytest.MonkeyPatch
) -> None:
    reported: list[threading.ExceptHookArgs] = []
    ended = threading.Event()

    def report(problem: threading.ExceptHookArgs) -> None:
        reported.append(problem)
        ended.set()

    monkeypatch.setattr(threading, "excepthook", report)
    trust(Raising(ZeroDivisionError("a defect")))

    with pytest.raises(ConsoleError, match="failed in a way that it does not document"):
        SystemKeyring(timeout=30).get("service", "user")
    assert ended.wait(10)
    assert [problem.exc_type for problem in reported] == [ZeroDivisionError]
