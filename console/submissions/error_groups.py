"""The errors of a job by what is wrong: a scan repeats one mistake a thousand times."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from console.submissions.model import LocatedError

MOST_PAGES: Final = 50
"""Pages of errors that are read for the groups. A target may have any number of them."""
_INDEX: Final = re.compile(r"(?<=/)\d+(?=/|$)")


@dataclass(frozen=True, slots=True)
class ErrorGroup:
    """Errors with one code about one place of a record."""

    code: str
    pointer: str
    """Where, with `*` for every index; empty where the target does not say."""
    errors: Sequence[LocatedError]
    """In the order of the job. At least one."""


def grouped(errors: Sequence[LocatedError]) -> list[ErrorGroup]:
    """The groups of errors, the largest first; of equals, the one that comes first in the job."""
    found: dict[tuple[str, str], list[LocatedError]] = {}
    for located in errors:
        found.setdefault((located.error.code, place_of(located)), []).append(located)
    groups = [ErrorGroup(code, pointer, members) for (code, pointer), members in found.items()]
    return sorted(groups, key=lambda group: -len(group.errors))


def place_of(located: LocatedError) -> str:
    """The pointer of an error without the indexes in it."""
    return _INDEX.sub("*", located.error.pointer or "")
