"""A file that does not fit its target: what the operator is offered, shown, and asked before anything is sent."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from console.convert.changes import Change, ChangeKind, JsonObject
from console.convert.forms import Form
from console.convert.tally import Refusal, Tally
from console.errors import DoesNotFit
from console.progress import Report, silent
from console.sandbox.server import Sandbox, running
from console.submissions.model import Conversion, Plan, Selection
from screens.job import JobScreen
from screens.jobs import JobsScreen
from screens.navigation import OpenSubmit
from screens.records import RecordsScreen
from screens.submit import SubmitScreen
from screens.widgets.choices import Choices
from screens.widgets.conversion_table import ConversionTable
from screens.widgets.dialogs import ConfirmDialog
from screens.widgets.send_panel import Offer
from tests.convert.records import prowler
from tests.screens.conftest import Look
from tests.screens.fixed_desk import FILE, FixedDesk
from tests.screens.fixed_desk import plan as fixed_plan
from tests.screens.job_stories import NARROW, WIDE, Story, at_console
from tests.targets.cisco_xdr.bundles import activity, finding
from tests.targets.desks import IN_IRELAND, desk_at
from tests.targets.security_hub.findings import finding as asff

ARN = "arn:aws:securityhub:eu-west-1:123456789012:product/123456789012/default"


@asynccontextmanager
async def at_both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Story, Sandbox]]:
    """The app with Security Hub and Cisco XDR as its targets."""
    with running(IN_IRELAND) as sandbox:
        desk = desk_at(sandbox, tmp_path / "state", monkeypatch)
        async with at_console(desk, tmp_path, WIDE) as story:
            yield story, sandbox


def scan(path: Path, *more: object) -> Path:
    """A scan of three findings, the second of an unknown severity, and more."""
    unknown: JsonObject = prowler(severity_id=99)
    records = [prowler(message=f"No. {number}", remediation={"desc": "x" * 600}) for number in (1, 2)]
    for number, record in enumerate((*records, unknown)):
        info = record["finding_info"]
        assert isinstance(info, dict)
        info["uid"] = f"f-{number}"
    path.write_text(json.dumps([records[0], unknown, records[1], *more], indent=1))
    return path


async def opened(story: Story, path: Path, target: str) -> SubmitScreen:
    """The Submit screen on a file, with that target chosen."""
    story.app.post_message(OpenSubmit(path))
    screen = await story.on(SubmitScreen)
    screen.query_one(Choices).target.value = target
    return screen


async def test_ocsf_is_converted_shown_and_sent_to_security_hub(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with at_both(tmp_path, monkeypatch) as (story, sandbox):
        screen = await opened(story, scan(tmp_path / "scan.json"), "hub")
        await story.sees("hub refuses record 0", "3 records can be converted to ASFF", "c Convert")
        assert not screen.panel.send_button.display
        await story.press("enter")  # the button that stands out

        await story.sees("Nothing has been sent yet.", "Records 2", "converted to ASFF")
        await story.sees("converting 2 of 3 records to ASFF", "2 shortened", "1 record can't be converted")
        await story.sees("not converted", "asff_severity_unknown: ", "remediation.desc")
        assert not screen.panel.query_one(f"#{Offer.CONVERT}").display, "it is converted"
        assert sandbox.journal.entries() == [], "nothing has gone out"
        await story.press("s")
        await story.on(ConfirmDialog)
        await story.sees("Send 2 records", "converted to ASFF, to hub")
        await story.press("y")

        await story.on(JobScreen)
        await story.sees("completed", "2 processed", "scan.json")
        assert [entry.endpoint for entry in sandbox.journal.entries()] == ["hub.import"]


async def test_an_error_leads_from_the_job_to_the_record_that_was_converted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with at_both(tmp_path, monkeypatch) as (story, _):
        path = scan(tmp_path / "scan.json", asff(Id="a-1", ProductArn=ARN, Title="x" * 257))
        target = await story.app.desk.target("hub")
        assert target.conversion is not None
        # The service knows a rule more than we do.
        monkeypatch.setattr(type(target), "conversion", replace(target.conversion, check_own=lambda record: ()))
        monkeypatch.setattr(target, "check", lambda record: [])
        screen = await opened(story, path, "hub")
        screen.converts_for = "hub"
        await story.press("r")
        await story.sees("Nothing has been sent yet.", "Records 3")
        await story.press("s", "y")
        await story.sees("refused 1 record")
        await story.press("enter")

        await story.on(JobScreen)
        await story.sees("1 invalid", "should NOT be longer than 256 characters")
        await story.press("tab", "enter")
        await story.on(RecordsScreen)
        await story.sees("a-1")
        await story.press("2")
        await story.on(JobsScreen)
        await story.sees("hub", "scan.json")


async def test_events_become_bundles_for_cisco_xdr_and_no_longer_when_another_target_is_chosen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with at_both(tmp_path, monkeypatch) as (story, sandbox):
        path = tmp_path / "events.json"
        path.write_text(json.dumps([finding("f-1", "a-1"), activity("a-1")]))
        screen = await opened(story, path, "xdr")
        await story.sees("2 records can be converted to OCSF bundles")
        await story.press("c")
        await story.sees("Nothing has been sent yet.", "Records 1", "converted to OCSF bundles")
        screen.query_one(Choices).selection.value = Selection.VALID
        await story.sees("only the valid records", "converted to OCSF bundles")

        screen.query_one(Choices).target.value = "hub"
        await story.sees("1 record can be converted to ASFF")
        assert not screen.query_one(ConversionTable).display
        screen.query_one(Choices).target.value = "xdr"
        await story.sees("Nothing has been sent yet.")
        await story.press("s", "y")
        await story.on(JobScreen)
        await story.sees("completed", "1 processed")
        assert [entry.endpoint for entry in sandbox.journal.entries("cisco.bundles")] == ["cisco.bundles"]


class MisfitDesk(FixedDesk):
    """A target that takes something else."""

    async def prepare(
        self,
        paths: Sequence[Path],
        target_name: str,
        selection: Selection,
        report: Report = silent,
        stdin: Path | None = None,
    ) -> Plan:
        message = f"{FILE}, line 1: hub refuses record 0: data should have required property 'SchemaVersion'."
        raise DoesNotFit(f"{message} Nothing was sent.", hint="", records=1_000, form="ASFF")


def converted() -> Conversion:
    """A thousand records, of which most became findings of two regions."""
    tally = Tally(records=1_000, converted=988, written=988, refused=12, regions={"eu-west-1": 700, "us-east-1": 288})
    message = "Its severity is unknown, and none was given for such findings."
    tally.refuse(Refusal("asff_severity_unknown", "severity_id", message, 12, 42, 81_234, 2_160))
    for kind, path, count in (
        (ChangeKind.MAPPED, "finding_info.title", 988),
        (ChangeKind.LEFT_OUT, "class_uid", 988),
        (ChangeKind.SHORTENED, "remediation.desc", 4),
        (ChangeKind.UNMAPPED, "cloud.account.labels", 31),
    ):
        tally.change([Change(kind, path, "It stands in another place there.")] * count, 3)
    return Conversion(Path(FILE), Form.ASFF, tally)


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
def test_look_of_a_plan_of_what_was_converted(look: Look, tmp_path: Path, size: tuple[int, int]) -> None:
    async def story(told: Story) -> None:
        told.app.post_message(OpenSubmit(Path(FILE)))
        await told.sees("Nothing has been sent yet.")

    desk = FixedDesk(tmp_path / "state", plan=fixed_plan(conversion=converted()))
    assert look(desk, tmp_path, story, size)


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
def test_look_of_the_offer_to_convert(look: Look, tmp_path: Path, size: tuple[int, int]) -> None:
    async def story(told: Story) -> None:
        told.app.post_message(OpenSubmit(Path(FILE)))
        await told.sees("1,000 records can be converted to ASFF")

    assert look(MisfitDesk(tmp_path / "state"), tmp_path, story, size)
