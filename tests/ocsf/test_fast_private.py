"""Private schemas may say what no published one does. The fast pass is right about their records too."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import pytest

from console.ocsf.added import add
from console.ocsf.rules import Policy, RuleSet
from console.ocsf.store import SchemaStore
from console.ocsf.validator import Validator
from tests.ocsf import events
from tests.ocsf.events import TIME, Event
from tests.ocsf.fast_pass import LESSONS, assert_same, outcome

NONE: Final[Mapping[str, object]] = {}


def private_store(
    folder: Path,
    attributes: Mapping[str, object],
    types: Mapping[str, object],
    *,
    of_class: Mapping[str, object] = NONE,
    of_metadata: Mapping[str, object] = NONE,
    of_free: Mapping[str, object] = NONE,
) -> SchemaStore:
    """A schema with one class that has these attributes beside the few that every event has.

    What else it says of that class, of metadata, and of the object that may hold anything, is in the last three.
    """
    needed = {
        "class_uid": {"type": "integer_t", "requirement": "required"},
        "metadata": {"type": "object_t", "object_type": "metadata", "requirement": "required"},
    }
    export = {
        "version": "9.0.0",
        "types": {name: {} for name in ("boolean_t", "float_t", "integer_t", "json_t", "long_t", "string_t")}
        | {"timestamp_t": {"type": "long_t"}, "datetime_t": {"type": "string_t"}, **types},
        "classes": {
            "probe": {"name": "probe", "uid": 1, "attributes": {**needed, **attributes}, **of_class},
        },
        "objects": {
            "metadata": {
                "name": "metadata",
                "attributes": {"version": {"type": "string_t", "requirement": "required"}},
                **of_metadata,
            },
            "free": {"name": "free", "attributes": {}, **of_free},
        },
    }
    add(folder, json.dumps(export).encode())
    return SchemaStore(None, folder)


FREE: Final = {"type": "object_t", "object_type": "free"}
CASES: Final[Mapping[str, tuple[Mapping[str, object], Mapping[str, object], Event, Sequence[Event]]]] = {
    "a name that no type can have": ({'a"\\b': {"type": "string_t"}}, {}, {'a"\\b': "x"}, [{'a"\\b': 1}, {}]),
    "a name that no type can have, required": (
        {'a"\\b': {"type": "string_t", "requirement": "required"}},
        {},
        {'a"\\b': "x"},
        [{}],
    ),
    "another class": ({}, {}, {}, [{"class_uid": 2}]),
    "a finding that is free content": (
        {"finding_info": FREE},
        {},
        {"finding_info": {}},
        [{"finding_info": {"uid": "x"}}],
    ),
    "several findings": (
        {"finding_info": {"type": "object_t", "object_type": "metadata", "is_array": True}},
        {},
        {"finding_info": [{"version": "x"}]},
        [{"finding_info": []}],
    ),
    "an enum without values": (
        {"a": {"type": "integer_t", "enum": {}}, "b": {"type": "string_t", "enum": {}}},
        {},
        {"a": None, "b": None},
        [{"a": 1}, {"b": "x"}, {"a": None}],
    ),
    "an enum of integers that are none": (
        {"a": {"type": "integer_t", "enum": {text: {"caption": "A"} for text in ("5", "01", "x", "9" * 19)}}},
        {},
        {"a": 5},
        [{"a": 1}, {"a": 10**19 - 1}, {"a": "x"}],
    ),
    "an enum of booleans": (
        {"a": {"type": "boolean_t", "enum": {"1": {"caption": "A"}, "True": {"caption": "B"}}}},
        {},
        {"a": None},
        [{"a": 1}, {"a": True}],
    ),
    "free content with a pattern": (
        {"a": {"type": "odd_t"}},
        {"odd_t": {"type": "json_t", "regex": "^x"}},
        {"a": "x"},
        [{"a": {"b": 1}}, {"a": ["y"]}, {"a": "y"}],
    ),
    "free content with a limit of length": (
        {"a": {"type": "odd_t"}},
        {"odd_t": {"type": "json_t", "max_len": 3}},
        {"a": "x"},
        [{"a": "long"}, {"a": {"b": "long"}}],
    ),
    "times that are listed": (
        {
            "a": {
                "type": "timestamp_t",
                "enum": {
                    f"{TIME}": {"caption": "A"},
                    f"{TIME + 1}": {"caption": "B", "@deprecated": {"since": "8.0.0"}},
                },
            }
        },
        {},
        {"a": TIME},
        [{"a": TIME + 1}],
    ),
    "a caption that is an object": (
        {"a": {"type": "integer_t", "enum": {"1": {"caption": "A"}}, "sibling": "b"}, "b": FREE},
        {},
        {"a": 1, "b": None},
        [{"a": 1, "b": {}}, {"a": 1}],
    ),
    "times of a range": (
        {"a": {"type": "timestamp_t"}},
        {"timestamp_t": {"type": "long_t", "range": [0, TIME]}},
        {"a": TIME},
        [{"a": TIME + 1}, {"a": TIME - 1}],
    ),
    "datetimes of a pattern": (
        {"a": {"type": "datetime_t"}},
        {"datetime_t": {"type": "string_t", "regex": "^2023"}},
        {"a": "2023-11-14T22:13:20Z"},
        [{"a": "2024-11-14T22:13:20Z"}, {"a": "2023-11-14T22:13:20Z"}],
    ),
    "observables that are free content": (
        {"observables": {"type": "json_t", "is_array": True}},
        {},
        {"observables": []},
        [{"observables": [{"name": "a"}]}, {"observables": ["a"]}],
    ),
    "a text that can't be short enough": (
        {"a": {"type": "odd_t"}},
        {"odd_t": {"type": "string_t", "max_len": -1}},
        {"a": None},
        [{"a": ""}],
    ),
    "a class that is optional": ({"class_uid": {"type": "integer_t"}}, {}, {}, [{"class_uid": None}, {}]),
    "several metadata": (
        {"metadata": {"type": "object_t", "object_type": "metadata", "requirement": "required", "is_array": True}},
        {},
        {"metadata": [{"version": "9.0.0"}]},
        [],
    ),
}


@pytest.mark.parametrize("rules", RuleSet)
@pytest.mark.parametrize(("attributes", "types", "lesson", "others"), CASES.values(), ids=CASES.keys())
def test_private_schemas_lead_to_no_wrong_verdict(
    tmp_path: Path, attributes: Event, types: Event, lesson: Event, others: Sequence[Event], rules: RuleSet
) -> None:
    validator = Validator(private_store(tmp_path, attributes, types), Policy(rules))
    base = {"class_uid": 1, "metadata": {"version": "9.0.0"}}
    fast = validator.fast_pass()
    for _ in range(LESSONS):
        validator.examine(events.raw(base | lesson), fast.learn)
    for other in [lesson, *others]:
        line = events.raw(base | other)
        accepted = fast.accept_one(line)
        if accepted is not None:
            assert_same(accepted, [validator.examine(line)])


@pytest.mark.parametrize("more", [{"@deprecated": {"since": "8.0.0"}}, {"constraints": {"just_one": ["a", "b"]}}])
def test_free_objects_that_a_private_schema_has_rules_for_are_explained(tmp_path: Path, more: Event) -> None:
    validator = Validator(private_store(tmp_path, {"a": FREE}, {}, of_free=more))
    event = {"class_uid": 1, "metadata": {"version": "9.0.0"}, "a": {"a": 1}}
    assert not outcome([event], event, validator)


@pytest.mark.parametrize("kind", ["at_least_one", "just_one"])
def test_a_constraint_that_names_paths_is_explained(tmp_path: Path, kind: str) -> None:
    attributes = {"a": FREE, "a.b": {"type": "string_t"}}
    validator = Validator(private_store(tmp_path, attributes, {}, of_class={"constraints": {kind: ["a.b"]}}))
    event = {"class_uid": 1, "metadata": {"version": "9.0.0"}, "a": {"b": 1}, "a.b": "x"}
    assert not outcome([event], event, validator)
    assert not outcome([event], event | {"a": {}}, validator)


def test_a_class_that_need_not_be_told_is_explained(tmp_path: Path) -> None:
    validator = Validator(private_store(tmp_path, {"class_uid": {"type": "integer_t"}}, {}))
    event = {"class_uid": 1, "metadata": {"version": "9.0.0"}}
    assert not outcome([event], event, validator)


@pytest.mark.parametrize("name", ["version", "profiles"])
@pytest.mark.parametrize("type_name", ["json_t", "integer_t"])
def test_versions_and_profiles_that_are_no_text_are_explained(tmp_path: Path, name: str, type_name: str) -> None:
    attributes = {"version": {"type": "string_t", "requirement": "required"}, "profiles": {"type": "string_t"}}
    attributes[name]["type"] = type_name
    validator = Validator(private_store(tmp_path, {}, {}, of_metadata={"attributes": attributes}))
    values: Sequence[object] = (1, {}, [{}])
    for value in values:
        line = events.raw({"class_uid": 1, "metadata": {"version": "9.0.0", name: value}})
        fast = validator.fast_pass()
        for _ in range(LESSONS):
            validator.examine(line, fast.learn)
        assert fast.accept_one(line) is None
