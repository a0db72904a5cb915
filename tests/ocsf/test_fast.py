"""The fast pass accepts what the pass that explains finds no error in, and counts the same warnings."""

from __future__ import annotations

import os
from collections.abc import Iterator
from random import Random
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.ocsf.duplicate_keys import duplicate_keys
from console.ocsf.rules import Policy, RuleSet
from console.ocsf.schema import AT_LEAST_ONE, Attribute, Definition, Schema
from console.ocsf.validator import Validator
from console.records.decode import decode
from console.records.model import JsonValue, Layout
from tests.ocsf.damaged import damaged, written
from tests.ocsf.events import STORE
from tests.ocsf.fast_pass import assert_same, stretch_of, taught
from tests.ocsf.generated import Maker

EXAMPLES: Final = int(os.environ.get("FAST_PASS_EXAMPLES", "2"))
"""Random sets of records for each class. `make hunt` asks for many."""
VERSIONS: Final = ("1.0.0-rc.2", "1.1.0", "1.5.0", "1.8.0")
DEVELOPMENT: Final = 99_900_000
"""The first uid of an extension that OCSF 1.0.0-rc.2 has 71 classes of."""
CLASSES: Final = [
    (version, uid) for version in VERSIONS for uid in sorted(STORE.get(version).classes) if uid < DEVELOPMENT
]
POLICIES: Final = (
    Policy(),
    Policy(missing_recommended=True),
    Policy(duplicate_keys=False),
    Policy(RuleSet.OFFICIAL),
    Policy(RuleSet.OFFICIAL, missing_recommended=True),
)
VALIDATORS: Final = tuple(Validator(STORE, policy) for policy in POLICIES)
SIBLINGS: Final = 3
STRETCHES: Final = 2
DAMAGED: Final = 7


# What is left to the pass that explains, though it has no error


def left_to_explain(raw: bytes, validator: Validator) -> bool:
    """Whether a record without an error has anything that the fast pass is known to leave alone."""
    event = decode(raw)
    metadata = event["metadata"]
    assert isinstance(metadata, dict)
    schema = STORE.get(STORE.resolve(metadata["version"]))
    uid = event["class_uid"]
    assert isinstance(uid, int)
    objects = list(described(event, schema.classes[uid], schema))
    return (
        bool(event.get("observables"))
        or any("." in key for keys in schema.classes[uid].constraints.values() for key in keys)
        or has_long_number(raw, event)
        or may_repeat_a_key(raw)
        or any(is_deep(value, one, schema) for definition, item in objects for value, one in members(item, definition))
        or any(is_long(value, one, schema) for definition, item in objects for value, one in members(item, definition))
        or (validator.policy.rules is RuleSet.OFFICIAL and any(hangs_on_null(*one) for one in objects))
    )


def described(
    item: JsonValue, definition: Definition, schema: Schema
) -> Iterator[tuple[Definition, dict[str, JsonValue]]]:
    """Each object that the schema describes, with its definition."""
    if not isinstance(item, dict) or not definition.attributes:
        return
    yield definition, item
    for value, attribute in members(item, definition):
        if attribute.object_type is not None:
            for one in value if isinstance(value, list) else [value]:
                yield from described(one, schema.objects[attribute.object_type], schema)


def members(item: dict[str, JsonValue], definition: Definition) -> Iterator[tuple[JsonValue, Attribute]]:
    return ((value, definition.attributes[name]) for name, value in item.items())


def has_long_number(raw: bytes, value: JsonValue) -> bool:
    """Integers beyond 64 bits, and whatever may be a number of more digits than are allowed."""
    if isinstance(value, dict | list):
        return b"0" * 100 in raw or b"1" * 100 in raw or any(has_long_number(b"", one) for one in inside(value))
    return type(value) is int and not -(2**63) <= value < 2**63


def may_repeat_a_key(raw: bytes) -> bool:
    return looks_escaped(raw) or bool(duplicate_keys(raw))


def looks_escaped(raw: bytes) -> bool:
    """Whether it has text that looks as if it were an escaped colon."""
    return b"\\\\u003" in raw


def inside(value: JsonValue) -> list[JsonValue]:
    return list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []


def is_deep(value: JsonValue, attribute: Attribute, schema: Schema) -> bool:
    """Free content that is nested deeper than the fast pass follows."""
    free = attribute.type == "json_t" or (
        attribute.object_type is not None and not schema.objects[attribute.object_type].attributes
    )
    return free and depth(value) > 6


def depth(value: JsonValue) -> int:
    return 1 + max(map(depth, inside(value)), default=0) if isinstance(value, dict | list) else 0


def is_long(value: JsonValue, attribute: Attribute, schema: Schema) -> bool:
    """Text of more code points than a type allows characters, alone or in a list."""
    own = schema.types.get(attribute.type)
    base = schema.types.get(own.base or "") if own else None
    longest = next((one.max_len for one in (own, base) if one and one.max_len is not None), None)
    texts = value if isinstance(value, list) else [value]
    return longest is not None and any(isinstance(text, str) and len(text) > longest for text in texts)


def hangs_on_null(definition: Definition, item: dict[str, JsonValue]) -> bool:
    """A constraint that only nulls fulfil, as they do for the official validator."""
    keys = definition.constraints.get(AT_LEAST_ONE)
    return keys is not None and all(item.get(key) is None for key in keys)


# Records made from the schema, and damaged


@pytest.mark.parametrize(("version", "uid"), CLASSES, ids=[f"{version}-{uid}" for version, uid in CLASSES])
@settings(deadline=None, max_examples=EXAMPLES)
@given(random=st.randoms(use_true_random=True))
def test_it_accepts_just_what_has_no_error(version: str, uid: int, random: Random) -> None:
    schema = STORE.get(version)
    maker = Maker(schema, random)
    siblings = [maker.event(uid, maker.some_profiles()) for _ in range(SIBLINGS)]
    raws = [written(event, random) for event in siblings]
    raws += [damaged(random.choice(siblings), maker, schema, random) for _ in range(DAMAGED)]
    validator = random.choice(VALIDATORS)
    verdicts = {raw: validator.examine(raw) for raw in raws}
    sound = [raw for raw in raws if verdicts[raw].valid]
    lessons = random.sample(sound, (len(sound) + 1) // 2)
    fast = taught(validator, lessons)
    outcomes = {raw: fast.accept_one(raw) for raw in raws}
    for raw, accepted in outcomes.items():
        if accepted is not None:
            assert_same(accepted, [verdicts[raw]])
        else:
            assert raw not in lessons or left_to_explain(raw, validator)
    lines = [raw for raw in raws if raw.strip() and b"\n" not in raw]
    for _ in range(STRETCHES):
        some = random.choices(lines, k=random.choice((1, 2, 5)))
        fast.accept_one(some[0])
        for form in (Layout.ARRAY, Layout.LINES):
            together = fast.accept(stretch_of(some, form))
            if together is not None:
                assert_same(together, [verdicts[raw] for raw in some])
            else:
                assert (
                    None in map(outcomes.get, some) or len(set(map(kind_of, some))) > 1 or any(map(looks_escaped, some))
                )


def kind_of(raw: bytes) -> tuple[str, JsonValue]:
    """The version that a record is held to, and its class."""
    event = decode(raw)
    metadata = event["metadata"]
    assert isinstance(metadata, dict)
    return STORE.resolve(metadata["version"]), event["class_uid"]
