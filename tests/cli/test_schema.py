"""`schema`: newer versions of OCSF and private extensions come from files; a broken one is refused with a reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from console import paths
from console.ocsf.added import MAX_BYTES
from tests.cli.conftest import Done, Run
from tests.ocsf.test_compile import Export, dumped, legacy, v2


def write(path: Path, version: str, export: Export | None = None) -> Path:
    path.write_bytes(dumped((export or v2()) | {"version": version}))
    return path


def rows(done: Done) -> dict[str, Export]:
    return {row["version"]: row for row in done.json()["schemas"]}


def test_the_packaged_versions_are_listed_with_what_they_define(run: Run) -> None:
    done = run("schema", "list")

    lines = [line.split() for line in done.stdout.splitlines()]
    assert done.code == 0
    assert lines[0] == ["version", "origin", "classes", "objects", "profiles", "extensions"]
    assert lines[1] == ["1.0.0-rc.2", "packaged", "100", "89", "4", "1"]
    assert lines[-1] == ["1.8.0", "packaged", "83", "178", "14", "3"]
    assert len(lines) == 12


def test_a_schema_is_added_listed_and_removed(run: Run, tmp_path: Path) -> None:
    newer = run("schema", "add", write(tmp_path / "newer.json", "1.9.0"))
    own = run("schema", "add", "-", stdin=dumped(legacy() | {"version": "1.8.0"}))

    assert (newer.code, newer.stdout, own.code, own.stdout) == (0, "", 0, "")
    assert "Added OCSF 1.9.0." in newer.stderr
    assert "place of the packaged one" in own.stderr
    assert "packaged" not in newer.stderr
    listed = rows(run("schema", "list", "--format", "json"))
    assert listed["1.9.0"] == {
        "version": "1.9.0", "origin": "added", "classes": 1, "objects": 1, "profiles": 1, "extensions": 1,
    }  # fmt: skip
    assert (listed["1.8.0"]["origin"], listed["1.8.0"]["classes"]) == ("added in place of packaged", 1)
    assert listed["1.7.0"]["origin"] == "packaged"

    removed = [run("schema", "remove", version) for version in ("1.9.0", "1.8.0")]

    assert [done.code for done in removed] == [0, 0]
    assert ["packaged one is used again" in done.stderr for done in removed] == [False, True]
    listed = rows(run("schema", "list", "--format", "json"))
    assert "1.9.0" not in listed
    assert (listed["1.8.0"]["origin"], listed["1.8.0"]["classes"]) == ("packaged", 83)


def test_a_second_file_of_a_version_takes_its_place_on_request_only(run: Run, tmp_path: Path) -> None:
    run("schema", "add", write(tmp_path / "one.json", "1.9.0"))
    other = write(tmp_path / "two.json", "1.9.0", v2() | {"profiles": {}})

    refused = run("schema", "add", other)
    kept = rows(run("schema", "list", "--format", "json"))["1.9.0"]
    replaced = run("schema", "add", "--replace", other)

    assert (refused.code, kept["profiles"]) == (2, 1)
    assert "--replace" in refused.stderr
    assert replaced.code == 0
    assert rows(run("schema", "list", "--format", "json"))["1.9.0"]["profiles"] == 0


@pytest.mark.parametrize(
    ("version", "reason"), [("1.8.0", "comes with this tool"), ("1.9.0", "is not known"), ("\x1b[2J", "is not known")]
)
def test_what_was_not_added_is_not_removed(run: Run, version: str, reason: str) -> None:
    done = run("schema", "remove", version)

    assert (done.code, done.stdout) == (2, "")
    assert reason in done.stderr
    assert "\x1b" not in done.stderr


def test_a_finding_file_is_no_schema(run: Run, sound: Path) -> None:
    done = run("schema", "add", sound)

    assert done.code == 2
    assert "as a finding file may be" in done.stderr
    assert "/export/schema" in done.stderr
    assert not paths.data_dir().exists()


def test_what_a_broken_schema_says_of_itself_reaches_no_terminal(run: Run) -> None:
    export = v2()
    export["classes"]["\x1b]0;owned\x07\u202e"] = {"name": "\x9b2J", "attributes": {}}

    done = run("schema", "add", "-", stdin=dumped(export))

    assert done.code == 2
    assert "has no uid" in done.stderr
    assert set("\x1b\x07\x9b\u202e").isdisjoint(done.stderr)


def test_a_pattern_that_is_not_checked_is_named(run: Run) -> None:
    export = legacy()
    export["types"] = export["types"] | {"\x1bbad_t": {"type": "string_t", "regex": "(unclosed"}}

    done = run("schema", "add", "-", stdin=dumped(export))

    assert done.code == 0
    assert "will not be checked: ␛bad_t." in done.stderr


def test_a_file_that_cannot_be_read_is_named(run: Run, tmp_path: Path) -> None:
    missing = run("schema", "add", tmp_path / "missing.json")
    folder = run("schema", "add", tmp_path)

    assert (missing.code, folder.code) == (2, 2)
    assert "missing.json can't be read: No such file" in missing.stderr
    assert "can't be read: Is a directory" in folder.stderr


def test_a_file_beyond_the_cap_is_refused(run: Run, tmp_path: Path) -> None:
    large = tmp_path / "large.json"
    with large.open("wb") as file:
        file.truncate(MAX_BYTES + 1)

    done = run("schema", "add", large)

    assert done.code == 2
    assert "64 MiB" in done.stderr


def test_the_other_versions_are_listed_beside_a_damaged_one(run: Run, tmp_path: Path) -> None:
    run("schema", "add", write(tmp_path / "newer.json", "1.9.0"))
    (paths.data_dir() / "schemas" / "1.9.0.json").write_bytes(b"{")

    done = run("schema", "list", "--format", "json")

    assert done.code == 2
    assert "1.9.0 can't be used" in done.stderr
    assert "schema remove 1.9.0" in done.stderr
    assert "1.8.0" in rows(done)
    assert run("schema", "remove", "1.9.0").code == 0


@pytest.mark.parametrize("command", [(), ("list",), ("add",), ("remove",)])
def test_every_command_shows_examples(run: Run, command: tuple[str, ...]) -> None:
    done = run("schema", *command, "--help")

    assert done.code == 0
    assert "Examples:\n    ocsf-console schema" in done.stdout
