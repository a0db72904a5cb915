"""Making an event of any OCSF version, or of another class of findings, one that a reader of 1.4 understands.

What OCSF 1.4.0 does not have moves to `unmapped`, where anything may stand. Nothing is dropped.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from functools import cache
from typing import Final

from console.convert.changes import CannotConvert, Change, ChangeKind, JsonObject, say
from console.convert.moments import milliseconds
from console.convert.ocsf_event import OCSF_VERSION
from console.ocsf.schema import OBJECT, Attribute, Definition, Schema, is_active
from console.ocsf.store import user_store
from console.ocsf.versions import LONGEST, Version
from console.records.model import JsonValue

UNMAPPED: Final = "unmapped"

_FIRST: Final = Version((1, 0, 0))
_NEXT: Final = Version((1, 5, 0))
"""Versions from the first to before this one are compatible with 1.4: an event may be older than its reader."""
_OTHER: Final = Version((2, 0, 0))
_TIMESTAMP: Final = "timestamp_t"
_OTHER_VALUE: Final = 99
_DEEPEST: Final = 40
"""Objects inside one another that are looked into. Objects of the schema may hold themselves."""


class Age(Enum):
    """How a version compares with OCSF 1.4."""

    COMPATIBLE = auto()
    NEWER = auto()
    """It may hold what 1.4 does not have."""
    UNKNOWN = auto()
    """None is declared, or something that is no version."""
    INCOMPATIBLE = auto()
    """Older than 1.0.0, or of another major version."""


def age_of(event: Mapping[str, JsonValue]) -> Age:
    """How the version that an event declares compares with OCSF 1.4."""
    metadata = event.get("metadata")
    declared = metadata.get("version") if isinstance(metadata, Mapping) else None
    version = Version.parse(declared) if isinstance(declared, str) and len(declared) <= LONGEST else None
    if version is None:
        return Age.UNKNOWN
    if not _FIRST <= version < _OTHER:
        return Age.INCOMPATIBLE
    return Age.COMPATIBLE if version < _NEXT and not version.prerelease else Age.NEWER


class Fitting:
    """The fitting of one event. Everything that is changed is said in *changes*."""

    def __init__(self, event: JsonObject, place: str, changes: list[Change]) -> None:
        """*place* is the path of the event in the record; empty where it is the record."""
        self.event = event
        self.place = place
        self.changes = changes

    def fit(self, class_uid: int, *, anew: bool) -> None:
        """Change the event so that it is one of that class of OCSF 1.4.

        What is *anew* of the class, or declares a newer version or none, is held to OCSF 1.4.0. Of what is compatible
        anyway, only times in another unit are set right. Raises `CannotConvert` for a version that is not compatible.
        """
        age = age_of(self.event)
        if age is Age.INCOMPATIBLE:
            message = "Its OCSF version is not compatible with 1.4."
            raise CannotConvert("cisco_version_incompatible", self.path("metadata.version"), message)
        schema = _schema()
        definition = schema.classes.get(class_uid)
        if definition is None:
            return
        if anew or age is not Age.COMPATIBLE:
            self._declare(schema)
            _Mover(self, schema, _profiles_of(self.event)).walk(definition, self.event, "", _DEEPEST)
        else:
            _Walker(self, schema).walk(definition, self.event, "", _DEEPEST)

    def path(self, inner: str) -> str:
        """The path in the record of something in the event."""
        return f"{self.place}.{inner}" if self.place else inner

    def say(self, kind: ChangeKind, path: str, message: str) -> None:
        """Note what became of the value at *path*, from the event down."""
        say(self.changes, Change(kind, self.path(path), message))

    def put_aside(self, path: str, value: JsonValue, message: str) -> None:
        """Put a value that was taken out of the event under `unmapped`, by its path."""
        unmapped = self.event.get(UNMAPPED)
        if not isinstance(unmapped, dict):
            if unmapped is not None:
                self.say(ChangeKind.UNMAPPED, UNMAPPED, "It should be an object: it is in one now.")
            unmapped = self.event[UNMAPPED] = {} if unmapped is None else {UNMAPPED: unmapped}
        key, number = path, 1
        while key in unmapped:
            number += 1
            key = f"{path} ({number})"
        unmapped[key] = value
        self.say(ChangeKind.UNMAPPED, path, message)

    def _declare(self, schema: Schema) -> None:
        """Let the event declare OCSF 1.4.0, and no profile that this does not have."""
        metadata = self.event.get("metadata")
        if not isinstance(metadata, dict):
            if metadata is not None:
                del self.event["metadata"]
                self.put_aside("metadata", metadata, "It should be an object.")
            metadata = self.event["metadata"] = {}
        declared = metadata.get("version")
        metadata["version"] = OCSF_VERSION
        if declared is None:
            self.say(ChangeKind.FILLED_IN, "metadata.version", "None is declared: it is 1.4.0.")
        elif declared != OCSF_VERSION:
            self.say(ChangeKind.REPLACED, "metadata.version", "It is 1.4.0, which Cisco XDR is compatible with.")
        profiles = metadata.get("profiles")
        if isinstance(profiles, list):
            known: list[JsonValue] = [one for one in profiles if isinstance(one, str) and one in schema.profiles]
            if len(known) < len(profiles):
                metadata["profiles"] = known
                others = [one for one in profiles if not isinstance(one, str) or one not in schema.profiles]
                self.put_aside("metadata.profiles", others, "OCSF 1.4.0 has no such profiles.")


@cache
def _schema() -> Schema:
    return user_store().get(OCSF_VERSION)


def _profiles_of(event: JsonObject) -> frozenset[str]:
    metadata = event.get("metadata")
    profiles = metadata.get("profiles") if isinstance(metadata, dict) else None
    return frozenset(one for one in profiles if isinstance(one, str)) if isinstance(profiles, list) else frozenset()


class _Walker:
    """Goes through an event by the schema, and sets times right that are in another unit."""

    def __init__(self, fitting: Fitting, schema: Schema) -> None:
        self._fitting = fitting
        self._schema = schema

    def walk(self, definition: Definition, holder: JsonObject, place: str, depth: int) -> None:
        """Go through one object of the event at *place*, and through *depth* levels below it."""
        if depth == 0 or not definition.attributes:
            return
        for key in list(holder):
            path = f"{place}.{key}" if place else key
            attribute = self._attribute(definition, holder, key, path)
            if attribute is None:
                continue
            value = holder[key]
            if attribute.type == OBJECT and attribute.object_type:
                inner = self._schema.objects[attribute.object_type]
                if isinstance(value, dict):
                    self.walk(inner, value, path, depth - 1)
                elif isinstance(value, list):
                    for index, item in enumerate(value):
                        if isinstance(item, dict):
                            self.walk(inner, item, f"{path}[{index}]", depth - 1)
            elif attribute.type == _TIMESTAMP:
                self._set_right(holder, key, path)

    def _attribute(self, definition: Definition, holder: JsonObject, key: str, path: str) -> Attribute | None:
        """What the schema says of a member; None where it is not to be looked into."""
        return definition.attributes.get(key)

    def _set_right(self, holder: JsonObject, key: str, path: str) -> None:
        value = holder[key]
        time = milliseconds(value)
        if time is not None and (time != value or isinstance(value, float)):
            holder[key] = time
            self._fitting.say(ChangeKind.REPLACED, path, "It was in another unit: it is in milliseconds.")


class _Mover(_Walker):
    """Moves to `unmapped` what the schema does not have, besides."""

    def __init__(self, fitting: Fitting, schema: Schema, profiles: frozenset[str]) -> None:
        super().__init__(fitting, schema)
        self._profiles = profiles

    def _attribute(self, definition: Definition, holder: JsonObject, key: str, path: str) -> Attribute | None:
        attribute = definition.attributes.get(key)
        if attribute is None or not is_active(attribute, self._profiles):
            self._fitting.put_aside(path, holder.pop(key), "OCSF 1.4.0 has no such attribute here.")
            return None
        if attribute.enum is not None and not attribute.is_array:
            self._replace_unknown(attribute, attribute.enum.captions, holder, key, path)
        return attribute

    def _replace_unknown(
        self, attribute: Attribute, captions: Mapping[str, str], holder: JsonObject, key: str, path: str
    ) -> None:
        """Let a number that OCSF 1.4.0 does not list be 99, which means the text beside it."""
        value = holder[key]
        if type(value) is not int or value.bit_length() > 63 or str(value) in captions:
            return
        if str(_OTHER_VALUE) in captions and attribute.sibling and isinstance(holder.get(attribute.sibling), str):
            holder[key] = _OTHER_VALUE
            self._fitting.say(ChangeKind.REPLACED, path, "OCSF 1.4.0 does not list it: it is 99, with its caption.")
