"""What a shape learns from events, and what it makes of them."""

from __future__ import annotations

import copy
from typing import Final

import pytest

from console.ocsf import shapes
from console.ocsf.shapes import Shape, anchor, anchors
from tests.ocsf.events import FULL, STORE, Event, finding, logon, raw

SCHEMA: Final = STORE.get("1.8.0")
AUTHENTICATION: Final = 3002


def shape_of(*events: Event) -> Shape:
    """The shape of sound Authentication events."""
    shape = Shape(SCHEMA, AUTHENTICATION)
    for event in events:
        assert FULL.examine(raw(event)).valid
        shape.learn(event)
    return shape


def test_an_event_is_news_once() -> None:
    shape = Shape(SCHEMA, AUTHENTICATION)
    assert shape.learn(logon())
    assert not shape.learn(logon())


@pytest.mark.parametrize(
    "change",
    [{"message": "x"}, {"user": {"name": "ann", "uid": "1"}}, {"session": None}, {"session": {}}],
    ids=["an attribute", "one inside", "a null", "an empty object"],
)
def test_what_an_event_adds_is_news_once(change: Event) -> None:
    shape = shape_of(logon())
    assert shape.learn(logon(**change))
    assert not shape.learn(logon(**change))


def test_an_attribute_that_is_missing_for_the_first_time_is_news() -> None:
    shape = shape_of(logon(message="x"))
    assert shape.root.fields["message"].always
    assert shape.learn(logon())
    assert not shape.root.fields["message"].always


def test_an_attribute_that_comes_later_was_not_always_there() -> None:
    shape = shape_of(logon(), logon(message="x"))
    assert not shape.root.fields["message"].always


def test_null_counts_as_missing() -> None:
    shape = shape_of(logon(message=None))
    field = shape.root.fields["message"]
    assert (field.always, field.nullable) == (False, True)


def test_null_is_news_where_the_attribute_was_only_missing_before() -> None:
    shape = shape_of(logon(message="x"), logon())
    assert shape.learn(logon(message=None))
    assert not shape.learn(logon(message=None))


def test_objects_in_lists_make_one_shape() -> None:
    first, second = {"name": "a", "value": "b", "data": 1}, {"name": "a", "value": "b", "data": 1, "desc": "c"}
    inner = shape_of(logon(enrichments=[first, second])).root.fields["enrichments"].inner
    assert inner is not None
    assert set(inner.fields) == {"name", "value", "data", "desc"}
    assert not inner.fields["desc"].always


def test_a_shape_is_complete_once_it_has_seen_an_object_with_all_that_is_required() -> None:
    unseen = shape_of(logon(session=None)).root.fields["session"].inner
    empty = shape_of(logon(session={})).root.fields["session"].inner
    assert unseen is not None
    assert empty is not None
    assert (unseen.is_complete, empty.is_complete) == (False, True)


def test_a_copy_does_not_grow() -> None:
    shape = shape_of(logon())
    kept = shape.root.copy()
    before = copy.deepcopy(kept)
    shape.learn(logon(message="x", user={"name": "ann", "uid": "1"}, session=None))
    assert kept == before
    assert kept != shape.root


def test_the_anchor_of_a_constraint_is_an_attribute_that_every_object_had() -> None:
    keys = SCHEMA.objects["user"].constraints["at_least_one"]
    shape = shape_of(logon(user={"name": "ann"}), logon(user={"name": "ann", "uid": "1"}))
    user = shape.root.fields["user"].inner
    assert user is not None
    assert (anchor(user, keys), anchors(user)) == ("name", frozenset({"name"}))
    shape.learn(logon(user={"uid": "1"}))
    assert (anchor(user, keys), anchors(user)) == (None, frozenset())


def test_a_shape_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shapes, "_MOST_FIELDS", 12)
    shape = shape_of(logon(), logon(message="x", raw_data="y", count=1))
    assert not shape.learn(logon(message="x", raw_data="y", count=1))
    assert "count" not in shape.root.fields


def test_a_class_is_known_by_its_own_definition() -> None:
    shape = Shape(SCHEMA, 2004)
    shape.learn(finding())
    assert shape.root.definition.name == "detection_finding"
