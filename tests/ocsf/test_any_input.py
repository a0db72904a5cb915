"""Whatever a file can hold, the validator answers, and its paths lead to what is wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st

from console.ocsf.place import Place, Step, spell
from console.ocsf.rules import RuleSet
from console.ocsf.store import SchemaStore
from console.ocsf.validator import Validator
from console.records.model import JsonValue

STORE: Final = SchemaStore(None)
VALIDATORS: Final = (Validator(STORE), Validator(STORE, RuleSet.OFFICIAL), Validator(STORE, version="1.0.0-rc.2"))
NAMES: Final = sorted({name for one in STORE.get("1.8.0").objects.values() for name in one.attributes})

scalars = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8)
)
names = st.sampled_from(NAMES) | st.text(max_size=4)
values: st.SearchStrategy[JsonValue] = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=5), max_leaves=12
)
events = st.builds(
    lambda event, uid, metadata: event | {"class_uid": uid, "metadata": metadata},
    st.dictionaries(names, values, max_size=8),
    st.sampled_from([0, 2001, 2004, 3002, 4001, 6003, 201001]) | scalars,
    values
    | st.fixed_dictionaries(
        {"version": st.sampled_from(["1.0.0-rc.2", "1.1.0", "1.8.0"]) | scalars},
        optional={"profiles": values | st.lists(st.sampled_from(["cloud", "host", "datetime", "no"]))},
    ),
)


@settings(deadline=None)
@given(events)
def test_any_event_gets_an_answer(event: JsonValue) -> None:
    raw = json.dumps(event).encode()
    for validator in VALIDATORS:
        for issue in validator.check(raw):
            assert issue.message
            assert issue.code


@settings(deadline=None)
@given(st.binary(max_size=64) | values.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_get_an_answer(raw: bytes) -> None:
    for validator in VALIDATORS:
        assert validator.check(raw)


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


@settings(deadline=None)
@given(events)
def test_every_path_leads_to_a_value_or_to_where_one_is_missing(event: dict[str, JsonValue]) -> None:
    paths = {path for name, value in event.items() for path in places(value, None, name)}
    for issue in VALIDATORS[0].check(json.dumps(event).encode()):
        if issue.code == "attribute_required_missing":
            holder = issue.path.rpartition(".")[0]
            assert holder == "" or holder in paths
        else:
            assert issue.path in paths
