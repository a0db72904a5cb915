"""From what was frozen to the plan that the operator decides on: joined with what the ledger knows of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from console.display import safe_text
from console.errors import BadInput
from console.submissions.accounts import together
from console.submissions.choosing import Chooser, does_not_fit
from console.submissions.history import History
from console.submissions.model import Conversion, FrozenBatch, LeftOut, Plan, Selection
from console.submissions.settling import words_of
from console.targets.base import Target


@dataclass(frozen=True, slots=True)
class Draft:
    """What was frozen, before the ledger was asked about it."""

    batches: Sequence[FrozenBatch]
    left_out: Sequence[LeftOut]
    left_out_count: int
    not_selected: int = 0
    resend_of: str | None = None
    conversions: Sequence[Conversion] = ()
    convertible: int = 0
    reasons: Sequence[tuple[str, int]] = ()
    repeated: int = 0
    selected: str = ""
    refused: Sequence[tuple[str, int]] = ()


def plan_of(history: History, target: Target, submission: str, draft: Draft) -> Plan:
    """A plan: what was frozen, and what the ledger knows of its content and its accounts."""
    before = [history.sent_before(target.origin, frozen.batch.sha256) for frozen in draft.batches]
    unsent = [history.left_unsent(target.origin, frozen.batch.sha256) for frozen in draft.batches]
    accounts = [frozen.accounts for frozen in draft.batches]
    seen = history.seen_accounts(target.origin, [account for some in accounts for account in some])
    return Plan(
        submission=submission,
        target=target.name,
        kind=target.kind,
        origin=target.origin,
        batches=draft.batches,
        left_out=draft.left_out,
        left_out_count=draft.left_out_count,
        sent_before=list(dict.fromkeys(earlier for some in before for earlier in some)),
        replaces=list(dict.fromkeys(earlier for some in unsent for earlier in some)),
        not_selected=draft.not_selected,
        accounts=together(accounts, seen),
        resend_of=draft.resend_of,
        conversions=draft.conversions,
        convertible=draft.convertible,
        converts_to=target.conversion.form.label if target.conversion is not None else "",
        settled_with=words_of(target),
        reasons=draft.reasons,
        repeated=draft.repeated,
        selected=draft.selected,
        refused=draft.refused,
    )


def nothing_to_submit(paths: Sequence[Path], chooser: Chooser, selection: Selection) -> BadInput:
    """The error of files of which no record goes, with why."""
    names = ", ".join(safe_text(path) for path in paths)
    if chooser.not_selected:
        why = f"none of {chooser.not_selected:,} matches {safe_text(selection.name, width=80)}"
        if chooser.left_out_count:
            why += f", and {chooser.left_out_count:,} can't be read,"
    else:
        why = "every record is left out" if chooser.left_out_count else "there are no records"
        if chooser.left_out:
            first = chooser.left_out[0]
            why += f" ({'' if first.index is None else f'record {first.index}: '}{safe_text(first.reason, width=200)})"
    message = f"There is nothing to submit: {why} in {names}."
    if chooser.convertible and chooser.target.conversion is not None:
        return does_not_fit(message, paths[0], chooser.convertible, chooser.target.conversion)
    return BadInput(message)
