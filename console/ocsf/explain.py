"""The pass that explains: it walks a decoded record along precompiled plans and finds every issue.

In the official order: class, profiles, attributes, version, `type_uid`, observables. What the set `full` adds to that
is looked for in the same walk.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

from console.ocsf.declared import (
    CLASS_UID,
    Event,
    active_profiles,
    applicable_profiles,
    check_profiles,
    class_issue,
    metadata_of,
    version_issue,
)
from console.ocsf.issues import Issue
from console.ocsf.observables import check_observables
from console.ocsf.plans import PlanBook
from console.ocsf.rules import Policy, RuleSet
from console.ocsf.store import SchemaStore
from console.records.model import JsonValue

_BOOKS: Final = 64
"""Sets of plans that are kept. A file may declare any mix of profiles; few are in use at a time."""


class Kind(NamedTuple):
    """What decides which checks an event is held to."""

    version: str
    """The OCSF version that is used, which need not be the declared one."""
    profiles: frozenset[str]
    """Those that are active."""
    class_uid: int


class Explainer:
    """Finds all that is wrong with an event."""

    def __init__(self, schemas: SchemaStore, policy: Policy) -> None:
        self._schemas = schemas
        self._policy = policy
        self._book = lru_cache(maxsize=_BOOKS)(self._make_book)
        self._applicable = lru_cache(maxsize=_BOOKS)(self._find_applicable)

    def kind(self, event: Event) -> Kind | None:
        """The kind of an event; None when it has no class that is known."""
        metadata = metadata_of(event)
        version = self.used_version(metadata.get("version"))
        schema = self._schemas.get(version)
        uid = event.get(CLASS_UID)
        # type() and not isinstance(): true would be found as class 1.
        if type(uid) is not int or uid not in schema.classes:
            return None
        return Kind(version, active_profiles(metadata.get("profiles"), schema), uid)

    def book(self, kind: Kind) -> PlanBook:
        """The plans for events of a kind."""
        return self._book(kind.version, kind.profiles)

    def explain(self, event: Event, found: list[Issue]) -> None:
        """Append every issue of a decoded event."""
        rules = self._policy.rules
        metadata = metadata_of(event)
        kind = self.kind(event)
        if kind is None:
            found.append(class_issue(event, self.used_version(metadata.get("version")), rules))
            return
        book = self.book(kind)
        self.check_profiles(metadata.get("profiles"), kind, found)
        plan = book.class_plan(kind.class_uid)
        plan.walk(event, None, found)
        issue = version_issue(metadata.get("version"), kind.version, rules)
        if issue is not None:
            found.append(issue)
        check_observables(event, plan.definition, book.schema, kind.profiles, rules, found)

    def check_profiles(self, declared: JsonValue, kind: Kind, found: list[Issue]) -> None:
        """Append what is wrong with the profiles that an event of that kind declares."""
        full = self._policy.rules is RuleSet.FULL
        applicable = self._applicable(kind.version, kind.class_uid) if full else None
        check_profiles(declared, self._schemas.get(kind.version), applicable, found)

    def used_version(self, declared: JsonValue) -> str:
        """The OCSF version that an event is held to which declares *declared*."""
        return self._policy.version or self._schemas.resolve(declared)

    def _make_book(self, version: str, profiles: frozenset[str]) -> PlanBook:
        return PlanBook(self._schemas.get(version), profiles, self._policy)

    def _find_applicable(self, version: str, class_uid: int) -> frozenset[str]:
        schema = self._schemas.get(version)
        return applicable_profiles(schema.classes[class_uid], schema)
