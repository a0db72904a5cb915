"""A keyring library that has picked nothing yet, and one that has picked a keyring that works."""

from __future__ import annotations

import keyring
import pytest
from keyring.backend import KeyringBackend

from console.credentials.system import TRUSTED, TrustedBackend
from tests.credentials.vault import Trust, Vault, name_of


@pytest.fixture(autouse=True)
def unset_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the library pick anew in each test, on a machine without a session bus."""
    monkeypatch.setattr(keyring.core, "_keyring_backend", None)
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    monkeypatch.delenv("PYTHON_KEYRING_BACKEND", raising=False)


@pytest.fixture
def trust(monkeypatch: pytest.MonkeyPatch) -> Trust:
    """Have a backend picked and trusted, whatever it is."""

    def pick(backend: KeyringBackend) -> None:
        monkeypatch.setitem(TRUSTED, name_of(type(backend)), TrustedBackend("Vault"))
        keyring.set_keyring(backend)

    return pick


@pytest.fixture
def vault(trust: Trust) -> Vault:
    """A trusted keyring that works."""
    backend = Vault()
    trust(backend)
    return backend
