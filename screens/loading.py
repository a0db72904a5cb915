"""The screens that are loaded when they are first opened, so that the first one is there soon.

All that a screen needs takes longer to load than the first one takes to be shown. While nobody waits for it, it is
loaded ahead: then the others open as soon as they are asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from console.progress import Cancel
from screens import navigation

if TYPE_CHECKING:
    from textual.screen import Screen

    from screens.base import ConsoleScreen

_LATER: Final = (
    "console.submissions.desk",
    "console.records.summary.summarise",
    "console.ocsf.run",
    "screens.records",
    "screens.validation",
    "screens.submit",
    "screens.jobs",
    "screens.job",
    "screens.targets",
    "screens.settle",
    "screens.log",
)
"""What an operator is likely to want next, the likeliest first."""


def load_ahead(cancel: Cancel) -> None:
    """Load what is likely to be wanted. For a thread. Raises `Cancelled`."""
    for name in _LATER:
        cancel.check()
        import_module(name)


def jobs() -> Screen[None]:
    """The screen of the mode Jobs."""
    from screens.jobs import JobsScreen

    return JobsScreen()


def targets() -> Screen[None]:
    """The screen of the mode Targets."""
    from screens.targets import TargetsScreen

    return TargetsScreen()


def records(message: navigation.OpenRecords) -> ConsoleScreen:
    """The screen of the records of a finding file."""
    from screens.records import RecordsScreen

    return RecordsScreen(message.path, message.record, message.chosen, attribute=message.attribute)


def validation(message: navigation.OpenValidation) -> ConsoleScreen:
    """The screen of what validation finds in a finding file."""
    from screens.validation import ValidationScreen

    return ValidationScreen(message.path)


def comparison(message: navigation.OpenCompare) -> ConsoleScreen:
    """The screen of what differs between two scans."""
    from screens.compare import CompareScreen

    return CompareScreen(message.old, message.new)


def submission(message: navigation.OpenSubmit, *, is_stdin: bool) -> ConsoleScreen:
    """The screen that plans the submission of a finding file, or of what came on stdin."""
    from screens.plan_sources import FileSource
    from screens.submit import SubmitScreen

    return SubmitScreen(FileSource(message.path, message.wanted, is_stdin=is_stdin))


def resending(message: navigation.OpenResend) -> ConsoleScreen:
    """The screen that plans to send again what a job rejected."""
    from screens.plan_sources import RejectedSource
    from screens.submit import SubmitScreen

    return SubmitScreen(RejectedSource(message.target, message.job_id))


def settling(message: navigation.OpenSettle) -> ConsoleScreen:
    """The screen of a submission that somebody has to see to."""
    from screens.settle import SettleScreen

    return SettleScreen(message.submission)


def job(message: navigation.OpenJob) -> ConsoleScreen:
    """The screen of one job."""
    from screens.job import JobScreen

    return JobScreen(message.target, message.job_id, message.known)
