"""F01 to F17: what a file holds that is no array of sound records."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path

import pexpect
import pytest

from console.sandbox.server import Sandbox
from tests.cli.conftest import access
from tests.faults.conftest import Refusal, Run
from tests.faults.support import NOWHERE, array, finding, issues


def asked(path: Path, sandbox: Sandbox) -> str:
    """What somebody at a terminal is told before anything is sent. The answer is no."""
    child = pexpect.spawn(
        sys.executable,
        ["-m", "console", "submit", str(path), "--target", "prowler"],
        env={**os.environ, **access(sandbox)},
        encoding="utf-8",
        dimensions=(24, 250),
        timeout=30,
    )
    child.expect(r"Send .* to prowler\?")
    told = child.before or ""
    child.sendline("n")
    child.expect("Nothing was sent.")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert sandbox.prowler.store.count() == 0
    return told


def test_f01_an_empty_file_is_said_to_be_empty(refusal: Refusal, tmp_path: Path) -> None:
    """0 bytes: "empty file", invalid, not submitted."""
    path = tmp_path / "f.json"
    path.touch()
    assert "is empty" in refusal(path)


def test_f02_white_space_alone_is_an_empty_file(refusal: Refusal, tmp_path: Path) -> None:
    """Whitespace only: as F01."""
    path = tmp_path / "f.json"
    path.write_bytes(b" \r\n\t\n")
    assert "is empty" in refusal(path)


def test_f03_an_array_of_nothing_is_valid_and_not_submitted(run: Run, tmp_path: Path) -> None:
    """`[]`: valid, 0 records, submit refused with reason."""
    path = tmp_path / "f.json"
    path.write_bytes(b"[]")
    checked = run("validate", path, "--format", "json")
    assert (checked.code, checked.json()["summary"]["records"]) == (0, 0)
    sent = run("submit", path, "--target", "prowler", **NOWHERE)
    assert sent.code == 2
    assert "there are no records in " in sent.stderr


def test_f04_a_single_object_is_read_and_wrapped_on_request_only(run: Run, tmp_path: Path, sandbox: Sandbox) -> None:
    """Single object, not array: accepted for view; Prowler submit refused or wrapped only on request."""
    path = tmp_path / "f.json"
    path.write_text(json.dumps(finding(), indent=2))
    assert run("inspect", path, "--format", "json").json()["files"][0]["format"] == "object"
    assert run("show", path).json() == [finding()]
    assert "object put into the form that the target takes" in asked(path, sandbox)


def test_f05_lines_in_a_json_file_are_found_and_not_wrapped_silently(run: Run, tmp_path: Path) -> None:
    """NDJSON in `.json`: detected, offered conversion, not silently wrapped."""
    path = tmp_path / "f.json"
    path.write_text("".join(json.dumps(finding(number)) + "\n" for number in range(3)))
    (file,) = run("validate", path, "--format", "json").json()["files"]
    assert (file["format"], file["valid"]) == ("ndjson", 3)
    planned = run("submit", path, "--target", "prowler", "--dry-run", **NOWHERE)
    assert planned.code == 0
    assert "ndjson put into the form that the target takes" in planned.stderr


@pytest.mark.parametrize("content", ["null", "42", '"x"'], ids=["null", "number", "text"])
def test_f06_a_lone_value_is_no_array_of_objects(refusal: Refusal, tmp_path: Path, content: str) -> None:
    """`null`, `42`, `"x"` top level: invalid, "array of objects expected"."""
    path = tmp_path / "f.json"
    path.write_text(content)
    assert f"holds {content}, and an array of objects is expected" in refusal(path)


def test_f07_records_before_a_cut_are_read_and_the_place_is_named(run: Run, tmp_path: Path) -> None:
    """Truncated mid-record: records before it browsable; file invalid; offset shown."""
    data = array(*map(finding, range(3)))
    path = tmp_path / "f.json"
    path.write_bytes(data[:-500])
    checked = run("validate", path, "--format", "jsonl")
    (fault,) = issues(checked)
    start = data.rindex(b"\n") + 1
    assert checked.code == 1
    assert (fault["code"], fault["record"], fault["offset"], fault["line"]) == ("truncated", 2, start, 3)
    assert f"byte {len(data) - 500:,}" in fault["message"]
    assert run("show", path, "--count", "2").json() == [finding(0), finding(1)]
    sent = run("submit", path, "--target", "prowler", **NOWHERE)
    assert sent.code == 2
    assert "line 3" in sent.stderr


def test_f08_a_trailing_comma_has_its_place(run: Run, tmp_path: Path) -> None:
    """Trailing comma: invalid with offset."""
    data = array(finding(), finding(1))[:-1] + b",\n]"
    path = tmp_path / "f.json"
    path.write_bytes(data)
    checked = run("validate", path, "--format", "jsonl")
    (fault,) = issues(checked)
    assert (checked.code, fault["code"], fault["record"]) == (1, "trailing_comma", None)
    assert data[fault["offset"] :] in (b",\n]", b"]")


def test_f09_garbage_after_the_array_has_its_place(run: Run, tmp_path: Path) -> None:
    """Trailing garbage after `]`: invalid with offset."""
    data = array(finding(), finding(1))
    path = tmp_path / "f.json"
    path.write_bytes(data + b"\ndone.\n")
    checked = run("validate", path, "--format", "jsonl")
    (fault,) = issues(checked)
    assert (checked.code, fault["code"], fault["offset"], fault["line"]) == (1, "trailing_data", len(data) + 1, 3)
    assert "done." in fault["message"]


def test_f10_a_second_array_is_read_and_is_a_fault(run: Run, tmp_path: Path) -> None:
    """Two concatenated arrays: invalid (second document)."""
    first, second = array(finding(), finding(1)), array(finding(2), finding(3))
    path = tmp_path / "f.json"
    path.write_bytes(first + second)
    checked = run("validate", path, "--format", "jsonl")
    (fault,) = issues(checked)
    assert (checked.code, fault["code"], fault["record"]) == (1, "second_document", None)
    assert (fault["offset"], fault["line"]) == (len(first), 2)
    assert run("show", path, "--record", "3").json() == [finding(3)]
    (file,) = run("validate", path, "--format", "json").json()["files"]
    assert (file["format"], file["records"]) == ("concatenated", 4)
    assert run("submit", path, "--target", "prowler", **NOWHERE).code == 2


def test_f11_a_byte_order_mark_is_noted_and_dropped_with_consent(run: Run, tmp_path: Path, sandbox: Sandbox) -> None:
    """UTF-8 BOM: view with warning; submit needs strip consent."""
    path = tmp_path / "f.json"
    path.write_bytes(b"\xef\xbb\xbf" + array(finding()))
    assert run("show", path).json() == [finding()]
    assert "byte order mark" in run("inspect", path).stdout
    assert "byte order mark dropped" in asked(path, sandbox)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["bare", "marked"])
def test_f12_utf_16_is_named_and_is_to_be_converted(refusal: Refusal, tmp_path: Path, encoding: str, mark: str) -> None:
    """UTF-16 LE/BE, with/without BOM: refused, "UTF-16, convert"."""
    path = tmp_path / "f.json"
    path.write_bytes((mark + array(finding()).decode()).encode(encoding))
    said = refusal(path)
    assert "UTF-16" in said
    assert "Convert it to UTF-8." in said


def test_f13_a_byte_that_is_no_utf_8_has_its_place(run: Run, tmp_path: Path) -> None:
    """Invalid UTF-8 byte: invalid, byte offset."""
    bad = json.dumps(finding(message="SPOILED")).encode().replace(b"SPOILED", b"caf\xff")
    path = tmp_path / "f.json"
    path.write_bytes(array(finding(), bad, finding(2)))
    checked = run("validate", path, "--format", "jsonl")
    (issue,) = issues(checked)
    assert (checked.code, issue["code"], issue["record"], issue["line"]) == (1, "invalid_utf8", 1, 2)
    assert path.read_bytes()[issue["offset"] :].startswith(bad)
    assert f"byte {bad.index(0xFF):,} of it is 0xff" in issue["message"]


def test_f14_surrogates_written_as_bytes_are_no_utf_8(run: Run, tmp_path: Path) -> None:
    """CESU-8 surrogate bytes: invalid (stdlib would accept)."""
    cesu_8 = "\ud83d\ude00".encode("utf-8", "surrogatepass")
    path = tmp_path / "f.json"
    path.write_bytes(array(json.dumps(finding(message="SPOILED")).encode().replace(b"SPOILED", cesu_8), finding(1)))
    checked = run("validate", path, "--format", "jsonl")
    assert (checked.code, [(one["code"], one["record"]) for one in issues(checked)]) == (1, [("invalid_utf8", 0)])


def test_f15_latin_1_is_invalid_with_a_hint(run: Run, tmp_path: Path) -> None:
    """Latin-1 file: invalid, hint."""
    path = tmp_path / "f.json"
    records = [finding(number, message="Prüfung ändern") for number in range(2)]
    path.write_bytes(json.dumps(records, ensure_ascii=False).encode("latin-1"))
    checked = run("validate", path)
    assert checked.code == 1
    assert "invalid_utf8" in checked.stdout
    assert re.search("latin-1|convert", checked.stdout + checked.stderr, re.IGNORECASE)


@pytest.mark.parametrize(
    ("content", "shown"),
    [(b"\x00\x00\x00\x00\x00", "00 00 00 00 00"), (b"\x7fELF\x02\x01\x01\x00rest", "7f 45 4c 46 02 01 01 00")],
    ids=["zeros", "program"],
)
def test_f16_a_binary_file_is_shown_by_its_first_bytes(
    refusal: Refusal, tmp_path: Path, content: bytes, shown: str
) -> None:
    """NUL bytes / binary renamed `.json`: "not JSON", first bytes in hex."""
    path = tmp_path / "f.json"
    path.write_bytes(content)
    said = refusal(path)
    assert "not JSON" in said
    assert shown in said


def test_f17_a_saved_page_is_named_as_one(refusal: Refusal, tmp_path: Path) -> None:
    """HTML saved as `.json`: "looks like an HTML page"."""
    path = tmp_path / "f.json"
    path.write_text("\n<!DOCTYPE html>\n<html><body>Please sign in</body></html>")
    assert "looks like an HTML page" in refusal(path)
