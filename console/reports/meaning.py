"""What a code means, and what to do about it."""

from __future__ import annotations

from typing import Final

from console.ocsf.codes import CODES
from console.records.faults import FaultCode
from console.reports.target_codes import TARGET_CODES, Meaning

_BROKEN: Final = Meaning(
    "The bytes of the file are broken here, or over a limit.",
    "Have the file written again; `ocsf-console repair` keeps what is whole. Limits stand in the configuration.",
)
_RULE_OF_TARGET: Final = Meaning(
    "A rule of the kind of target that the records were held to with `--for`.",
    "Correct what the message names: the target would refuse it, or change it.",
)
_FAULTS: Final = frozenset(FaultCode)


def meaning_of(code: str) -> Meaning:
    """The words for a code of ours."""
    known = CODES.get(code)
    if known is not None:
        return Meaning(known.meaning, known.advice)
    return _BROKEN if code in _FAULTS else TARGET_CODES.get(code, _RULE_OF_TARGET)
