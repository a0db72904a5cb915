"""The dialog that writes the findings of a file in the format of another service."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

from textual import getters, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Input, Select, Static

from console.convert.asff_origin import AsffOptions, is_account, is_region
from console.convert.changes import ChangeKind
from console.convert.forms import Form, Request
from console.convert.run import Conversion, NothingConverted, convert, spare_workers_for
from console.convert.tally import Tally
from console.errors import BadInput
from console.progress import Cancel, Report
from console.records.reader import FindingFile
from console.targets.conversions import request_for
from screens.new_file import NewFileDialog, NothingWritten, Work, Write
from screens.new_names import Naming
from screens.widgets.drop_down import DropDown
from screens.widgets.numbers import counted, number, size
from screens.widgets.plain_input import PlainInput
from screens.widgets.text import styled

_LISTED: Final = 100
"""Changes of a kind, and reasons, that are listed."""
_NAMING: Final = {
    Form.ASFF: Naming("asff"),
    Form.CISCO_BUNDLE: Naming("bundles"),
    Form.CISCO_CUSTOM: Naming("cisco"),
    Form.ARRAY: Naming("array", is_ocsf=True),
    Form.NDJSON: Naming("lines", ".ndjson", is_ocsf=True),
}
_KINDS: Final = (
    ChangeKind.REPEATED,
    ChangeKind.LEFT_OUT,
    ChangeKind.SHORTENED,
    ChangeKind.REPLACED,
    ChangeKind.FILLED_IN,
    ChangeKind.UNMAPPED,
    ChangeKind.MAPPED,
)
"""The worst first."""


class FormSelect(DropDown[Form]):
    """A drop-down of what can be converted to."""

    def __init__(self) -> None:
        super().__init__(
            [
                ("ASFF, for AWS Security Hub", Form.ASFF),
                ("OCSF bundles, for Cisco XDR", Form.CISCO_BUNDLE),
                ("simplified findings, for Cisco XDR", Form.CISCO_CUSTOM),
                ("the same records as a JSON array", Form.ARRAY),
                ("the same records, one on each line", Form.NDJSON),
            ],
            value=Form.ASFF,
            allow_blank=False,
            compact=True,
        )


class ConvertDialog(NewFileDialog):
    """Asks for the format, and says what became of each value and which records could not be converted."""

    form_select = getters.query_one(FormSelect)
    account_input = getters.query_one("#asff-account", Input)
    region_input = getters.query_one("#asff-region", Input)

    @property
    def question(self) -> Content:
        """Which file it is."""
        return styled("Convert $name", name=self._path.name)

    @property
    def naming(self) -> Naming:
        """By the format."""
        return _NAMING[self._form]

    @property
    def _form(self) -> Form:
        form = self.form_select.value
        return form if isinstance(form, Form) else Form.ASFF

    def compose_choices(self) -> ComposeResult:
        """The format; and for ASFF, whose the findings are that do not say so."""
        with Horizontal(classes="field"):
            yield Static("To", classes="field-label")
            yield FormSelect()
        with Vertical(id="asff"):
            with Horizontal(classes="field"):
                yield Static("Account", classes="field-label")
                yield PlainInput(id="asff-account", placeholder="12 digits, for findings outside AWS", compact=True)
            with Horizontal(classes="field"):
                yield Static("Region", classes="field-label")
                yield PlainInput(
                    id="asff-region", placeholder="such as eu-west-1, for findings outside AWS", compact=True
                )

    @on(Select.Changed)
    def _choose(self) -> None:
        self.query_one("#asff").display = self._form is Form.ASFF
        self.propose(self.naming)

    def assignment(self) -> Work:
        """Convert it. Raises `BadInput`."""
        request = request_for(self._form, self._asff() if self._form is Form.ASFF else AsffOptions())
        return partial(_converted, request)

    def _asff(self) -> AsffOptions:
        account, region = self.account_input.value.strip(), self.region_input.value.strip()
        if account and not is_account(account):
            raise BadInput("An AWS account has 12 digits.")
        if region and not is_region(region):
            raise BadInput("A region is named like eu-west-1.")
        return AsffOptions(account, region)


def _converted(request: Request, file: FindingFile, write: Write, tell: Report, cancel: Cancel) -> Content:
    """Convert a file; what became of it. Raises `NothingWritten`."""
    try:
        with spare_workers_for(file, request) as workers:
            done = convert(file, request, write, workers, tell, cancel)
    except NothingConverted as nothing:
        words = styled("[$text-error]✗ No record could be converted, and nothing was written.[/]\n")
        raise NothingWritten(words + Content("\n").join(_reasons(nothing.done.tally))) from nothing
    return Content("\n").join([_head(done), *_reasons(done.tally), *_changes(done.tally)])


def _head(done: Conversion) -> Content:
    tally = done.tally
    return styled(
        "[b]$converted of $records[/b] converted to $written · $bytes",
        converted=number(tally.converted),
        records=counted(tally.records, "record"),
        written=number(tally.written),
        bytes=size(done.written_bytes),
    )


def _reasons(tally: Tally) -> Iterator[Content]:
    """Why records are not in the new file."""
    if not tally.refused:
        return
    yield styled("\n[b $text-error]Not converted: $records[/]", records=counted(tally.refused, "record"))
    for one in tally.refusals[:_LISTED]:
        where = "" if one.index is None else f"  record {number(one.index)}"
        yield styled(
            "  $count × $path$message [dim]$code$where[/dim]",
            count=number(one.count),
            path=f"{one.path}: " if one.path else "",
            message=one.message,
            code=one.code,
            where=where,
        )
    yield from _more(max(len(tally.refusals) - _LISTED, 0) + tally.further_refusals)


def _changes(tally: Tally) -> Iterator[Content]:
    """What is not in the new file as it was, by kind."""
    for kind in _KINDS:
        changes = [one for one in tally.changes if one.kind is kind]
        if not changes:
            continue
        values = counted(sum(one.count for one in changes), "value")
        yield styled("\n[b]$kind[/b] [dim]$values[/dim]", kind=kind.replace("_", " ").capitalize(), values=values)
        for one in changes[:_LISTED]:
            yield styled("  $count × $path: $message", count=number(one.count), path=one.path, message=one.message)
        yield from _more(max(len(changes) - _LISTED, 0))
    yield from _more(tally.further_changes)


def _more(count: int) -> Iterator[Content]:
    if count:
        yield styled("  [dim]… $count more[/dim]", count=number(count))
