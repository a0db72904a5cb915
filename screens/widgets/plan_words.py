"""What a plan says, in words: what would be sent, what to think of before, and the question that it ends in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from textual.content import Content

from console.submissions.model import Plan
from screens.widgets.conversion_table import conversion_facts, region_words
from screens.widgets.numbers import counted, number, size
from screens.widgets.text import styled

_SHORT_HASH: Final = 16
_SHOWN: Final = 3
"""Hashes, or ways of packing, that are named one by one."""


def facts(plan: Plan) -> Content:
    """What would be sent, and where to."""
    lines = [
        styled("[dim]Target[/]   [b]$target[/b] at $origin", target=plan.target, origin=_named(plan.origins)),
        styled("[dim]Records[/]  [b]$records[/b]$batches", records=number(plan.records), batches=_batches(plan)),
        styled("[dim]Size[/]     $size ($bytes bytes)", size=size(plan.bytes), bytes=number(plan.bytes)),
        styled("[dim]SHA-256[/]  $hashes", hashes=_named([one.batch.sha256[:_SHORT_HASH] for one in plan.batches])),
        styled("[dim]Sent as[/]  $form", form=_named([one.wrapped or _VERBATIM for one in plan.batches])),
    ]
    lines += [styled("[dim]Made by[/]  converting $what", what=conversion_facts(one)) for one in plan.conversions]
    if plan.resend_of is not None:
        lines.append(styled("[dim]Again[/]    what failed of submission $submission", submission=plan.resend_of))
    return Content("\n").join(lines)


_VERBATIM: Final = "the file, byte for byte"


def _batches(plan: Plan) -> str:
    """How the records are divided, where they are."""
    if len(plan.batches) == 1:
        return ""
    sizes = [frozen.batch.records for frozen in plan.batches]
    each = f"{min(sizes):,}" if min(sizes) == max(sizes) else f"{min(sizes):,} to {max(sizes):,}"
    return f" in {len(plan.batches):,} batches of {each}"


def _named(words: Sequence[str]) -> str:
    """Each of them once, the first of many."""
    different = list(dict.fromkeys(words))
    more = f" and {len(different) - _SHOWN:,} more" if len(different) > _SHOWN else ""
    return f"{', '.join(different[:_SHOWN])}{more}"


def warnings(plan: Plan) -> Sequence[Content]:
    """What the operator should know before sending."""
    found = []
    if plan.sent_before:
        found.append(
            styled(
                "! The same content was sent to $target before$times; sending it opens another job.\n"
                "  Before: submission $earlier",
                target=plan.target,
                times=f", {len(plan.sent_before)} times" if len(plan.sent_before) > 1 else "",
                earlier=plan.sent_before[-1],
            )
        )
    if plan.refusable:
        found.append(
            styled(
                "! By its own rules, the target will refuse $records.",
                records=counted(plan.refusable, "record"),
            )
        )
    if plan.not_selected:
        found.append(styled("$records not selected.", records=counted(plan.not_selected, "record")))
    if plan.left_out_count:
        first = f"; the first {len(plan.left_out):,} are" if plan.left_out_count > len(plan.left_out) else ","
        found.append(styled("! $count left out$first listed below.", count=number(plan.left_out_count), first=first))
    if plan.convertible:
        found.append(
            styled(
                "$records of another format can be converted to $form.",
                records=counted(plan.convertible, "record"),
                form=plan.converts_to,
            )
        )
    if refused := sum(one.tally.refused for one in plan.conversions):
        found.append(styled("! $records can't be converted, or not whole.", records=counted(refused, "record")))
    if regions := region_words(plan.conversions):
        found.append(styled("! Converting made findings for several regions of AWS: $regions.", regions=regions))
    if plan.new_accounts:
        found.append(
            styled(
                "! $accounts not seen there before: may become $new, and be billed.",
                accounts=counted(len(plan.new_accounts), "account"),
                new="a new one" if len(plan.new_accounts) == 1 else "new ones",
            )
        )
    return found


def question(plan: Plan) -> Content:
    """Whether to send it, with what speaks against that."""
    return styled(
        "Send [b]$records[/b] ($size)$form to [b]$target[/b] at $origin?$again$accounts",
        records=counted(plan.records, "record"),
        size=size(plan.bytes),
        form=f", converted to {plan.converts_to}," if plan.conversions else "",
        target=plan.target,
        origin=_named(plan.origins),
        again=" The same content was sent there before." if plan.sent_before else "",
        accounts=_accounts_at_stake(len(plan.new_accounts)),
    )


def _accounts_at_stake(count: int) -> str:
    """What it may cost."""
    if not count:
        return ""
    it_is = "1 account is" if count == 1 else f"{count:,} accounts are"
    return f" {it_is} not known to be there: what is new there is created, and may be billed."
