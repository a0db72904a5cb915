"""What is measured on: the records of a real scan where one lies beside the checkout, else invented ones."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from pathlib import Path
from typing import Final

import msgspec

from console.records.model import Record
from console.records.reader import FindingFile
from console.sandbox.samples import findings

BYTES: Final = 6_700_000
"""About the size of the real file. What is measured on is a multiple of it."""
_SHARED: Final = Path(__file__).resolve().parents[1].parent / "shared" / "samples"
_INVENTED_BYTES: Final = 2_000
"""No invented record is smaller."""


class _Info(msgspec.Struct):
    uid: str


class _Finding(msgspec.Struct):
    finding_info: _Info


_finding: Final = msgspec.json.Decoder(_Finding)


@dataclass(frozen=True, slots=True)
class Sample:
    """Some records, each as it was written, and where they are from."""

    origin: str
    records: Sequence[bytes]

    @property
    def size(self) -> int:
        """The bytes of all records."""
        return sum(map(len, self.records))

    def times(self, copies: int) -> Iterator[bytes]:
        """The same records again and again, and so the same findings."""
        return chain.from_iterable(repeat(self.records, copies))

    def apart(self, copies: int) -> Iterator[bytes]:
        """The same, but each finding has a uid of its own, as the findings of a real file have."""
        uids = [json.dumps(_finding.decode(record).finding_info.uid)[1:-1].encode() for record in self.records]
        for copy in range(copies):
            for record, uid in zip(self.records, uids, strict=True):
                yield record.replace(uid, b"%b-%d" % (uid, copy))

    def on_lines(self) -> Sample:
        """The same records without line breaks."""
        return Sample(self.origin, [msgspec.json.format(record, indent=0) for record in self.records])

    def damaged(self) -> Sample:
        """The same records with ten errors each, no two alike."""
        return Sample(self.origin, [_with_ten_errors(record) for record in self.records])


def sample() -> Sample:
    """The records of the real file, or as many bytes of invented ones."""
    for path in sorted(_SHARED.glob("prowler-output-*.ocsf.json")):
        with FindingFile.open(path) as file:
            return Sample(f"the Prowler sample {path.name}", [one.raw for one in file.records() if type(one) is Record])
    return invented(BYTES)


def invented(size: int) -> Sample:
    """About *size* bytes of records that are invented, written as a scanner writes them."""
    records: list[bytes] = []
    for finding in findings(size // _INVENTED_BYTES + 1):
        records.append(json.dumps(finding, indent=4).encode())
        size -= len(records[-1])
        if size <= 0:
            break
    return Sample("invented findings, since no Prowler sample lies beside the checkout", records)


def small(count: int) -> Iterator[bytes]:
    """So many invented records, each as small as one that shows something in every column."""
    for number in range(count):
        finding = {
            "metadata": {"version": "1.5.0", "event_code": f"check_{number % 50}"},
            "class_uid": 2004,
            "severity_id": number % 6,
            "status": "New",
            "time": 1_700_000_000_000 + number,
            "finding_info": {"title": f"Title {number}", "uid": f"finding-{number}"},
            "resources": [{"uid": f"arn:aws:s3:::bucket-{number}"}],
            "cloud": {"account": {"uid": f"{number % 1000:012}"}},
        }
        yield msgspec.json.encode(finding)


def write_array(path: Path, records: Iterable[bytes]) -> None:
    """Write a JSON array of records, joined as Prowler joins them."""
    with path.open("wb") as file:
        before = b"["
        for record in records:
            file.write(before + record)
            before = b","
        file.write(b"]")


def write_lines(path: Path, records: Iterable[bytes]) -> None:
    """Write records that have no line breaks, one to a line."""
    with path.open("wb") as file:
        file.writelines(record + b"\n" for record in records)


def _with_ten_errors(record: bytes) -> bytes:
    finding = json.loads(record)
    del finding["severity_id"]
    finding.update(bogus=1, message=7, status_id=77, time="yesterday", type_uid=200402)
    finding["finding_info"].update(title=["a", "title"], types="a type")
    finding["resources"][0]["labels"] = [1]
    finding["metadata"]["product"]["name"] = 5
    return json.dumps(finding, indent=4).encode()
