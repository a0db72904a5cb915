"""Targets that are added, edited and removed on the screen: the file says so, and every other screen knows at once."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from textual.content import Content
from textual.widgets import Input

from console.cli.setup import make_validator
from console.config import Config, ProwlerConfig, SecurityHubConfig, UiConfig, load, with_environment
from console.config_file import ConfigFile
from console.credentials import Credentials, Secret
from console.sandbox.server import running
from console.submissions.desk import Desk
from screens.jobs import JobsScreen
from screens.login import LoginScreen
from screens.memory import Memory
from screens.target_form import Draft, TargetForm
from screens.targets import TargetsScreen
from screens.widgets.dialogs import ConfirmDialog, ErrorDialog
from screens.widgets.form_field import FormField
from screens.widgets.target_select import TargetSelect
from tests.screens.conftest import Look
from tests.screens.fixed_desk import FixedDesk
from tests.screens.job_stories import NARROW, WIDE, MemoryKeyring, Story, app_at, at_console, make_desk, quick
from tests.screens.terminal import console as pty_console

TEXT = """\
# Ours.
[targets.staging]
kind = "prowler"
base_url = "https://old.example.com"  # for now
"""


@pytest.fixture
def file(tmp_path: Path) -> ConfigFile:
    """A configuration file with one target."""
    path = tmp_path / "config.toml"
    path.write_text(TEXT)
    return ConfigFile(path, {})


async def open_targets(story: Story, *texts: str) -> TargetsScreen:
    """Go to the Targets screen."""
    await story.press("3")
    screen = await story.on(TargetsScreen)
    await story.sees(*texts or ("file https://old.example.com",))
    return screen


async def fill(form: TargetForm, story: Story, **values: str) -> None:
    """Type values into the fields of a form."""
    for name, value in values.items():
        await story.until(lambda: any(one.key == name for one in form.query(FormField)))  # noqa: B023
        field = next(one for one in form.query(FormField) if one.key == name)
        field.focus_field()
        field.query_one(Input).value = ""
        await story.press(*value)


def choose(screen: TargetsScreen, name: str) -> None:
    """Put the cursor on a target."""
    screen.table.move_cursor(row=[one.name for one in screen.table.targets].index(name))


def console(
    file: ConfigFile, tmp_path: Path, keyring: MemoryKeyring | None = None, *, read_only: bool = False
) -> AbstractAsyncContextManager[Story]:
    """The app on what the file says."""
    desk = make_desk(
        "http://127.0.0.1:9", tmp_path / "state", key=None, keyring=keyring, ui=UiConfig(read_only=read_only)
    )
    desk.config = desk.config.model_copy(update={"targets": with_environment(file.alone(), {}).targets})
    return at_console(desk, tmp_path, NARROW, file)


async def test_a_new_target_is_kept_logged_in_to_and_tested_and_the_jobs_know_it(
    file: ConfigFile, tmp_path: Path
) -> None:
    keyring = MemoryKeyring()
    with running(quick()) as sandbox:
        access = sandbox.access.prowler
        async with console(file, tmp_path, keyring) as story:
            await story.press("2")
            jobs = await story.on(JobsScreen)
            await open_targets(story)
            await story.press("a")
            form = await story.on(TargetForm)
            await fill(form, story, name="mine", base_url=access.base_url)
            await story.press("enter")
            await story.on(ConfirmDialog)
            await story.sees("mine: kept in", "Log in to it now?")
            await story.press("y")
            dialog = await story.on(LoginScreen)
            dialog.query_one(Input).value = access.api_key.reveal()
            await story.press("enter")
            await story.sees("Logged in to mine, kept in the keyring.", "● ok permission")

            assert load(file.path).targets["mine"].model_dump() == {"kind": "prowler", "base_url": access.base_url}
            assert file.path.read_text().startswith(TEXT)
            await story.press("2")
            options = [value for _, value in jobs.query_one(TargetSelect)._options]
            assert "mine" in options
            jobs.query_one(TargetSelect).value = "mine"
            await story.sees("mine has no jobs yet.")


async def test_what_is_wrong_is_said_below_its_field_while_one_types(file: ConfigFile, tmp_path: Path) -> None:
    async with console(file, tmp_path) as story:
        screen = await open_targets(story)
        await story.press("a")
        form = await story.on(TargetForm)
        await story.pilot.pause()
        assert "✗" not in "\n".join(story.text.splitlines()[8:16]), "an empty form is no fault"
        await story.press("ctrl+s")
        await story.sees("✗ Letters, digits and . _ - only")
        await fill(form, story, name="staging")
        await story.sees("file has a target of that name")
        await fill(form, story, base_url="http://example.com")
        await story.sees("✗ A URL must be https")
        await fill(form, story, name="xdr2")
        await story.until(lambda: "of that name" not in story.text)

        await story.press("tab", "enter", "down", "enter")
        await fill(form, story, base_url="https://x.example.com")
        await story.sees("✗ base_url and token_url go together", "module_instance_id")
        await story.press("enter")
        assert story.app.screen is form, "what is wrong is not kept"
        await fill(form, story, token_url="https://x.example.com")
        await story.until(lambda: "go together" not in story.text)
        await story.press("escape")
        await story.until(lambda: story.app.screen is screen)

        assert file.path.read_text() == TEXT


async def test_a_setting_changes_and_comments_stay(file: ConfigFile, tmp_path: Path) -> None:
    async with console(file, tmp_path) as story:
        screen = await open_targets(story)
        choose(screen, "staging")
        await story.press("e")
        form = await story.on(TargetForm)
        await story.sees("Settings of staging", "https://old.example.com")
        await fill(form, story, base_url="https://new.example.com")
        await story.press("enter")
        await story.sees("staging: kept in", "file https://new.example.com")

        assert file.path.read_text() == TEXT.replace("https://old.example.com", "https://new.example.com")


async def test_a_setting_that_holds_several_is_typed_with_blanks_between(file: ConfigFile, tmp_path: Path) -> None:
    file.add("hub", {"kind": "security-hub", "region": "eu-west-1", "regions": ["us-east-1"]})
    async with console(file, tmp_path) as story:
        screen = await open_targets(story, "hub security-hub by AWS file")
        choose(screen, "hub")
        await story.press("e")
        form = await story.on(TargetForm)
        await story.sees("us-east-1")
        await fill(form, story, regions="us-east-1, us-west-2")
        await story.press("enter")
        await story.sees("hub: kept in")

        hub = SecurityHubConfig(kind="security-hub", region="eu-west-1", regions=("us-east-1", "us-west-2"))
        assert file.alone().targets["hub"] == hub


async def test_what_is_built_in_is_copied_into_the_file(file: ConfigFile, tmp_path: Path) -> None:
    async with console(file, tmp_path) as story:
        screen = await open_targets(story, "cisco-xdr ✗ missing built in")
        choose(screen, "cisco-xdr")
        await story.press("d")
        await story.sees("cisco-xdr is in no configuration file: nothing can be removed.")
        await story.press("e")
        await story.on(TargetForm)
        await story.sees("Copy cisco-xdr into the configuration file")
        await story.press("ctrl+s")
        await story.on(ConfirmDialog)
        await story.press("n")
        await story.sees("cisco-xdr ✗ missing file")

        assert file.path.read_text() == TEXT + '\n[targets.cisco-xdr]\nkind = "cisco-xdr"\n'


async def test_a_target_is_removed_and_its_secrets_are_asked_about(file: ConfigFile, tmp_path: Path) -> None:
    keyring = MemoryKeyring()
    keyring.entries["ocsf-console:https://old.example.com", "staging/api_key"] = Secret("pk_a.b")
    async with console(file, tmp_path, keyring, read_only=True) as story:
        await open_targets(story, "staging prowler ● keyring file", "read-only")
        await story.press("d")
        await story.on(ConfirmDialog)
        await story.sees("Remove the target staging from")
        await story.press("y")
        await story.sees("Forget the secrets of staging")
        await story.press("y")
        await story.sees("staging: forgotten (keyring).")
        await story.until(lambda: "old.example.com" not in story.text)

        assert keyring.entries == {}
        assert file.path.read_text() == "# Ours.\n"


async def test_what_can_not_be_kept_is_said_and_asked_for_again(file: ConfigFile, tmp_path: Path) -> None:
    async with console(file, tmp_path) as story:
        screen = await open_targets(story)
        await story.press("a")
        form = await story.on(TargetForm)
        await fill(form, story, name="mine")
        file.path.write_text("this is no [TOML")
        await story.press("enter")
        await story.on(ErrorDialog)
        await story.sees("is not TOML")
        await story.press("enter")
        again = await story.on(TargetForm)
        assert again is not form
        assert again.draft.name == "mine"
        await story.press("escape")
        await story.until(lambda: story.app.screen is screen)
        await story.sees("✗", "is not TOML")

        # It stood in the dialog, and stands in a line now, however often it is read.
        await story.press("r", "r")
        await story.until(lambda: not screen.workers)
        assert sum("is not TOML" in entry.message for entry in story.app.log_of_session.entries) == 2
        assert file.path.read_text() == "this is no [TOML"


async def test_without_a_file_nothing_can_be_kept(tmp_path: Path) -> None:
    desk = make_desk("http://127.0.0.1:9", tmp_path / "state", key=None)
    async with at_console(desk, tmp_path) as story:
        await open_targets(story, "cisco-xdr ✗ missing")
        await story.press("a")
        await story.sees("There is no configuration file in this session")


async def test_the_first_target_of_the_configuration_is_offered_first_until_another_is_chosen(tmp_path: Path) -> None:
    mine = {name: ProwlerConfig(kind="prowler", base_url="http://127.0.0.1:9") for name in ("beta", "alpha")}
    config, memory = with_environment(Config(targets={**mine}), {}), Memory(None)

    async def offered(chosen: str) -> str | None:
        desk = Desk(config, Credentials({}, MemoryKeyring()), tmp_path, make_validator)
        app = app_at(desk, tmp_path, memory)
        async with app.run_test() as pilot:
            story = Story(app, pilot, [])
            await story.press("2")
            select = (await story.on(JobsScreen)).filters.target_select
            first = select.target
            select.value = chosen
            await story.until(lambda: chosen in {app.last_target, first})
        await desk.close()
        return first

    assert await offered("beta") == "beta"
    assert memory.now.target == ""
    assert await offered("alpha") == "beta"
    assert await offered("beta") == "alpha"
    assert await offered("prowler") == "beta"
    assert await offered("prowler") == "prowler"
    assert memory.now.target == "prowler"


async def test_who_has_configured_nothing_is_told_of_the_sandbox_from_the_start(tmp_path: Path) -> None:
    desk = Desk(with_environment(Config(), {}), Credentials({}, MemoryKeyring()), tmp_path, make_validator)
    async with at_console(desk, tmp_path, WIDE) as story:
        await story.sees("No target yet? Press 3, then b")
        await story.press("2")
        await story.sees("b starts a sandbox")
        await story.press("3")
        await story.sees("b Sandbox")


async def test_who_has_no_target_is_offered_a_sandbox(file: ConfigFile, tmp_path: Path) -> None:
    async with console(file, tmp_path) as story:
        await open_targets(story)
        await story.sees("Nothing can be sent yet.", "b starts a sandbox")
        await story.press("b")
        await story.sees("sandbox: runs until you leave", "sandbox prowler ● this session session", "● ok permission")
        assert "Nothing can be sent yet." not in story.text
        await story.press("2")
        await story.on(JobsScreen)
        await story.sees("sandbox has no jobs yet.")
        # It goes with this run, so the next one does not ask for it.
        assert story.app.memory.now.target == ""

    assert file.path.read_text() == TEXT


async def test_a_key_of_the_environment_does_not_fit_the_sandbox(tmp_path: Path) -> None:
    desk = make_desk("http://127.0.0.1:9", tmp_path / "state", key=Secret("pk_a.b"))
    async with at_console(desk, tmp_path) as story:
        await open_targets(story, "● environment")
        assert "Nothing can be sent yet." not in story.text
        await story.press("b")
        await story.on(ErrorDialog)
        await story.sees("PROWLER_CLOUD_API_KEY in the environment comes first")


async def _a_form_with_faults(told: Story) -> None:
    await told.press("3")
    await told.sees("● environment")
    told.app.push_screen(TargetForm(Content("Add a target"), Draft("", {"kind": "cisco-xdr"})))
    form = await told.on(TargetForm)
    await fill(form, told, name="two words", base_url="http://example.com")
    await told.sees("✗ A URL must be https")


async def _nothing_to_send_to(told: Story) -> None:
    await told.press("3")
    await told.sees("Nothing can be sent yet.")


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
def test_look_of_a_form_with_faults(look: Look, tmp_path: Path, size: tuple[int, int]) -> None:
    assert look(FixedDesk(tmp_path / "state"), tmp_path, _a_form_with_faults, size)


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
def test_look_of_targets_without_secrets(look: Look, tmp_path: Path, size: tuple[int, int]) -> None:
    assert look(FixedDesk(tmp_path / "state", read_only=True), tmp_path, _nothing_to_send_to, size)


async def test_what_another_program_writes_into_the_file_is_used(file: ConfigFile, tmp_path: Path) -> None:
    async with console(file, tmp_path) as story:
        await open_targets(story)
        file.path.write_text(TEXT.replace("old.example.com", "new.example.com"))
        await story.press("r")
        await story.sees("file https://new.example.com", "was changed: its targets")
        assert story.app.config.targets == file.now().targets


def test_the_demo_has_its_sandbox_alone_and_says_of_no_file_that_it_was_changed(tmp_path: Path) -> None:
    environ = {"PROWLER_CLOUD_API_BASE_URL": "https://api.example.com"}
    with pty_console(tmp_path, environ, ("-m", "console", "demo")) as (terminal, _):
        terminal.sees("Choose a finding file.")
        terminal.press("3")
        terminal.sees("file", "http://127.0.0.1:")
        assert not any(words in terminal.text for words in ("was changed", "cisco-xdr", "api.example.com"))
        terminal.press("q")
        assert terminal.wait() == 0
