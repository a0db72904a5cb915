"""What became of the sending, in words: what is certain, what is not, and what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, assert_never

from textual.binding import Keymap
from textual.content import Content

from console.display import safe_text
from console.errors import BadInput, ConsoleError, DoesNotFit, GoesInPart, OutcomeUnknown
from console.submissions.model import UNSENT, BatchState, SentBatch, Submission
from console.targets.base import Accepted, Denied, InDoubt, NotSent, Outcome, PartlyAccepted, Refused, Throttled
from screens.commands.everywhere import APP, Jobs, Targets
from screens.commands.files import FILES, Repair
from screens.commands.jobs import JOB_LIST, Open
from screens.commands.submit import SENDING, SUBMIT, GoOn, Settle, Which
from screens.widgets.job_words import when
from screens.widgets.numbers import counted
from screens.widgets.text import each_once, styled

_SHOWN: Final = 3
"""Jobs, or failures that differ, that are told one by one."""
_PARAGRAPH: Final = Content("\n\n")
_NOTHING: Final = Content("")
_HALTED: Final = Content.from_markup("[b]Stopped[/b] between two requests: nothing of it is in doubt.")


class Certainty(StrEnum):
    """What is known of a submission after sending. The values are style classes."""

    TAKEN = "-taken"
    """A job of it exists."""
    NOTHING_TAKEN = "-nothing"
    """Nothing was accepted: it may be sent again."""
    IN_DOUBT = "-doubt"
    """It may have been accepted: it must not be sent again unseen."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a submission ended, as far as is known."""

    certainty: Certainty
    words: Content
    became: Sequence[SentBatch] = ()
    """What jobs were opened of."""
    whole: bool = False
    """Everything was accepted, and the target said so."""
    may_settle: bool = False
    """The target, or the operator, can say what became of it."""
    may_go_on: bool = False
    """A part of it is kept that is certain not to have been accepted."""
    errors: Sequence[ConsoleError] = ()
    """What failed, for the log."""

    @property
    def job_id(self) -> str | None:
        """The job that was opened; the last one where there are several."""
        return self.became[-1].job_id if self.became else None

    @property
    def tone(self) -> Certainty:
        """How it is shown: what was taken in part only is not simply well."""
        return Certainty.IN_DOUBT if self.certainty is Certainty.TAKEN and self.may_go_on else self.certainty


def of_outcomes(outcomes: Sequence[Outcome], found: Submission, keymap: Keymap, *, halted: bool = False) -> Verdict:
    """What a sending came to: the outcomes of its batches, and what of the submission is open after them.

    *halted* says that the operator let no further request begin.
    """
    whole = all(isinstance(outcome, Accepted) for outcome in outcomes)
    stopped = [_HALTED] if halted and found.in_state(*UNSENT) else []
    failed = [outcome.error for outcome in outcomes if not isinstance(outcome, (Accepted, PartlyAccepted))]
    return _verdict(found, [*stopped, *_told(outcomes, found), open_words(found, keymap)], failed, whole=whole)


def of_failure(error: ConsoleError, keymap: Keymap, found: Submission | None = None) -> Verdict:
    """The sending did not begin. *found* is what the ledger has of it, where it has anything."""
    if found is None:
        # Another submission is the one in doubt.
        jobs, opens = APP.key_of(Jobs, keymap), JOB_LIST.key_of(Open, keymap)
        settle = f"Press {jobs} for Jobs: it is listed first, and {opens} settles it."
        error = _with_keys(error, keymap)
        words = _failure("Nothing was sent.", error, settle if isinstance(error, OutcomeUnknown) else "")
        return Verdict(Certainty.NOTHING_TAKEN, words, errors=[error])
    return _verdict(found, [_failure("Nothing was sent.", error), open_words(found, keymap)], [error])


def _with_keys(error: ConsoleError, keymap: Keymap) -> ConsoleError:
    """An error with the keys that help, where its hint tells what to write in a shell."""
    if not isinstance(error, GoesInPart):
        return error
    which, repair = SUBMIT.key_of(Which, keymap), FILES.key_of(Repair, keymap)
    hint = f"{error.advice} Press {which} to choose only the valid ones".lstrip()
    whole = f"; or {repair}, in Files, to write all that is whole to a new file" if error.repairable else ""
    return BadInput(error.message, hint=f"{hint}{whole}.")


