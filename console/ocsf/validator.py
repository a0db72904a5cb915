"""Checks records against the OCSF version that each declares.

This is the pass that explains: it walks a decoded record along precompiled plans and finds every issue.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from console.limits import DEFAULT_LIMITS, Limits
from console.ocsf.declared import CLASS_UID, check_profiles, class_issue, metadata_of, version_issue
from console.ocsf.issues import Issue, Severity, Verdict
from console.ocsf.plans import PlanBook
from console.ocsf.rules import RuleSet
from console.ocsf.store import SchemaStore
from console.records.decode import BadRecord, decode
from console.records.model import JsonValue

_BOOKS: Final = 64
"""Sets of plans that are kept. A file may declare any mix of profiles; few are in use at a time."""


class Validator:
    """Checks records. Safe to build once per process; holds no file, no clock, no network."""

    def __init__(
        self,
        schemas: SchemaStore,
        rules: RuleSet = RuleSet.FULL,
        version: str | None = None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        """*version* holds every record to that OCSF version, whatever it declares; None goes by each record.

        Raises `BadInput` when *version* is not known to *schemas*.
        """
        self._schemas = schemas
        self._rules = rules
        self._version = None if version is None else schemas.get(version).version
        self._limits = limits
        self._book = lru_cache(maxsize=_BOOKS)(self._make_book)

    def check(self, raw: bytes) -> Sequence[Issue]:
        """All issues of one record; empty when it is clean. Never raises for what a file can hold."""
        return self.examine(raw).issues

    def examine(self, raw: bytes) -> Verdict:
        """The same, with what the record declares itself to be. Never raises for what a file can hold."""
        try:
            record = decode(raw, self._limits)
        except BadRecord as fault:
            return Verdict(None, None, (Issue(Severity.ERROR, fault.code, "", fault.message),))
        version, uid = metadata_of(record).get("version"), record.get(CLASS_UID)
        return Verdict(
            version=version if isinstance(version, str) else None,
            class_uid=uid if type(uid) is int else None,
            issues=self._issues(record),
        )

    def _issues(self, record: Mapping[str, JsonValue]) -> list[Issue]:
        """Every issue of a decoded record, in the official order: class, profiles, attributes, version."""
        metadata = metadata_of(record)
        declared = metadata.get("version")
        used = self._version or self._schemas.resolve(declared)
        schema = self._schemas.get(used)
        uid = record.get(CLASS_UID)
        # type() and not isinstance(): true would be found as class 1.
        if type(uid) is not int or uid not in schema.classes:
            return [class_issue(record, used, self._rules)]
        found: list[Issue] = []
        active = check_profiles(metadata.get("profiles"), schema.profiles, used, found)
        self._book(used, active).class_plan(uid).walk(record, None, found)
        version = version_issue(declared, used, self._rules)
        if version is not None:
            found.append(version)
        return found

    def _make_book(self, version: str, profiles: frozenset[str]) -> PlanBook:
        return PlanBook(self._schemas.get(version), profiles, self._rules)
