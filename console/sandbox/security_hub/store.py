"""The findings of the Security Hub intake, in the sandbox's database, and what was taken in to make them.

Every method may be called from any thread and may block for a disk write: call them off the event loop.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from console.records.model import JsonValue
from console.sandbox.database import Database
from console.sandbox.security_hub.merging import Finding

SCHEMA: Final = """
CREATE TABLE hub_findings (
    number INTEGER PRIMARY KEY, product_arn TEXT NOT NULL, id TEXT NOT NULL, updated_at INTEGER NOT NULL,
    finding TEXT NOT NULL, touched TEXT NOT NULL, UNIQUE (product_arn, id)
) STRICT;
CREATE TABLE hub_taken (
    number INTEGER PRIMARY KEY, product_arn TEXT NOT NULL, id TEXT NOT NULL, sha256 TEXT NOT NULL,
    outcome TEXT NOT NULL, at TEXT NOT NULL
) STRICT;
"""
"""The tables of the findings and of what was taken in."""

CREATED: Final = "created"
UPDATED: Final = "updated"
IGNORED: Final = "ignored"
"""What an import made of a finding. It ignores what is not newer than what it has, and says that it succeeded."""

_FIND: Final = "SELECT * FROM hub_findings WHERE product_arn = :product_arn AND id = :id"
_PUT: Final = """
INSERT INTO hub_findings (product_arn, id, updated_at, finding, touched)
VALUES (:product_arn, :id, :updated_at, :finding, :touched)
ON CONFLICT (product_arn, id)
DO UPDATE SET updated_at = excluded.updated_at, finding = excluded.finding, touched = excluded.touched"""
_TAKE: Final = """
INSERT INTO hub_taken (product_arn, id, sha256, outcome, at) VALUES (:product_arn, :id, :sha256, :outcome, :at)"""


@dataclass(frozen=True, slots=True)
class Identifier:
    """What tells a finding from all others."""

    product_arn: str
    id: str


@dataclass(frozen=True, slots=True)
class Stored:
    """A finding as the service has it."""

    finding: Finding
    updated_at: int
    """The provider's `UpdatedAt`, in milliseconds since 1970 UTC."""
    touched: Collection[str] = ()
    """The top-level fields that a customer has set, which a provider may not change any more."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A finding that an import was told it succeeded with, as it came."""

    identifier: Identifier
    sha256: str
    """Of the bytes that stood in the request."""
    outcome: str
    """`CREATED`, `UPDATED` or `IGNORED`."""
    at: str
    """When, as the service writes it."""


class Store:
    """The findings, in tables of the sandbox's database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def changing(self) -> Iterator[Change]:
        """A transaction: everything that a request changes is kept, or nothing."""
        with self._database.writing() as connection:
            yield Change(connection)

    def findings(self) -> list[Finding]:
        """All findings, in the order in which they were created."""
        rows = self._database.read("SELECT finding FROM hub_findings ORDER BY number", {})
        return [_finding(row["finding"]) for row in rows]

    def taken(self) -> Sequence[Taken]:
        """Everything that was taken in, in order."""
        rows = self._database.read("SELECT * FROM hub_taken ORDER BY number", {})
        return [
            Taken(Identifier(row["product_arn"], row["id"]), row["sha256"], row["outcome"], row["at"]) for row in rows
        ]


class Change:
    """What can be done to findings inside a transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def find(self, identifier: Identifier) -> Stored | None:
        """The finding, if it is there."""
        row = self._connection.execute(_FIND, _key(identifier)).fetchone()
        if row is None:
            return None
        return Stored(_finding(row["finding"]), row["updated_at"], tuple(json.loads(row["touched"])))

    def put(self, identifier: Identifier, stored: Stored) -> None:
        """Keep a finding, in place of the one that may be there."""
        values = {
            **_key(identifier),
            "updated_at": stored.updated_at,
            "finding": as_text(stored.finding),
            "touched": json.dumps(sorted(stored.touched)),
        }
        self._connection.execute(_PUT, values)

    def take(self, taken: Taken) -> None:
        """Remember what came in."""
        values = {**_key(taken.identifier), "sha256": taken.sha256, "outcome": taken.outcome, "at": taken.at}
        self._connection.execute(_TAKE, values)


def _key(identifier: Identifier) -> dict[str, str]:
    return {"product_arn": identifier.product_arn, "id": identifier.id}


def as_text(finding: Mapping[str, JsonValue]) -> str:
    """A finding as it is kept: compact JSON."""
    return json.dumps(finding, ensure_ascii=False, separators=(",", ":"))


def _finding(text: str) -> Finding:
    found: Finding = json.loads(text)
    return found
