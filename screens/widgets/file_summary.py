"""What a finding file holds, in words and small bars."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Final

from textual import getters
from textual.app import ComposeResult
from textual.binding import Keymap
from textual.content import Content
from textual.widgets import Static

from console.display import ELLIPSIS
from console.errors import ConsoleError
from console.progress import Progress
from console.records.model import SUFFIXES, Compression
from screens.commands.everywhere import APP, Targets
from screens.commands.files import FILES, Filter, Parent, Recent, Reload, Repair
from screens.commands.targets import TARGETS, Sandbox
from screens.widgets.numbers import NOTHING, counted, number, size
from screens.widgets.scrolled_text import ScrolledText
from screens.widgets.text import fit, plain, styled

if TYPE_CHECKING:
    from console.records.summary.summarise import Summary

_CLASSES: Final = {
    "2001": "Security Finding",
    "2002": "Vulnerability Finding",
    "2003": "Compliance Finding",
    "2004": "Detection Finding",
    "2005": "Incident Finding",
    "2006": "Data Security Finding",
    "2007": "Application Security Posture Finding",
}
"""The classes of OCSF's findings category."""

_COLOURS: Final = {
    "Fatal": "$text-error",
    "Critical": "$text-error",
    "High": "$text-error",
    "Medium": "$text-warning",
    "Low": "$text-primary",
    "FAIL": "$text-error",
    "PASS": "$text-success",
    "MANUAL": "$text-warning",
}
_GRAVEST_FIRST: Final = ("Fatal", "Critical", "High", "Medium", "Low", "Informational")
_NOTHING: Final = Content("")
_ROWS: Final = 8
"""Values of one attribute that are listed."""
_FAULTS: Final = 5
_LABEL: Final = 10
_NAME: Final = 15
_BAR: Final = 12
_EIGHTHS: Final = " ▏▎▍▌▋▊▉█"


class FileSummary(ScrolledText):
    """The summary of the file under the cursor, or why there is none."""

    news = getters.query_one("#news", Static)
    notice = getters.query_one("#notice", Static)
    earlier = getters.query_one("#earlier", Static)
    counts = getters.query_one("#counts", Static)

    def __init__(self, keymap: Keymap) -> None:
        super().__init__()
        self._keymap = keymap

    def compose(self) -> ComposeResult:
        """Sentences, which are wrapped, over counts, which are cut."""
        yield Static(id="news")
        yield Static(id="notice")
        yield Static(id="earlier")
        yield Static(id="counts")

    def advise(self, *, needs_target: bool = False) -> None:
        """Say what to do while there is no file to speak of; and where to send files, who *needs_target*."""
        keymap = self._keymap
        self._show(
            styled(
                "[b]Choose a finding file.[/b]\n\n"
                "[dim]Shown are names that end in $suffixes\n"
                "[b]enter[/b] opens, [b]$parent[/b] goes to the folder above\n"
                "[b]$filter[/b] finds a file by its name, in all folders below\n"
                "[b]$recent[/b] lists the files of before[/dim]",
                suffixes=" ".join(SUFFIXES),
                parent=FILES.key_of(Parent, keymap),
                filter=FILES.key_of(Filter, keymap),
                recent=FILES.key_of(Recent, keymap),
            )
            + (_sandbox(keymap) if needs_target else _NOTHING)
        )

    def wait(self, name: str, progress: Progress | None = None) -> None:
        """Say that the file is being read, and how far."""
        work = f"{progress.message} … {_share(progress)}" if progress else "Reading …"
        self._show(styled("[b]$name[/b]\n[dim]$work[/dim]", name=name, work=work))

    def fail(self, name: str, error: ConsoleError) -> None:
        """Say why the file can't be read."""
        self._show(
            styled(
                "[b]$name[/b]\n\n[$text-error]✗ $message[/]\n$hint", name=name, message=error.message, hint=error.hint
            )
        )

    def show(self, summary: Summary) -> None:
        """Show what the file holds."""
        self.scroll_home(animate=False)
        self._show(_head(summary, FILES.key_of(Repair, self._keymap)), _counts(summary))

    def show_earlier(self, words: Content) -> None:
        """Say what became of the same content before. Made by `earlier_words`, or says why nothing is known."""
        self.earlier.update(words)
        self.earlier.display = bool(words)

    def tell_changed(self) -> None:
        """Say that the file is not what it was when it was read."""
        key = FILES.key_of(Reload, self._keymap)
        self.news.update(
            styled("[$text-warning]! This file has changed since it was read. $key reads it again[/]\n", key=key)
        )
        self.news.display = True
        self.scroll_home(animate=False)

    def tell_gone(self, name: str) -> None:
        """Say that the file is not there any more, in place of what it held."""
        self._show(
            styled(
                "[b]$name[/b]\n\n[$text-error]✗ This file is gone: it was deleted, moved or renamed."
                " $key reads the folder again[/]",
                name=name,
                key=FILES.key_of(Reload, self._keymap),
            )
        )
        self.scroll_home(animate=False)

    def _show(self, notice: Content, counts: Content = _NOTHING) -> None:
        self.news.display = self.earlier.display = False
        self.notice.update(notice)
        self.counts.update(counts)


