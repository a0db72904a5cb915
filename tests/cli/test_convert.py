"""`convert`: a new file in another format, and an account of it for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.convert.records import prowler
from tests.convert.simplified import example

HOSTILE = "\x1b]0;owned\x07\u202e"


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    """A finding of AWS, one of Azure, and an event that is no finding."""
    azure = prowler(cloud={"provider": "azure", "account": {"uid": "sub-1"}}, severity_id=99)
    return written(tmp_path / "scan.ocsf.json", [prowler(), azure, {"class_uid": 4001, HOSTILE: 1}])


def written(path: Path, records: list[Any]) -> Path:
    path.write_text(json.dumps(records, indent=2))
    return path


def test_what_aws_needs_is_given_and_what_can_not_be_converted_is_told(run: Run, scan: Path, tmp_path: Path) -> None:
    before = scan.read_bytes()
    out = tmp_path / "scan.asff.json"
    given = ["--account", "210987654321", "--region", "us-east-1", "--severity-for-unknown", "low"]

    done = run("convert", scan, "--to", "asff", "-o", out, *given, "--format", "json")

    report = done.json()
    assert done.code == 1
    assert done.stderr == ""
    assert scan.read_bytes() == before
    findings = json.loads(out.read_bytes())
    assert [one["AwsAccountId"] for one in findings] == ["123456789012", "210987654321"]
    assert findings[1]["FindingProviderFields"]["Severity"]["Label"] == "LOW"
    assert set(report) == {
        "file", "to", "out", "format", "compression", "bytes", "records", "converted", "left_out", "written",
        "written_bytes", "reasons", "further_reasons", "regions", "changes", "further_changes",
    }  # fmt: skip
    assert (report["file"], report["to"], report["out"]) == (str(scan), "asff", str(out))
    assert (report["format"], report["compression"], report["bytes"]) == ("array", "none", len(before))
    assert (report["records"], report["converted"], report["left_out"], report["written"]) == (3, 2, 1, 2)
    assert report["written_bytes"] == out.stat().st_size
    (reason,) = report["reasons"]
    assert (reason["code"], reason["path"], reason["count"], reason["record"]) == (
        "asff_class_unsupported", "class_uid", 1, 2,
    )  # fmt: skip
    assert before[reason["offset"] :].startswith(b"{")
    assert before.count(b"\n", 0, reason["offset"]) + 1 == reason["line"]
    title = next(one for one in report["changes"] if one["path"] == "finding_info.title")
    assert title == {
        "kind": "mapped", "path": "finding_info.title", "message": "It is 'Title'.", "count": 2, "record": 0,
    }  # fmt: skip


def test_a_person_is_told_the_same(run: Run, scan: Path, tmp_path: Path) -> None:
    done = run("convert", scan, "--to", "asff", "-o", tmp_path / "out.json", "--account", "210987654321")

    lines = done.stdout.splitlines()
    assert done.code == 1
    assert lines[0].endswith(f"3 records, 1 converted, 1 written to {tmp_path / 'out.json'}")
    assert [line.split()[:2] for line in lines[1:3]] == [["not", "converted"], ["not", "converted"]]
    assert "1 × cloud.region: It names no AWS region; none was given. (record 1" in lines[1]
    assert any(line.split()[:2] == ["left", "out"] and "category_uid" in line for line in lines)
    assert lines[-1].split()[0] == "mapped"


def test_nothing_is_replaced_when_nothing_can_be_converted(run: Run, scan: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    out.write_text("as it was")

    done = run("convert", scan, "--to", "cisco-custom", "-o", out)
    report = run("convert", scan, "--to", "cisco-custom", "-o", out, "--format", "json").json()

    assert done.code == 1
    assert "nothing was written" in done.stdout
    assert out.read_text() == "as it was"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["out.json", "scan.ocsf.json"]
    assert (report["out"], report["written"], report["left_out"]) == (None, 0, 3)


def test_it_goes_through_pipes(run: Run, scan: Path) -> None:
    done = run("convert", "-", "--to", "ndjson", "-o", "-", "--format", "json", stdin=scan.read_bytes())

    assert done.code == 0
    assert [json.loads(line) for line in done.stdout.splitlines()] == json.loads(scan.read_bytes())
    assert json.loads(done.stderr)["file"] == "-"


def test_a_bundle_comes_of_a_simplified_finding_and_the_other_way_round(run: Run, tmp_path: Path) -> None:
    custom = written(tmp_path / "custom.json", [example(), {"detection_findings": {"finding_info": {"types": ["X"]}}}])
    bundles, back = tmp_path / "bundles.json", tmp_path / "back.json"

    there = run("convert", custom, "--to", "cisco-bundle", "-o", bundles, "--format", "json")
    again = run("convert", bundles, "--to", "cisco-custom", "-o", back)

    assert there.code == 1
    (reason,) = there.json()["reasons"]
    assert (reason["code"], reason["path"], reason["record"]) == (
        "cisco_custom_invalid", "detection_findings.finding_info.types[]", 1,
    )  # fmt: skip
    assert again.code == 0
    assert json.loads(back.read_bytes()) == [example()]


def test_foreign_text_reaches_no_terminal(run: Run, tmp_path: Path) -> None:
    path = written(tmp_path / "in.json", [prowler(**{HOSTILE: HOSTILE})])

    told = run("convert", path, "--to", "asff", "-o", tmp_path / "out.json")
    report = run("convert", path, "--to", "asff", "-o", tmp_path / "out.json", "--format", "json")

    assert told.code == report.code == 0
    assert not {"\x1b", "\x07", "\u202e"} & {*told.stdout, *report.stdout}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--to", "asff", "--account", "123"], "--account: an AWS account has 12 digits"),
        (["--to", "asff", "--region", "europe"], "--region: a region is named like eu-west-1"),
        (["--to", "asff", "--partition", "moon"], "--partition: a partition is named like"),
        (["--to", "asff", "--product-arn", "arn:aws:s3:::x"], "--product-arn: it should be like"),
        (["--to", "asff", "--severity-for-unknown", "SEVERE"], "'SEVERE' is not one of"),
        (["--to", "array", "--account", "123456789012"], "--account is for --to asff alone"),
        (["--to", "xml"], "'xml' is not one of"),
        ([], "Missing option '--to'"),
    ],
)
def test_arguments_that_can_not_be_used_are_refused(
    run: Run, scan: Path, tmp_path: Path, arguments: list[str], words: str
) -> None:
    out = tmp_path / "out.json"

    done = run("convert", scan, "-o", out, *arguments)

    assert done.code == 2
    assert words in done.stderr
    assert not out.exists()


def test_the_file_itself_is_never_replaced(run: Run, scan: Path) -> None:
    done = run("convert", scan, "--to", "array", "-o", scan)

    assert done.code == 2
    assert "is the file to convert itself" in done.stderr
