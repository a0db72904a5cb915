"""`compare`: what users and pipelines see of two scans side by side."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from console.sandbox.samples import as_array, findings
from tests.cli.conftest import Run

Event = dict[str, Any]

_HOSTILE = "\x1b]0;owned\x07\u202e\x7f\x9b2J"


def named(uid: str, status_code: str = "PASS") -> Event:
    (event,) = findings(1)
    made: Event = json.loads(json.dumps(event))
    made["finding_info"]["uid"] = uid
    return made | {"status_code": status_code, "status": "New", "severity": "High"}


def write(path: Path, records: list[Event]) -> Path:
    path.write_bytes(as_array(records))
    return path


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A scan of four findings."""
    return write(tmp_path / "old.json", [named("same"), named("worse"), named("fixed", "FAIL"), named("gone", "FAIL")])


@pytest.fixture
def new(tmp_path: Path) -> Path:
    """The next one: one finding each is new, gone, worse, fixed and the same."""
    return write(tmp_path / "new.json", [named("new"), named("same"), named("worse", "FAIL"), named("fixed")])


def test_differences_are_counted_and_listed_for_a_person(run: Run, old: Path, new: Path) -> None:
    done = run("compare", old, new)

    assert (done.code, done.stderr) == (0, "")
    lines = [line.split() for line in done.stdout.splitlines()]
    assert ["new", "1", "(0", "failing)"] in lines
    assert ["gone", "1", "(1", "failing)"] in lines
    assert ["changed", "2", "(1", "worse,", "1", "fixed)"] in lines
    assert ["unchanged", "1"] in lines
    assert done.stdout.index("\nchanged:") < done.stdout.index("\nnew:") < done.stdout.index("\ngone:")
    assert "High      PASS -> FAIL" in done.stdout


def test_the_document_holds_counts_and_every_difference(run: Run, old: Path, new: Path) -> None:
    done = run("compare", old, new, "--format", "json")

    document = done.json()
    assert done.code == 0
    assert document["summary"] == {
        "new": 1, "new_failing": 0, "gone": 1, "gone_failing": 1,
        "changed": 2, "worse": 1, "fixed": 1, "unchanged": 1,
    }  # fmt: skip
    assert {"attribute": "status_code", "old": "PASS", "new": "FAIL", "count": 1} in document["changes"]
    worse, fixed = document["findings"]["changed"]
    assert (worse["uid"], worse["trend"], worse["changed"]) == ("worse", "worse", ["status_code"])
    assert (worse["old"]["record"], worse["old"]["status_code"]) == (1, "PASS")
    assert (worse["new"]["record"], worse["new"]["status_code"]) == (2, "FAIL")
    assert (fixed["uid"], fixed["trend"]) == ("fixed", "fixed")
    (gone,) = document["findings"]["gone"]
    found = old.read_bytes()[gone["offset"] : gone["offset"] + gone["length"]]
    assert json.loads(found)["finding_info"]["uid"] == gone["uid"] == "gone"
    (one,) = document["findings"]["new"]
    assert one.keys() == {
        "uid", "record", "offset", "length", "status_code", "status", "severity", "title", "resource", "account",
    }  # fmt: skip
    assert (document["old"]["path"], document["new"]["format"]) == (str(old), "array")
    assert (document["old"]["records"], document["old"]["complete"], document["warnings"]) == (4, True, [])


def test_a_person_gets_the_first_and_the_document_all(run: Run, tmp_path: Path, old: Path) -> None:
    many = write(tmp_path / "many.json", [named("same"), *(named(f"number {number}") for number in range(450))])

    told, document = run("compare", old, many), run("compare", old, many, "--format", "json").json()

    assert "... and 430 more; --format json lists all." in told.stdout
    assert [one["record"] for one in document["findings"]["new"]] == list(range(1, 451))


def test_the_same_scan_in_another_shape_is_unchanged(run: Run, tmp_path: Path, old: Path) -> None:
    lines = "".join(json.dumps(record) + "\n" for record in json.loads(old.read_bytes()))
    packed = tmp_path / "lines.gz"
    packed.write_bytes(gzip.compress(lines.encode()))

    done = run("compare", old, packed, "--format", "json")

    assert done.json()["summary"]["unchanged"] == 4
    assert done.json()["findings"] == {"new": [], "gone": [], "changed": []}
    assert done.json()["new"]["compression"] == "gzip"


def test_one_of_the_files_may_come_on_stdin(run: Run, old: Path, new: Path) -> None:
    done = run("compare", "-", new, "--format", "json", stdin=old.read_bytes())

    assert done.code == 0
    assert done.json() == run("compare", old, new, "--format", "json").json() | {
        "old": done.json()["old"] | {"path": "-"}
    }


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("-", "-"), "`-` stands twice"),
        (("{}/old.json", "{}/missing.json"), "missing.json does not exist"),
        (("{}/old.json", "{}"), "is a folder"),
        (("", "{}/old.json"), "A PATH is empty"),
        (("{}/old.json",), "Missing argument 'NEW'"),
    ],
)
def test_what_can_not_be_compared_is_a_wrong_call(run: Run, old: Path, arguments: tuple[str, ...], said: str) -> None:
    done = run("compare", *(argument.format(old.parent) for argument in arguments), stdin=old.read_bytes())

    assert done.code == 2
    assert done.stdout == ""
    assert said in done.stderr


def test_a_broken_file_is_warned_of_and_fails_the_command(run: Run, old: Path, new: Path) -> None:
    content = old.read_bytes()
    old.write_bytes(content[: content.rindex(b'"fixed"')])

    done = run("compare", old, new, "--format", "json")

    assert done.code == 1
    assert "Warning: The old file is broken in 1 place" in done.stderr
    assert done.json()["warnings"][0].startswith("The old file is broken")
    (fault,) = done.json()["old"]["faults"]
    assert (fault["code"], fault["record"], done.json()["old"]["complete"]) == ("truncated", 2, False)


@pytest.mark.parametrize("form", ["text", "json"])
def test_what_strangers_wrote_can_only_be_displayed(run: Run, tmp_path: Path, old: Path, form: str) -> None:
    record = named(f"uid {_HOSTILE}", _HOSTILE) | {"severity": _HOSTILE}
    record["finding_info"]["title"] = record["resources"][0]["name"] = _HOSTILE
    changed = named("same", _HOSTILE)

    done = run("compare", old, write(tmp_path / "new.json", [record, changed]), "--format", form)

    assert done.code == 0
    assert not set(done.stdout + done.stderr) & set("\x1b\x07\u202e\x7f\x9b")
    if form == "json":
        assert done.json()["findings"]["new"][0]["title"] == _HOSTILE
