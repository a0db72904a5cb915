"""The times of an OCSF finding as those of an ASFF finding. All of them are the record's own: nothing reads a clock.

`UpdatedAt` decides what a second import of a finding does, so the same record always gets the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from console.convert.changes import CannotConvert, ChangeKind, JsonObject
from console.convert.moments import SUFFIX, Instant, instant, iso
from console.convert.taking import Taking

_PLAUSIBLE: Final = range(946_684_800_000, 4_102_444_800_000)
"""From 2000 to 2100."""


def times_of(event: Taking, info: Taking, *, is_prowler: bool) -> JsonObject:
    """The times of a finding. Raises `CannotConvert` when it has none."""
    created = _first(((info, "created_time"), (event, "time"), (info, "first_seen_time"), (event, "start_time")))
    # A generator may leave the one as it was, and the service drops an update that is no newer.
    updated = _latest(((info, "modified_time"), (event, "time"))) or _read(info, "created_time")
    created, updated = created or updated, updated or created
    if not created or not updated:
        raise CannotConvert("asff_time_missing", "time", "It has no time from 2000 to 2100.")
    made: JsonObject = {"CreatedAt": created, "UpdatedAt": updated}
    observed = _first(((info, "first_seen_time"), (event, "start_time")))
    if observed or is_prowler:
        made["FirstObservedAt"] = observed or created
    if last := _first(((info, "last_seen_time"), (event, "end_time"))):
        made["LastObservedAt"] = last
    _take(event, info, made)
    return made


def _first(places: Sequence[tuple[Taking, str]]) -> str:
    """The first time that is there, as text; empty where there is none."""
    return next((text for holder, key in places if (text := _read(holder, key))), "")


def _latest(places: Sequence[tuple[Taking, str]]) -> str:
    """The latest of these times, as text; empty where there is none."""
    times = [found.milliseconds for holder, key in places if (found := _instant(holder, key))]
    return (iso(max(times)) or "") if times else ""


def _read(holder: Taking, key: str) -> str:
    found = _instant(holder, key)
    return (iso(found.milliseconds) or "") if found else ""


def _instant(holder: Taking, key: str) -> Instant | None:
    """The moment that stands there; None where there is none that a finding can be of.

    An update from the year 5138 would stand for good: the service drops all that are older.
    """
    found = instant(holder.look(key), holder.look(key + SUFFIX))
    return found if found and found.milliseconds in _PLAUSIBLE else None


def _take(event: Taking, info: Taking, made: JsonObject) -> None:
    """Take out what says one of the times that were made. A time that says something else stays."""
    for holder, key in (
        (info, "created_time"),
        (info, "modified_time"),
        (info, "first_seen_time"),
        (info, "last_seen_time"),
        (event, "time"),
        (event, "start_time"),
        (event, "end_time"),
    ):
        text = _read(holder, key)
        names = [name for name, value in made.items() if value == text]
        if not text or not names:
            continue
        found = _instant(holder, key)
        assert found is not None  # noqa: S101 - it was read just now
        target = " and ".join(f"'{name}'" for name in names)
        if found.by_number:
            holder.mapped(key, target)
        if found.by_text and found.sure:
            holder.mapped(key + SUFFIX, f"{target}, to the millisecond")
        elif found.by_text:
            message = f"It does not say where its clock was: it is {target}, as if in UTC."
            holder.take(key + SUFFIX, ChangeKind.REPLACED, message)
