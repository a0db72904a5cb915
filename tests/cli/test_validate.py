"""`validate`: habits of a producer in one line, bundles, added schemas, several processes."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from console.sandbox.samples import as_array, findings
from tests.cli.conftest import Run

Event = dict[str, Any]


def finding(**changes: object) -> Event:
    """A sound finding, as no producer in particular writes it."""
    (made,) = findings(1)
    event: Event = json.loads(json.dumps(made))
    event["metadata"]["product"]["name"] = "Probe"
    return event | {"time": 1_700_000_000_000, "time_dt": "2023-11-14T22:13:20Z"} | changes


def write(path: Path, content: object) -> Path:
    path.write_text(json.dumps(content))
    return path


def groups(done_json: Any) -> dict[tuple[str, str], int]:
    return {(one["code"], one["path"]): one["count"] for one in done_json["files"][0]["groups"]}


def test_files_in_the_format_of_a_target_are_told_to_have_further_rules(run: Run, tmp_path: Path) -> None:
    asff = write(tmp_path / "a.json", [{"SchemaVersion": "2018-10-08", "ProductArn": "arn", "AwsAccountId": "1"}])
    bundle = write(tmp_path / "b.json", {"start_time": 1, "end_time": 2, "count": 1, "events": [finding()]})
    custom = write(tmp_path / "c.json", {"detection_findings": []})
    also = write(tmp_path / "d.json", json.loads(asff.read_text()))
    plain = write(tmp_path / "e.json", [finding()])
    files = (asff, bundle, custom, also, plain)

    assert run("validate", *files).stderr.splitlines() == [
        f"{asff} and 1 more file hold findings of AWS Security Hub: check that with --for security-hub.",
        f"{bundle} holds a bundle for Cisco XDR: check that with --for cisco-xdr.",
        f"{custom} holds a finding in Cisco XDR's simplified format: check that with --for cisco-xdr-custom.",
    ]
    assert run("validate", *files, "--format", "json").stderr == ""
    assert run("validate", asff, "--for", "security-hub").stderr == ""
    assert run("validate", plain).stderr == ""


def test_a_habit_of_a_producer_takes_two_lines_however_many_records_and_attributes(run: Run, tmp_path: Path) -> None:
    records = [finding(time=1_700_000_000, start_time=1_700_000_000) for _ in range(300)]
    for record in records:
        record["metadata"]["product"]["name"] = "Prowler"

    done = run("validate", write(tmp_path / "f.json", records))

    lines = done.stdout.splitlines()
    (habit,) = [number for number, line in enumerate(lines) if "time_in_seconds" in line]
    assert done.code == 0
    assert lines[habit].startswith("  warning time_in_seconds ")
    assert lines[habit].endswith(": 600, first in record 0")
    assert "Prowler writes times in seconds" in lines[habit + 1]


def test_errors_are_told_before_any_number_of_warnings(run: Run, tmp_path: Path) -> None:
    numbers = {f"a{number}": 2**64 for number in range(80)}
    records = [finding(unmapped=numbers), finding(unmapped=numbers), finding(bogus=1)]

    done = run("validate", write(tmp_path / "f.json", records))

    assert done.stdout.splitlines()[1].startswith("  error attribute_unknown bogus: 1")


def test_the_same_deviation_of_another_producer_is_told_without_the_habit(run: Run, tmp_path: Path) -> None:
    done = run("validate", write(tmp_path / "f.json", [finding(time=1_700_000_000)]))

    assert "time_in_seconds time: 1" in done.stdout
    assert "Prowler" not in done.stdout


def test_a_bundle_is_checked_event_by_event(run: Run, tmp_path: Path) -> None:
    bundle = {"count": 3, "events": [finding(), finding(severity_id=42, severity="Odd")]}

    done = run("validate", write(tmp_path / "f.json", bundle), "--format", "json")

    file = done.json()["files"][0]
    assert done.code == 1
    assert (file["records"], file["invalid"], file["classes"]) == (1, 1, {"2004": 2})
    assert groups(done.json())["attribute_enum_value_unknown", "events[].severity_id"] == 1
    assert groups(done.json())["bundle_count_incorrect", "count"] == 1
    lines = [json.loads(line) for line in run("validate", tmp_path, "--format", "jsonl").stdout.splitlines()]
    assert "events[1].severity_id" in {line["path"] for line in lines}


def test_versions_of_one_file_are_each_held_to_their_own(run: Run, tmp_path: Path) -> None:
    old, new = finding(), finding()
    old["metadata"]["version"], new["metadata"]["version"] = "1.1.0", "1.8.0"

    done = run("validate", write(tmp_path / "f.json", [old, new]), "--format", "json")

    assert done.json()["files"][0]["versions"] == {"1.1.0": 1, "1.8.0": 1}
    assert "version_earlier" not in done.stdout


def test_recommended_attributes_are_missed_on_request_only(run: Run, tmp_path: Path) -> None:
    path = write(tmp_path / "f.json", [finding(message=None)])

    plain, asked = (run("validate", path, *more, "--format", "json") for more in ((), ("--missing-recommended",)))

    assert ("attribute_recommended_missing", "message") not in groups(plain.json())
    assert groups(asked.json())["attribute_recommended_missing", "message"] == 1
    assert asked.code == 0


def test_a_finding_that_stands_twice_is_told_where_it_stands(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "f.ndjson"
    path.write_text("\n".join(json.dumps(one) for one in (finding(), finding())))

    counted = run("validate", path, "--format", "json")
    listed = [json.loads(line) for line in run("validate", path, "--format", "jsonl").stdout.splitlines()]

    assert groups(counted.json())["duplicate_finding_uid", "finding_info.uid"] == 1
    (repeated,) = [line for line in listed if line["code"] == "duplicate_finding_uid"]
    assert (repeated["record"], repeated["line"]) == (1, 2)


def test_an_added_schema_is_used(run: Run, tmp_path: Path) -> None:
    packaged = resources.files("ocsf_json_schema") / "ocsf" / "1.8.0.json"
    export = json.loads(packaged.read_bytes())
    export["version"] = "1.9.0"
    export["classes"]["detection_finding"]["attributes"]["mood"] = {
        "type": "string_t", "requirement": "required", "caption": "Mood", "description": "New.",
    }  # fmt: skip
    event = finding()
    event["metadata"]["version"] = "1.9.0"
    path = write(tmp_path / "f.json", [event])
    before = groups(run("validate", path, "--format", "json").json())

    added = run("schema", "add", write(tmp_path / "schema.json", export))
    after = groups(run("validate", path, "--format", "json").json())

    assert added.code == 0, added.stderr
    assert before["version_incompatible_later", "metadata.version"] == 1
    assert after["attribute_required_missing", "mood"] == 1
    assert ("version_incompatible_later", "metadata.version") not in after


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that several processes take on when they are asked to."""
    records = list(findings(3_000))
    records[2_000] = {"class_uid": "2004"}
    path = tmp_path_factory.mktemp("large") / "f.json"
    path.write_bytes(as_array(records))
    assert path.stat().st_size > 8 * 1024**2
    return path


def test_several_processes_give_the_same_document_as_one(run: Run, large: Path) -> None:
    one, two = (run("validate", large, "--workers", str(count), "--format", "json") for count in (1, 2))

    documents = [done.json() for done in (one, two)]
    for document in documents:
        del document["summary"]["seconds"]
    assert documents[0] == documents[1]
    assert (one.code, two.code) == (1, 1)
    assert groups(documents[0])["attribute_wrong_type", "class_uid"] == 1


def test_no_workers_at_all_is_a_wrong_call(run: Run, tmp_path: Path) -> None:
    done = run("validate", write(tmp_path / "f.json", [finding()]), "--workers", "0")

    assert done.code == 2
    assert "--workers" in done.stderr
