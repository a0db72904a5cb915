"""Every format tells the same facts, whatever strangers wrote; and each is what its readers ask for."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sarif_kit.validate import validation_errors

from console.display import safe_text
from console.ocsf.issues import Issue, LocatedIssue, Severity, Verdict
from console.ocsf.report import Report
from console.records.model import Compression, Format
from console.reports import html, room
from console.reports.formats import FORMATS, report_writer
from console.reports.html_style import STYLE
from console.reports.model import ISSUE_COLUMNS, CheckedFile, FailOn, UnreadFile, issue_row
from console.serialise import CELL_WIDTH
from tests.golden import assert_golden
from tests.hostile import FOREIGN, NAME, TEXTS
from tests.reports.reading import READERS, page

GOLDEN = Path(__file__).with_name("golden")
LISTING = sorted(READERS)

FORMULAS = {name: f"{name}cmd|'/C calc'!A0" for name in ("=", "+", "-", "@", "\t=", "\r=", "＝", "＠")}
COMMANDS = {
    "github": "%0A::error::x,file=/etc/passwd::\n::set-output name=a::b\r::stop-commands::x",
    "markup": "</title></style><script>alert(1)</script><img src=x onerror=alert(1)>&lt;\"'",
    "xml": "]]><!--<![CDATA[&evil;\x00\x0b\ufffe\uffff",
    "link": "see [here](https://hostile.example) and [1](2)",
}
ALL = {**TEXTS, **FORMULAS, **COMMANDS}


def _checked(label: str, issues: list[LocatedIssue], records: int = 4) -> CheckedFile:
    report = Report()
    for index in range(records):
        report.add_record(index, Verdict({}, [one.issue for one in issues if one.record == index]))
    for one in issues:
        if one.record is None:
            report.add_issue(one.issue)
    report.versions["1.5.0"] = report.classes["2004"] = records
    return CheckedFile(label, Format.ARRAY, Compression.NONE, 1_234, report)


def _report(
    form: str,
    files: dict[str, list[LocatedIssue]],
    unread: tuple[UnreadFile, ...] = (),
    fail_on: FailOn = FailOn.ERROR,
) -> str:
    """A whole report."""
    pieces: list[str] = []
    writer = report_writer(form, pieces.append, fail_on)
    writer.begin()
    for label, issues in files.items():
        for one in issues:
            writer.issue(label, one)
        writer.checked(_checked(label, issues))
    for one_unread in unread:
        writer.unread(one_unread)
    writer.end(0.25)
    return "".join(pieces)


def _located(
    severity: Severity, code: str, path: str, message: str, record: int | None = 2, line: int | None = 7
) -> LocatedIssue:
    return LocatedIssue(record, None if line is None else 81, line, Issue(severity, code, path, message))


SOUND_TEXTS = {
    "scans/one.ocsf.json": [
        _located(Severity.ERROR, "attribute_required_missing", "metadata.product", "metadata requires product."),
        _located(Severity.WARNING, "time_in_seconds", "resources[0].time", "Seconds, not milliseconds: 50%, [a](b)."),
        _located(Severity.INFO, "asff_remark", "", "By the way.", record=0, line=None),
        _located(Severity.ERROR, "not_closed", "", "The array is not closed.", record=None, line=9),
    ],
    "scans/two, of 2:ü.json": [],
}
UNREAD = UnreadFile("scans/three.json", "scans/three.json does not exist.", "Name another.")


@pytest.mark.parametrize("form", FORMATS)
def test_a_report_is_the_golden_one(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("sarif", "html"):
        monkeypatch.setattr(f"console.reports.{module}.__version__", "0.0.0")

    written = _report(form, SOUND_TEXTS, (UNREAD,))

    assert_golden(GOLDEN / f"report.{form}", written.replace(STYLE, ""))


@pytest.mark.parametrize("form", LISTING)
def test_the_golden_reports_agree_cell_by_cell(form: str) -> None:
    """Read from the files, so that a change to one of them must be made to all."""
    read = READERS[form]((GOLDEN / f"report.{form}").read_bytes().decode())

    expected = READERS["jsonl"]((GOLDEN / "report.jsonl").read_bytes().decode())
    assert [_comparable(form, row) for row in read if row[5] != "unreadable"] == [
        _comparable(form, row) for row in expected
    ]


def _comparable(form: str, row: tuple[str, ...]) -> tuple[str, ...]:
    """What a format has a place for: GitHub's writes path and message as one text."""
    return row[:6] if form == "github" else row


