"""How many issues a report lists whose readers take no more, and what is said of the others: never nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final

from console.ocsf.issues import Severity
from console.serialise import counted

MOST_ISSUES: Final = 25_000
"""What GitHub's code scanning takes of a run; as test cases, far less than the 30 MB that GitLab reads of a report."""
FOR_ERRORS: Final = 5_000
"""As many as GitHub shows. Producers repeat themselves: their warnings must not crowd out an error."""


class Room:
    """The places of a report. Some of them are for errors alone, however many warnings come before."""

    def __init__(self) -> None:
        self._taken = 0
        self._left_out = Counter[Severity]()

    def takes(self, severity: Severity) -> bool:
        """Whether there is a place for one more of that severity, which it then has; else it is counted."""
        most = MOST_ISSUES if severity is Severity.ERROR else MOST_ISSUES - FOR_ERRORS
        if self._taken < most:
            self._taken += 1
            return True
        self._left_out[severity] += 1
        return False

    @property
    def left_out(self) -> str:
        """What there was no place for, in a sentence; empty where there was for all."""
        if not self._left_out:
            return ""
        return (
            f"{in_words(self._left_out)} not listed: a report of this format has {MOST_ISSUES:,} places, {FOR_ERRORS:,}"
            " of them for errors."
        )


def in_words(counts: Mapping[Severity, int]) -> str:
    """So many errors, so many warnings, the worst first: `2 errors, 15,472 warnings`."""
    return ", ".join(counted(counts[one], _NAMES[one]) for one in Severity if counts.get(one))


_NAMES: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "remark"}
