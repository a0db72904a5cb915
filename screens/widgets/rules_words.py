"""What records are held to, in words."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from console.ocsf.report import GroupKey
from console.ocsf.rules import RuleSet
from console.targets.offline import Rules
from screens.widgets.text import styled


def unusual(rules: Rules) -> Sequence[str]:
    """What is not as usual in the rules. Foreign text."""
    policy = rules.policy
    return [
        *([] if policy.rules is RuleSet.FULL else [policy.rules.value]),
        *([policy.version] if policy.version else []),
        *(["recommended"] if policy.missing_recommended else []),
        *([f"for {', '.join(rules.kinds)}"] if rules.kinds else []),
    ]


def held_words(issue: GroupKey | None, rules: Rules) -> Content:
    """Which records alone are listed, and what their issues are found by; nothing where both are as usual."""
    parts = []
    if issue is not None:
        parts.append(styled("Only records with [b]$code[/b] $path", code=issue.code, path=issue.path))
    if how := unusual(rules):
        parts.append(styled("[dim]Rules:[/dim] [b]$how[/b]", how=" · ".join(how)))
    return Content("   ").join(parts)