def of_misfit(error: DoesNotFit) -> Verdict:
    """Records can't go as they are, and could once they are converted."""
    words = styled(
        "[b]Nothing was sent.[/b] $message\n\n[b]$records[/b] can be converted to [b]$form[/b]. You see what becomes of"
        " them before anything is sent.",
        message=error.message.removesuffix(" Nothing was sent."),
        records=counted(error.records, "record"),
        form=error.form,
    )
    return Verdict(Certainty.NOTHING_TAKEN, words)


def of_break(error: ConsoleError, jobs: str) -> Verdict:
    """Something on this side failed after the sending had begun. *jobs* is the key that leads to the jobs."""
    words = styled(
        "[b]The outcome is unknown.[/b] $message\n\n"
        "Do not send it again before you have looked: $jobs for Jobs, where it is listed first.",
        jobs=jobs,
        message=error.message,
    )
    return Verdict(Certainty.IN_DOUBT, words, errors=[error])


def of_stop(found: Submission, keymap: Keymap) -> Verdict:
    """The sending was cut short: what the ledger says of it. The answer may have come just before the stop."""
    details = " ".join(dict.fromkeys(batch.detail for batch in found.batches if batch.detail))
    if jobs := _jobs(found):
        told = styled("[b]Too late to stop:[/b] $target accepted it as $jobs.", target=found.target, jobs=_named(jobs))
        if found.in_state(*UNSENT):
            told = styled("[b]Stopped[/b] after $target had accepted $jobs.", target=found.target, jobs=_named(jobs))
    else:
        told = styled("$details", details=details or "Stopped.")
    return _verdict(found, [told, open_words(found, keymap)])


def of_look(found: Submission, keymap: Keymap) -> Verdict:
    """What a look for what became of it came to."""
    told = [_inferred(found.target, batch) for batch in found.in_state(BatchState.ACCEPTED) if batch.inferred]
    return _verdict(found, [*told[:_SHOWN], open_words(found, keymap)])


def looking(found: Submission) -> Content:
    """What is going on after an outcome that is unknown."""
    return _PARAGRAPH.join(
        [
            styled("[b]The outcome is unknown.[/b] $why", why=_why(found)),
            styled(
                "Looking for what became of it …\nYou may leave: it stays the first in Jobs, and is not sent again"
                " without your word."
            ),
        ]
    )


def open_words(found: Submission, keymap: Keymap) -> Content:
    """What of a submission is open, and what can be done about it. Empty when nothing is."""
    if found.in_state(BatchState.UNKNOWN, BatchState.SENDING):
        return styled(
            "[b]It is still unknown what became of it.[/b] $why\n\nPress $key to settle it, now or later from Jobs. It"
            " is not sent again without your word.",
            key=SUBMIT.key_of(Settle, keymap),
            why=_why(found),
        )
    unsent = found.in_state(*UNSENT)
    if not unsent:
        return _NOTHING
    goes_on = SENDING.key_of(GoOn, keymap)
    records = counted(sum(batch.records for batch in unsent), "record")
    are = "is" if records.startswith("1 ") else "are"
    waits = max((batch.not_before for batch in unsent if batch.not_before), default=None)
    if waits is not None:
        return styled(
            "$records $are kept. $target asked not to be tried again before [b]$waits[/b]: press $key then, here or in"
            " Jobs.",
            records=records, are=are, target=found.target, waits=when(waits), key=goes_on,
        )  # fmt: skip
    first = f"press {goes_on}"
    if found.in_state(BatchState.DENIED):
        first = f"press {APP.key_of(Targets, keymap)} for Targets to log in, then {goes_on} here"
    return styled("$records $are kept: $first to go on, now or later from Jobs.", records=records, are=are, first=first)


def line_of_job(batch: SentBatch) -> Content:
    """One of several jobs that a submission became, and how many records of it were rejected as far as is known."""
    return styled(
        "$job  [dim]batch $number, $records[/dim][$text-error]$rejected[/]",
        job=batch.job_id,
        number=batch.number,
        records=counted(batch.records, "record"),
        rejected=f"  {batch.kept_invalid:,} rejected" if batch.kept_invalid else "",
    )


