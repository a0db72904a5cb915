"""The SQLite file behind the sandbox: one connection that every store shares, and that outlives the process.

Every method may be called from any thread and may block for a disk write: call them off the event loop.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Condition
from typing import Final

from console.errors import StateError

_HINT: Final = "Name another folder with --data."

Value = str | int | float | bytes | None
"""What a column holds."""


class Database:
    """A file of tables that this process alone uses. Close it when done."""

    def __init__(self, path: Path, schema: str, version: int) -> None:
        """Open the file, or make it with the tables of *schema*.

        Raises `StateError` when it can't be used, as when another sandbox uses it or another version wrote it.
        """
        self._changed = Condition()
        with ExitStack() as undo:
            try:
                os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
                self._connection = sqlite3.connect(path, timeout=0, check_same_thread=False, isolation_level=None)
                undo.callback(self._connection.close)
                found = self._claim(schema, version)
            except (OSError, sqlite3.Error) as error:
                raise StateError(f"The sandbox's data {path} can't be used: {error}.", hint=_HINT) from error
            if found != version:
                raise StateError(f"The sandbox's data {path} was written by another version.", hint=_HINT)
            undo.pop_all()

    def _claim(self, schema: str, version: int) -> int:
        """Keep everyone else out of the file, and make its tables if it has none. Returns their version."""
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        self._connection.executescript("BEGIN EXCLUSIVE; COMMIT;")
        found = int(self._connection.execute("PRAGMA user_version").fetchone()[0])
        if not found:
            self._connection.executescript(f"BEGIN; {schema} PRAGMA user_version = {version}; COMMIT;")
            found = version
        if found == version:
            # What is committed outlives this process, and need not outlive the machine: so nothing waits for the disk.
            self._connection.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;")
        return found

    def close(self) -> None:
        """Let go of the file."""
        with self._changed:
            self._connection.close()

    def wait(self, until: Callable[[], bool], timeout: float | None = None) -> bool:
        """Wait until *until* holds: it is asked again after every change. False when *timeout* seconds passed first."""
        with self._changed:
            return self._changed.wait_for(until, timeout)

    def wake(self) -> None:
        """Let everyone who waits look again."""
        with self._changed:
            self._changed.notify_all()

    def read(self, statement: str, values: Mapping[str, Value]) -> list[sqlite3.Row]:
        """The rows of a query."""
        with self._changed:
            return self._connection.execute(statement, values).fetchall()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction, after which everyone who waits looks again."""
        with self._changed:
            self._connection.execute("BEGIN IMMEDIATE")
            with self._connection:
                yield self._connection
            self._changed.notify_all()
