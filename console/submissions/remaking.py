"""Converting a finding file for a target that takes another format, so that what it becomes can be frozen.

What is written here is private and goes away again: a plan is frozen from it at once. Each record keeps the place in
the finding file that it came from, and that is what everybody is told of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from console.convert.forms import Form, Request
from console.convert.run import NothingConverted, convert, workers_for
from console.convert.tally import Refusal, Tally
from console.display import safe_text
from console.errors import BadInput
from console.limits import Limits
from console.progress import Cancel, Report
from console.records.model import Fault, Record
from console.records.reader import FindingFile
from console.submissions.hashed_file import private_file
from console.submissions.model import Conversion
from console.submissions.spool import ENTRY_BYTES, Spool, pack, unpack

_SHOWN_REASONS: Final = 3
_HINTS: Final = {
    "asff_account_missing": "Give the target an account_id in the configuration: findings that are about no account of"
    " AWS are imported for that one.",
    "asff_severity_unknown": "ocsf-console convert has --severity-for-unknown for such findings.",
}


@dataclass(frozen=True, slots=True)
class Remade:
    """The new file, as long as it is there."""

    path: Path
    origins: Path
    conversion: Conversion

    def records(self, limits: Limits) -> Iterator[Record | Fault]:
        """Each record, with the place in the finding file that it came from."""
        with FindingFile.open(self.path, limits) as file, self.origins.open("rb") as origins:
            for found in file.records():
                origin = unpack(origins.read(ENTRY_BYTES))
                yield replace(found, span=origin) if isinstance(found, Record) else found


@contextmanager
def remade(
    source: FindingFile, request: Request, spool: Spool, submission: str, tell: Report, cancel: Cancel
) -> Iterator[Remade]:
    """What the records of *source* become, for as long as it is needed.

    Raises `BadInput` when none can be converted; `UnreadableFile`; `Cancelled`; `OSError`.
    """
    path, origins = spool.converted(submission), spool.origins(submission)
    with ExitStack() as stack:
        stack.callback(origins.unlink, missing_ok=True)
        stack.callback(path.unlink, missing_ok=True)
        with private_file(path) as out, private_file(origins) as places, workers_for(source, request) as workers:
            try:
                done = convert(
                    source, request, out.write, workers, tell, cancel, lambda origin: places.write(pack(origin))
                )
            except NothingConverted as nothing:
                raise _nothing(source.path, request.form, nothing.done.tally) from None
        yield Remade(path, origins, Conversion(source.path, request.form, done.tally))


def _nothing(path: Path, form: Form, tally: Tally) -> BadInput:
    """The error of a file of which nothing becomes what the target takes."""
    reasons = "; ".join(map(_words, tally.refusals[:_SHOWN_REASONS]))
    hints = (_HINTS.get(one.code, "") for one in tally.refusals)
    return BadInput(
        f"None of {tally.records:,} records in {safe_text(path)} can be converted to {form.label}: {reasons}. Nothing"
        " was sent.",
        hint=next(filter(None, hints), ""),
    )


def _words(refusal: Refusal) -> str:
    where = "" if refusal.index is None else f"record {refusal.index:,}: "
    return f"{where}{safe_text(refusal.message, width=200).rstrip('.')} ({refusal.code})"
