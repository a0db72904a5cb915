"""The ledger's file: upgraded with a copy kept, refused where it can't be trusted, and never touched then."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from console.errors import StateError
from console.submissions.database import Database
from console.submissions.history import History
from console.submissions.ledger import Ledger
from console.submissions.model import CUT_OFF, BatchState
from console.submissions.schema import SCHEMA_VERSION
from tests.submissions.version_1 import SCHEMA

VERSION_1 = (
    SCHEMA
    + """
INSERT INTO submission VALUES
    ('later', 'prowler', 'prowler', 'https://example.com', '2026-10-02T10:00:00.000+00:00'),
    ('first', 'prowler', 'prowler', 'https://example.com', '2026-10-01T10:00:00.000+00:00');
INSERT INTO batch VALUES
    ('first', 1, 3, 30, 'aa', x'2f66ff', 'bb', 'accepted', 'job-1', ''),
    ('first', 2, 3, 30, 'ab', x'2f67', 'bb', 'sending', NULL, ''),
    ('later', 1, 3, 30, 'ac', x'2f68', 'bb', 'unknown', NULL, 'The console stopped while this was being sent.'),
    ('later', 2, 3, 30, 'ad', x'2f69', 'bb', 'denied', NULL, 'No key.'),
    ('later', 3, 3, 30, 'ae', x'2f6a', 'bb', 'ready', NULL, '');
INSERT INTO attempt VALUES
    ('a1', 'first', 1, 'key', '2026-10-01T10:00:01.000+00:00', '2026-10-01T10:00:02.000+00:00', 'accepted'),
    ('a2', 'first', 2, 'key', '2026-10-01T10:00:03.000+00:00', NULL, NULL),
    ('a3', 'later', 1, 'key', '2026-10-02T10:00:01.000+00:00', NULL, NULL),
    ('a4', 'later', 2, 'key', '2026-10-02T10:00:02.000+00:00', '2026-10-02T10:00:03.000+00:00', 'denied');
"""
)

BACKUP = "ledger.sqlite3.version-1"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A ledger of version 1, with batches in all kinds of states."""
    path = tmp_path / "ledger.sqlite3"
    with closing(sqlite3.connect(path)) as database:
        database.executescript(VERSION_1)
    path.chmod(0o600)
    return path


def test_an_older_ledger_is_upgraded_with_all_that_it_knows(old: Path) -> None:
    with closing(Ledger(old)) as ledger:
        history = History(ledger.database)
        first, later = history.submission("first"), history.submission("later")
        assert first is not None
        assert later is not None
        assert [(batch.state, batch.job_id, batch.attempts) for batch in first.batches] == [
            (BatchState.ACCEPTED, "job-1", 1),
            (BatchState.SENDING, None, 1),
        ]
        assert first.batches[0].source == Path(os.fsdecode(b"/f\xff"))
        assert [(batch.state, batch.detail) for batch in later.batches] == [
            (BatchState.UNKNOWN, "The console stopped while this was being sent."),
            (BatchState.DENIED, "No key."),
            (BatchState.READY, ""),
        ]
        assert [found.id for found in history.open_ones("prowler", "https://example.com")] == ["later", "first"]
        assert [(one.submission, one.last.ended_at is None) for one in history.doubts("https://example.com")] == [
            ("first", True),
            ("later", False),
        ]


def test_what_was_being_sent_before_the_upgrade_is_in_doubt_and_can_be_settled(old: Path) -> None:
    with closing(Ledger(old)) as ledger:
        ledger.doubt("first", is_alive=lambda _submission: False)

        found = History(ledger.database).submission("first")

    assert found is not None
    assert [batch.state for batch in found.batches] == [BatchState.ACCEPTED, BatchState.UNKNOWN]
    assert found.batches[1].detail == CUT_OFF


def test_a_copy_of_the_older_ledger_is_kept_for_its_owner_alone(old: Path, tmp_path: Path) -> None:
    Ledger(old).close()

    kept = tmp_path / BACKUP
    assert kept.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(kept)) as database:
        assert database.execute("PRAGMA user_version").fetchone() == (1,)
        assert database.execute("SELECT count(*) FROM batch").fetchone() == (5,)
    assert {one.name for one in tmp_path.iterdir()} == {old.name, BACKUP}


def test_an_upgraded_ledger_has_the_tables_of_a_new_one(old: Path, tmp_path: Path) -> None:
    Ledger(old).close()
    Ledger(tmp_path / "new.sqlite3").close()

    def tables(path: Path) -> list[tuple[str, str]]:
        with closing(sqlite3.connect(path)) as database:
            found = database.execute("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name")
            return [(name, " ".join(sql.replace('"', "").split())) for name, sql in found]

    assert tables(old) == tables(tmp_path / "new.sqlite3")


def test_without_room_for_the_copy_nothing_is_upgraded(old: Path, tmp_path: Path) -> None:
    (tmp_path / BACKUP).mkdir()  # nothing can be put in its place
    before = old.read_bytes()

    with pytest.raises(StateError, match="no copy of it can be kept"):
        Ledger(old)

    assert old.read_bytes() == before
    assert {one.name for one in tmp_path.iterdir()} == {old.name, BACKUP}


def _other_program(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.executescript("PRAGMA application_id = 7; CREATE TABLE theirs (x)")


def _newer(path: Path) -> None:
    Ledger(path).close()
    with closing(sqlite3.connect(path)) as database:
        database.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")


def _beheaded(path: Path) -> None:
    Ledger(path).close()
    content = bytearray(path.read_bytes())
    content[:16] = bytes(16)
    path.write_bytes(content)


def _torn(path: Path) -> None:
    Ledger(path).close()
    content = bytearray(path.read_bytes())
    content[4096:8192] = os.urandom(4096)
    path.write_bytes(content)


def _short(path: Path) -> None:
    path.write_bytes(b"SQLite format 3\x00")


@pytest.mark.parametrize("spoil", [_other_program, _newer, _beheaded, _torn, _short])
def test_what_cannot_be_trusted_is_refused_and_left_as_it_is(tmp_path: Path, spoil: Callable[[Path], None]) -> None:
    path = tmp_path / "ledger.sqlite3"
    spoil(path)
    before = path.read_bytes()

    with pytest.raises(StateError, match="left as it is") as refused:
        Database(path)

    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == [path.name]
    assert "OCSF_CONSOLE_STATE_DIR" in refused.value.hint


def test_the_journal_beside_somebody_elses_database_is_not_rolled_back(tmp_path: Path) -> None:
    """Their crash is theirs to recover from: opening the file with SQLite would do it for them."""
    theirs = tmp_path / "theirs.sqlite3"
    with closing(sqlite3.connect(theirs, isolation_level=None)) as database:
        database.executescript("CREATE TABLE t (x); INSERT INTO t VALUES (zeroblob(100000)); PRAGMA cache_size = 1")
        database.execute("BEGIN IMMEDIATE")
        database.execute("UPDATE t SET x = randomblob(100000)")
        path = tmp_path / "ledger.sqlite3"
        shutil.copy(theirs, path)
        shutil.copy(f"{theirs}-journal", f"{path}-journal")
        database.execute("ROLLBACK")
    before = path.read_bytes(), Path(f"{path}-journal").read_bytes()

    with pytest.raises(StateError, match="another program's file"):
        Database(path)

    assert (path.read_bytes(), Path(f"{path}-journal").read_bytes()) == before
