"""JSON and CSV as every part of the console writes them: nothing that a reader might obey gets through.

JSON is written in ASCII, so no control character can hide in it; a cell of CSV is one line, and no formula.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypeAlias

from console.display import safe_text

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""What makes a spreadsheet take a cell for a formula; the wide ones in those of East Asia (OWASP, CSV Injection)."""

CELL_WIDTH: Final = 32_000
"""The most characters of a value that are written: a cell of a spreadsheet holds 32,767."""

JsonData: TypeAlias = bool | int | float | str | Sequence["JsonData"] | Mapping[str, "JsonData"] | None
"""What a JSON document may be made of."""


def to_json(data: JsonData, *, indent: int | None = 2) -> str:
    """A JSON document in ASCII. DEL is the one control character that JSON itself lets through."""
    return json.dumps(data, indent=indent, allow_nan=False).replace("\x7f", "\\u007f")


def to_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """CSV (RFC 4180) whose cells are one line each and that no spreadsheet takes for formulas."""
    return csv_rows([header]) + csv_rows(rows)


def csv_rows(rows: Iterable[Sequence[object]]) -> str:
    """The rows of a CSV document without its header."""
    text = io.StringIO()
    csv.writer(text).writerows([[_csv_cell(value) for value in row] for row in rows])
    return text.getvalue()


def _csv_cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, int):
        return str(value)
    raw = str(value)
    return ("'" if raw.startswith(_FORMULA) else "") + safe_text(raw, width=CELL_WIDTH)


def counted(count: int, noun: str) -> str:
    """`1 record`, `1,000 records`."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")
