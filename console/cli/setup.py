"""What commands need before they start: configuration, desk, files. Loads the parts when they are asked for."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, TypeVar

import click

from console import paths
from console.cli.once import once
from console.cli.parsing import STDIN
from console.cli.signals import stoppable, until_stopped
from console.display import safe_text
from console.errors import BadConfig, BadInput, ConsoleError, StateError, UnreadableFile
from console.limits import DEFAULT_LIMITS, Limits
from console.records.model import SUFFIXES

if TYPE_CHECKING:
    from console.config import Config
    from console.ocsf.rules import Policy
    from console.ocsf.validator import Validator
    from console.records.reader import FindingFile
    from console.submissions.desk import Desk

R = TypeVar("R")

READ_ONLY: Final = "ocsf-console.read_only"
"""Under which the context of a command keeps whether `--read-only` was given."""


def config_path() -> Path:
    """The configuration file of this run: `--config`, else the usual places."""
    chosen = _chosen_config()
    return paths.config_file() if chosen is None else chosen


def file_config() -> Config:
    """What the configuration file says, alone. Raises `BadConfig`; `BadInput` for a named file that is not there."""
    from console import config

    path = config_path()
    if not paths.is_there(path) and (_chosen_config() is not None or os.environ.get(paths.CONFIG_VARIABLE)):
        raise BadInput(f"There is no configuration file {safe_text(path)}.")
    return config.load(path)


def read_config() -> Config:
    """The configuration with what environment and command line add. Raises as `file_config` does."""
    from console import config

    found = config.with_environment(file_config())
    if click.get_current_context().meta.get(READ_ONLY):
        return found.model_copy(update={"ui": found.ui.model_copy(update={"read_only": True})})
    return found


def _chosen_config() -> Path | None:
    """What `--config` names."""
    chosen = click.get_current_context().find_root().obj
    return chosen if isinstance(chosen, Path) else None


def program_options() -> list[str]:
    """The options of the whole program that were given, for a process that is started to do this one's work."""
    chosen = _chosen_config()
    config = [] if chosen is None else ["--config", str(chosen)]
    return [*config, *(["--read-only"] if click.get_current_context().meta.get(READ_ONLY) else [])]


def is_attended() -> bool:
    """Whether somebody is there to answer a question. A closed stdin is none at all."""
    return sys.stdin is not None and sys.stdin.isatty()


def stdin() -> BinaryIO:
    """What comes on stdin. Raises `BadInput` when it is closed."""
    if sys.stdin is None:
        raise BadInput("stdin is closed: there is nothing to read.")
    return sys.stdin.buffer


def make_validator(policy: Policy | None = None, limits: Limits = DEFAULT_LIMITS) -> Validator:
    """A validator over the packaged and the added schemas; the full rules and each record's version by default.

    Raises `BadInput` for a version that there is none of.
    """
    from console.ocsf.rules import DEFAULT_POLICY
    from console.ocsf.store import user_store
    from console.ocsf.validator import Validator

    return Validator(user_store(), policy or DEFAULT_POLICY, limits)


def open_desk(config: Config) -> Desk:
    """The operator's desk, as the configuration and the keyring make it."""
    from console.credentials import Credentials
    from console.submissions.desk import Desk

    limits = config.limits.for_files()
    return Desk(config, Credentials(), paths.state_dir(), lambda: make_validator(limits=limits))


def with_desk(work: Callable[[Desk], Awaitable[R]]) -> R:
    """Run asynchronous work at the desk, and close it however the work ends. Raises `Stopped`."""

    async def run() -> R:
        desk = open_desk(read_config())
        try:
            with until_stopped():
                return await work(desk)
        finally:
            await desk.close()

    return asyncio.run(run())


@dataclass(frozen=True, slots=True)
class Source:
    """A finding file to work on, and what to call it; or a folder that no files can be taken from."""

    path: Path
    label: str
    failure: UnreadableFile | None = None
    """Why no files can be taken from the folder; None for a file, which has not been opened yet."""

    @property
    def name(self) -> str:
        """What messages call it."""
        return "stdin" if self.label == STDIN else self.label

    def check(self) -> None:
        """Raise `UnreadableFile` for a folder that no files can be taken from."""
        if self.failure is not None:
            raise self.failure

    def open(self, limits: Limits) -> FindingFile:
        """The file, opened. Raises `UnreadableFile`."""
        from console.records.reader import FindingFile

        self.check()
        return FindingFile.open(self.path, limits, name=self.name)


