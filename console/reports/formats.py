"""The formats that a report can be written in, and the way to each."""

from __future__ import annotations

import importlib
from typing import Final

from console.reports.model import FailOn, ReportWriter, Write

_WRITERS: Final = {
    "text": "plain:TextReport",
    "jsonl": "lines:JsonLinesReport",
    "json": "document:JsonReport",
    "sarif": "sarif:SarifReport",
    "junit": "junit:JUnitReport",
    "github": "github:GitHubReport",
    "csv": "lines:CsvReport",
    "html": "html:HtmlReport",
}
"""Where each writer is. A format is loaded when it is used."""

FORMATS: Final = tuple(_WRITERS)
"""All of them; the first is for people."""


def report_writer(form: str, write: Write, fail_on: FailOn = FailOn.ERROR) -> ReportWriter:
    """What writes a report in one of `FORMATS`, piece by piece, as text that can be encoded in UTF-8.

    *fail_on* is what formats go by that tell a failure from a remark.
    """
    module, _, name = _WRITERS[form].partition(":")
    kind: type[ReportWriter] = getattr(importlib.import_module(f"console.reports.{module}"), name)
    return kind(write, fail_on)
