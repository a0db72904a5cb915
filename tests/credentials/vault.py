"""A keyring in memory that the real library can pick, and short ways to ask."""

from __future__ import annotations

from collections.abc import Callable

from keyring.backend import KeyringBackend

from console.credentials import Credentials, Found, Slot
from tests.keyrings import API_KEY, ORIGIN

SERVICE = "ocsf-console:https://api.example.com"
"""The service name of an entry for `ORIGIN`."""

Trust = Callable[[KeyringBackend], None]
"""Has a backend picked by the library and trusted by us."""


class Vault(KeyringBackend):
    """A backend of the real library that keeps its entries in memory. Never picked by itself: it has no priority."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # keyring leaves it untyped
        self.entries: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.entries[service, username]


def made(backend: Callable[[], KeyringBackend]) -> KeyringBackend:
    """An instance of a backend: keyring leaves the making untyped."""
    return backend()


def name_of(backend: type[KeyringBackend]) -> str:
    return f"{backend.__module__}.{backend.__qualname__}"


def credentials(**environ: str) -> Credentials:
    return Credentials(environ)


def found(kept: Credentials, target: str = "prowler", origin: str = ORIGIN, slot: Slot = API_KEY) -> Found:
    return kept.find(target, origin, slot)
