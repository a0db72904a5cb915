"""The benchmarks run, and measure what they say. No figure is asserted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import data, first_use, memory, startup
from console.ocsf.issues import Severity
from console.ocsf.store import SchemaStore
from console.ocsf.together import validators
from console.ocsf.validator import Validator
from console.paths import cache_dir

SAMPLE = data.invented(20_000)


@pytest.fixture(scope="module")
def validator() -> Validator:
    return Validator(SchemaStore(cache_dir()))


def test_each_damaged_record_has_ten_errors_in_ten_places(validator: Validator) -> None:
    for record in SAMPLE.damaged().records:
        issues = validator.check(record)
        assert len({issue.path for issue in issues if issue.severity is Severity.ERROR}) == 10


@pytest.mark.parametrize("version", [first_use.OLDEST, first_use.NEWEST])
def test_the_first_record_of_a_version_is_sound(validator: Validator, version: str) -> None:
    record = first_use.record(version)
    assert json.loads(record)["metadata"]["version"] == version
    assert not validator.check(record)


def test_findings_made_apart_have_uids_of_their_own() -> None:
    uids = [json.loads(record)["finding_info"]["uid"] for record in SAMPLE.apart(3)]
    assert len(set(uids)) == len(uids) == 3 * len(SAMPLE.records)


def test_first_use_is_measured(capfd: pytest.CaptureFixture[str]) -> None:
    startup.first_record(first_use.NEWEST, rounds=1)
    assert "first use" in capfd.readouterr().out


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="memory is measured by /proc alone")
def test_memory_is_measured_in_worker_processes_too(tmp_path: Path) -> None:
    path = tmp_path / "sound.ocsf.json"
    data.write_array(path, SAMPLE.apart(10_000_000 // SAMPLE.size))
    alone, together = (memory.peak_of_validate(path, workers) for workers in (1, 2))
    assert alone.largest == alone.total
    assert together.total > together.largest


def test_every_way_is_timed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for library in ("orjson", "jsonschema_rs", "py_ocsf_models"):
        pytest.importorskip(library, reason=f"{library} is installed for the benchmarks alone")
    from benchmarks import validation

    with validators(2) as workers:
        ours = validation.Ours(tmp_path / "cache", workers)
        for measure in (validation.sound, validation.on_lines, validation.damaged):
            measure(ours, tmp_path, SAMPLE, copies=1, rounds=1)
    told = capfd.readouterr().out
    assert told.count("validate, all checks, two processes") == 3
    assert told.count("target: at least") == 7
    assert f"accepted by py-ocsf-models: {len(SAMPLE.records)} of {len(SAMPLE.records)}" in told