@contextmanager
def finding_files(arguments: Sequence[str]) -> Iterator[list[Source]]:
    """The files that PATH arguments name: files as they are, folders searched, `-` read from stdin.

    Links to folders are not followed. A folder that can't be searched, or that holds no finding file, is among them and
    says so when it is opened, as a file does that can't be read: the others are not held up. Raises `BadInput` for an
    empty argument, when stdin can't be read, and `Stopped` in what is done with them.
    """
    with stoppable(), ExitStack() as stack:
        sources: list[Source] = []
        for argument in arguments:
            if not argument:
                raise BadInput("A PATH is empty: is a variable not set?")
            if argument == STDIN:
                if any(source.label == STDIN for source in sources):
                    raise BadInput("stdin can be read once: `-` stands twice among the paths.")
                sources.append(_from_stdin(stack))
            elif paths.is_folder(Path(argument)):
                sources.extend(_in_folder(Path(argument)))
            else:
                sources.append(Source(Path(argument), argument))
        yield sources


@contextmanager
def distinct_files(arguments: Sequence[str]) -> Iterator[list[Source]]:
    """The same, each file once however often it is named. Tells which were. Raises as `finding_files` does."""
    with finding_files(arguments) as sources:
        yield once(sources)


def check_readable(sources: Sequence[Source], target: str | None = None) -> None:
    """Tell of each file that can't be opened, and of a *target* that there is none of; raise an error for the last.

    For commands that do nothing with the others: whoever mends one of several should hear of all. Raises
    `UnreadableFile` and `BadConfig`.
    """
    from console.cli import output

    config = read_config()
    limits = config.limits.for_files()
    failures: list[ConsoleError] = []
    if target is not None:
        try:
            config.target(target)
        except BadConfig as error:
            failures.append(error)
    for source in sources:
        try:
            with source.open(limits):
                pass
        except UnreadableFile as error:
            failures.append(error)
    for failure in failures[:-1]:
        output.error(failure)
    if failures:
        raise failures[-1]


@contextmanager
def finding_file(argument: str) -> Iterator[Source]:
    """The one finding file that a FILE argument names: the file itself, or the only one in a folder.

    Raises `BadInput` for a folder of several, and `UnreadableFile` for one in which there may be more.
    """
    with finding_files([argument]) as sources:
        for source in sources:
            source.check()
        if len(sources) > 1:
            raise BadInput(f"{safe_text(argument)} is a folder of {len(sources)} finding files: name one of them.")
        yield sources[0]


@contextmanager
def kept_stdin() -> Iterator[Path]:
    """A private copy of what comes on stdin, as long as it is needed. Raises `Stopped` while it is made."""
    with ExitStack() as stack:
        with stoppable():
            source = _from_stdin(stack)
        yield source.path


def _from_stdin(stack: ExitStack) -> Source:
    """Copy stdin into a private file, as long as *stack* lasts: records are read by position."""
    try:
        # Made only here: no other file needs any room for temporary ones.
        path = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ocsf-console-"))) / "stdin"
        with open(path, "xb", opener=partial(os.open, mode=0o600)) as file:
            shutil.copyfileobj(stdin(), file)
    except OSError as error:
        raise StateError(f"What comes on stdin can't be kept for a while: {error.strerror}.") from error
    return Source(path, STDIN)


def _in_folder(folder: Path) -> list[Source]:
    """The finding files in a folder and below, by path, and the folders there that can't be searched."""
    closed: list[OSError] = []
    sources = [
        Source(path, str(path))
        for parent, _, names in os.walk(folder, onerror=closed.append, followlinks=False)
        for path in (Path(parent, name) for name in names)
        if path.name.lower().endswith(SUFFIXES)
    ]
    for error in closed:
        # The name stands at the end, since it may be as long as the whole message is allowed to be.
        message = f"A folder can't be searched ({error.strerror}): {safe_text(error.filename)}"
        sources.append(_failed(Path(error.filename), message))
    if not sources:
        sources.append(_failed(folder, f"{safe_text(folder)} holds no finding file ({' '.join(SUFFIXES)})."))
    return sorted(sources, key=lambda source: source.path)


def _failed(folder: Path, message: str) -> Source:
    """A folder that no files can be taken from. It may hold what matters: nobody passes over it unsaid."""
    return Source(folder, str(folder), UnreadableFile(message))
