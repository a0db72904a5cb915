"""What the schema says of the values of one record: the captions of its enums, and which numbers are times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from console.ocsf.bundles import EVENTS, is_bundle
from console.ocsf.place import Step
from console.ocsf.schema import Attribute, Definition, Schema
from console.ocsf.validator import Validator
from console.records.fields import instant, text
from console.records.model import JsonValue

_TIME: Final = "timestamp_t"

Known = tuple[Schema, Definition]
"""The schema of an event, and its class."""


class Guide:
    """Knows the classes of a record, as far as it says which they are."""

    def __init__(self, record: Mapping[str, JsonValue], validator: Validator) -> None:
        """Loads the schemas that the record needs. Raises as `SchemaStore.get` does."""
        self._event = None if is_bundle(record) else validator.definition(record)
        events = record.get(EVENTS) if is_bundle(record) else None
        members = events if isinstance(events, list) else []
        self._members = [validator.definition(one) if isinstance(one, dict) else None for one in members]

    def words(self, steps: Sequence[Step], value: JsonValue) -> str:
        """What a value means: the caption of an enum value, or a time in UTC. Empty where nothing is known of it."""
        attribute = self.attribute(steps)
        if attribute is not None and attribute.enum is not None:
            return attribute.enum.captions.get(text(value), "")
        named = steps[-1] if steps else ""
        if attribute is None and isinstance(named, str) and (named == "time" or named.endswith("_time")):
            return time_words(value)
        return time_words(value) if attribute is not None and attribute.type == _TIME else _other_zone(value)

    def attribute(self, steps: Sequence[Step]) -> Attribute | None:
        """The attribute that a value belongs to, by the way from the record to it; None for what no schema has."""
        known, rest = self._start(steps)
        if known is None:
            return None
        schema, definition = known
        attribute: Attribute | None = None
        names = [step for step in rest if isinstance(step, str)]
        for place, name in enumerate(names):
            attribute = definition.attributes.get(name)
            if attribute is None:
                return None
            if place == len(names) - 1:
                break
            inner = schema.objects.get(attribute.object_type or "")
            if inner is None:
                return None
            definition = inner
        return attribute

    def _start(self, steps: Sequence[Step]) -> tuple[Known | None, Sequence[Step]]:
        """The event that a value is in, and the way from there."""
        if not self._members:
            return self._event, steps
        match steps:
            case [first, int(number), *rest] if first == EVENTS and number < len(self._members):
                return self._members[number], rest
        return None, steps


def time_words(value: JsonValue) -> str:
    """A number that is a time, in UTC; empty where it is none."""
    moment = instant(value)
    return "" if moment is None else _utc(moment)


def _other_zone(value: JsonValue) -> str:
    """A time in ISO 8601 with the offset of another zone, in UTC; empty for everything else."""
    if not isinstance(value, str) or not 19 <= len(value) <= 40 or value[4:5] != "-":
        return ""
    try:
        moment = datetime.fromisoformat(value)
        offset = moment.utcoffset()
        return _utc((moment - offset).replace(tzinfo=None)) if offset else ""
    except (ValueError, OverflowError):
        return ""


def _utc(moment: datetime) -> str:
    fraction = f".{moment.microsecond // 1_000:03}" if moment.microsecond else ""
    return f"{moment:%Y-%m-%d %H:%M:%S}{fraction}Z"
