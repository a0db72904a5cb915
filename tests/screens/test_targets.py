"""The destinations: where their secrets come from, and the way to them step by step."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.app import App, ComposeResult
from textual.widgets import Button, Input

from console.credentials import Secret
from screens.job import JobScreen
from screens.jobs import JobsScreen
from screens.login import LoginScreen
from screens.targets import TargetsScreen
from screens.widgets.dialogs import ConfirmDialog, ErrorDialog
from screens.widgets.target_panel import StepLine, TargetPanel
from tests.screens.conftest import Look
from tests.screens.fixed_desk import FixedDesk
from tests.screens.job_stories import (
    NARROW,
    WIDE,
    LockedKeyring,
    MemoryKeyring,
    Story,
    at_console,
    at_sandbox,
    make_desk,
    quick,
    seed_jobs,
)
from tests.targets.fault_server import Connection, serving


async def open_targets(story: Story) -> TargetsScreen:
    """Go to the Targets screen."""
    await story.press("3")
    screen = await story.on(TargetsScreen)
    await story.sees("prowler", "cisco-xdr ✗ missing")
    return screen


async def log_in(story: Story, key: Secret, button: str = "#keyring") -> None:
    """Type a key in and press one of the buttons."""
    await story.press("l")
    dialog = await story.on(LoginScreen)
    dialog.query_one(Input).value = key.reveal()
    dialog.query_one(button, Button).press()


async def test_the_way_to_a_target_is_tested_step_by_step(tmp_path: Path) -> None:
    async with at_sandbox(tmp_path) as story:
        await open_targets(story)
        await story.sees("● environment", "PROWLER_CLOUD_API_KEY")
        await story.press("t")
        await story.sees("● ok address", "● ok credentials", "● ok permission", "Manage Ingestions is granted")


async def test_enter_shows_the_jobs_of_the_target(tmp_path: Path) -> None:
    async with at_sandbox(tmp_path) as story:
        seed_jobs(story.sandbox.prowler.store, 3)
        await open_targets(story)
        await story.press("j", "enter")
        jobs = await story.on(JobsScreen)
        await story.until(lambda: jobs.view is not None and jobs.view.target == "xdr")

        # Whatever is there by now: the list of another target, and a job of that one on it.
        await story.press("3", "k", "enter")
        assert await story.on(JobsScreen) is jobs
        await story.sees("› prowler", "3 jobs")
        await story.press("enter")
        await story.on(JobScreen)
        await story.press("3", "j", "enter")
        assert await story.on(JobsScreen) is jobs
        await story.sees("› xdr")
        await story.press("2")
        assert story.app.screen is jobs


async def test_a_step_that_takes_long_is_counted(tmp_path: Path) -> None:
    async with at_sandbox(tmp_path) as story:
        story.sandbox.faults.add("no-reply")
        await open_targets(story)
        await story.press("t")
        await story.sees("◐ testing · 3 s")


async def test_targets_are_tested_side_by_side(tmp_path: Path) -> None:
    with serving(Connection.hang) as silent:
        async with at_sandbox(tmp_path, others={"a-hanging-one": silent.url}) as story:
            screen = await open_targets(story)
            assert screen.table.target is not None
            assert screen.table.target.name == "a-hanging-one"
            await story.press("t")
            await story.sees("◐ testing")
            await story.press("j", "t")
            await story.sees("● ok permission", "Manage Ingestions is granted")

            # The end of one is not that of the other.
            await story.press("k")
            await story.sees("◐ testing · 3 s")
            assert "Manage Ingestions" not in story.text


async def test_a_missing_permission_is_named_with_advice(tmp_path: Path) -> None:
    settings = quick()
    async with at_sandbox(tmp_path, settings=settings, key=settings.prowler.api_key_without_permission) as story:
        await open_targets(story)
        await story.press("t")
        await story.sees("● ok credentials", "✗ failed permission", "Manage Ingestions")


async def test_a_key_for_this_session_opens_the_way_and_is_never_shown(tmp_path: Path) -> None:
    settings = quick()
    keyring = MemoryKeyring()
    async with at_sandbox(tmp_path, settings=settings) as elsewhere:
        desk = make_desk(elsewhere.sandbox.url, tmp_path / "own", key=None, keyring=keyring)
        async with at_console(desk, tmp_path) as story:
            await open_targets(story)
            await story.sees("✗ missing", "Press l to log in, or set PROWLER_CLOUD_API_KEY")
            await story.press("2")
            await story.sees("Press 3 for Targets")
            await story.press("3")
            await log_in(story, settings.prowler.api_key, "#session")
            await story.sees("● this session", "Logged in to prowler, for this session only.")
            assert settings.prowler.api_key.reveal() not in story.text
            assert keyring.entries == {}

            await story.press("t")
            await story.sees("● ok permission")
            await story.press("2")
            await story.sees("prowler has no jobs yet.")


async def test_a_key_in_the_keyring_is_bound_to_the_address_and_forgotten_when_logging_out(tmp_path: Path) -> None:
    keyring = MemoryKeyring()
    desk = make_desk("http://127.0.0.1:9", tmp_path / "state", key=None, keyring=keyring)
    async with at_console(desk, tmp_path) as story:
        await open_targets(story)
        await log_in(story, Secret("pk_example1.secret"))
        await story.sees("● keyring", "Test Keyring")
        assert list(keyring.entries) == [("ocsf-console:http://127.0.0.1:9", "prowler/api_key")]

        await story.press("o")
        await story.on(ConfirmDialog)
        await story.press("y")
        await story.sees("✗ missing", "prowler: forgotten (keyring).")
        assert keyring.entries == {}


@pytest.mark.parametrize(
    ("button", "kept"), [("#keyring", "kept in the keyring"), ("#session", "for this session only")]
)
async def test_logging_in_says_that_the_environment_comes_first(tmp_path: Path, button: str, kept: str) -> None:
    async with at_sandbox(tmp_path) as story:
        await open_targets(story)
        await log_in(story, Secret("pk_example1.secret"), button)
        await story.sees(f"what you typed in is {kept} and not in use", "● environment")
        await story.sees("PROWLER_CLOUD_API_KEY in the environment comes first. Unset it and start again.")


async def test_logging_in_for_a_session_says_that_the_keyring_comes_first(tmp_path: Path) -> None:
    desk = make_desk("http://127.0.0.1:9", tmp_path / "state", key=None, keyring=MemoryKeyring())
    async with at_console(desk, tmp_path) as story:
        await open_targets(story)
        await log_in(story, Secret("pk_stale.secret"), "#keyring")
        await story.sees("Logged in to prowler, kept in the keyring.")
        await log_in(story, Secret("pk_fresh.secret"), "#session")
        await story.sees("what the Test Keyring holds comes first. Press o to forget both, then log in again.")


async def test_logging_in_says_that_a_broken_variable_comes_first(tmp_path: Path) -> None:
    desk = make_desk("http://127.0.0.1:9", tmp_path / "state", key=Secret("pk_\u00e9"))
    async with at_console(desk, tmp_path) as story:
        await open_targets(story)
        await log_in(story, Secret("pk_example1.secret"), "#session")
        await story.sees("in PROWLER_CLOUD_API_KEY holds a character", "comes first: mend it and start again.")


async def test_a_test_with_other_secrets_is_forgotten_when_these_change(tmp_path: Path) -> None:
    settings = quick()
    async with at_sandbox(tmp_path, settings=settings) as elsewhere:
        desk = make_desk(elsewhere.sandbox.url, tmp_path / "own", key=None)
        async with at_console(desk, tmp_path) as story:
            screen = await open_targets(story)
            await story.press("t")
            await story.sees("✗ failed credentials")
            await log_in(story, settings.prowler.api_key, "#session")
            await story.sees("Logged in to prowler")
            await story.until(lambda: not screen.query(StepLine))


async def test_a_session_is_forgotten_even_where_the_keyring_fails(tmp_path: Path) -> None:
    settings = quick()
    async with at_sandbox(tmp_path, settings=settings) as elsewhere:
        desk = make_desk(elsewhere.sandbox.url, tmp_path / "own", key=None, keyring=LockedKeyring())
        async with at_console(desk, tmp_path) as story:
            await open_targets(story)
            await log_in(story, settings.prowler.api_key, "#session")
            await story.sees("● this session")
            await story.press("t")
            await story.sees("● ok permission")
            await story.press("o")
            await story.on(ConfirmDialog)
            await story.press("y")
            await story.on(ErrorDialog)
            await story.press("enter")
            await story.sees("✗ missing")
            await story.press("t")
            await story.sees("✗ failed credentials")


async def test_logging_out_says_that_the_environment_still_gives_the_key(tmp_path: Path) -> None:
    async with at_sandbox(tmp_path) as story:
        await open_targets(story)
        await story.press("o")
        await story.on(ConfirmDialog)
        await story.press("y")
        await story.sees("the environment still gives the secret (PROWLER_CLOUD_API_KEY)")


async def test_a_locked_keyring_is_a_dialog_that_says_what_to_do_instead(tmp_path: Path) -> None:
    desk = make_desk("http://127.0.0.1:9", tmp_path / "state", key=None, keyring=LockedKeyring())
    async with at_console(desk, tmp_path) as story:
        screen = await open_targets(story)
        await log_in(story, Secret("pk_example1.secret"))
        await story.on(ErrorDialog)
        await story.sees("The Test Keyring is", "Set PROWLER_CLOUD_API_KEY in the")
        await story.press("enter")
        dialog = await story.on(LoginScreen)
        assert dialog.query_one(Input).value == "pk_example1.secret"
        await story.press("escape")
        await story.until(lambda: story.app.screen is screen)
        await story.sees("✗ missing")


async def test_without_a_keyring_enter_keeps_a_secret_for_the_session(tmp_path: Path) -> None:
    desk = make_desk("http://127.0.0.1:9", tmp_path / "state", key=None, keyring=LockedKeyring())
    async with at_console(desk, tmp_path) as story:
        await open_targets(story)
        await story.press("l")
        await story.on(LoginScreen)
        await story.sees("enter this session only: no keyring here")
        await story.press(*"pk_example1.secret", "enter")
        await story.sees("● this session", "Logged in to prowler, for this session only.")


async def test_nothing_is_kept_of_an_empty_key_or_of_one_that_is_not_confirmed(tmp_path: Path) -> None:
    keyring = MemoryKeyring()
    desk = make_desk("http://127.0.0.1:9", tmp_path / "state", key=None, keyring=keyring)
    async with at_console(desk, tmp_path) as story:
        screen = await open_targets(story)
        await story.press("l")
        dialog = await story.on(LoginScreen)
        await story.press("enter")
        assert story.app.screen is dialog, "an empty key is asked for again"
        await story.press("x", "escape")
        await story.until(lambda: story.app.screen is screen)

        assert keyring.entries == {}


async def test_a_target_that_aws_keeps_the_credentials_of_says_so_and_asks_for_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    async with at_console(FixedDesk(tmp_path / "state"), tmp_path) as story:
        screen = await open_targets(story)
        await story.sees("hub security-hub by AWS built in https://securityhub.eu-west-…")
        await story.press("j", "j")
        await story.sees("Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run: aws configure")
        await story.press("l")
        await story.sees("hub: AWS keeps its credentials.")
        await story.press("o")
        await story.sees("hub: AWS keeps its credentials: there is nothing to forget.")
        assert story.app.screen is screen


async def test_a_target_of_two_secrets_asks_for_both_and_forgets_both(tmp_path: Path) -> None:
    keyring = MemoryKeyring()
    desk = make_desk("http://127.0.0.1:9", tmp_path / "state", key=Secret("pk_example1.secret"), keyring=keyring)
    async with at_console(desk, tmp_path) as story:
        await open_targets(story)
        await story.press("j", "l")
        dialog = await story.on(LoginScreen)
        await story.sees("Log in to xdr", "Cisco XDR client ID", "Cisco XDR client secret")
        await story.press(*"client-1", "enter")
        assert story.app.screen is dialog, "the other one is asked for"
        await story.press(*"secret-1", "enter")
        await story.sees("Logged in to xdr, kept in the keyring.")
        assert "secret-1" not in story.text
        service = "ocsf-console:https://visibility.eu.amp.cisco.com"
        assert keyring.entries == {
            (service, "xdr/client_id"): Secret("client-1"),
            (service, "xdr/client_secret"): Secret("secret-1"),
        }

        await story.press("o")
        await story.on(ConfirmDialog)
        await story.press("y")
        await story.sees("xdr: forgotten (keyring).")
        assert keyring.entries == {}


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
def test_look_of_a_target_that_is_tested(look: Look, tmp_path: Path, size: tuple[int, int]) -> None:
    async def story(told: Story) -> None:
        await told.press("3")
        await told.sees("● environment")
        await told.press("t")
        await told.sees("✗ failed permission", "Ask an administrator")

    assert look(FixedDesk(tmp_path / "state"), tmp_path, story, size)


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
def test_look_of_the_login(look: Look, tmp_path: Path, size: tuple[int, int]) -> None:
    async def story(told: Story) -> None:
        await told.press("3")
        await told.sees("● environment")
        await told.press("l")
        await told.on(LoginScreen)
        await told.press(*"secret")

    assert look(FixedDesk(tmp_path / "state"), tmp_path, story, size)


async def test_no_test_is_shown_before_it_is_known_which_targets_there_are() -> None:
    class Unknowing(App[None]):
        def compose(self) -> ComposeResult:
            yield TargetPanel({})

    app = Unknowing()
    async with app.run_test():
        assert not app.query_one(TargetPanel).testing.display