def _verdict(
    found: Submission, words: Sequence[Content], errors: Sequence[ConsoleError] = (), *, whole: bool = False
) -> Verdict:
    """A verdict on what the ledger has."""
    doubtful, jobs = found.in_state(BatchState.UNKNOWN, BatchState.SENDING), _jobs(found)
    certainty = Certainty.IN_DOUBT if doubtful else Certainty.TAKEN if jobs else Certainty.NOTHING_TAKEN
    return Verdict(
        certainty,
        _PARAGRAPH.join(part for part in words if part),
        became=[batch for batch in found.batches if batch.job_id is not None],
        whole=whole and not doubtful and not found.in_state(*UNSENT),
        may_settle=bool(found.in_state(BatchState.UNKNOWN)),
        may_go_on=not doubtful and bool(found.in_state(*UNSENT)),
        errors=errors,
    )


def _told(outcomes: Sequence[Outcome], found: Submission) -> list[Content]:
    """What each batch came to; of many that came to the same, how many."""
    jobs = [outcome.job.id for outcome in outcomes if isinstance(outcome, Accepted)]
    told = [styled("[b]$target accepted it[/b] as $jobs.", target=found.target, jobs=_named(jobs))] if jobs else []
    taken = bool(_jobs(found))
    failures = [_words(outcome, found.target, taken=taken) for outcome in outcomes if not isinstance(outcome, Accepted)]
    different = each_once(words for words in failures if words)
    if len(different) > _SHOWN:
        more = counted(len(different) - _SHOWN, "more failure")
        different[_SHOWN:] = [styled("And $more: the job list and its details have them all.", more=more)]
    return told + different


def _words(outcome: Outcome, target: str, *, taken: bool) -> Content:
    """The outcome of one batch that was not simply accepted. *taken* says whether others were."""
    match outcome:
        case Accepted(job):
            return styled("[b]$target accepted it[/b] as job $job.", target=target, job=job.id)
        case PartlyAccepted(job, errors):
            return styled(
                "[b]$target accepted a part of it[/b] as job $job and refused $count. The job lists them.",
                target=target,
                job=job.id,
                count=counted(len(errors) if job.summary.invalid is None else job.summary.invalid, "record"),
            )
        case InDoubt():
            return _NOTHING  # what is open says it
        case Refused(error):
            how, next_step = "Refused", "The same records would be refused again."
        case Denied(error):
            how, next_step = "Denied", ""
        case Throttled(error):
            how, next_step = "Not now", ""
        case NotSent(error):
            how, next_step = "Not sent", ""
        case _:
            assert_never(outcome)
    return _failure(f"{how}: nothing {'more ' if taken else ''}was accepted.", error, next_step)


def _failure(headline: str, error: ConsoleError, next_step: str = "") -> Content:
    hint = next_step if isinstance(error, OutcomeUnknown) else f"{error.hint} {next_step}".strip()
    return styled(
        "[b]$headline[/b] $message$hint",
        headline=headline,
        # Many errors say it too: it is said once.
        message=error.message.removesuffix(f" {headline}"),
        hint=f" {hint}" if hint else "",
    )


def _why(found: Submission) -> str:
    """Why it is in doubt, as the ledger has it."""
    doubtful = found.in_state(BatchState.UNKNOWN, BatchState.SENDING)
    return " ".join(dict.fromkeys(safe_text(batch.detail) for batch in doubtful if batch.detail))


def _jobs(found: Submission) -> list[str]:
    return [batch.job_id for batch in found.batches if batch.job_id is not None]


def _named(jobs: Sequence[str]) -> str:
    """Jobs by their identifiers, the first of many."""
    if len(jobs) == 1:
        return f"job {jobs[0]}"
    more = f" and {len(jobs) - _SHOWN} more" if len(jobs) > _SHOWN else ""
    return f"{len(jobs):,} jobs: {', '.join(jobs[:_SHOWN])}{more}"


def _inferred(target: str, batch: SentBatch) -> Content:
    """What a batch is taken to have become, and by what."""
    if batch.kept_job is None:
        return styled(
            "[b]$target lists a job that can only be it:[/b] $job.\nThat is inferred from its time and its number of"
            " records; $target itself did not say so.",
            target=target,
            job=batch.job_id,
        )
    return styled(
        "[b]$target shows the findings:[/b] they are taken for what was sent, as job $job.\nThat is inferred; $target"
        " itself did not say so.",
        target=target,
        job=batch.job_id,
    )
