"""R17 to R22, and the tree of R25: records that are made to be looked at."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Final

import pytest

from console.sandbox.server import Sandbox
from console.submissions.desk import Desk
from screens.records import RecordsScreen
from screens.widgets.dialogs import ValueDialog
from tests.cli.conftest import access
from tests.faults.conftest import Run
from tests.faults.support import MEGABYTE, array, finding, issues, open_records, spoiled
from tests.hostile import FOREIGN
from tests.hostile import finding as hostile_finding
from tests.screens.job_stories import WIDE, Story, at_console

HALF: Final = {"value": b'{"a":"x\\ud800"}', "key": b'{"\\udc00":1}'}
"""Half of a surrogate pair, in a value and in a key."""


def assert_inert(story: Story) -> None:
    """Nothing on the screen is what a terminal obeys."""
    assert not FOREIGN.search(story.text.encode("utf-8", "surrogatepass"))
    assert "\x1b" not in story.text


@pytest.mark.parametrize("place", HALF)
def test_r17_half_a_character_makes_a_record_invalid_and_nothing_else(
    run: Run, tmp_path: Path, sandbox: Sandbox, place: str
) -> None:
    """Lone surrogate in value / key: invalid record; app, ledger, log survive."""
    path = tmp_path / "f.json"
    path.write_bytes(array(finding(), spoiled("unmapped", HALF[place]), finding(2)))
    checked = run("validate", path, "--format", "jsonl")
    assert (checked.code, [(one["code"], one["record"]) for one in issues(checked)]) == (1, [("lone_surrogate", 1)])
    assert run("inspect", path).code == 0
    assert run("show", path, "--record", "1").code == 2
    sent = run("submit", path, "--target", "prowler", "--wait", "--format", "json", **access(sandbox))
    assert (sent.code, sent.json()["accepted"], sent.json()["rejected"]) == (1, 2, 1)
    job = sent.json()["job"]["id"]
    told = run("jobs", "errors", "--target", "prowler", job, "--format", "json", **access(sandbox))
    assert {error["record"] for error in told.json()["errors"]} == {1}


@pytest.mark.parametrize("place", HALF)
async def test_r17_half_a_character_is_shown_as_it_is_written(tmp_path: Path, desk: Desk, place: str) -> None:
    """Lone surrogate in value / key: app survives."""
    path = tmp_path / "f.json"
    path.write_bytes(array(finding(), HALF[place], finding(2, message="the next one")))
    async with at_console(desk, tmp_path, WIDE) as story:
        await open_records(story, path, at=1)
        await story.sees("half of a surrogate pair", HALF[place].decode())
        await story.press("down")
        await story.sees("the next one")


CONTROLS: Final = {
    "ESC": "\x1b[2J",
    "OSC 52": "\x1b]52;c;SE9TVElMRQ==\x07",
    "C1": "\x9b2J\x9d0;x\x9c",
    "DEL": "\x7f",
}


@pytest.mark.parametrize("name", CONTROLS)
async def test_r18_control_characters_are_visible_escapes(tmp_path: Path, desk: Desk, run: Run, name: str) -> None:
    """ESC, OSC 52, C1, DEL in title/uid/resource: visible escapes everywhere."""
    path = tmp_path / "f.json"
    path.write_bytes(array(hostile_finding(f"before{CONTROLS[name]}after")))
    # What a command writes is looked at by what runs it.
    assert run("validate", path).code == 1
    assert run("inspect", path).code == 0
    assert run("show", path).code == 0
    seen = {"ESC": "before␛[2Jafter", "OSC 52": "before␛]52;c;", "C1": "before\\u{9b}2J", "DEL": "before␡after"}
    async with at_console(desk, tmp_path, WIDE) as story:
        await open_records(story, path)
        await story.sees(seen[name])
        assert_inert(story)


MARKUP: Final = ("[@click=app.quit]", "[/x]", "[link=https://hostile.example]", "[@click=app.bell]here[/]")


@pytest.mark.parametrize("text", MARKUP)
async def test_r19_markup_is_text_and_does_nothing(tmp_path: Path, desk: Desk, text: str) -> None:
    """`[@click=app.quit]`, `[/x]`, `[link=…]`: literal; no crash; no action."""
    path = tmp_path / "f.json"
    path.write_bytes(array(hostile_finding(f"see {text} there")))
    async with at_console(desk, tmp_path, WIDE) as story:
        screen = await open_records(story, path)
        await story.sees(f"see {text} there", "message")
        places = [(line.find(text), row) for row, line in enumerate(story.text.splitlines()) if text in line]
        for column, row in (places[0], places[-1]):
            await story.pilot.click(offset=(column + len(text) // 2, row))
        assert story.app.is_running
        await story.press("escape")
        await open_records(story, path)
        assert isinstance(screen, RecordsScreen)
        assert not story.app._exit


ALIKE: Final = {
    "RLO": ("finding-\u202e1", "finding-\\u{202e}1"),
    "ZWSP": ("finding-\u200b1", "finding-\\u{200b}1"),
    "look-alike": ("f\u0456nding-1", "f\u0456nding-1"),
}
"""Identifiers that look like `finding-1`, and how they are shown."""


@pytest.mark.parametrize("kind", ALIKE)
async def test_r20_identifiers_that_look_alike_are_told_apart(tmp_path: Path, desk: Desk, run: Run, kind: str) -> None:
    """RLO/ZWSP/look-alike in uid: marked; equality on raw."""
    uid, shown = ALIKE[kind]
    event = finding(1)
    event["finding_info"]["uid"] = uid
    path = tmp_path / "f.json"
    path.write_bytes(array(finding(1), event))
    assert issues(run("validate", path, "--format", "jsonl")) == []
    assert run("inspect", path, "--format", "json").json()["files"][0]["duplicates"] == 0
    path.write_bytes(array({"finding_info": {"uid": uid}}))
    async with at_console(desk, tmp_path, WIDE) as story:
        await open_records(story, path)
        await story.sees(f"uid {shown}")
        assert_inert(story)


async def test_r21_a_million_line_breaks_stall_nothing(tmp_path: Path, desk: Desk) -> None:
    """1 M newlines field: truncated view, no freeze."""
    path = tmp_path / "f.json"
    path.write_bytes(array({"message": "start" + "\n" * 1_000_000 + "end"}, finding(1)))
    async with at_console(desk, tmp_path, WIDE) as story:
        await open_records(story, path)
        await story.sees("start␊␊")
        began = time.process_time()
        await story.press("enter", "enter")
        await story.on(ValueDialog)
        await story.sees("1,000,008 characters")
        await story.press("pagedown", "escape")
        await story.on(RecordsScreen)
        assert time.process_time() - began < 5


async def test_r22_a_field_of_megabytes_is_cut_and_paged(tmp_path: Path, desk: Desk) -> None:
    """10 MB `raw_data`: collapsed; view pages."""
    rows = "\n".join(f"row {number} " + "x" * 60 for number in range(150_000))
    path = tmp_path / "f.json"
    path.write_bytes(array({"raw_data": rows}))
    async with at_console(desk, tmp_path, WIDE) as story:
        screen = await open_records(story, path)
        await story.sees("raw_data row 0")
        assert "row 20 " not in story.text
        await story.press("enter", "enter")
        await story.on(ValueDialog)
        await story.sees(f"{len(rows):,} characters", "│ row 0 ")
        await story.press("pagedown", "pagedown")
        await story.until(lambda: "│  row 0 " not in story.text)
        await story.press("escape")
        await story.until(lambda: story.app.screen is screen)


async def test_r25_thousands_of_keys_are_shown_in_parts(tmp_path: Path, desk: Desk) -> None:
    """Unmapped with 10 k keys / key of 1 MB: capped."""
    unmapped = {"k" * MEGABYTE: 1, **{f"key {number}": number for number in range(10_000)}}
    path = tmp_path / "f.json"
    path.write_bytes(json.dumps([unmapped]).encode())
    async with at_console(desk, tmp_path, WIDE) as story:
        screen = await open_records(story, path)
        await story.sees("kkkkkkkk", "key 1 ")
        assert len(screen.record.root.children) < 1_000
        await story.press("enter", "end")
        await story.sees("more")
