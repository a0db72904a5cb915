"""What is known of finding files in this session, by their identities: a file that is changed is another one.

The Files screen learns what files hold, and the Validation screen tells what it found. Touches no widget.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final, TypeVar

from console.errors import ConsoleError, UnreadableFile
from console.limits import Limits
from console.progress import Cancel
from console.records.model import Compression, Format, Identity

if TYPE_CHECKING:
    from console.ocsf.report import Report
    from console.ocsf.validator import Validator
    from console.records.reader import FindingFile
    from console.records.summary.summarise import Summary

V = TypeVar("V")

_MOST_FACTS: Final = 20_000
"""Files of which something is known at a time."""
_MOST_SUMMARIES: Final = 200
_COUNTED_BYTES: Final = 8_000_000
"""Files up to this size are read through in the background; larger ones when somebody chooses them."""
_CHECKED_BYTES: Final = 2_000_000
"""Files up to this size are validated in the background."""
_PACKED: Final = 10
"""A compressed file counts as so many times as large."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one file."""

    format: Format | None = None
    """None where it can't be read as a finding file."""
    size: int = 0
    """Bytes on disk."""
    records: int | None = None
    """None while they are not counted."""
    is_broken: bool = False
    """Whether something in it can't be read."""
    invalid: int | None = None
    """Records that validation found an error in; None while it was not validated."""


class FileFacts:
    """What is known of files. May be asked, and told, on any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._facts: dict[Identity, Facts] = {}
        self._summaries: dict[Identity, Summary] = {}

    def of(self, identity: Identity) -> Facts | None:
        """What is known of a file."""
        return self._facts.get(identity)

    def summary(self, identity: Identity) -> Summary | None:
        """What a file holds, where it was read through and that is not long ago."""
        return self._summaries.get(identity)

    def note_unreadable(self, identity: Identity) -> None:
        """Remember that a file can't be read."""
        self._note(identity, Facts(size=identity.size, is_broken=True))

    def note_format(self, identity: Identity, form: Format) -> None:
        """Remember what kind of file one is."""
        self._note(identity, replace(self._known(identity), format=form))

    def note_summary(self, identity: Identity, summary: Summary) -> None:
        """Remember what a file holds."""
        facts = self._known(identity)
        broken = bool(summary.fault_count)
        self._note(identity, replace(facts, format=summary.format, records=summary.records, is_broken=broken))
        with self._lock:
            _keep(self._summaries, identity, summary, _MOST_SUMMARIES)

    def note_report(self, identity: Identity, report: Report) -> Report:
        """Remember what validation found in a file; the same report."""
        self._note(identity, replace(self._known(identity), records=report.records, invalid=report.invalid))
        return report

    def _known(self, identity: Identity) -> Facts:
        return self._facts.get(identity, Facts(size=identity.size))

    def _note(self, identity: Identity, facts: Facts) -> None:
        with self._lock:
            _keep(self._facts, identity, facts, _MOST_FACTS)


def _keep(known: dict[Identity, V], identity: Identity, value: V, most: int) -> None:
    """Put it last, and forget what was put in first where that is too much."""
    known.pop(identity, None)
    known[identity] = value
    if len(known) > most:
        del known[next(iter(known))]


def identity_of(path: Path) -> Identity | None:
    """What is at a path now; None where nothing is, or nothing that we may see."""
    try:
        status = path.stat()
    except OSError:
        return None
    return Identity(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


@dataclass(frozen=True, slots=True)
class Learner:
    """Learns of files what is learned quickly."""

    facts: FileFacts
    validator: Callable[[], Validator]
    limits: Limits

    def learn(self, path: Path, cancel: Cancel) -> Identity | None:
        """Look at a file, unless enough is known; what it was then, or None where there is none. Raises `Cancelled`."""
        from console.records.reader import FindingFile

        identity = identity_of(path)
        if identity is None or _is_enough(self.facts.of(identity)):
            return identity
        try:
            with FindingFile.open(path, self.limits) as file:
                self._look(file, cancel)
                return file.identity
        except UnreadableFile:
            self.facts.note_unreadable(identity)
        except ConsoleError:
            # It is ours, such as a schema that was added and can't be read: whoever validates the file is told.
            pass
        return identity

    def _look(self, file: FindingFile, cancel: Cancel) -> None:
        from console.ocsf.run import validate_file
        from console.records.summary.summarise import summarise

        identity, weight = file.identity, file.size * (1 if file.compression is Compression.NONE else _PACKED)
        self.facts.note_format(identity, file.format)
        if weight <= _COUNTED_BYTES and self.facts.summary(identity) is None:
            self.facts.note_summary(identity, summarise(file, cancel=cancel))
        if weight <= _CHECKED_BYTES:
            self.facts.note_report(identity, validate_file(file, self.validator(), cancel=cancel))


def _is_enough(known: Facts | None) -> bool:
    """Whether there is nothing more that could be learned quickly."""
    return known is not None and (known.invalid is not None or known.size > _CHECKED_BYTES or known.is_broken)
