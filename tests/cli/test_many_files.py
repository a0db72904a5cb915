"""A run over many files: shared between processes or not, the answer is the same, in the order of the files."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from console.cli import checking, inspect
from console.cli.root import run as run_command
from console.cli.setup import Source
from console.progress import Cancel
from console.records.workers import Task, Workers
from console.sandbox.samples import as_array, findings
from tests.cli.conftest import without_reader

FILES = 40


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Sound files, and others: broken, not readable to the end, without records, with more issues than are kept."""
    folder = tmp_path / "scans"
    folder.mkdir()
    for number in range(FILES):
        records = list(findings(3))
        records[number % 3]["resources"] = number
        (folder / f"{number:02}.json").write_bytes(as_array(records))
    (folder / "05.json").write_bytes(b"[" + b",".join([b"{}"] * 400) + b"]")
    (folder / "11.json").write_bytes(b"\x00\x01")
    (folder / "17.json").write_bytes(as_array(list(findings(2)))[:-20])
    (folder / "23.json").write_bytes(b"")
    (folder / "29.json").unlink()
    (folder / "29.json").symlink_to("nowhere")
    return folder


@pytest.fixture(autouse=True)
def two_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.cli.many.processors", lambda: 2)


def _run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    code = run_command([str(argument) for argument in arguments])
    written = capsys.readouterr()
    return code, written.out, written.err


@pytest.mark.parametrize("more", [[], ["--for", "prowler", "--fail-on", "warning"]], ids=["plain", "for prowler"])
@pytest.mark.parametrize("form", ["json", "jsonl", "junit"])
def test_two_processes_validate_a_folder_as_one_does(
    folder: Path,
    form: str,
    more: list[str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rounds: list[int] = []
    real = Workers.perform

    def counted(self: Workers, tasks: Sequence[Task[object]], cancel: Cancel | None = None) -> Iterator[object]:
        rounds.append(self.count)
        return real(self, tasks, cancel)

    monkeypatch.setattr(Workers, "perform", counted)

    one, two = (_run(capsys, "validate", folder, "--format", form, "--workers", count, *more) for count in ("1", "2"))

    assert rounds == [2], "the work was not shared"
    assert one[0] == two[0] == 2
    assert _timeless(form, one[1]) == _timeless(form, two[1])
    assert one[2] == two[2]
    assert one[2].count("Error:") == 3


def _timeless(form: str, text: str) -> object:
    if form != "json":
        return text
    document = json.loads(text)
    del document["summary"]["seconds"]
    return document


def test_a_file_with_more_issues_than_a_worker_keeps_is_listed_all_the_same(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Workers are started with this limit in place; the file is then looked at here."""
    alone = _run(capsys, "validate", folder, "--format", "jsonl", "--workers", "1")
    asked: list[str] = []
    real = checking.FileChecks._one

    def seen(self: checking.FileChecks, source: Source) -> object:
        asked.append(source.path.name)
        return real(self, source)

    monkeypatch.setattr(checking.FileChecks, "_one", seen)
    big = folder / "05.json"
    big.write_bytes(b"[" + b",".join([b"{}"] * 11_000) + b"]")

    together = _run(capsys, "validate", folder, "--format", "jsonl", "--workers", "2")

    assert "05.json" in asked
    rows, expected = together[1].splitlines(), alone[1].splitlines()
    assert len(rows) == len(expected) + 11_000 - 400
    assert [row for row in rows if "05.json" not in row] == [row for row in expected if "05.json" not in row]


@pytest.mark.parametrize("form", ["json", "text"])
def test_two_processes_inspect_a_folder_as_one_does(
    folder: Path, form: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = _run(capsys, "inspect", folder, "--format", form)
    monkeypatch.setattr(inspect, "_WORTH_BYTES", 1)

    two = _run(capsys, "inspect", folder, "--format", form)

    assert one == two
    assert one[0] == 2


def test_a_reader_who_has_seen_enough_ends_the_workers_too(folder: Path) -> None:
    """They hold the other end of stderr: it would not close before the last of them is gone."""
    done = without_reader("validate", folder, "--format", "jsonl", "--workers", "2")

    assert done.code == 1
