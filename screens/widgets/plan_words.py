"""What a plan says, in words: what would be sent, what to think of before, and the question that it ends in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from textual.binding import Keymap
from textual.content import Content

from console.display import safe_text
from console.submissions.misgivings import (
    at_stake,
    invalid_words,
    reason_words,
    refusable_words,
    refused_words,
    replaced_words,
)
from console.submissions.model import Plan
from screens.commands.submit import SUBMIT, SentBefore, Which
from screens.widgets.conversion_table import conversion_facts, region_words
from screens.widgets.numbers import counted, number, size
from screens.widgets.text import plain, styled

_SHORT_HASH: Final = 16
_SHOWN: Final = 3
"""Hashes, or ways of packing, that are named one by one."""


def facts(plan: Plan) -> Content:
    """What would be sent, and where to."""
    lines = [
        styled("[dim]Target[/]   [b]$target[/b] at $origin", target=plan.target, origin=_named(plan.origins)),
        styled("[dim]Records[/]  [b]$records[/b]$batches", records=number(plan.records), batches=_batches(plan)),
        styled("[dim]Size[/]     $size", size=_sizes(plan)),
        styled("[dim]SHA-256[/]  $hashes", hashes=_named([one.batch.sha256[:_SHORT_HASH] for one in plan.batches])),
        styled("[dim]Sent as[/]  $form", form=_named([one.wrapped or _VERBATIM for one in plan.batches])),
    ]
    if plan.selected:
        lines.insert(2, styled("[dim]Chosen[/]   $what", what=_chosen(plan)))
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


def _sizes(plan: Plan) -> str:
    """Bytes altogether, and of the largest request where there are several."""
    largest = max((frozen.batch.length for frozen in plan.batches), default=0)
    largest_of = f", at most {size(largest)} in a request" if len(plan.batches) > 1 else ""
    return f"{size(plan.bytes)} ({plan.bytes:,} bytes){largest_of}"


def _chosen(plan: Plan) -> str:
    """What was selected, and how much was not."""
    return f"{plan.selected}; {counted(plan.not_selected, 'other record')} not selected"


def _named(words: Sequence[str]) -> str:
    """Each of them once, the first of many."""
    different = list(dict.fromkeys(words))
    more = f" and {len(different) - _SHOWN:,} more" if len(different) > _SHOWN else ""
    return f"{', '.join(different[:_SHOWN])}{more}"


def warnings(plan: Plan, keymap: Keymap) -> Sequence[Content]:
    """What the operator should know before sending."""
    found = []
    which = SUBMIT.key_of(Which, keymap)
    if words := refused_words(plan):
        found.append(plain(f"! {words}"))
    if plan.sent_before:
        found.append(_sent_before(plan, SUBMIT.key_of(SentBefore, keymap)))
    if words := replaced_words(plan):
        found.append(plain(f"! {words}"))
    if words := refusable_words(plan):
        found.append(styled("! $words [b]$key[/b]: only the valid ones.", words=words, key=which))
    if words := invalid_words(plan):
        found.append(styled("! $words [b]$key[/b]: only the valid ones.", words=words, key=which))
    if plan.kept_once or plan.repeated:
        found.append(_repeated(plan))
    if plan.left_out_count:
        found.append(_left_out(plan))
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


def _sent_before(plan: Plan, key: str) -> Content:
    """That the same content went there already. The *key* opens that."""
    return styled(
        "! The same content was sent to $target before$times; sending it opens another job.\n"
        "  Before: submission $earlier ([b]$key[/b] opens it)",
        key=key,
        target=plan.target,
        times=f", {len(plan.sent_before)} times" if len(plan.sent_before) > 1 else "",
        earlier=plan.sent_before[-1],
    )


def _repeated(plan: Plan) -> Content:
    """That findings are there more than once: what the target makes of that counts for more than what OCSF says."""
    if plan.kept_once:
        return styled(
            "! $records $have an identifier that an earlier one has: $target keeps one of each.",
            records=counted(plan.kept_once, "record"),
            have="has" if plan.kept_once == 1 else "have",
            target=plan.target,
        )
    return styled(
        "! $records of the same finding as an earlier one of the file.",
        records="1 record is" if plan.repeated == 1 else f"{plan.repeated:,} records are",
    )


def _left_out(plan: Plan) -> Content:
    """How many stay behind, and for which reasons."""
    first = f"; the first {len(plan.left_out):,} are" if plan.left_out_count > len(plan.left_out) else ","
    words = styled("! $count left out$first listed below.", count=number(plan.left_out_count), first=first)
    return words + styled("\n  $reasons", reasons=reason_words(plan.reasons)) if plan.reasons else words


def as_text(plan: Plan, keymap: Keymap) -> str:
    """The plan as text: what the screen shows, and says once more that nothing was sent."""
    lines = ["Plan of a submission: nothing has been sent.", "", facts(plan).plain]
    if found := warnings(plan, keymap):
        lines += ["", *(one.plain for one in found)]
    if plan.accounts:
        lines += ["", "Accounts:"]
        lines += [
            f"  {safe_text(f'{one.provider} {one.uid}'.strip(), width=80)}: {counted(one.records, 'record')}"
            f"{', not seen there before' if one.is_new else ''}"
            for one in plan.accounts
        ]
    if plan.left_out:
        lines += ["", "Left out:"]
        lines += [
            f"  {safe_text(one.path)}, {'file' if one.index is None else f'record {one.index}'}:"
            f" {safe_text(one.reason, width=200)}"
            for one in plan.left_out
        ]
    return "\n".join(lines) + "\n"


def question(plan: Plan) -> Content:
    """Whether to send it, with what speaks against that."""
    return styled(
        "Send [b]$records[/b] ($size)$form to [b]$target[/b] at $origin?$again$misgivings$accounts",
        records=counted(plan.records, "record"),
        size=size(plan.bytes),
        form=f", converted to {plan.converts_to}," if plan.conversions else "",
        target=plan.target,
        origin=_named(plan.origins),
        again=" The same content was sent there before." if plan.sent_before else "",
        misgivings=f" {words}" if (words := at_stake(plan)) else "",
        accounts=_accounts_at_stake(len(plan.new_accounts)),
    )


def _accounts_at_stake(count: int) -> str:
    """What it may cost."""
    if not count:
        return ""
    it_is = "1 account is" if count == 1 else f"{count:,} accounts are"
    return f" {it_is} not known to be there: what is new there is created, and may be billed."
