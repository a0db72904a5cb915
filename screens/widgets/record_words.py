"""What the title bar says of a list of records: how many, how far they are known, what is wrong with some."""

from __future__ import annotations

from typing import Final

from textual.binding import Keymap
from textual.content import Content

from console.progress import Progress
from screens.commands.everywhere import SCREEN, Back
from screens.commands.records import RECORDS, Filter
from screens.record_rows import FileRows, HitRows
from screens.widgets.numbers import counted, number
from screens.widgets.record_columns import ABOUT
from screens.widgets.text import styled

_NOTHING: Final = Content("")


def file_words(rows: FileRows, progress: Progress | None) -> Content:
    """How many records a file has; *progress* is that of finding them."""
    index = rows.index
    known = max(rows.known - index.faults, 0)
    records = number(known)
    if rows.ended:
        words = styled("$records", records=counted(known, "record"))
    elif progress is not None and not index.rows:
        words = styled("$what$percent …", what=progress.message, percent=_percent(progress))
    elif rows.can_guess:
        words = styled(
            "$records of $about$count …$percent",
            records=records,
            about=ABOUT,
            count=number(rows.count),
            percent=_percent(progress),
        )
    else:
        words = styled("$records records …$percent", records=records, percent=_percent(progress))
    return words + _alarm(index.faults, "broken")


def hit_words(hits: HitRows, progress: Progress | None) -> Content:
    """How many records a filter lets through; *progress* is that of the search."""
    found, searched = number(hits.known), number(hits.searched)
    if hits.ended:
        words = styled("$found of $searched records", found=found, searched=searched)
    else:
        words = styled(
            "$found of $searched so far …$percent", found=found, searched=searched, percent=_percent(progress)
        )
    return words + _alarm(hits.undecided, "undecided")


def last_record_words(rows: FileRows) -> Content:
    """Which numbers records have, as a question for one."""
    if rows.index.complete:
        return styled("Go to record (0 to $last)", last=number(rows.index.records - 1))
    return styled("Go to record (0 to $about$last)", about=ABOUT, last=number(rows.count - 1))


def undecided_words(hits: HitRows) -> Content:
    """What it means that records are undecided; nothing where none is."""
    if not hits.undecided:
        return _NOTHING
    count = number(hits.undecided)
    if hits.complete:
        return styled(
            "[$text-warning]! The regular expression took too long for $count records, which are left out.[/]",
            count=count,
        )
    return styled(
        "[$text-warning]! The regular expression takes too long for some records, $count so far.[/]", count=count
    )


def sorting_words(progress: Progress | None, stop: str) -> Content:
    """How far sorting is, and the key to *stop* it; nothing when it has ended."""
    if progress is None:
        return _NOTHING
    return styled("sorting …$percent · $stop stops", percent=_percent(progress), stop=stop)


def marks_words(count: int) -> Content:
    """How many records are marked; nothing where none is."""
    return styled(" · [$text-accent]$count marked[/]", count=number(count)) if count else _NOTHING


def nothing_words(rows: FileRows | HitRows, name: str, keymap: Keymap) -> Content:
    """Why there is no list."""
    if rows.stopped:
        return styled("[b]The file could not be read to its end.[/b]\n\nNothing was found before.")
    back = SCREEN.key_of(Back, keymap)
    if isinstance(rows, HitRows):
        return styled(
            "[b]No record is let through.[/b]\n\nPress $back to see all, or $filter to change the filter.",
            back=back,
            filter=RECORDS.key_of(Filter, keymap),
        )
    if rows.ended:
        return styled("[b]$name holds no records.[/b]\n\nPress $back to go back.", name=name, back=back)
    return styled("Finding the records of $name …", name=name)


def _percent(progress: Progress | None) -> str:
    """How far something is, where that can be told; with a space before it."""
    return f" {progress.done * 100 // progress.total}%" if progress is not None and progress.total else ""


def _alarm(count: int, word: str) -> Content:
    """A number that should be zero; nothing where it is."""
    return styled(" · [$text-error]$count $word[/]", count=number(count), word=word) if count else _NOTHING