@pytest.mark.parametrize("name", sorted(ALL))
@pytest.mark.parametrize("form", LISTING)
def test_hostile_text_comes_out_as_text_in_its_own_cell(form: str, name: str) -> None:
    text = ALL[name]
    issue = _located(Severity.ERROR, "attribute_unknown", text[:2_000], text)
    label = f"/{name.strip()}{NAME}"

    written = _report(form, {label: [issue]})

    (row,) = READERS[form](written)
    raw = dict(zip(ISSUE_COLUMNS, map(str, issue_row(label, issue)), strict=True))
    shown = dict(zip(ISSUE_COLUMNS, row, strict=True))
    for column in ("record", "offset", "line", "severity", "code"):
        assert shown[column] == raw[column]
    width = 2_000 if form == "html" else CELL_WIDTH
    for column in ("file", "path", "message"):
        if form == "github" and column != "file":
            continue
        verbatim = form == "jsonl" or (form == "sarif" and column != "message")
        value = raw[column] if verbatim else safe_text(raw[column], width=10**7 if form == "sarif" else width)
        cell = shown[column]
        assert cell.removeprefix("'") == value.removeprefix("'")
    assert not FOREIGN.search(written.encode())


@given(st.binary(min_size=1, max_size=60), st.text(max_size=80), st.text(max_size=200), st.sampled_from(Severity))
def test_any_text_is_one_issue_of_one_file_to_every_reader(
    name: bytes, path: str, message: str, severity: Severity
) -> None:
    label = os.fsdecode(name.replace(b"\0", b"?"))
    issue = _located(severity, "attribute_unknown", path, message)
    for form, read in READERS.items():
        written = _report(form, {label: [issue]}, fail_on=FailOn.WARNING)

        (row,) = read(written.encode().decode())
        assert row[1:6] == ("2", "81", "7", severity, "attribute_unknown")


@pytest.mark.parametrize("form", FORMATS)
def test_no_text_of_a_file_reaches_a_terminal_as_it_is(form: str) -> None:
    issues = [_located(Severity.WARNING, "attribute_unknown", text[:500], text[:5_000]) for text in ALL.values()]

    written = _report(form, {NAME: issues}, (UnreadFile(NAME, TEXTS["csi"], TEXTS["osc link"]),))

    assert not FOREIGN.search(written.encode())


@pytest.mark.parametrize("name", sorted(FORMULAS))
def test_a_spreadsheet_sees_no_formula(name: str) -> None:
    issue = _located(Severity.ERROR, "attribute_unknown", FORMULAS[name], FORMULAS[name])

    (row,) = READERS["csv"](_report("csv", {FORMULAS[name]: [issue]}))

    assert {row[at][0] for at in (0, 6, 7)} == {"'"}


def test_no_value_begins_a_command_of_github_or_ends_a_property() -> None:
    issues = [_located(Severity.ERROR, "attribute_unknown", text[:500], text[:5_000]) for text in ALL.values()]
    files = {f"{text[:100]}.json": [issue] for text, issue in zip(ALL.values(), issues, strict=True)}

    lines = re.split(r"\r\n|\r|\n", _report("github", files))

    assert len(lines) == len(files) + 1
    for line in lines[:-1]:
        assert re.fullmatch(r"::error file=[^:,]*,line=7,title=attribute_unknown::record 2, byte 81, .*", line)


@pytest.mark.parametrize("files", [SOUND_TEXTS, {}, {NAME: []}], ids=["issues", "nothing", "a clean file"])
def test_sarif_holds_to_its_official_schema(files: dict[str, list[LocatedIssue]]) -> None:
    written = _report("sarif", files, (UNREAD,) if files else ())

    log = json.loads(written)
    assert validation_errors(log) == []
    (run,) = log["runs"]
    assert run["invocations"][0]["executionSuccessful"] is not bool(files)
    assert run["properties"]["files"] == len(files)


