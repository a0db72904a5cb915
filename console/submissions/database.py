"""The ledger's file: opened safely, upgraded with a backup, written in whole transactions, and failing in sentences.

A rollback journal, fully synchronised: SQLite before 3.51.3 can damage a write-ahead log that two processes write, and
a UI beside a pipeline is just that. What can't be used is never touched.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from console.display import safe_text
from console.errors import StateError
from console.paths import STATE_VARIABLE, lock_holders, network_file_system, sync_dir
from console.submissions.schema import APPLICATION_ID, SCHEMA_VERSION, can_migrate, create, migrate

BUSY_SECONDS: Final = 10
"""How long a transaction waits for that of another process."""

_HEADER: Final = 100
"""Bytes of the head of an SQLite file: it says whose it is without being opened as a database."""
_MAGIC: Final = b"SQLite format 3\x00"

Row = tuple[Any, ...]


class Database:
    """The open file. It belongs to the one thread that opened it. Raises `StateError` wherever the disk refuses."""

    def __init__(self, path: Path) -> None:
        self.path = path
        if kind := network_file_system(path.parent):
            raise StateError(
                f"The folder {safe_text(path.parent)} is on a network file system ({kind}), where two machines"
                " can't keep out of each other's way.",
                hint=f"Name a folder of this machine in {STATE_VARIABLE}.",
            )
        try:
            _refuse_strangers(path)
            _make_private(path)
            self._connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
        except _Unusable as unusable:
            raise self._unusable(str(unusable)) from None
        except OSError as error:
            raise self._unusable(error.strerror or str(error)) from error
        except sqlite3.Error as error:
            raise self._failed(error) from error
        try:
            self._prepare()
        except sqlite3.Error as error:
            self._connection.close()
            raise self._failed(error) from error
        except StateError:
            self._connection.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def query(self, statement: str, *values: object) -> list[Row]:
        """The rows of a question."""
        try:
            return self._connection.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise self._failed(error) from error

    def execute(self, statement: str, *values: object) -> None:
        """Change something, within a `transaction`."""
        self._connection.execute(statement, values)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One write: all of it or nothing, durable when it ends."""
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            finally:
                # A failed commit leaves the transaction open; some failures have rolled it back already.
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
        except sqlite3.Error as error:
            raise self._failed(error) from error

    def _prepare(self) -> None:
        """Set what SQLite does not keep in the file; make the tables of a new ledger, or upgrade those of an old one.

        The journal is synchronised with its folder too (EXTRA): else a power cut just after a commit could bring the
        journal back, and with it the state before.
        """
        for setting in ("journal_mode = DELETE", "synchronous = EXTRA", "foreign_keys = ON"):
            self._connection.execute(f"PRAGMA {setting}")
        if self._is_empty():
            with self.transaction():
                # Another process may have been quicker.
                if self._is_empty():
                    create(self._connection)
        self._check()
        version = self._number("user_version")
        if version != SCHEMA_VERSION:
            self._upgrade(version)

    def _is_empty(self) -> bool:
        return not self._connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]

    def _upgrade(self, version: int) -> None:
        """Lead an older ledger to this version. What it was is kept beside it."""
        if not can_migrate(version):
            raise self._unusable(f"it has version {version}, and this console knows version {SCHEMA_VERSION}")
        self._back_up(version)
        with self.transaction():
            # Another process may have been quicker.
            if self._number("user_version") == version:
                migrate(self._connection, version)
                if self._connection.execute("PRAGMA foreign_key_check").fetchone():
                    raise self._unusable("its rows do not fit each other")

    def _back_up(self, version: int) -> None:
        """Keep a copy of the ledger as it was, whole or not at all, and private."""
        kept = self.path.with_name(f"{self.path.name}.version-{version}")
        unfinished = kept.with_name(f"{kept.name}.{os.getpid()}.new")
        try:
            os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600))
            with closing(sqlite3.connect(unfinished, isolation_level=None)) as copy:
                copy.execute("PRAGMA synchronous = EXTRA")
                self._connection.backup(copy)
            unfinished.replace(kept)
            sync_dir(kept.parent)
        except (OSError, sqlite3.Error) as error:
            with suppress(OSError):
                unfinished.unlink(missing_ok=True)
            raise self._unusable(f"no copy of it can be kept before it is upgraded ({error})") from error

    def _check(self) -> None:
        """Look for damage before anything relies on what the file says."""
        found = self._connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise self._unusable(f"it is damaged ({safe_text(found, width=120)})")

    def _number(self, pragma: str) -> int:
        return int(self._connection.execute(f"PRAGMA {pragma}").fetchone()[0])

    def _unusable(self, why: str) -> StateError:
        return StateError(
            f"The ledger {safe_text(self.path)} can't be used: {why}. It was left as it is.",
            hint=f"Move it away to start a new one, or name another folder in {STATE_VARIABLE}. A new one does not know"
            " what is in doubt or unsent: look at the target's jobs before you send again.",
        )

    def _failed(self, error: sqlite3.Error) -> StateError:
        """What a failure of SQLite means for the user."""
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            holders = ", ".join(map(str, lock_holders(self.path)))
            whom = f"process {holders}" if holders else "another process"
            return StateError(
                f"The ledger {safe_text(self.path)} is in use by {whom}, which does not let go of it.",
                hint="Try again in a moment."
                + ("" if holders else " `fuser` or `lsof` on the file may name the process."),
            )
        if code == sqlite3.SQLITE_FULL:
            return StateError(
                f"There is no room on the disk for the ledger {safe_text(self.path)}.",
                hint=f"Make room, or name a folder on another disk in {STATE_VARIABLE}.",
            )
        if code in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN):
            return StateError(
                f"The disk refuses to work on the ledger {safe_text(self.path)}: {error}.",
                hint="Let its folder be written to, and see whether the disk is full or failing. The ledger itself is"
                " sound, as far as is known: leave it where it is.",
            )
        return self._unusable(str(error))


class _Unusable(Exception):
    """Why a file is not our ledger."""


def _make_private(path: Path) -> None:
    """Make the file where there is none, and take from others what an umask or a copy has given them."""
    # SQLite would make it with the umask's mode, and gives its journals the mode that it has.
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if os.fstat(descriptor).st_mode & 0o077:
            os.fchmod(descriptor, 0o600)
    finally:
        os.close(descriptor)


def _refuse_strangers(path: Path) -> None:
    """Raise `_Unusable` for a file that is no ledger, or a newer one. Looks at its head alone, and changes nothing.

    SQLite itself would first roll back the journal that lies beside somebody else's database.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_HEADER)
    except FileNotFoundError:
        return
    if not head:
        return
    if len(head) < _HEADER or not head.startswith(_MAGIC):
        raise _Unusable("it is not an SQLite database, or its beginning is damaged")
    # Offsets of the database header: https://www.sqlite.org/fileformat2.html#the_database_header
    version, application = int.from_bytes(head[60:64], "big"), int.from_bytes(head[68:72], "big")
    if application != APPLICATION_ID:
        raise _Unusable("it is another program's file")
    if version > SCHEMA_VERSION:
        raise _Unusable(f"it has version {version}, and this console knows version {SCHEMA_VERSION}")


def storable(text: str) -> str:
    """A text as SQLite takes it: one half of a surrogate pair is no character."""
    return text.encode("utf-8", errors="backslashreplace").decode()
