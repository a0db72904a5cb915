"""What came of comparing two scans, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from textual.content import Content

from console.records.compare.compare import Difference, ScanSummary
from console.records.compare.store import Kind, Side
from console.records.compare.totals import Totals
from console.records.compare.trend import Trend
from screens.widgets.numbers import counted, number
from screens.widgets.text import styled

_WARNINGS: Final = 3
_NOTHING: Final = {
    Kind.NEW: Content("No finding is new."),
    Kind.GONE: Content("No finding is gone."),
    Kind.CHANGED: Content("No finding stands differently."),
}
_TRENDS: Final = {
    Trend.WORSE: Content.from_markup("[$text-error]▲ worse[/]"),
    Trend.FIXED: Content.from_markup("[$text-success]▼ fixed[/]"),
    Trend.OTHER: Content.from_markup("[dim]changed[/dim]"),
}


def total_words(totals: Totals, scans: Mapping[Side, ScanSummary], warnings: Sequence[str]) -> Content:
    """How much is the same, and why the counts may mislead."""
    words = styled(
        "$old before, $new now · [b]$same[/b] stand as before",
        old=counted(scans[Side.OLD].records, "record"),
        new=number(scans[Side.NEW].records),
        same=number(totals.unchanged),
    )
    for warning in warnings[:_WARNINGS]:
        words += styled("\n[$text-warning]! $warning[/]", warning=warning)
    return words


def kind_words(kind: Kind, totals: Totals | None) -> Content:
    """A kind of difference, and how many there are."""
    if totals is None:
        return styled("$kind", kind=kind)
    match kind:
        case Kind.NEW:
            return styled("new $count ($failing failing)", count=number(totals.new), failing=number(totals.new_failing))
        case Kind.GONE:
            gone, failing = number(totals.gone), number(totals.gone_failing)
            return styled("gone $count ($failing failing)", count=gone, failing=failing)
        case Kind.CHANGED:
            worse, fixed = number(totals.worse), number(totals.fixed)
            changed = number(totals.changed)
            return styled("changed $count ($worse worse, $fixed fixed)", count=changed, worse=worse, fixed=fixed)


def change_words(one: Difference) -> Content:
    """A finding that differs, in full."""
    entry = one.entry
    words = styled(
        "[b]$title[/b]\n[dim]$resource · $account[/dim]\n$uid",
        title=entry.title or "(no title)",
        resource=entry.resource or "no resource",
        account=entry.account or "no account",
        uid=entry.uid,
    )
    if one.before is not None:
        words += styled("\n") + _TRENDS[one.trend]
    for change in one.changes:
        words += styled(
            "  $attribute: $old [dim]→[/dim] $new",
            attribute=change.attribute,
            old=change.old or "(none)",
            new=change.new or "(none)",
        )
    return words


def cut_words(kind: Kind, totals: Totals, listed: int) -> Content:
    """How many of a kind are listed, where that is not all."""
    count = {Kind.NEW: totals.new, Kind.GONE: totals.gone, Kind.CHANGED: totals.changed}[kind]
    if count <= listed:
        return Content("")
    return styled(
        "[dim]$listed of $count are listed; ocsf-console compare --format json lists all[/dim]",
        listed=number(listed),
        count=number(count),
    )


def nothing_words(kind: Kind) -> Content:
    """That there is no difference of a kind."""
    return _NOTHING[kind]
