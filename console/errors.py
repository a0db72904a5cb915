"""What can go wrong, in our own words.

Every error that a user can meet is a `ConsoleError`: a sentence that says what happened and where, a hint that
says what to do next, and the exit code that `CONTRACT` gives the case. Front ends show `message` and `hint` and
nothing else. Imports nothing.
"""

from __future__ import annotations

from enum import IntEnum
from typing import ClassVar, TypeVar

E = TypeVar("E", bound=Exception)


class ExitCode(IntEnum):
    """The exit codes of every command. They are an API: pipelines branch on them."""

    OK = 0
    """Done, nothing wrong."""
    FINDINGS = 1
    """Records are invalid, or the target rejected records, or the job failed."""
    USAGE = 2
    """Bad arguments, bad configuration, or input that can't be read."""
    UNAVAILABLE = 3
    """The target is unreachable, throttled or failing. Nothing was accepted: try later."""
    DENIED = 4
    """Credentials missing or refused, permission or subscription missing."""
    UNKNOWN = 5
    """Sent, outcome unknown. `ocsf-console jobs` says how to settle it."""
    TIMEOUT = 6
    """Accepted, but not finished within `--timeout`."""
    INTERRUPTED = 130
    """Stopped by ctrl-c. State is kept."""


class ConsoleError(Exception):
    """The base of all our errors: a sentence, and what the user can do about it."""

    exit_code: ClassVar[ExitCode] = ExitCode.USAGE

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        """What happened, and where: one sentence."""
        self.hint = hint
        """What to do about it: one sentence, or empty."""

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()

    def __reduce__(self) -> tuple[object, ...]:
        # What a worker process raises is sent to the one that asked, whatever else a subclass is made of.
        return _restored, (type(self), self.args, self.__dict__)


class BadInput(ConsoleError):
    """An argument, or a file that the user named, can't be used."""


class BadConfig(ConsoleError):
    """The configuration is wrong. The message names the file, the line and the key."""


class UnreadableFile(BadInput):
    """A finding file can't be read at all. What can be read in part yields faults instead."""


class GoesInPart(BadInput):
    """All of a finding file was asked for, and only what is valid in it could go. The hint is one for the shell."""

    def __init__(self, message: str, *, hint: str, advice: str = "", repairable: bool = False) -> None:
        super().__init__(message, hint=hint)
        self.advice = advice
        """What else may help, wherever it is said; or empty."""
        self.repairable = repairable
        """Whether the file itself is broken, so that what is whole could be written to a new one."""


class DoesNotFit(BadInput):
    """Records can't go to a target as they are, and could once they are converted to what it takes."""

    def __init__(self, message: str, *, hint: str, records: int, form: str) -> None:
        super().__init__(message, hint=hint)
        self.records = records
        """Those that can be converted."""
        self.form = form
        """What they would be converted to, in our words."""


class StateError(ConsoleError):
    """Our own files (ledger, spool, cache) can't be read or written. Nothing was sent."""


class AlreadySubmitted(ConsoleError):
    """The same content is on its way, has just been accepted, or waits to be gone on with. Nothing was sent now."""

    exit_code = ExitCode.UNAVAILABLE


class KeyringUnavailable(ConsoleError):
    """The operating system's credential store is absent, locked, slow, or not one that we trust."""

    exit_code = ExitCode.DENIED


class TargetError(ConsoleError):
    """The base of what a target does to us."""

    def __init__(
        self, message: str, *, hint: str = "", status: int | None = None, code: str = "", transaction: str = ""
    ) -> None:
        super().__init__(message, hint=hint)
        self.status = status
        """The HTTP status, when there was an answer."""
        self.code = code
        """The target's own error code, when it gave one."""
        self.transaction = transaction
        """The identifier that the target's support asks for, when it gave one."""


class TargetUnavailable(TargetError):
    """The target can't be reached, is throttling, or is failing. Nothing was accepted."""

    exit_code = ExitCode.UNAVAILABLE

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        status: int | None = None,
        code: str = "",
        transaction: str = "",
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, hint=hint, status=status, code=code, transaction=transaction)
        self.retry_after = retry_after
        """Seconds that the target asked us to wait, when it said so."""


class TargetDenied(TargetError):
    """Credentials are missing or refused, or a permission or subscription is missing."""

    exit_code = ExitCode.DENIED


class TargetRefused(TargetError):
    """The target understood the request and will not take it: asking again will not help."""

    exit_code = ExitCode.FINDINGS


class NoSuchJob(TargetError):
    """The target knows no job of that id."""

    exit_code = ExitCode.USAGE


class NoSuchPage(TargetError):
    """The list ends before the page that was asked for."""

    exit_code = ExitCode.USAGE


class BadAnswer(TargetError):
    """The target answered something that is not its API: an HTML page, half a reply, another shape."""

    exit_code = ExitCode.UNAVAILABLE


class TooManyJobs(TargetError):
    """The target lists more jobs than we look through."""

    exit_code = ExitCode.UNKNOWN


class OutcomeUnknown(TargetError):
    """Everything was sent, and no trustworthy answer came back. It may have been accepted."""

    exit_code = ExitCode.UNKNOWN


class JobVanished(TargetError):
    """The target accepted the records, and does not show their job any more."""

    exit_code = ExitCode.UNKNOWN


class JobTimeout(TargetError):
    """The target accepted the records and had not finished with them when our patience ended."""

    exit_code = ExitCode.TIMEOUT


def _restored(kind: type[E], args: tuple[object, ...], attributes: dict[str, object]) -> E:
    """An error as it was in another process."""
    error = kind.__new__(kind, *args)
    error.__dict__.update(attributes)
    return error
