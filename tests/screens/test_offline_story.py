"""Validation needs nobody: no network and no keyring, from the folder to the report and back."""

from __future__ import annotations

import errno
import json
import os
import shutil
import socket
import subprocess
from pathlib import Path

import keyring
import pytest

from console.cli.setup import make_validator
from console.config import Config, ProwlerConfig, UiConfig
from console.credentials import Credentials
from console.submissions.desk import Desk
from screens.export import ExportDialog
from screens.files import FilesScreen
from screens.records import RecordsScreen
from screens.rules_dialog import RulesDialog
from screens.validation import ValidationScreen
from screens.widgets.tick import Tick
from tests.cli.conftest import COMMAND
from tests.conftest import NewFolder
from tests.screens.job_stories import WIDE, at_console
from tests.screens.scan import flawed, scan
from tests.screens.test_file_facts import line_of
from tests.screens.test_records_triage import on_record
from tests.screens.test_validation import choose

_NETWORK = ((socket.socket, ("connect", "connect_ex", "sendto")), (socket, ("getaddrinfo", "gethostbyname")))
_KEYRING = ("get_keyring", "get_password", "get_credential", "set_password", "delete_password")


@pytest.fixture
def touched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A machine whose network and whose keyring both fail at any use; what was used all the same is in here."""
    used: list[str] = []

    def forbid(holder: object, name: str) -> None:
        def refuse(*_: object, **__: object) -> None:
            used.append(name)
            raise OSError(errno.ENETUNREACH, f"{name} was used offline")

        monkeypatch.setattr(holder, name, refuse)

    for holder, names in _NETWORK:
        for name in names:
            forbid(holder, name)
    for name in _KEYRING:
        forbid(keyring, name)
    return used


@pytest.fixture
def offline_desk(new_folder: NewFolder) -> Desk:
    """A desk with a target, whose secrets would come from the system's keyring."""
    target = ProwlerConfig(kind="prowler", base_url="https://api.example.com")
    config = Config(targets={"prowler": target}, ui=UiConfig(refresh_seconds=1))
    return Desk(config, Credentials({}), new_folder(), make_validator)


async def test_an_analyst_triages_a_file_with_no_network_and_no_keyring(
    tmp_path: Path, offline_desk: Desk, touched: list[str]
) -> None:
    path = flawed(tmp_path)
    scan(tmp_path)
    async with at_console(offline_desk, tmp_path, WIDE) as story:
        files = await story.on(FilesScreen)
        await story.until(lambda: "✗ broken" in line_of(story, path.name))
        files.go_to(path)
        await story.until(lambda: files.file == path)

        await story.press("o")
        records = await story.on(RecordsScreen)
        await story.sees("2 broken")
        await story.press("i")
        await on_record(story, records, 3)
        await story.sees("severity_id must be one of")

        await story.press("v")
        validation = await story.on(ValidationScreen)
        await story.sees("records are invalid")
        choose(validation, "severity_id")
        await story.sees("First 1 record, of 1 issue")
        await story.press("enter")
        await story.on(RecordsScreen)
        await story.sees("1 of 30 records", "message finding number 3")
        await story.press("escape")
        await story.on(ValidationScreen)

        await story.press("x")
        dialog = await story.on(ExportDialog)
        await story.until(lambda: bool(dialog.name_input.value))
        dialog.name_input.focus()
        await story.press("enter")
        await story.sees("flawed.report.txt is written")
        await story.press("escape")
        await story.on(ValidationScreen)

        await story.press("t")
        rules = await story.on(RulesDialog)
        for box in rules.query(Tick):
            box.value = box.name in ("prowler", "security-hub")
        await story.press("ctrl+s")
        await story.sees("for prowler, security-hub", "records are invalid")

        for screen in (RecordsScreen, FilesScreen):
            await story.press("escape")
            await story.on(screen)
        await story.sees(path.name)
    assert touched == []
    assert "attribute_enum_value_unknown" in (tmp_path / "flawed.report.txt").read_text()


async def test_what_reaches_for_a_target_is_noticed(tmp_path: Path, offline_desk: Desk, touched: list[str]) -> None:
    async with at_console(offline_desk, tmp_path) as story:
        await story.press("3")
        await story.until(lambda: "get_keyring" in touched)
        await story.press("t")
        await story.until(lambda: "getaddrinfo" in touched)


def test_the_command_validates_in_a_process_that_has_no_network(tmp_path: Path) -> None:
    alone = ["unshare", "--net"]
    if shutil.which("unshare") is None or subprocess.run([*alone, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine gives nobody a network namespace of their own")
    # A keyring that fails as soon as it is thought of: its module can't be imported.
    (tmp_path / "keyring.py").write_text("raise SystemExit('the keyring was used')")

    done = subprocess.run(
        [*alone, *COMMAND, "validate", str(flawed(tmp_path)), "--format", "json"],
        env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1, done.stderr
    assert json.loads(done.stdout)["files"][0]["invalid"] > 0
