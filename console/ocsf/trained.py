"""Types made for the shape of one class of records, and the judgement of what they decode.

The types are for records of any profiles. What profiles decide is looked at by column, record by record's profiles.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence, Sized
from dataclasses import dataclass
from operator import attrgetter
from typing import Final, Literal, TypeVar

from msgspec import UNSET

from console.limits import Limits
from console.ocsf.columns import Item, Items, Tally, Unfit, kinds_of
from console.ocsf.declared import CLASS_UID, active_profiles, version_issue
from console.ocsf.explain import Explainer, Kind
from console.ocsf.issues import Issue
from console.ocsf.nodes import Node, under_any_profiles, under_these_profiles
from console.ocsf.observables import OBSERVABLES
from console.ocsf.report import GroupKey
from console.ocsf.rules import RuleSet
from console.ocsf.schema import Schema
from console.ocsf.shapes import ObjectShape
from console.ocsf.typed import NOTHING, TypeForm, slot, struct_of
from console.records.model import JsonValue
from console.records.stretch import Decoders

_METADATA: Final = "metadata"
_VERSION: Final = "version"
_PROFILES: Final = "profiles"
_FINDING: Final = ("finding_info", "uid")
_REMEMBERED: Final = 256
"""Declared versions, and lists of profiles, whose outcome is remembered."""
_LONGEST: Final = 256
"""Characters, or profiles, of those."""

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Accepted:
    """Records of one class without errors."""

    count: int
    class_uid: int
    versions: Mapping[str, int]
    """How many declare which OCSF version."""
    warnings: Tally
    """How many issues of each kind they have; none is an error."""
    finding_uids: Sequence[str | None]
    """`finding_info.uid`, one for each record. Foreign text."""


@dataclass(frozen=True, slots=True)
class _Profiles:
    """What a list of declared profiles comes to."""

    node: Node
    issues: Sequence[GroupKey]


class Trained:
    """Types for the records of a shape, as it was when they were made."""

    def __init__(
        self, kind: Kind, shape: ObjectShape, schema: Schema, explainer: Explainer, rules: RuleSet, limits: Limits
    ) -> None:
        self._kind = kind
        self._shape = shape.copy()
        self._schema = schema
        self._explainer = explainer
        self._rules = rules
        set_types = {CLASS_UID: Literal[kind.class_uid], **_left_out(self._shape)}
        self.decoders: Decoders[Item] = Decoders.of(
            struct_of(self._shape, schema, limits.depth, set_types), skips=False
        )
        self._book = explainer.book(kind._replace(profiles=schema.profiles))
        self._plan = self._book.class_plan(kind.class_uid)
        self._node = under_any_profiles(self._shape, self._plan, self._book)
        self._metadata = _reads(self._shape, _METADATA)
        self._version = _reads(self._shape, _METADATA, _VERSION)
        self._profiles = _reads(self._shape, _METADATA, _PROFILES)
        self._finding = _reads(self._shape, _FINDING[0]), _reads(self._shape, *_FINDING)
        self._nodes: dict[frozenset[str], Node] = {}
        self._by_profiles: dict[tuple[str, ...] | None, _Profiles] = {}
        self._by_version: dict[str, Sequence[GroupKey]] = {}

    def judge(self, records: Items) -> Accepted:
        """Judge records that the decoders gave. Raises `Unfit` when any of them must be explained."""
        warnings: Tally = Counter()
        metadata = list(map(self._metadata, records))
        versions = Counter(map(self._version, metadata))
        for version, count in versions.items():
            _add(warnings, self._of_version(version), count)
        self._node.tally(records, warnings)
        for profiles, some in self._alike(records, metadata).items():
            found = self._of_profiles(profiles)
            _add(warnings, found.issues, len(some))
            found.node.tally(some, warnings)
        return Accepted(len(records), self._kind.class_uid, versions, warnings, self._finding_uids(records))

    def _alike(self, records: Items, metadata: Items) -> Mapping[tuple[str, ...] | None, Items]:
        """The records by the profiles that they declare; None where there is no list of them."""
        alike: dict[tuple[str, ...] | None, list[Item]] = {}
        for record, profiles in zip(records, map(self._profiles, metadata), strict=True):
            alike.setdefault(tuple(profiles) if type(profiles) is list else None, []).append(record)
        return alike

    def _of_version(self, version: str) -> Sequence[GroupKey]:
        """The kinds of issues of a declared version. Raises `Unfit` when it is held to another than this one."""
        keys = self._by_version.get(version)
        if keys is None:
            if self._explainer.used_version(version) != self._kind.version:
                raise Unfit
            issue = version_issue(version, self._kind.version, self._rules)
            keys = kinds_of([] if issue is None else [issue])
            _remember(self._by_version, version, keys)
        return keys

    def _of_profiles(self, profiles: tuple[str, ...] | None) -> _Profiles:
        found = self._by_profiles.get(profiles)
        if found is None:
            declared: JsonValue = None if profiles is None else [*profiles]
            active = active_profiles(declared, self._schema)
            kind = self._kind._replace(profiles=active)
            issues: list[Issue] = []
            self._explainer.check_profiles(declared, kind, issues)
            found = _Profiles(self._node_under(kind), kinds_of(issues))
            _remember(self._by_profiles, profiles, found)
        return found

    def _node_under(self, kind: Kind) -> Node:
        """What more to look at in records under these profiles."""
        node = self._nodes.get(kind.profiles)
        if node is None:
            node = under_these_profiles(self._shape, self._plan, self._book, profiles=kind.profiles)
            _remember(self._nodes, kind.profiles, node)
        return node

    def _finding_uids(self, records: Items) -> Sequence[str | None]:
        reads_finding, reads_uid = self._finding
        findings = map(reads_finding, records)
        return [_text(reads_uid(one)) if one is not UNSET and one is not None else None for one in findings]


def is_trainable(shape: ObjectShape) -> bool:
    """Whether class, version and profiles can be told from any record of that shape.

    They can by every published schema.
    """
    metadata = shape.fields.get(_METADATA)
    if not shape.is_complete or metadata is None or metadata.inner is None or metadata.attribute.is_array:
        return False
    needed = shape.fields.get(CLASS_UID), metadata, metadata.inner.fields.get(_VERSION)
    if not all(one is not None and one.is_required for one in needed):
        return False
    profiles = metadata.inner.fields.get(_PROFILES)
    return all(one is None or one.attribute.type == "string_t" for one in (needed[2], profiles))


def _left_out(shape: ObjectShape) -> Mapping[str, TypeForm]:
    """Attributes that are judged as what they are in every published schema, and that an added one has otherwise."""
    found = ((name, shape.fields.get(name)) for name in (OBSERVABLES, _FINDING[0]))
    return {
        name: NOTHING
        for name, one in found
        if one is not None and (one.inner is None or one.attribute.is_array != (name == OBSERVABLES))
    }


def _reads(shape: ObjectShape, *names: str) -> Callable[[Item], Item]:
    """What reads the attribute that a path ends in, given the object that holds it."""
    here: ObjectShape | None = shape
    for name in names[:-1]:
        inner = here.fields.get(name) if here is not None else None
        here = None if inner is None else inner.inner
    if here is None or names[-1] not in here.fields or not here.is_complete:
        return lambda _item: None
    return attrgetter(slot(list(here.fields).index(names[-1])))


def _text(value: Item) -> str | None:
    return value if isinstance(value, str) else None


def _add(warnings: Tally, keys: Sequence[GroupKey], count: int) -> None:
    for key in keys:
        warnings[key] += count


def _remember(table: dict[K, V], key: K, value: V) -> None:
    """Keep an outcome. A hostile file has as many as it likes, so that the table starts anew when it is full."""
    if len(table) >= _REMEMBERED:
        table.clear()
    if not isinstance(key, Sized) or len(key) <= _LONGEST:
        table[key] = value
