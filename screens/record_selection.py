"""Which records of a file the Submit screen is offered: those that are marked, or that a filter lets through."""

from __future__ import annotations

from console.progress import Cancel
from console.records.model import Identity
from console.submissions.model import Picked, Selection
from screens.record_marks import RecordMarks
from screens.record_rows import HitRows
from screens.widgets.filter_line import Filter
from screens.widgets.numbers import counted


def wanted_of(file: Identity, marks: RecordMarks, chosen: Filter | None, hits: HitRows | None) -> Selection | None:
    """What is marked, else what the filter lets through. None for all, and while nobody knows.

    What an issue lets through is picked by index once all of it is found: no expression says the same.
    """
    if len(marks):
        return Selection(name=f"the {counted(len(marks), 'marked record')}", picked=Picked(frozenset(marks), file))
    if chosen is None or chosen.typed:
        return chosen.selection if chosen is not None else None
    if hits is None or not hits.complete:
        return None
    indexes = frozenset(hits.numbers(0, hits.known, Cancel()))
    return Selection(name=f"the {counted(len(indexes), 'record')} with {chosen.text}", picked=Picked(indexes, file))
