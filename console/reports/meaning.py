"""What a code means, and what to do about it."""

from __future__ import annotations

from typing import Final

from console.ocsf.codes import CODES
from console.records.faults import FaultCode
from console.reports.target_codes import TARGET_CODES, Meaning

REPAIR: Final = "`ocsf-console repair`"
"""What keeps what is whole of a broken file, for the shell."""
_RULE_OF_TARGET: Final = Meaning(
    "A rule of the kind of target that the records were held to with `--for`.",
    "Correct what the message names: the target would refuse it, or change it.",
)
_FAULTS: Final = frozenset(FaultCode)


def meaning_of(code: str, repair: str = REPAIR) -> Meaning:
    """The words for a code of ours. *repair* is what keeps what is whole of a broken file, in words."""
    known = CODES.get(code)
    if known is not None:
        return Meaning(known.meaning, known.advice)
    return _broken(repair) if code in _FAULTS else TARGET_CODES.get(code, _RULE_OF_TARGET)


def _broken(repair: str) -> Meaning:
    return Meaning(
        "The bytes of the file are broken here, or over a limit.",
        f"Have the file written again; {repair} keeps what is whole. Limits stand in the configuration.",
    )
