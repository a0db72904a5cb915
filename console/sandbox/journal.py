"""The record of every request as it was received: what a test reads to know what really arrived.

Secrets in headers are not kept. An entry is written before the end of the answer is sent, so that whoever got an answer
finds the entry.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import unquote

from starlette.requests import Request

from console.credentials import Secret
from console.records.model import JsonValue
from console.sandbox.database import Database, Value

SCHEMA: Final = """
CREATE TABLE requests (
    number INTEGER PRIMARY KEY, at TEXT NOT NULL, endpoint TEXT NOT NULL, method TEXT NOT NULL, target TEXT NOT NULL,
    headers TEXT NOT NULL, size INTEGER NOT NULL, sha256 TEXT NOT NULL, complete INTEGER NOT NULL, status INTEGER,
    faults TEXT NOT NULL, taken TEXT
) STRICT;
CREATE INDEX requests_by_endpoint ON requests (endpoint);
"""
"""The table of the journal."""

KEPT: Final = 200_000
"""Entries that are kept: beyond them, the oldest goes."""
_INSERT: Final = """
INSERT INTO requests (at, endpoint, method, target, headers, size, sha256, complete, status, faults, taken)
VALUES (:at, :endpoint, :method, :target, :headers, :size, :sha256, :complete, :status, :faults, :taken)
"""
_FORGET: Final = "DELETE FROM requests WHERE number <= (SELECT max(number) FROM requests) - :kept"
_SELECT: Final = """
SELECT * FROM requests WHERE number > :after AND (:endpoint IS NULL OR endpoint = :endpoint)
ORDER BY number LIMIT :limit
"""
_COUNT: Final = "SELECT count(*) FROM requests WHERE :endpoint IS NULL OR endpoint = :endpoint"
_TAKEN: Final = "taken"
_SECRET_HEADERS: Final = frozenset(
    ("authorization", "proxy-authorization", "cookie", "x-api-key", "x-amz-security-token", "x-auth-token")
)
_TOKEN: Final = re.compile(r"eyJ[\w-]{8,}\.[\w-]+\.[\w-]*")
"""A JWT, as which Cisco's tokens look."""
_CREDENTIAL: Final = re.compile(r"\b(Bearer|Basic|Api-Key) \S+", re.IGNORECASE)
"""A credential in a header that is not known to hold one."""
_SCHEME: Final = re.compile(r"[A-Za-z0-9-]{1,40}(?= )")
_LONGEST: Final = 4_000
"""Characters that are kept of the target of a request, and of each header."""


@dataclass(slots=True)
class Entry:
    """One request."""

    at: datetime
    """When its head was read."""
    endpoint: str
    """The name of what was asked for; empty for what no service knows."""
    method: str
    target: str
    """Path and query, as sent."""
    headers: Sequence[tuple[str, str]]
    """Names in lower case, and values without secrets, in the order in which they were sent."""
    size: int = 0
    """Bytes of the body that arrived."""
    sha256: str = ""
    """Of these bytes, as they came: packed, with the boundaries of a form."""
    complete: bool = False
    """Whether the whole body arrived."""
    status: int | None = None
    """Of the answer; None when there was none, or none that HTTP would call so."""
    faults: Sequence[str] = ()
    """The kinds of faults that it met."""
    taken: JsonValue = None
    """What the service took in, in its own terms; None when it took nothing."""
    number: int = 0
    """Its place in the journal, from 1; 0 before it is there."""

    def as_json(self) -> JsonValue:
        """The entry as the control endpoint shows it."""
        return {
            "number": self.number,
            "at": self.at.isoformat(),
            "endpoint": self.endpoint,
            "method": self.method,
            "target": self.target,
            "headers": [[name, value] for name, value in self.headers],
            "body": {"size": self.size, "sha256": self.sha256, "complete": self.complete},
            "status": self.status,
            "faults": list(self.faults),
            "taken": self.taken,
        }


