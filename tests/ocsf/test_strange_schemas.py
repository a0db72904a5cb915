"""Added schemas in which well-known attributes are not what they are elsewhere: the two passes still agree."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

import pytest

from console.ocsf.added import add
from console.ocsf.report import Report
from console.ocsf.run import validate_file
from console.ocsf.store import SchemaStore
from console.ocsf.validator import Validator
from console.records.reader import FindingFile
from tests.ocsf.events import Event, logon

Export = dict[str, Any]
"""A schema export, to be changed by a test."""

PLAIN: Final[Export] = {"requirement": "optional", "caption": "Z", "description": ""}


@cache
def published() -> Export:
    packaged = resources.files("ocsf_json_schema") / "ocsf" / "1.8.0.json"
    export: Export = json.loads(packaged.read_bytes())
    return export | {"version": "1.9.0"}


def attributes(export: Export) -> Export:
    found: Export = export["classes"]["authentication"]["attributes"]
    return found


def in_metadata(export: Export) -> Export:
    found: Export = export["objects"]["metadata"]["attributes"]
    return found


def types(export: Export) -> Export:
    found: Export = export["dictionary"]["types"]["attributes"]
    return found


def event(**changes: object) -> Event:
    made = logon(time=1_700_000_000) | changes
    if isinstance(made["metadata"], dict):
        made["metadata"] = {"version": "1.9.0"} | made["metadata"] | {"version": made.pop("version", "1.9.0")}
    return made


def whole_fractions(export: Export) -> None:
    types(export)["z_t"] = {"type": "float_t", "values": [1.0, 2.0], "caption": "Z", "description": ""}
    attributes(export)["z"] = {"type": "z_t"} | PLAIN


def long_values(export: Export) -> None:
    enum = {value: {"caption": value} for value in ("a", "abcdef")}
    types(export)["z_t"] = {"type": "string_t", "max_len": 3, "caption": "Z", "description": ""}
    attributes(export)["z"] = {"type": "z_t", "enum": enum} | PLAIN


CASES: Final[dict[str, tuple[Callable[[Export], None], list[Event]]]] = {
    "a class without attributes": (
        lambda export: export["classes"]["authentication"].update(attributes={}),
        [event()] * 60,
    ),
    "a version that is a number": (
        lambda export: in_metadata(export)["version"].update(type="integer_t"),
        [event(version=1)] * 60,
    ),
    "a list of metadata": (
        lambda export: attributes(export)["metadata"].update(is_array=True),
        [event(metadata=[{"version": "1.9.0", "product": {"name": "P"}}])] * 60,
    ),
    "profiles of any kind": (
        lambda export: in_metadata(export)["profiles"].update(type="json_t"),
        [event(metadata={"product": {"name": "P"}, "profiles": [1, [2]]})] * 60,
    ),
    "times that are text": (
        lambda export: types(export)["timestamp_t"].update(type="string_t"),
        [event(time=f"t{number}") for number in range(60)],
    ),
    "times that are fractions": (
        lambda export: types(export)["timestamp_t"].update(type="float_t"),
        [event()] * 40 + [event(time=1_700_000_000.5)] * 40,
    ),
    "fractions of few values": (whole_fractions, [event(z=1.0)] * 60 + [event(z=1)] * 10),
    "values longer than their type allows": (long_values, [event(z="a")] * 60 + [event(z="abcdef")] * 10),
}


@pytest.mark.parametrize("name", CASES)
def test_a_file_gets_the_verdict_of_its_records(tmp_path: Path, name: str) -> None:
    change, events = CASES[name]
    export = copy.deepcopy(published())
    change(export)
    add(tmp_path / "added", json.dumps(export).encode())
    validator = Validator(SchemaStore(None, tmp_path / "added"))
    lines = [json.dumps(one | {"unmapped": {"n": number}}).encode() for number, one in enumerate(events)]
    path = tmp_path / "f.ndjson"
    path.write_bytes(b"\n".join(lines))

    with FindingFile.open(path) as file:
        report = validate_file(file, validator)

    expected = Report()
    for index, line in enumerate(lines):
        expected.add_record(index, validator.examine(line))
    assert (report.invalid, report.errors, report.warnings) == (expected.invalid, expected.errors, expected.warnings)
    assert report.groups == expected.groups
    assert len(events) == report.records
