"""Saying beside a figure what it should be, and whether it is. Nothing fails when it is not."""

from __future__ import annotations


def at_least(figure: float, bound: float, unit: str) -> str:
    """What to print beside a figure that should be large."""
    return _told(f"at least {bound:g} {unit}", figure >= bound)


def under(figure: float, bound: float, unit: str) -> str:
    """What to print beside a figure that should be small."""
    return _told(f"under {bound:g} {unit}", figure < bound)


def _told(wanted: str, met: bool) -> str:
    return f"target: {wanted}, {'met' if met else 'MISSED'}"