def test_sarif_names_a_file_as_its_checkout_does() -> None:
    uris = _uris(_report("sarif", {"scans/a b:ü.json": [], "/tmp/x#1.json": [], NAME: []}))

    assert uris[:2] == ["scans/a%20b%3A%C3%BC.json", "file:///tmp/x%231.json"]
    assert uris[2].isascii()
    assert uris[2].endswith("%0A%FF.json")


def _uris(text: str) -> list[str]:
    return [one["location"]["uri"] for one in json.loads(text)["runs"][0]["artifacts"]]


@pytest.mark.parametrize(
    ("fail_on", "failures", "skipped"), [(FailOn.ERROR, 2, 2), (FailOn.WARNING, 3, 1), (FailOn.NEVER, 0, 4)]
)
def test_junit_fails_on_what_the_command_fails_on(fail_on: FailOn, failures: int, skipped: int) -> None:
    written = _report("junit", SOUND_TEXTS, (UNREAD,), fail_on)

    heads = re.findall(r'<testsuite name="[^"]*" (.*)>', written)
    assert heads == [
        f'tests="4" failures="{failures}" errors="0" skipped="{skipped}"',
        'tests="1" failures="0" errors="0" skipped="0"',
        'tests="1" failures="0" errors="1" skipped="0"',
    ]
    total = f'tests="6" failures="{failures}" errors="1" skipped="{skipped}"'
    assert f'<testsuites name="ocsf-console validate" {total}>' in written
    assert written.count("<failure") == failures
    assert written.count("<skipped") == skipped


def test_a_page_runs_nothing_and_loads_nothing() -> None:
    issues = [_located(Severity.ERROR, text[:40], text[:500], text[:5_000]) for text in ALL.values()]
    text = _report("html", {COMMANDS["markup"]: issues}, (UnreadFile(NAME, COMMANDS["markup"], ""),))

    shown = page(text)
    assert not shown.elements & {"script", "img", "link", "iframe", "object", "embed", "a", "base", "form", "input"}
    assert not {name for name in shown.attributes if name.startswith("on") or name in {"style", "src", "href"}}
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
    policy = re.search(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', text)
    assert style
    assert policy
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert policy[1].split("; ")[:2] == ["default-src 'none'", f"style-src 'sha256-{digest}'"]
    assert text.index("Content-Security-Policy") < text.index("<style>")


def test_a_page_lists_the_first_issues_and_counts_them_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html, "ISSUES_SHOWN", 3)
    issues = [_located(Severity.ERROR, "attribute_unknown", f"a{at}", "No.") for at in range(5)]

    text = _report("html", {"f.json": issues})

    assert len(READERS["html"](text)) == 3
    assert "the first 3 of 5" in text


def test_a_report_of_many_issues_is_written_as_they_come() -> None:
    """What a writer keeps must not grow with the issues: each is out of its hands before the next."""
    for form in ("jsonl", "csv", "github", "sarif"):
        pieces: list[str] = []
        writer = report_writer(form, pieces.append)
        writer.begin()
        for at in range(3):
            before = len(pieces)
            writer.issue("f.json", _located(Severity.ERROR, "attribute_unknown", f"a{at}", "No."))
            assert f"a{at}" in "".join(pieces[before:])


