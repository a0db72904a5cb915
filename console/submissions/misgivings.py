"""What speaks against sending records as they are, in words: both front ends say it alike. Fit to show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from console.display import safe_text
from console.serialise import counted
from console.submissions.model import Plan

_SHOWN: Final = 3
"""Reasons that are named."""
_WIDTH: Final = 60
"""Cells of a reason, at most: a target may say anything."""


def refusable_words(plan: Plan) -> str:
    """How many records the target will refuse by its own rules, and why; empty where none is."""
    if not plan.refusable:
        return ""
    return (
        f"By its own rules, {plan.target} will refuse {counted(plan.refusable_count, 'record')}"
        f" ({reason_words(plan.refusable)})."
    )


def invalid_words(plan: Plan) -> str:
    """How many records are invalid by OCSF, and why; empty where none is.

    What the target makes of them is not ours to say: only its own rules are certain.
    """
    if not plan.invalid:
        return ""
    return f"{_invalid(plan)} ({reason_words(plan.invalid)}), which {plan.target} may reject."


def refused_words(plan: Plan) -> str:
    """That the target refused these very records before, and why; empty for what it never got."""
    if plan.resend_of is None:
        return ""
    why = reason_words(plan.refused) or "it said of none what is wrong with it"
    return (
        f"{plan.target} refused exactly this before: {counted(plan.records, 'record')} ({why})."
        " Mend the file first, then submit that: sent again unchanged, it will most likely be refused again."
    )


def replaced_words(plan: Plan) -> str:
    """What is cancelled when the plan is sent; empty where nothing of the same content was left unsent."""
    if not plan.replaces:
        return ""
    return (
        f"What was left unsent of submission {', '.join(plan.replaces)} is the same content: sending this cancels it."
    )


def at_stake(plan: Plan) -> str:
    """All of it in short, for the question whether to send; empty where nothing speaks against it."""
    words = []
    if plan.refusable:
        words.append(f"{counted(plan.refusable_count, 'record')} will be refused by the target's own rules.")
    if plan.invalid:
        words.append(f"{_invalid(plan)} may be rejected.")
    if plan.resend_of is not None:
        words.append(f"{plan.target} refused exactly this before.")
    return " ".join(words)


def reason_words(reasons: Sequence[tuple[str, int]]) -> str:
    """How many for which reason, the first of them."""
    named = ", ".join(f"{count:,} × {safe_text(reason, width=_WIDTH)}" for reason, count in reasons[:_SHOWN])
    further = len(reasons) - _SHOWN
    return f"{named} and {counted(further, 'more reason')}" if further > 0 else named


def _invalid(plan: Plan) -> str:
    """Beside those that the target's own rules refuse, where there are any."""
    return f"{counted(plan.invalid_count, 'more record' if plan.refusable else 'record')} invalid by OCSF"
