"""Which of the library's backends are trusted with a secret."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import ClassVar

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import SecretService, fail, null
from keyring.backends.chainer import ChainerBackend

from console.credentials import Credentials, Secret, Source
from console.errors import ExitCode, KeyringUnavailable
from tests.credentials.vault import Trust, Vault, credentials, found, made, name_of
from tests.keyrings import API_KEY, ORIGIN, run


class Plaintext(Vault):
    """Stands where `keyrings.alt` has its backend of that name."""


Plaintext.__module__, Plaintext.__qualname__ = "keyrings.alt.file", "PlaintextKeyring"


class Lookalike(SecretService.Keyring):
    """A subclass of a trusted backend."""


def refusal(kept: Credentials) -> str:
    """Why nothing can be stored, once lookup, removal and the state of the keyring say the same."""
    with pytest.raises(KeyringUnavailable) as raised:
        kept.store("prowler", ORIGIN, API_KEY, Secret("a secret"))
    with pytest.raises(KeyringUnavailable):
        kept.forget("prowler", ORIGIN, API_KEY)
    state, result = kept.backend(), found(kept)
    assert (result.secret, result.source, state.usable) == (None, Source.MISSING, False)
    assert result.detail == state.reason
    assert state.reason.startswith(raised.value.message.removeprefix("The Prowler API key could not be stored. "))
    assert raised.value.hint.endswith(
        "Set PROWLER_CLOUD_API_KEY in the environment instead, or type it in for this session."
    )
    assert raised.value.exit_code is ExitCode.DENIED
    return state.reason


@pytest.mark.parametrize(
    ("backend", "reason"),
    [
        (null.Keyring, "The keyring is switched off"),
        (fail.Keyring, "This machine offers no keyring"),
        (Plaintext, "not one that is trusted"),
        (Lookalike, "not one that is trusted"),
    ],
)
def test_a_backend_that_is_not_on_the_list_is_refused_by_name(backend: type[KeyringBackend], reason: str) -> None:
    chosen = backend()
    keyring.set_keyring(chosen)

    said = refusal(credentials())

    assert reason in said
    assert said.endswith(f"({name_of(backend)}).")
    assert not isinstance(chosen, Vault) or chosen.entries == {}


def test_a_null_keyring_named_by_a_variable_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")

    assert "(keyring.backends.null.Keyring)" in refusal(credentials())


def test_a_null_keyring_named_by_the_librarys_configuration_is_refused(own_environment: Path) -> None:
    write_keyringrc(own_environment, "[backend]\ndefault-keyring=keyring.backends.null.Keyring\n")

    assert "(keyring.backends.null.Keyring)" in refusal(credentials())


@pytest.mark.skipif(sys.platform != "linux", reason="another system's keyring needs no session bus")
def test_a_machine_without_a_session_bus_has_no_keyring(own_environment: Path) -> None:
    state = run("state", home=own_environment).answer

    assert (state["name"], state["usable"]) == ("", "False")
    assert state["reason"].startswith("This machine offers no keyring")


@pytest.mark.parametrize(
    "name", ["no.such.module", "keyring.backends.null.Nothing", "nothing", "keyring.backends.kwallet.DBusKeyring"]
)
def test_a_variable_that_names_no_backend_is_explained(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", name)

    said = refusal(credentials())

    assert said.startswith("The keyring can't be opened: ")
    assert "Look at PYTHON_KEYRING_BACKEND and keyringrc.cfg." in said


def test_a_broken_configuration_of_the_library_is_explained(own_environment: Path) -> None:
    write_keyringrc(own_environment, "no section\n")

    assert refusal(credentials()).startswith("The keyring can't be opened: File contains no section headers")


def write_keyringrc(home: Path, text: str) -> None:
    folder = home / "xdg_config_home" / "python_keyring"
    folder.mkdir(parents=True)
    (folder / "keyringrc.cfg").write_text(text)


def test_of_a_chain_only_the_trusted_member_is_used(trust: Trust, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(KeyringBackend, "_classes", set())  # the library lists every class that is made

    class First(Plaintext):
        priority: ClassVar[float] = 9

    class Second(Vault):
        priority: ClassVar[float] = 5

    first, second, chain = First(), Second(), made(ChainerBackend)
    trust(second)
    monkeypatch.setattr(keyring.backend, "get_all_keyring", lambda: [first, second, chain])
    monkeypatch.setattr(keyring.core, "_keyring_backend", None)

    stored = credentials().store("prowler", ORIGIN, API_KEY, Secret("a secret"))

    assert keyring.get_keyring() is chain
    assert (stored, len(first.entries), len(second.entries)) == ("Vault", 0, 1)
