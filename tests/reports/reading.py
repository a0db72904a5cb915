"""Reading reports back, each with what others wrote to read such files: the issues as rows of the same columns."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Mapping
from html.parser import HTMLParser
from typing import Any, Final
from urllib.parse import unquote_to_bytes

import junitparser
import sarif_pydantic

from console.reports.model import ISSUE_COLUMNS

Row = tuple[str, ...]
"""The facts of one issue as text, in the order of `ISSUE_COLUMNS`; empty where there is none."""

_NO_LINK: Final = re.compile(r"\\\[(?=[^\]]*\]\()")
"""A bracket that SARIF marks, so that no link begins with it."""
_LEVELS: Final = {"error": "error", "warning": "warning", "note": "info", "notice": "info"}


def _row(values: Mapping[str, object]) -> Row:
    return tuple("" if values.get(name) is None else str(values[name]) for name in ISSUE_COLUMNS)


def _jsonl(text: str) -> list[Row]:
    return [_row(json.loads(line)) for line in text.split("\n")[:-1]]


def _csv(text: str) -> list[Row]:
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    assert tuple(header) == ISSUE_COLUMNS
    return [tuple(row) for row in rows]


def _sarif(text: str) -> list[Row]:
    (run,) = sarif_pydantic.Sarif.model_validate_json(text).runs
    return [_row(_of_result(run, result)) for result in run.results]


def _of_result(run: Any, result: Any) -> dict[str, object]:
    (location,) = result.locations
    physical = location.physical_location
    at = physical.artifact_location
    assert run.artifacts[at.index].location.uri == at.uri
    assert run.tool.driver.rules[result.rule_index].id == result.rule_id
    region = physical.region
    return {
        "file": unquote_to_bytes(at.uri).decode(errors="surrogateescape").removeprefix("file://"),
        "record": result.properties["record"],
        "offset": region and region.byte_offset,
        "line": region and region.start_line,
        "severity": _LEVELS[result.level.value],
        "code": result.rule_id,
        "path": location.logical_locations[0].fully_qualified_name if location.logical_locations else "",
        "message": _NO_LINK.sub("[", result.message.text),
    }


def _junit(text: str) -> list[Row]:
    rows = []
    for suite in junitparser.JUnitXml.fromstring(text.encode()):
        cases: list[Any] = list(suite)
        assert suite.tests == len(cases)
        for case in cases:
            properties = case.child(junitparser.Properties)
            facts = {one.name: one.value for one in properties or ()}
            if facts:
                (result,) = case.result
                rows.append(_row({**facts, "file": case.classname, "message": result.message}))
    return rows


_COMMAND: Final = re.compile(r"::(\w+) ([^:]*)::(.*)")


def _unescaped(text: str) -> str:
    """As the runner of GitHub reads values."""
    for escape, character in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(escape, character)
    return text


def _github(text: str) -> list[Row]:
    return [_row(_of_command(line)) for line in re.split(r"\r\n|\r|\n", text)[:-1]]


def _of_command(line: str) -> dict[str, object]:
    command = _COMMAND.fullmatch(line)
    assert command, line
    properties = dict(one.split("=", 1) for one in command[2].split(","))
    assert set(properties) <= {"file", "line", "title"}
    text = _unescaped(command[3])
    place = re.match(r"(?:record (\d+)(?:, |: ))?(?:byte (\d+)(?:, |: ))?", text)
    assert place
    return {
        "file": _unescaped(properties["file"]),
        "record": place[1],
        "offset": place[2],
        "line": properties.get("line"),
        "severity": _LEVELS.get(command[1], command[1]),
        "code": _unescaped(properties["title"]),
        "path, message": text[place.end() :],
    }


class _Tables(HTMLParser):
    """The tables of a page, by the line of their headers; and the names of all elements."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self._cell: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes.update(name for name, _ in attrs)
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in {"td", "th"}:
            self._cell = []

    def handle_endtag(self, tag: str) -> None:
        if tag in {"td", "th"} and self._cell is not None:
            self.tables[-1][-1].append("".join(self._cell))
            self._cell = None

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)


def page(text: str) -> _Tables:
    """An HTML report, parsed."""
    parser = _Tables()
    parser.feed(text)
    parser.close()
    return parser


def _html(text: str) -> list[Row]:
    return [tuple(row) for header, *rows in page(text).tables if tuple(header) == ISSUE_COLUMNS for row in rows]


READERS: Final[Mapping[str, Callable[[str], list[Row]]]] = {
    "jsonl": _jsonl,
    "csv": _csv,
    "sarif": _sarif,
    "junit": _junit,
    "github": _github,
    "html": _html,
}
"""By format, for those that list issues."""
