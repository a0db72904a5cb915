"""Where a target's secrets come from: the environment, then the keyring, then this session's memory."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Final, Protocol

from console.credentials.secret import Secret, checked_secret
from console.display import safe_text
from console.errors import BadInput, KeyringUnavailable
from console.urls import origin_of

SERVICE: Final = "ocsf-console"
"""Begins the service name of all our entries in a keyring."""
TIMEOUT: Final = 3.0
"""Seconds to wait for a keyring. One that is unlocked answers within a tenth of one."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One secret that a kind of target needs: a place to put it, whichever target it is for."""

    name: str
    """Short and lasting, such as `api_key`: it is part of the entry's name in the keyring."""
    label: str
    """What people call it, such as `Prowler API key`."""
    environment: tuple[str, ...] = ()
    """The variables that may hold it. The first one that is set, and not empty, wins."""


class Source(StrEnum):
    """Where a secret came from."""

    ENVIRONMENT = "environment"
    KEYRING = "keyring"
    SESSION = "session"
    """Typed in, and kept in this process's memory only."""
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Found:
    """What a lookup came to."""

    secret: Secret | None
    """None exactly when the source is `missing`."""
    source: Source
    detail: str
    """The variable's name, the keyring's name, or why the secret is not in the keyring."""


@dataclass(frozen=True, slots=True)
class BackendState:
    """Whether the keyring can be used."""

    name: str
    """What it is called; empty where there is none that is trusted."""
    usable: bool
    reason: str
    """Why it can't be used; empty when it can."""


class Keyring(Protocol):
    """A place of the operating system that keeps secrets. Every method raises `KeyringUnavailable`."""

    def name(self) -> str:
        """What the place is called, for showing."""
        ...

    def get(self, service: str, user: str) -> Secret | None:
        """The secret of an entry, or None where there is no such entry."""
        ...

    def set(self, service: str, user: str, secret: Secret) -> None:
        """Write an entry, over an older one."""
        ...

    def delete(self, service: str, user: str) -> None:
        """Remove an entry that exists."""
        ...


@dataclass(frozen=True, slots=True)
class _Entry:
    """The name of one secret in a keyring. It says where the secret may be sent, so another place can't have it."""

    service: str
    user: str