def _sandbox(keymap: Keymap) -> Content:
    """Where to send files, for who has no target."""
    return styled(
        "\n\n[dim]No target yet? Press [b]$targets[/b], then [b]$sandbox[/b]:"
        " a sandbox on this machine to try things with[/dim]",
        targets=APP.key_of(Targets, keymap),
        sandbox=TARGETS.key_of(Sandbox, keymap),
    )


def _head(summary: Summary, repair: str) -> Content:
    """What the file is, and what is wrong with it. *repair* is the key for that."""
    packed = "" if summary.compression is Compression.NONE else f" · {summary.compression}"
    head = styled(
        "[b]$name[/b]\n$shape$packed · $bytes · [b]$records[/b] · $accounts\n[dim]$span\nsha256 $sha256[/dim]",
        name=summary.path.name,
        shape=summary.format,
        packed=packed,
        bytes=size(summary.bytes),
        records=counted(summary.records, "record"),
        accounts=counted(summary.account_count, "account"),
        span=_span(summary),
        sha256=summary.sha256[:16] + ELLIPSIS,
    )
    return Content("\n").join([head, *_faults(summary, repair), *_remarks(summary), _NOTHING])


def _counts(summary: Summary) -> Content:
    """The records by what they say of themselves."""
    severities = dict(sorted(summary.severities.items(), key=_gravity))
    classes = {f"{uid} {_CLASSES.get(uid, '')}".strip(): count for uid, count in summary.classes.items()}
    accounts = {f"{one.provider} {one.uid}".strip(): one.records for one in summary.accounts}
    facts = [
        *_list("Producer", summary.producers),
        *_list("OCSF", summary.versions),
        *_list("Class", classes),
        *_list("Account", accounts),
    ]
    blocks = [_bars("Severity", severities, summary.records), _bars("Status", summary.statuses, summary.records), facts]
    return Content("\n\n").join(Content("\n").join(rows) for rows in blocks if rows)


def _span(summary: Summary) -> str:
    """The time from the first to the last record, in UTC."""
    if summary.first is None or summary.last is None:
        return "no record has a time"
    first, last = (f"{time:%Y-%m-%d %H:%M:%S}Z" for time in (summary.first, summary.last))
    return first if first == last else f"{first} to {last}"


def _gravity(item: tuple[str, int]) -> tuple[int, int]:
    """The gravest severity first; those that OCSF does not know last, the most frequent first."""
    name, count = item
    return (_GRAVEST_FIRST.index(name) if name in _GRAVEST_FIRST else len(_GRAVEST_FIRST), -count)


def _bars(label: str, counts: Mapping[str, int], total: int) -> list[Content]:
    """Counts with a bar each, as long as its share."""
    rows = []
    for name, count in islice(counts.items(), _ROWS):
        words = styled("$count  $name ", count=number(count).rjust(7), name=fit(name or "(none)", _NAME))
        rows.append(words + plain(_bar(count, total)).stylize(_COLOURS.get(name, "$foreground-muted")))
    return _section(label, rows, len(counts))


def _list(label: str, counts: Mapping[str, int]) -> list[Content]:
    """Values, each behind its count."""
    rows = [
        styled("$count  $name", count=number(count).rjust(7), name=name or "(none)")
        for name, count in islice(counts.items(), _ROWS)
    ]
    return _section(label, rows, len(counts))


def _section(label: str, rows: list[Content], count: int) -> list[Content]:
    """Rows beside their common label; how many were left out, below."""
    if count > len(rows):
        rows.append(styled("[dim]        … $count more[/dim]", count=number(count - len(rows))))
    labels = [label if not before else "" for before in range(len(rows))]
    return [styled("[dim]$label[/dim]", label=text.ljust(_LABEL)) + row for text, row in zip(labels, rows, strict=True)]


def _bar(count: int, total: int) -> str:
    """A bar in eighths of a cell; never nothing for something."""
    eighths = max(round(count * _BAR * 8 / total), 1) if count else 0
    whole, rest = divmod(eighths, 8)
    return "█" * whole + (_EIGHTHS[rest] if rest else "")


def _faults(summary: Summary, repair: str) -> Iterator[Content]:
    """The places where the file is broken, the first of them with their reasons."""
    if not summary.fault_count:
        return
    yield styled("\n[$text-error]✗ $places can't be read[/]", places=counted(summary.fault_count, "place"))
    for fault in summary.faults[:_FAULTS]:
        where = NOTHING if fault.line is None else f"line {number(fault.line)}"
        yield styled("  [dim]$where[/dim] $message", where=where, message=fault.message)
    yield styled("[$text-warning]→ [b]$key[/b] repairs it: all that is whole, in a new file[/]", key=repair)


def _remarks(summary: Summary) -> Iterator[Content]:
    """What is worth knowing before anything is done with the file."""
    remarks = [*summary.notes]
    if summary.label:
        remarks.insert(0, f"{summary.label}, not findings.")
    if summary.duplicates:
        remarks.append(f"{counted(summary.duplicates, 'record')} with the identifier of an earlier one.")
    if remarks:
        yield _NOTHING
    for remark in remarks:
        yield styled("[$text-warning]! $remark[/]", remark=remark)


def _share(progress: Progress) -> str:
    """How far something is: in percent where the end is known."""
    return f"{progress.done * 100 // progress.total} %" if progress.total else size(progress.done)
