"""A person at the console, with a real sandbox behind it: what the stories about submitting and jobs begin with."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, TypeVar
from uuid import UUID

from textual.message import Message
from textual.pilot import Pilot

from console.cli.setup import make_validator
from console.config import CiscoXdrConfig, Config, LimitsConfig, ProwlerConfig, UiConfig
from console.config_file import ConfigFile
from console.credentials import Credentials, Secret
from console.errors import KeyringUnavailable
from console.ocsf.issues import Issue, Severity
from console.records.model import Record
from console.sandbox.prowler.intake import ProwlerSettings
from console.sandbox.prowler.model import Ingestion
from console.sandbox.prowler.store import Store
from console.sandbox.prowler.worker import Check, Pace
from console.sandbox.samples import as_array, findings
from console.sandbox.server import Sandbox, running
from console.sandbox.settings import Settings
from console.submissions.desk import Desk
from console.targets.base import COMPLETED, FAILED, PENDING, PROCESSING
from screens.app import ConsoleApp
from screens.memory import Memory
from screens.widgets.dialogs import ConfirmDialog

S = TypeVar("S")
M = TypeVar("M", bound=Message)

PATIENCE: Final = 20
"""Seconds after which a story is taken to hang."""
NARROW: Final = (80, 24)
WIDE: Final = (120, 40)
START: Final = datetime(2026, 11, 19, 10, 15, tzinfo=UTC)
"""When the first seeded job was taken in; the others follow minute by minute."""
STATUSES: Final = (COMPLETED, FAILED, PENDING, PROCESSING)


class MemoryKeyring:
    """A keyring that works, and forgets everything with the test."""

    def __init__(self) -> None:
        self.entries: dict[tuple[str, str], Secret] = {}

    def name(self) -> str:
        return "Test Keyring"

    def get(self, service: str, user: str) -> Secret | None:
        return self.entries.get((service, user))

    def set(self, service: str, user: str, secret: Secret) -> None:
        self.entries[service, user] = secret

    def delete(self, service: str, user: str) -> None:
        del self.entries[service, user]


class LockedKeyring(MemoryKeyring):
    """A keyring that nobody has unlocked."""

    def name(self) -> str:
        raise KeyringUnavailable("The Test Keyring is locked.", hint="Unlock it and try again.")

    def get(self, service: str, user: str) -> Secret | None:
        raise KeyringUnavailable("The Test Keyring is locked.", hint="Unlock it and try again.")


def marked_records_are_bad(record: Record) -> Sequence[Issue]:
    """A rule of the sandbox for stories: a record with the severity 42 is invalid."""
    if json.loads(record.raw).get("severity_id") == 42:
        return [Issue(Severity.ERROR, "attribute_enum_unknown", "severity_id", "42 is not a severity.")]
    return []


def quick(*, check: Check = marked_records_are_bad, pace: Pace | None = None, data: Path | None = None) -> Settings:
    """A sandbox that judges records by a small rule."""
    return Settings(data=data, prowler=ProwlerSettings(check=check, pace=pace or Pace()))


def finding_file(folder: Path, count: int = 30, *, bad: Sequence[int] = ()) -> Path:
    """A finding file; the records with the indices in *bad* are invalid to the sandbox."""
    records = list(findings(count))
    for index in bad:
        records[index]["severity_id"] = 42
    path = folder / "scan.ocsf.json"
    path.write_bytes(as_array(records))
    return path


def seed_jobs(store: Store, count: int) -> None:
    """Put jobs into the sandbox: one a minute, the statuses in turn, each started later the older it is."""
    for number in range(count):
        status = STATUSES[number % len(STATUSES)]
        at = START + number * timedelta(minutes=1)
        started = at + (count - number) * timedelta(minutes=3)
        store.add(
            Ingestion(
                id=job_id(number),
                status=status,
                total=(number * 37) % count,
                inserted_at=at,
                requested_at=at,
                filename=f"scan-{number}.ocsf.json",
                sha256="",
                size=1,
                path=None,
                started_at=None if status == PENDING else started,
                completed_at=started + timedelta(seconds=90) if status in (COMPLETED, FAILED) else None,
            )
        )


def job_id(number: int) -> UUID:
    """The identifier of a seeded job."""
    return UUID(int=(number + 1) << 96)


def make_desk(
    base_url: str,
    state: Path,
    *,
    key: Secret | None,
    keyring: MemoryKeyring | None = None,
    ui: UiConfig | None = None,
    limits: LimitsConfig | None = None,
    others: Mapping[str, str] | None = None,
) -> Desk:
    """A desk with a target `prowler`, others of its kind at other addresses, and one whose secrets are missing."""
    more = {name: ProwlerConfig(kind="prowler", base_url=url) for name, url in (others or {}).items()}
    config = Config(
        targets={
            "prowler": ProwlerConfig(kind="prowler", base_url=base_url),
            "xdr": CiscoXdrConfig(kind="cisco-xdr", region="eu"),
            **more,
        },
        ui=ui or UiConfig(refresh_seconds=1),
        limits=limits or LimitsConfig(),
    )
    environ = {} if key is None else {"PROWLER_CLOUD_API_KEY": key.reveal()}
    state.mkdir(exist_ok=True)
    return Desk(config, Credentials(environ, keyring or MemoryKeyring()), state, make_validator)


@dataclass
class Story:
    """A person in front of the app."""

    app: ConsoleApp
    pilot: Pilot[None]
    messages: list[Message]
    """All that was posted so far."""

    @property
    def text(self) -> str:
        """What is on the screen."""
        lines = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in line) for line in lines)

    @property
    def said_last(self) -> str:
        """What was said last in the corner of the screen, as one line; empty when that has gone."""
        said = [one.message for one in self.app._notifications]
        return said[-1] if said else ""

    async def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        await self.pilot.press(*keys)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something is so. Fails with what is on the screen when that takes too long."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + PATIENCE
        while not condition():
            assert loop.time() < deadline, f"This never came about:\n{self.text}"
            await self.pilot.pause(0.02)

    async def sees(self, *texts: str) -> None:
        """Wait until all of this is on the screen. Lines may be wrapped anywhere."""
        await self.until(lambda: all(text in " ".join(self.text.split()) for text in texts))

    async def on(self, screen: type[S]) -> S:
        """Wait until that screen is the one that is seen."""
        await self.until(lambda: isinstance(self.app.screen, screen))
        found = self.app.screen
        assert isinstance(found, screen)
        if isinstance(found, ConfirmDialog):
            # What is pressed before that is dropped.
            await self.until(lambda: found.is_seen)
        return found

    def posted(self, kind: type[M]) -> list[M]:
        """The messages of a kind that were posted so far."""
        # A message is seen by every widget that it passes.
        return list({id(one): one for one in self.messages if isinstance(one, kind)}.values())


def app_at(
    desk: Desk, start: Path | None, memory: Memory | None = None, config_file: ConfigFile | None = None
) -> ConsoleApp:
    """The app on a desk that is open already."""
    return ConsoleApp(desk.config, lambda: desk, start, memory, config_file)


@asynccontextmanager
async def at_console(
    desk: Desk, folder: Path, size: tuple[int, int] = NARROW, config_file: ConfigFile | None = None
) -> AsyncIterator[Story]:
    """The app on a desk, which is closed at the end."""
    app, messages = app_at(desk, folder, config_file=config_file), list[Message]()
    try:
        async with app.run_test(size=size, notifications=True, message_hook=messages.append) as pilot:
            yield Story(app, pilot, messages)
    finally:
        await desk.close()


@dataclass
class SandboxStory(Story):
    """A person in front of the app, with a sandbox as the target."""

    sandbox: Sandbox
    running: ExitStack

    async def stop(self) -> None:
        """Stop the sandbox. Its last answers are waited for, so this takes a thread."""
        await asyncio.to_thread(self.running.close)


@asynccontextmanager
async def at_sandbox(
    tmp_path: Path,
    *,
    settings: Settings | None = None,
    key: Secret | None = None,
    ui: UiConfig | None = None,
    limits: LimitsConfig | None = None,
    others: Mapping[str, str] | None = None,
    size: tuple[int, int] = NARROW,
) -> AsyncIterator[SandboxStory]:
    """The app with a sandbox as its target; *key* is the one that may do everything, unless another is given."""
    with ExitStack() as stack:
        sandbox = stack.enter_context(running(settings or quick()))
        access = sandbox.access.prowler
        desk = make_desk(
            access.base_url, tmp_path / "state", key=key or access.api_key, ui=ui, limits=limits, others=others
        )
        async with at_console(desk, tmp_path, size) as story:
            yield SandboxStory(story.app, story.pilot, story.messages, sandbox, stack)