def note_taken(request: Request, taken: JsonValue) -> None:
    """Note what a service took in from a request, for the journal: hashes and identifiers, no contents."""
    request.scope.setdefault("state", {})[_TAKEN] = taken


def taken_from(state: dict[str, object]) -> JsonValue:
    """What was noted of a request, by its `state`."""
    found = state.get(_TAKEN)
    return found if isinstance(found, dict | list | str | int) else None


def _forms(secret: str) -> set[str]:
    """What a secret looks like as it is, and in base64."""
    packed = secret.encode("utf-8", "surrogateescape")
    return {secret, b64encode(packed).decode().rstrip("="), urlsafe_b64encode(packed).decode().rstrip("=")}


class Redaction:
    """What must not be kept of what clients send."""

    def __init__(self, secrets: Sequence[Secret]) -> None:
        forms = {form for secret in secrets for form in _forms(secret.reveal())}
        self._known = re.compile("|".join(map(re.escape, sorted(forms, key=len, reverse=True))), re.IGNORECASE)

    def __repr__(self) -> str:
        return "Redaction(***)"

    def headers(self, raw: Sequence[tuple[bytes, bytes]]) -> list[tuple[str, str]]:
        """The headers of a request without secrets."""
        return [self._header(name.decode("latin-1"), value.decode("latin-1")) for name, value in raw]

    def text(self, text: str) -> str:
        """A text without the secrets that we know and what looks like one, and no longer than is kept."""
        text = self._without(text)
        plain = unquote(text, "latin-1")
        shown = self._without(plain)
        return (text if shown == plain else shown)[:_LONGEST]

    def _without(self, text: str) -> str:
        return _CREDENTIAL.sub(r"\1 ***", _TOKEN.sub("***", self._known.sub("***", text)))

    def _header(self, name: str, value: str) -> tuple[str, str]:
        if name in _SECRET_HEADERS:
            scheme = _SCHEME.match(value)
            return name, f"{scheme.group()} ***" if scheme else "***"
        return self.text(name), self.text(value)


class Journal:
    """The entries, in a database of their own. May be used from any thread; blocks for the disk."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, entry: Entry) -> None:
        """Write an entry down."""
        with self._database.writing() as connection:
            entry.number = connection.execute(_INSERT, _row(entry)).lastrowid or 0
            connection.execute(_FORGET, {"kept": KEPT})

    def entries(self, endpoint: str | None = None, *, after: int = 0, limit: int = 1_000) -> list[Entry]:
        """The entries behind that number, oldest first, of one endpoint or of all."""
        rows = self._database.read(_SELECT, {"endpoint": endpoint, "after": after, "limit": limit})
        return [
            Entry(
                at=datetime.fromisoformat(row["at"]),
                endpoint=row["endpoint"],
                method=row["method"],
                target=row["target"],
                headers=[(name, value) for name, value in json.loads(row["headers"])],
                size=row["size"],
                sha256=row["sha256"],
                complete=bool(row["complete"]),
                status=row["status"],
                faults=tuple(json.loads(row["faults"])),
                taken=None if row["taken"] is None else json.loads(row["taken"]),
                number=row["number"],
            )
            for row in rows
        ]

    def count(self, endpoint: str | None = None) -> int:
        """How many entries there are, of one endpoint or of all."""
        return int(self._database.read(_COUNT, {"endpoint": endpoint})[0][0])

    def wait(self, until: Callable[[], bool], timeout: float | None = None) -> bool:
        """Wait until *until* holds: it is asked again after every entry. False when *timeout* seconds passed first."""
        return self._database.wait(until, timeout)


def _row(entry: Entry) -> dict[str, Value]:
    return {
        "at": entry.at.isoformat(),
        "endpoint": entry.endpoint,
        "method": entry.method,
        "target": entry.target,
        "headers": json.dumps(entry.headers),
        "size": entry.size,
        "sha256": entry.sha256,
        "complete": entry.complete,
        "status": entry.status,
        "faults": json.dumps(list(entry.faults)),
        "taken": None if entry.taken is None else json.dumps(entry.taken),
    }