@pytest.mark.parametrize("form", ["sarif", "junit"])
def test_what_a_reader_would_not_take_is_counted_and_errors_come_before_it(
    form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of five places two are for errors, whatever came before them; what is left out is named, and counted in full."""
    monkeypatch.setattr(room, "MOST_ISSUES", 5)
    monkeypatch.setattr(room, "FOR_ERRORS", 2)
    warnings = [_located(Severity.WARNING, "attribute_unknown", f"w{at}", "No.") for at in range(6)]
    errors = [_located(Severity.ERROR, "attribute_unknown", f"e{at}", "No.") for at in range(3)]
    pieces: list[str] = []
    writer = report_writer(form, pieces.append)

    writer.begin()
    for issue in [*warnings, *errors]:
        writer.issue("f.json", issue)
    writer.checked(_checked("f.json", [*warnings, *errors]))
    writer.end(0.25)

    text = "".join(pieces)
    assert [row[6] for row in READERS[form](text)] == ["w0", "w1", "w2", "e0", "e1"]
    assert writer.remark.startswith("1 error, 3 warnings not listed")
    assert (_figures(form, text)["f.json"]["errors"], _figures(form, text)["f.json"]["warnings"]) == ("3", "6")
    if form == "sarif":
        (run,) = json.loads(text)["runs"]
        assert run["invocations"][0]["executionSuccessful"]
        (note,) = run["invocations"][0]["toolExecutionNotifications"]
        assert note["message"]["text"] == writer.remark
    else:
        assert 'tests="6" failures="3" errors="0" skipped="3"' in text
        assert '<testcase classname="f.json" name="1 error, 3 warnings more" file="f.json"><failure' in text


def test_what_github_shows_in_the_log_alone_is_told() -> None:
    writer = report_writer("github", lambda _: None)

    for at in range(12):
        writer.issue("f.json", _located(Severity.WARNING, "attribute_unknown", f"w{at}", "No."))

    assert writer.remark == "GitHub shows ten annotations of a kind: 2 warnings more in the log alone."


Browse = Callable[[Path], str]


@pytest.fixture
def browse(tmp_path: Path) -> Browse:
    """Opens a page in headless Chromium, and gives the document and all that the browser had to say."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("there is no chromium here")
    options = (
        "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
        " --disable-component-update --disable-sync --dump-dom --enable-logging=stderr"
    )

    def run(path: Path) -> str:
        done = subprocess.run(
            [chromium, *options.split(), f"--user-data-dir={tmp_path / 'browser'}", path.as_uri()],
            capture_output=True,
            text=True,
            timeout=50,
            check=True,
        )
        assert "CONSOLE" not in done.stderr, done.stderr
        return done.stdout

    return run


def test_a_browser_opens_the_page_without_a_complaint(browse: Browse, tmp_path: Path) -> None:
    issues = [_located(Severity.ERROR, text[:40], text[:500], text[:5_000]) for text in ALL.values()]
    path = tmp_path / "report.html"
    path.write_text(_report("html", {COMMANDS["markup"]: issues}))

    document = browse(path)

    assert not page(document).elements & {"script", "img"}
    assert page(document).tables == page(path.read_text()).tables


def test_a_figure_of_a_file_is_the_same_in_every_format() -> None:
    facts: dict[str, dict[str, Any]] = {}
    for form in ("json", "sarif", "junit", "html"):
        facts[form] = _figures(form, _report(form, SOUND_TEXTS))

    assert facts["json"]["scans/one.ocsf.json"]["errors"] == "2"
    assert facts["sarif"] == facts["junit"] == facts["html"] == facts["json"]


_FIGURES = ("format", "compression", "bytes", "records", "valid", "invalid", "errors", "warnings")


def _figures(form: str, text: str) -> dict[str, Any]:
    """The counts of each file as text, by its label."""
    rows: dict[str, dict[str, object]]
    if form == "json":
        rows = {one["path"]: one for one in json.loads(text)["files"]}
    elif form == "sarif":
        artifacts = json.loads(text)["runs"][0]["artifacts"]
        rows = {one["location"]["description"]["text"]: one["properties"] for one in artifacts}
    elif form == "junit":
        rows = {
            suite[1]: dict(re.findall(r'name="(\w+)" value="([^"]*)"', suite[2]))
            for suite in re.finditer(r'<testsuite name="([^"]*)"[^>]*>\n<properties>(.*?)</properties>', text)
        }
    else:
        (table,) = [table for table in page(text).tables if table[0][:2] == ["file", "format"]]
        rows = {row[0]: dict(zip(table[0], row, strict=True)) for row in table[1:]}
    return {label: {name: str(row[name]) for name in _FIGURES} for label, row in rows.items()}
