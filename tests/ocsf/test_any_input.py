"""Whatever a file can hold, the validator answers, and its paths lead to what is wrong."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Sequence
from typing import Final

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from console.ocsf.codes import CODES
from console.ocsf.issues import Issue
from console.ocsf.place import Place, Step, spell
from console.ocsf.rules import Policy, RuleSet
from console.ocsf.validator import Validator
from console.records.faults import FaultCode
from console.records.model import JsonValue
from tests.conftest import SHARED
from tests.ocsf.events import FULL, OFFICIAL, STORE, finding, logon, raw, with_profiles

VALIDATORS: Final = (
    FULL,
    OFFICIAL,
    Validator(STORE, Policy(version="1.0.0-rc.2", missing_recommended=True)),
    Validator(STORE, Policy(RuleSet.OFFICIAL, "1.1.0", missing_recommended=True)),
)
NAMES: Final = sorted({name for one in STORE.get("1.8.0").objects.values() for name in one.attributes})
WHOLE: Final = {"class_deprecated", "constraint_failed", "constraint_unknown", "too_many_issues"}
"""Codes that may be about the whole event, which has no path."""
ABSENT: Final = {
    "attribute_required_missing",
    "attribute_recommended_missing",
    "attribute_enum_array_sibling_missing",
}
"""Codes about what is not there: their paths lead out of what should hold it."""

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([0, 1, 99, 1_700_000_000, 1_700_000_000_000, 2**63, 2**127])
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(["2023-11-14T22:13:20", "192.0.2.1", "Other", "user.name", "a[].b", "1.8.0", "cloud"])
)
names = st.sampled_from(NAMES) | st.text(max_size=4)
values: st.SearchStrategy[JsonValue] = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=5), max_leaves=12
)
metadata = values | st.fixed_dictionaries(
    {"version": st.sampled_from(["1.0.0-rc.2", "1.1.0", "1.8.0"]) | scalars},
    optional={"profiles": values | st.lists(st.sampled_from(["cloud", "host", "datetime", "no"]))},
)
observables = values | st.lists(
    st.fixed_dictionaries({}, optional={"name": scalars, "type_id": scalars, "value": scalars})
)


def made_of(event: dict[str, JsonValue], uid: JsonValue, meta: JsonValue, seen: JsonValue) -> dict[str, JsonValue]:
    return event | {"class_uid": uid, "metadata": meta} | ({} if seen is None else {"observables": seen})


events = st.builds(
    made_of,
    st.dictionaries(names, values, max_size=8),
    st.sampled_from([0, 2001, 2004, 2006, 3002, 4001, 5004, 6003, 201001]) | scalars,
    metadata,
    observables,
)
bundles = st.fixed_dictionaries(
    {"events": values | st.lists(events | scalars, max_size=3)},
    optional={"count": scalars, "start_time": scalars, "end_time": scalars, "start_time_dt": scalars},
)


def answers(record: bytes) -> list[Sequence[Issue]]:
    """What every validator says of a record. Each issue has a code that is known, and a sentence."""
    found = [validator.check(record) for validator in VALIDATORS]
    for issues in found:
        for issue in issues:
            assert issue.code in CODES or issue.code in set(FaultCode)
            assert issue.message.endswith(".")
            assert len(issue.message) < 1_000
    return found


@settings(deadline=None)
@given(events | bundles)
def test_any_event_gets_an_answer(event: JsonValue) -> None:
    answers(raw(event))


@settings(deadline=None)
@given(st.binary(max_size=64) | values.map(raw))
def test_any_bytes_get_an_answer(record: bytes) -> None:
    assert all(answers(record))


# Real records, damaged


def seeds() -> list[dict[str, JsonValue]]:
    """Events to damage: ours, and real ones where there are some."""
    made = [logon(), with_profiles(["datetime"], finding()), {"events": [logon(), finding()], "count": 2}]
    real = SHARED / "conformance" / "real.jsonl"
    return made + [json.loads(line)["event"] for line in (real.read_bytes().splitlines() if real.exists() else [])]


SEEDS: Final = seeds()
SAME_LENGTH: Final = 4
"""Bytes that are replaced at one place."""


@settings(deadline=None)
@given(
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, SAME_LENGTH), st.binary(max_size=SAME_LENGTH)), max_size=4),
)
def test_a_record_with_damaged_bytes_gets_an_answer(
    seed: dict[str, JsonValue], damage: list[tuple[float, int, bytes]]
) -> None:
    record = raw(seed)
    for where, length, new in damage:
        place = int(where * len(record))
        record = record[:place] + new + record[place + length :]
    answers(record)


def holders(value: JsonValue) -> Iterator[tuple[dict[str, JsonValue] | list[JsonValue], Step]]:
    """Every object and list inside a value, with each step into it."""
    inside: list[tuple[Step, JsonValue]] = []
    if isinstance(value, dict):
        inside = list(value.items())
    elif isinstance(value, list):
        inside = list(enumerate(value))
    for step, inner in inside:
        assert isinstance(value, dict | list)
        yield value, step
        yield from holders(inner)


@settings(deadline=None)
@given(st.sampled_from(SEEDS), st.lists(st.tuples(st.floats(0, 0.999), values), min_size=1, max_size=3))
def test_a_record_with_other_values_gets_an_answer(
    seed: dict[str, JsonValue], changes: list[tuple[float, JsonValue]]
) -> None:
    event = copy.deepcopy(seed)
    for where, value in changes:
        places = list(holders(event))
        holder, step = places[int(where * len(places))]
        holder[step] = value  # type: ignore[index]  # the step is one of this holder's
    answers(raw(event))


@settings(deadline=None)
@given(st.sampled_from(SEEDS), st.lists(st.tuples(names, scalars), min_size=1, max_size=5))
def test_a_record_with_keys_that_stand_twice_gets_an_answer(
    seed: dict[str, JsonValue], more: list[tuple[str, JsonValue]]
) -> None:
    members = b", ".join(raw(key) + b": " + raw(value) for key, value in (*more, *more))
    record = raw(seed).removesuffix(b"}") + b", " + members + b', "unmapped": {' + members + b"}}"
    full, official = answers(record)[:2]
    assert "duplicate_key" in {issue.code for issue in full}
    assert "duplicate_key" not in {issue.code for issue in official}


# Hostile records that no strategy is likely to draw

HOSTILE: Final = {
    "deep lists": b'{"class_uid": 3002, "unmapped": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "deep objects": b'{"class_uid":' * 100_000 + b"1" + b"}" * 100_000,
    "only brackets": b"[" * 1_000_000,
    "5,000 digits": b'{"class_uid": ' + b"9" * 5_000 + b"}",
    "5,000 digits of a fraction": b'{"class_uid": 3002, "time": 0.' + b"9" * 5_000 + b"}",
    "a large exponent": b'{"class_uid": 3002, "time": 1e400}',
    "a high surrogate": rb'{"class_uid": 3002, "message": "\ud800"}',
    "a low surrogate as a key": rb'{"class_uid": 3002, "\udc00": 1}',
    "encoded surrogates": b'{"class_uid": 3002, "message": "\xed\xa0\x80"}',
    "20 MB of text": b'{"class_uid": 3002, "message": "' + b"x" * 20_000_000 + b'"}',
    "10 MB of text": b'{"class_uid": 3002, "message": "' + b"x" * 10_000_000 + b'"}',
    "a nul": b'{"class_uid": 3002, "message": "\x00"}',
    "nothing": b"",
}


@pytest.mark.timeout(10)
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_record_gets_its_issue_at_once(name: str) -> None:
    assert all(answers(HOSTILE[name]))


@pytest.mark.timeout(10)
@pytest.mark.parametrize("inner", ['"a": 1', '"a": {"a": 1, "a": 1}'])
def test_very_many_duplicate_keys_are_answered_at_once(inner: str) -> None:
    record = raw(logon(unmapped={})).replace(b"{}", f"{{{','.join([inner] * 100_000)}}}".encode())
    found = [issue.path for issue in FULL.check(record) if issue.code == "duplicate_key"]
    assert found[0] == "unmapped.a"
    assert len(found) <= 100


# Paths


def places(value: JsonValue, holder: Place, step: Step) -> Iterator[str]:
    """The paths of a value and of all inside it."""
    yield spell(holder, step)
    inside: Iterator[tuple[Step, JsonValue]] = iter(())
    if isinstance(value, dict):
        inside = iter(value.items())
    elif isinstance(value, list):
        inside = iter(enumerate(value))
    for key, one in inside:
        yield from places(one, (holder, step), key)


def paths_of(event: dict[str, JsonValue]) -> set[str]:
    """Every path of an event."""
    return {path for name, value in event.items() for path in places(value, None, name)}


def leads(issue: Issue, paths: set[str], whole: str) -> bool:
    """Whether the path of an issue leads to a value, or to where one is missing. *whole* is the path of the event."""
    if issue.code in ABSENT:
        name = issue.path.rpartition("[" if issue.path.endswith("]") else ".")[0]
        return name == whole or name in paths
    return issue.path in paths or (issue.path == whole and issue.code in WHOLE)


@settings(deadline=None)
@given(events)
def test_every_path_leads_to_a_value_or_to_where_one_is_missing(event: dict[str, JsonValue]) -> None:
    paths = paths_of(event)
    for issues in answers(raw(event)):
        assert [issue for issue in issues if not leads(issue, paths, "")] == []


@settings(deadline=None)
@given(events)
def test_an_event_has_the_same_issues_alone_and_in_a_bundle(event: dict[str, JsonValue]) -> None:
    assume("" not in event)  # An empty key has the path of the event itself.
    for alone, together in zip(answers(raw(event)), answers(raw({"events": [None, event]})), strict=True):
        expected = {(one.code, f"events[1].{one.path}" if one.path else "events[1]") for one in alone}
        assert {(one.code, one.path) for one in together if one.path.startswith("events[1]")} == expected
