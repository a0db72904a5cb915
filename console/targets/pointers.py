"""Where in a record the JSON pointer (RFC 6901) of a job error leads."""

from __future__ import annotations

import re
from typing import Final

from console.ocsf.place import Step, spelled

RECORD: Final = re.compile(r"/(?:findings|records|data)/([0-9]{1,18})(?:/|$)")
"""The part of a pointer into what was sent that leads to a record, by its index."""
_INDEX: Final = re.compile(r"[0-9]{1,9}")


def attribute_of(pointer: str) -> str:
    """The path of the attribute that a pointer names, as issues spell it: `resources[0].name`. Foreign text.

    Empty where it leads to the record itself.
    """
    record = RECORD.search(pointer)
    within = pointer[record.end() :] if record else pointer
    return spelled([_step(step) for step in within.split("/") if step])


def _step(step: str) -> Step:
    return int(step) if _INDEX.fullmatch(step) else step.replace("~1", "/").replace("~0", "~")
