"""A batch on its way to Cisco XDR: which endpoint it is for, and its bytes as they go over the wire.

A payload is an array of bundles, or one simplified finding: its first byte tells which. Bundles go compressed, which
the other endpoint does not take. All of a payload is read and compared with what the ledger wrote down before its first
byte goes.
"""

from __future__ import annotations

import gzip
from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import msgspec

from console.limits import Limits
from console.records.model import Record
from console.targets.base import Batch, Sent
from console.targets.cisco_xdr.shapes import Shape, finding_uid_of, shape_of
from console.targets.http import Upload
from console.targets.payloads import read_payload

CUSTOM_PATH: Final = "/api/v1/custom_detection_findings"
BUNDLES_PATH: Final = "/api/v1/detection_findings"
CONTENT_TYPE: Final = "application/json"

_PIECE: Final = 256 * 1024
"""Bytes that are handed over at a time."""
_elements: Final = msgspec.json.Decoder(list[msgspec.Raw])


@dataclass(frozen=True, slots=True)
class Payload:
    """The payload of a batch, ready to be sent, and to be sent again."""

    path: str
    """Of the endpoint that takes it."""
    headers: Mapping[str, str]
    """What that endpoint must be told of the body."""
    content: bytes
    """What was frozen."""
    body: bytes
    """What goes over the wire."""

    @classmethod
    def of(cls, batch: Batch) -> Payload:
        """Read and pack the payload of a batch. Waits for the disk. Raises `PayloadChanged`."""
        content = read_payload(batch)
        if content.startswith(b"["):
            return cls(BUNDLES_PATH, {"Content-Encoding": "gzip"}, content, gzip.compress(content, 6, mtime=0))
        return cls(CUSTOM_PATH, {}, content, content)

    def upload(self, sent: Sent) -> Upload:
        """The body of one request. *sent* hears how much of what was frozen that stands for."""
        return Upload(CONTENT_TYPE, len(self.body), self._pieces(sent))

    def records(self) -> list[bytes]:
        """The records, by their index in the batch."""
        return [bytes(one) for one in _elements.decode(self.content)] if self.path == BUNDLES_PATH else [self.content]

    def uids(self, limits: Limits) -> list[str | None]:
        """The uid of each record's finding, by index. Foreign text."""
        return [finding_uid_of(raw, limits) for raw in self.records()]

    async def _pieces(self, sent: Sent) -> AsyncGenerator[bytes, None]:
        for start in range(0, len(self.body), _PIECE):
            end = min(start + _PIECE, len(self.body))
            # Before the piece goes: whoever stops us while it does must not take the batch for one that was not sent.
            sent(len(self.content) * end // len(self.body))
            yield self.body[start:end]


def joined(records: Iterable[Record]) -> Iterator[bytes]:
    """The payload of records that share a request, in pieces: an array of bundles, or the one simplified finding.

    After a simplified finding, no further record is asked for.
    """
    separator = b"["
    for record in records:
        if shape_of(record.raw) is Shape.CUSTOM:
            yield record.raw
            return
        yield separator
        yield record.raw
        separator = b","
    yield b"[]" if separator == b"[" else b"]"


def group_of(record: Record) -> str:
    """What may share a request: all bundles, and each simplified finding with nothing else."""
    return f"custom {record.span.index}" if shape_of(record.raw) is Shape.CUSTOM else ""
