"""Repairing a broken file from the Files screen: what is whole goes to a new one, and nothing is ever written over."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from console.convert.forms import Form
from console.progress import Cancel, Report
from console.records.reader import FindingFile
from console.submissions.desk import Desk
from screens import repair
from screens.convert import ConvertDialog
from screens.files import FilesScreen
from screens.new_names import Naming, chosen, proposed
from screens.repair import RepairDialog
from tests.screens.conftest import Look
from tests.screens.job_stories import NARROW, WIDE, Story, at_console
from tests.screens.scan import flawed, record, scan
from tests.screens.test_files import choose


@pytest.mark.parametrize(
    ("name", "naming", "new"),
    [
        ("scan.ocsf.json", Naming("repaired", is_ocsf=True), "scan.repaired.ocsf.json"),
        ("scan.ocsf.json.gz", Naming("lines", ".ndjson", is_ocsf=True), "scan.lines.ocsf.ndjson"),
        ("scan.ocsf.json", Naming("asff"), "scan.asff.json"),
        ("v1.2", Naming("asff"), "v1.2.asff.json"),
        (".json", Naming("asff"), "findings.asff.json"),
        ("\x1b]0;x\x07\udcff.json", Naming("asff"), "findings.asff.json"),
        ("x" * 300, Naming("asff"), "findings.asff.json"),
    ],
)
def test_a_new_file_is_called_after_the_old_one_unless_that_would_harm_the_terminal(
    tmp_path: Path, name: str, naming: Naming, new: str
) -> None:
    assert proposed(tmp_path / name, naming) == new


def test_a_name_that_is_taken_is_not_proposed_though_it_be_a_link_to_nothing(tmp_path: Path) -> None:
    (tmp_path / "scan.asff.json").touch()
    (tmp_path / "scan.asff-2.json").symlink_to("nowhere")

    assert proposed(tmp_path / "scan.json", Naming("asff")) == "scan.asff-3.json"


def test_a_name_may_lead_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    beside = tmp_path / "scan.json"

    assert chosen(" new.json ", beside) == tmp_path / "new.json"
    assert chosen("~/new.json", beside) == Path("/home/me/new.json")
    assert chosen("/else/new.json", beside) == Path("/else/new.json")


async def test_a_broken_file_is_repaired_and_the_new_one_gone_to(tmp_path: Path, desk: Desk) -> None:
    broken = flawed(tmp_path)
    broken.chmod(0o640)
    before = broken.read_bytes()
    async with at_console(desk, tmp_path, WIDE) as story:
        screen = await story.on(FilesScreen)
        await choose(story, "flawed.ocsf.json")
        await story.sees("R repairs it")
        await story.press("R")
        dialog = await story.on(RepairDialog)
        await story.until(lambda: dialog.name_input.value == "flawed.repaired.ocsf.json")
        await story.press("enter")
        await story.sees(
            "flawed.repaired.ocsf.json is written", "29 records", "Dropped at 1 place", "record 5", "Mended"
        )
        await story.press("enter")
        await story.on(FilesScreen)
        new = tmp_path / "flawed.repaired.ocsf.json"
        await story.until(lambda: screen.file == new)
        await story.sees("29 records · 1 account")

    assert broken.read_bytes() == before
    assert len(json.loads(new.read_bytes())) == 29
    assert new.stat().st_mode & 0o777 == 0o640


async def test_nothing_is_written_over_and_another_name_can_be_given(tmp_path: Path, desk: Desk) -> None:
    flawed(tmp_path)
    taken = tmp_path / "taken.json"
    taken.write_text("[]")
    async with at_console(desk, tmp_path) as story:
        await choose(story, "flawed.ocsf.json")
        await story.press("R")
        dialog = await story.on(RepairDialog)
        for name, said in (
            ("flawed.ocsf.json", "is there already"),
            ("taken.json", "is there already"),
            ("", "needs a name"),
            (str(tmp_path), "A folder has that name"),
            ("none/x.json", "No such file or directory"),
            ("~nobody-of-that-name/x.json", "no such user"),
        ):
            dialog.name_input.value = name
            await story.press("enter")
            await story.sees(said)
        dialog.name_input.value = "free.json"
        await story.press("enter")
        await story.sees("free.json is written")
        await story.press("escape")
        await story.on(FilesScreen)
        await story.sees("free.json")

    assert taken.read_text() == "[]"
    assert sorted(path.name for path in tmp_path.glob("*.json")) == ["flawed.ocsf.json", "free.json", "taken.json"]
    assert [name for name in os.listdir(tmp_path) if name.startswith(".")] == []  # noqa: PTH208


async def test_a_repair_that_is_stopped_leaves_nothing_behind(
    tmp_path: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[bool] = []

    def endless(file: FindingFile, write: Callable[[bytes], object], tell: Report, cancel: Cancel) -> None:
        write(b"[")
        begun.append(True)
        while True:
            cancel.check()

    monkeypatch.setattr(repair, "repair", endless)
    flawed(tmp_path)
    async with at_console(desk, tmp_path) as story:
        await choose(story, "flawed.ocsf.json")
        await story.press("R")
        dialog = await story.on(RepairDialog)
        await story.until(lambda: bool(dialog.name_input.value))
        await story.press("enter")
        await story.until(lambda: bool(begun))
        await story.press("escape")
        await story.sees("Stopped. Nothing was written.")
        await story.until(lambda: len(list(tmp_path.iterdir())) == 1 + (tmp_path / "state").exists())
        await story.press("escape")
        await story.on(FilesScreen)


async def convert_to(story: Story, form: Form) -> ConvertDialog:
    """Open the dialog and choose a format."""
    await story.press("c")
    dialog = await story.on(ConvertDialog)
    dialog.form_select.value = form
    await story.until(lambda: bool(dialog.name_input.value))
    return dialog


async def test_a_file_is_converted_with_an_account_of_every_value(tmp_path: Path, desk: Desk) -> None:
    (tmp_path / "azure.json").write_text(json.dumps([{**record(0), "cloud": {"provider": "azure"}}]))
    async with at_console(desk, tmp_path, WIDE) as story:
        await choose(story, "azure.json")
        dialog = await convert_to(story, Form.ASFF)
        await story.press("enter")
        await story.sees("No record could be converted", "1 × cloud.account.uid", "none was given")
        await story.press("escape")
        await story.on(FilesScreen)
        assert len(list(tmp_path.glob("*.json"))) == 1

        dialog = await convert_to(story, Form.ASFF)
        dialog.account_input.value = "12345"
        await story.press("enter")
        await story.sees("An AWS account has 12 digits.")
        dialog.account_input.value, dialog.region_input.value = "123456789012", "Europe"
        await story.press("enter")
        await story.sees("A region is named like eu-west-1.")
        dialog.region_input.value = "eu-west-1"
        await story.press("enter")
        await story.sees("azure.asff.json is written", "1 of 1 record converted to 1", "Left out", "Filled in")

    (finding,) = json.loads((tmp_path / "azure.asff.json").read_bytes())
    assert finding["AwsAccountId"] == "123456789012"


async def test_another_format_proposes_another_name(tmp_path: Path, desk: Desk) -> None:
    scan(tmp_path, 3)
    async with at_console(desk, tmp_path, NARROW) as story:
        await choose(story, "scan.ocsf.json")
        dialog = await convert_to(story, Form.NDJSON)
        await story.until(lambda: dialog.name_input.value == "scan.lines.ocsf.ndjson")
        assert not dialog.query_one("#asff").display
        await story.press("enter")
        await story.sees("3 of 3 records converted")

    assert (tmp_path / "scan.lines.ocsf.ndjson").read_bytes().count(b"\n") == 3


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
def test_look_of_a_repair(scans: Path, desk: Desk, look: Look, size: tuple[int, int]) -> None:
    flawed(scans)

    async def story(story: Story) -> None:
        await choose(story, "flawed.ocsf.json")
        await story.sees("29 ✗ broken", "Not submitted")
        await story.press("R")
        dialog = await story.on(RepairDialog)
        await story.until(lambda: bool(dialog.name_input.value))
        await story.press("enter")
        await story.sees("Dropped at 1 place", "Go to it")

    assert look(desk, Path("scans"), story, size)


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
def test_look_of_a_conversion(scans: Path, desk: Desk, look: Look, size: tuple[int, int]) -> None:
    scan(scans)

    async def story(story: Story) -> None:
        await choose(story, "scan.ocsf.json")
        await story.sees("30 ● valid", "Not submitted")
        await story.press("c")
        await story.sees("scan.asff.json", "Account")

    assert look(desk, Path("scans"), story, size)
