"""Fast passes that learned something, and what must be true of what they accept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from console.ocsf.fast import FastPass
from console.ocsf.issues import Severity, Verdict
from console.ocsf.report import group_key
from console.ocsf.trained import Accepted
from console.ocsf.validator import Validator
from console.records.decode import decode
from console.records.model import Layout
from console.records.stretch import Stretch
from tests.ocsf import events
from tests.ocsf.events import FULL, Event

LESSONS: Final = 16
"""Events of a class that make the fast pass train."""


def taught(validator: Validator, lessons: Sequence[bytes]) -> FastPass:
    """A fast pass that learned from each of these records, often enough to be trained."""
    fast = validator.fast_pass()
    learned = [decode(raw) for raw in lessons]
    for _ in range(LESSONS):
        for event in learned:
            fast.learn(event)
    return fast


def stretch_of(raws: Sequence[bytes], form: Layout) -> Stretch:
    """Records as a reader would offer them together."""
    data = b"\n".join(raws) if form is Layout.LINES else b"[" + b",".join(raws) + b"]"
    return Stretch(0, 0, data, form, lambda _offset: 1)


def assert_same(accepted: Accepted, verdicts: Sequence[Verdict]) -> None:
    """What was accepted has no error, and all that is told of it is what the pass that explains found."""
    assert all(verdict.valid for verdict in verdicts)
    assert accepted.count == len(verdicts)
    assert accepted.warnings == Counter(group_key(issue) for verdict in verdicts for issue in verdict.issues)
    declared = [event for verdict in verdicts for event in verdict.events]
    assert accepted.versions == Counter(one.version for one in declared)
    assert {one.class_uid for one in declared} == {accepted.class_uid}
    assert list(accepted.finding_uids) == [verdict.finding_uid for verdict in verdicts]


def outcome(lessons: Sequence[Event], event: Event, validator: Validator = FULL) -> bool:
    """Whether an event is accepted after these were learned. What is accepted is compared, the lessons are checked."""
    lines = [events.raw(lesson) for lesson in lessons]
    errors = [issue for line in lines for issue in validator.check(line) if issue.severity is Severity.ERROR]
    assert not errors, errors
    accepted = taught(validator, lines).accept_one(events.raw(event))
    if accepted is not None:
        assert_same(accepted, [validator.examine(events.raw(event))])
    return accepted is not None
