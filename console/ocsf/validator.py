"""Checks records against the OCSF version that each declares. Takes bytes, gives issues."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Final

import msgspec

from console.limits import DEFAULT_LIMITS, Limits
from console.ocsf import codes
from console.ocsf.bundles import check_bundle, events_of, is_bundle
from console.ocsf.declared import CLASS_UID, Event, metadata_of
from console.ocsf.duplicate_keys import duplicate_keys, may_hold_duplicates
from console.ocsf.explain import Explainer
from console.ocsf.fast import FastPass
from console.ocsf.issues import Declared, Issue, Severity, Verdict
from console.ocsf.large_integers import large_integers, may_hold_large
from console.ocsf.place import Place, named, quoted, spell
from console.ocsf.producers import habit, product_of
from console.ocsf.rules import DEFAULT_POLICY, Policy, RuleSet
from console.ocsf.schema import Definition, Schema
from console.ocsf.store import SchemaStore
from console.records.decode import BadRecord, decode

_MOST_ISSUES: Final = 10_000
"""Issues that are kept of one record: a hostile one could have millions."""

_ABOUT_KEYS: Final = frozenset((codes.UNKNOWN.name, codes.DUPLICATE_KEY.name))

_encoder: Final = msgspec.json.Encoder()


class _Enough(Exception):
    """A record has as many issues as are kept."""


class _Findings(list[Issue]):
    """The issues of one record, up to a limit."""

    def append(self, issue: Issue) -> None:
        if len(self) >= _MOST_ISSUES:
            raise _Enough
        super().append(issue)

    def extend(self, issues: Iterable[Issue]) -> None:
        for issue in issues:
            self.append(issue)


class Validator:
    """Checks records. Safe to build once per process; holds no file, no clock, no network."""

    def __init__(self, schemas: SchemaStore, policy: Policy = DEFAULT_POLICY, limits: Limits = DEFAULT_LIMITS) -> None:
        """Raises `BadInput` when the policy's version is not known to *schemas*."""
        if policy.version is not None:
            policy = replace(policy, version=schemas.get(policy.version).version)
        self.schemas = schemas
        """Where the versions come from."""
        self._explainer = Explainer(schemas, policy)
        self.policy = policy
        """What records are held to."""
        self._limits = limits

    def check(self, raw: bytes) -> Sequence[Issue]:
        """All issues of one record; empty when it is clean. Never raises for what a file can hold."""
        return self.examine(raw).issues

    def examine(self, raw: bytes, learn: Callable[[Event], None] | None = None) -> Verdict:
        """The same, with what the record declares itself to be. Never raises for what a file can hold.

        *learn* is given an event that has no error.
        """
        try:
            record = decode(raw, self._limits)
        except BadRecord as fault:
            return Verdict({Declared(None, None): 1}, [Issue(Severity.ERROR, fault.code, "", fault.message)])
        found = _Findings()
        events: Sequence[Event] = events_of(record) if is_bundle(record) else [record]
        try:
            self._all_issues(raw, record, found)
        except _Enough:
            found[-1] = _too_many()
        verdict = Verdict(Counter(map(_declared, events)), found, _finding_uid(record))
        if learn is not None and verdict.valid and not is_bundle(record):
            learn(record)
        return verdict

    def definition(self, event: Event) -> tuple[Schema, Definition] | None:
        """The schema that an event is held to, and what that says of its class; None where there is no such class."""
        kind = self._explainer.kind(event)
        if kind is None:
            return None
        schema = self.schemas.get(kind.version)
        return schema, schema.classes[kind.class_uid]

    def fast_pass(self) -> FastPass:
        """A fast pass with the same meaning. It learns as it goes: one for each thread."""
        return FastPass(self.schemas, self._explainer, self.policy, self._limits)

    def _all_issues(self, raw: bytes, record: Event, found: list[Issue]) -> None:
        if is_bundle(record):
            check_bundle(record, self._event_issues, self.policy.rules, found)
        else:
            self._explain(record, found)
        if self.policy.rules is RuleSet.FULL:
            self._look_into_bytes(raw, record, found)

    def _event_issues(self, event: Event) -> Sequence[Issue]:
        found = _Findings()
        try:
            self._explain(event, found)
        except _Enough:
            found[-1] = _too_many()
        return found

    def _explain(self, event: Event, found: list[Issue]) -> None:
        """Append the issues of one event, in the words for its producer."""
        first = len(found)
        self._explainer.explain(event, found)
        product = product_of(metadata_of(event))
        for place in range(first, len(found)):
            reason = habit(product, found[place].code)
            if reason is not None:
                found[place] = replace(found[place], message=reason)

    def _look_into_bytes(self, raw: bytes, record: Event, found: list[Issue]) -> None:
        """Append what is seen only in the bytes of a record, or anywhere in it whatever the schema says."""
        if self.policy.duplicate_keys:
            for holder, key in _duplicates(raw, record):
                message = f"{named(holder, key)} stands more than once in its object. The last one was checked."
                found.append(codes.DUPLICATE_KEY.at(spell(holder, key), message))
        if may_hold_large(raw):
            # What was said of the number itself is enough.
            known = {issue.path for issue in found if issue.code not in _ABOUT_KEYS}
            for holder, step, number in large_integers(record):
                path = spell(holder, step)
                if path not in known:
                    message = f"{named(holder, step)} is {quoted(number)}, which does not fit 64 bits."
                    found.append(codes.INTEGER_BEYOND_64_BITS.at(path, message))


def _too_many() -> Issue:
    """What stands in the place of the last issue that is kept. An error: nobody knows what else is wrong."""
    message = f"The record has more than {_MOST_ISSUES:,} issues; the rest was not looked for."
    return codes.TOO_MANY_ISSUES.at("", message)


def _duplicates(raw: bytes, record: Event) -> Sequence[tuple[Place, str]]:
    try:
        encoded = _encoder.encode(record)
    except OverflowError:
        return duplicate_keys(raw)  # The encoder knows no integer beyond 64 bits.
    return duplicate_keys(raw) if may_hold_duplicates(raw, encoded) else ()


def _declared(event: Event) -> Declared:
    version, uid = metadata_of(event).get("version"), event.get(CLASS_UID)
    return Declared(version if isinstance(version, str) else None, uid if type(uid) is int else None)


def _finding_uid(record: Event) -> str | None:
    info = record.get("finding_info")
    uid = info.get("uid") if isinstance(info, dict) else None
    return uid if isinstance(uid, str) else None
