"""What is known of a submission that somebody has to see to, and what each choice means, in words."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from console.submissions.model import CUT_OFF, UNSENT, BatchState, SentBatch, Submission
from console.targets.base import Job
from screens.widgets.job_words import when
from screens.widgets.numbers import counted, number, size
from screens.widgets.text import each_once, styled


def open_batches(found: Submission) -> Sequence[SentBatch]:
    """The batches that it is about: those in doubt, else those that were not sent, else all of them."""
    return found.in_state(BatchState.UNKNOWN) or found.in_state(*UNSENT) or found.batches


def facts(found: Submission) -> Content:
    """What it is: the file, the records, when it was sent, and why it is open."""
    batches = open_batches(found)
    tries = sum(batch.attempts for batch in batches)
    why = " ".join(dict.fromkeys(batch.detail for batch in batches if batch.detail))
    known = styled(
        "[dim]File[/]     [b]$names[/b]\n"
        "[dim]Records[/]  [b]$records[/b], $size$part\n"
        "[dim]Target[/]   [b]$target[/b] at $origin\n"
        "[dim]Sent[/]     $sent, in $tries",
        names=", ".join(dict.fromkeys(batch.source.name for batch in batches)),
        records=number(records_of(found)),
        size=size(sum(batch.bytes for batch in batches)),
        part=f", {len(batches):,} of {len(found.batches):,} batches" if len(found.batches) > 1 else "",
        target=found.target,
        origin=found.origin,
        sent=when(found.created_at),
        tries="1 try" if tries == 1 else f"{tries:,} tries",
    )
    return Content("\n").join([known, styled("[dim]Why[/]      $why", why=why)]) if why else known


def records_of(found: Submission) -> int:
    """Records of what is open."""
    return sum(batch.records for batch in open_batches(found))


def heading(found: Submission) -> Content:
    """What state it is in, and what that means."""
    if doubtful := found.in_state(BatchState.UNKNOWN):
        cut_off = any(batch.detail == CUT_OFF for batch in doubtful)
        return styled(
            "[b]? Unknown:[/b] $sent, and no answer says whether $target accepted it.",
            sent=(
                "sending had begun; how much was handed over is not known" if cut_off else "everything was handed over"
            ),
            target=found.target,
        )
    unsent = found.in_state(*UNSENT)
    if not unsent:
        return Content("\n").join(each_once(_settled(found, batch) for batch in found.batches))
    waits = max((batch.not_before for batch in unsent if batch.not_before), default=None)
    if waits is not None:
        return styled(
            "[b]‖ Waiting:[/b] $target asked not to be tried again before [b]$when[/b]. Nothing of it was accepted.",
            target=found.target,
            when=when(waits),
        )
    return styled("[b]‖ Waiting:[/b] it is kept, and certain not to have been accepted.")


def _settled(found: Submission, batch: SentBatch) -> Content:
    """What became of one batch that is not open any more."""
    match batch.state:
        case BatchState.ACCEPTED if batch.inferred:
            return styled("[b]● Settled:[/b] job $job is taken for what became of it (inferred).", job=batch.job_id)
        case BatchState.ACCEPTED:
            return styled("[b]● Accepted[/b] by $target as job $job.", target=found.target, job=batch.job_id)
        case BatchState.ABANDONED:
            return styled("[b]● Let be:[/b] it is not sent again, and no job is taken for it.")
        case BatchState.CANCELLED:
            return styled("[b]● Given up:[/b] it was not accepted, and is not sent.")
        case BatchState.SENDING:
            return styled("[b]It is being sent[/b], or was when its console stopped: start ocsf-console anew then.")
    return styled("[b]$state:[/b] $detail", state=batch.state.capitalize(), detail=batch.detail)


def about_candidates(found: Submission, candidates: Sequence[Job] | None, look: str) -> Content:
    """What the target was seen to have. None where nobody has looked yet. *look* is the key to look again."""
    if candidates is None:
        return styled("Asking $target what it has of that time and size …", target=found.target)
    if not candidates:
        return styled(
            "$target lists no job that can be it: none of that time with $records. Press $look to look again.",
            look=look,
            target=found.target,
            records=counted(records_of(found), "record"),
        )
    return styled(
        "By their time and number of records, $jobs of $target can be it:",
        jobs=counted(len(candidates), "job"),
        target=found.target,
    )


def ask_adopt(found: Submission, job: Job) -> Content:
    """Whether a job is what became of it."""
    return styled(
        "Is job [b]$job[/b] ($status, $records, requested $requested) what became of it?\n\nThen it is settled, and"
        " nothing is sent. If it is another's, what you sent was never accepted.",
        job=job.id,
        status=job.status,
        records=counted(job.summary.total or 0, "record"),
        requested=when(job.requested_at or job.inserted_at),
    )


def ask_send_again(found: Submission, candidates: Sequence[Job] | None, *, harmless: bool) -> Content:
    """Whether it is to be sent once more; *harmless* where the target tells the same records from new ones."""
    count = len(candidates or ())
    seen = f"One of {count:,} jobs" if count > 1 else "A job"
    return styled(
        "Send [b]$records[/b] to [b]$target[/b] once more?$seen\n\n$then",
        records=counted(records_of(found), "record"),
        target=found.target,
        seen=f" {seen} there may already be it." if candidates else "",
        then=(
            f"If they were accepted the first time, that changes nothing: {found.target} has each once."
            if harmless
            else f"If they were accepted the first time, {found.target} will have them twice."
        ),
    )


def ask_let_be(found: Submission) -> Content:
    """Whether it is to be left as it is."""
    return styled(
        "Let it be? [b]$records[/b] are not sent again by this submission, and no job of $target is taken for them.",
        records=counted(records_of(found), "record"),
        target=found.target,
    )


def ask_give_up(found: Submission) -> Content:
    """Whether what was not accepted is to be given up."""
    return styled(
        "Give up [b]$records[/b] that $target has not accepted? They are not sent. The file can be submitted anew.",
        records=counted(records_of(found), "record"),
        target=found.target,
    )