class Credentials:
    """The secrets of all targets. Safe to share between threads; a call waits for the keyring, so make it on one.

    *origin* is the target's base URL: its scheme, host and port become part of the entry's name. A configuration that
    sends a target elsewhere finds nothing there, until its user logs in to the new place. A variable of the
    environment is not bound to an origin: who sets it says that it is meant for what runs.

    Every method raises `BadInput` for an *origin* that is no URL.
    """

    def __init__(
        self,
        environ: Mapping[str, str] | None = None,
        keyring: Keyring | None = None,
        timeout: float = TIMEOUT,
    ) -> None:
        """Look into *environ* (default: the process's own) and *keyring* (default: the system's).

        *timeout* is in seconds, for each question to the system's keyring.
        """
        # The environment is no default value: a signature that is printed would print every variable.
        self._environ = os.environ if environ is None else environ
        self._given = keyring
        self._timeout = timeout
        self._session: dict[_Entry, Secret] = {}

    @cached_property
    def _keyring(self) -> Keyring:
        if self._given is not None:
            return self._given
        # Where the environment holds every secret, as in a pipeline, `keyring` is never loaded.
        from console.credentials.system import SystemKeyring

        return SystemKeyring(self._timeout)

    def find(self, target: str, origin: str, slot: Slot) -> Found:
        """Look a secret up: environment, keyring, session.

        A keyring that can't be used is no error here: its reason becomes the detail. A variable that holds what can't
        be a secret is reported, not passed over.
        """
        entry = _entry(target, origin, slot)
        return self._from_environment(slot) or self._from_keyring(entry, slot)

    def store(self, target: str, origin: str, slot: Slot, secret: Secret) -> str:
        """Write a secret to the keyring and read it back. Returns what the keyring is called.

        Raises `BadInput` for what can't be a secret, and `KeyringUnavailable`, which says what to do instead. Nothing
        is ever written anywhere else.
        """
        entry = _entry(target, origin, slot)
        checked = checked_secret(secret, slot.label)
        try:
            name = self._keyring.name()
            self._keyring.set(entry.service, entry.user, checked)
            kept = self._keyring.get(entry.service, entry.user)
        except KeyringUnavailable as error:
            raise KeyringUnavailable(
                f"The {slot.label} could not be stored. {error.message}", hint=f"{error.hint} {_instead(slot)}".strip()
            ) from error
        if kept != checked:
            raise KeyringUnavailable(f"The {name} took the {slot.label} and did not give it back.", hint=_instead(slot))
        self._session.pop(entry, None)
        return name

    def remember(self, target: str, origin: str, slot: Slot, secret: Secret) -> None:
        """Keep a secret in this process's memory only. Raises `BadInput` for what can't be a secret."""
        self._session[_entry(target, origin, slot)] = checked_secret(secret, slot.label)

    def forget(self, target: str, origin: str, slot: Slot) -> tuple[Source, ...]:
        """Remove a secret from memory and from the keyring. Returns where there was one.

        Raises `KeyringUnavailable` when the keyring can't be asked, since it may still hold the secret; memory has
        forgotten it even then.
        """
        entry = _entry(target, origin, slot)
        in_session = self._session.pop(entry, None) is not None
        try:
            in_keyring = self._delete(entry)
        except KeyringUnavailable as error:
            raise KeyringUnavailable(
                f"The keyring may still hold the {slot.label}. {error.message}", hint=error.hint
            ) from error
        places = ((Source.KEYRING, in_keyring), (Source.SESSION, in_session))
        return tuple(source for source, was_there in places if was_there)

    def backend(self) -> BackendState:
        """Ask the keyring for its name and for an entry that does not exist: a locked one is found out this way."""
        name = ""
        try:
            name = self._keyring.name()
            self._keyring.get(SERVICE, "probe")
        except KeyringUnavailable as error:
            return BackendState(name, usable=False, reason=str(error))
        return BackendState(name, usable=True, reason="")

    def _from_environment(self, slot: Slot) -> Found | None:
        variable = next((name for name in slot.environment if self._environ.get(name)), None)
        if variable is None:
            return None
        try:
            secret = checked_secret(Secret(self._environ[variable]), f"{slot.label} in {variable}")
        except BadInput as error:
            return Found(None, Source.MISSING, error.message)
        return Found(secret, Source.ENVIRONMENT, variable)

    def _from_keyring(self, entry: _Entry, slot: Slot) -> Found:
        """What the keyring holds, else what this session remembers."""
        try:
            name = self._keyring.name()
            kept = self._keyring.get(entry.service, entry.user)
            if kept is not None:
                return Found(checked_secret(kept, f"{slot.label} in the {name}"), Source.KEYRING, name)
            reason = f"The {name} holds none for {entry.service.removeprefix(SERVICE + ':')}."
        except (KeyringUnavailable, BadInput) as error:
            reason = str(error)
        remembered = self._session.get(entry)
        return Found(remembered, Source.MISSING if remembered is None else Source.SESSION, reason)

    def _delete(self, entry: _Entry) -> bool:
        """Remove an entry and make sure that it is gone. Returns whether there was one."""
        if self._keyring.get(entry.service, entry.user) is None:
            return False
        self._keyring.delete(entry.service, entry.user)
        if self._keyring.get(entry.service, entry.user) is not None:
            raise KeyringUnavailable(
                "It was told to remove the entry and still holds it.",
                hint=f"Remove '{entry.user}' of '{entry.service}' with the keyring's own program.",
            )
        return True


def _entry(target: str, origin: str, slot: Slot) -> _Entry:
    return _Entry(service=f"{SERVICE}:{_origin(origin)}", user=f"{target}/{slot.name}")


def _origin(url: str) -> str:
    """The origin of *url*. Raises `BadInput` for what is no URL."""
    try:
        return origin_of(url)
    except ValueError as error:
        raise BadInput(f"{safe_text(url, width=80)} is not a URL: {safe_text(error, width=80)}.") from error


def _instead(slot: Slot) -> str:
    """What to do without a keyring."""
    if not slot.environment:
        return "Type it in again for each session."
    return f"Set {slot.environment[0]} in the environment instead, or type it in for this session."
