"""Reading a finding file through for the Files screen, and what is told of it. Touches no widget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from textual.message import Message
from textual.message_pump import MessagePump

from console.errors import ConsoleError, StateError, UnreadableFile
from console.limits import Limits
from console.progress import Cancel, Progress
from console.progress import Report as Tell
from console.records.model import Identity
from screens.file_facts import FileFacts, identity_of

if TYPE_CHECKING:
    from console.records.summary.summarise import Summary
    from console.submissions.model import Submission


@dataclass
class Summarised(Message):
    """A file was read."""

    path: Path
    summary: Summary
    identity: Identity
    """What the file was when it was read."""


@dataclass
class Unsummarised(Message):
    """A file can't be read."""

    path: Path
    error: ConsoleError


@dataclass
class Outdated(Message):
    """A file is not what it was when it was read."""

    path: Path
    gone: bool
    """Whether there is no such file any more."""


@dataclass
class Advanced(Message):
    """A file is read further."""

    path: Path
    progress: Progress

    def can_replace(self, message: MessagePump | Message) -> bool:
        """Only the newest counts."""
        return isinstance(message, Advanced)


@dataclass
class Recalled(Message):
    """The ledger told what became of the same content before, or why it can't tell."""

    path: Path
    earlier: Sequence[Submission]
    error: StateError | None = None


def read_through(path: Path, limits: Limits, facts: FileFacts, tell: Tell, cancel: Cancel, key: str) -> Summarised:
    """Read a file that was listed; the *key* reads its folder again. Raises `Cancelled` and any `ConsoleError`."""
    from console.records.reader import FindingFile
    from console.records.sharing import spare_workers
    from console.records.summary import look
    from console.records.summary.summarise import summarise

    try:
        with FindingFile.open(path, limits) as file, spare_workers(file, preload=[look.__name__]) as workers:
            summary = summarise(file, tell, cancel, workers)
            facts.note_summary(file.identity, summary)
            return Summarised(path, summary, file.identity)
    except UnreadableFile as error:
        if identity_of(path) is not None:
            raise
        raise UnreadableFile(
            "This file is gone: it was deleted, moved or renamed since the folder was listed.",
            hint=f"{key} reads the folder again.",
        ) from error
