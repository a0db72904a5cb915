"""One record's bytes to its JSON value, with the caps that a hostile record must not get past."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import accumulate
from typing import Final, NoReturn

import msgspec

from console.errors import BadInput
from console.limits import DEFAULT_LIMITS, Limits
from console.records.faults import FaultCode, sample, size
from console.records.model import Fault, JsonValue, Span


class BadRecord(BadInput):
    """The bytes of a record are not a JSON object that we take. The message is one sentence of ours."""

    def __init__(self, code: FaultCode, message: str, offset: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.offset = offset
        """The byte of the record that is wrong, from 0; None where it is not one byte."""

    def fault(self, span: Span) -> Fault:
        """The same as a fault of the file, for the record that is at *span*."""
        return Fault(self.code, self.message, span.index, span.offset, span.line)


_decoder: Final = msgspec.json.Decoder()

DIGITS_ALIKE: Final = bytes(0x30 if byte in b"0123456789" else 0 for byte in range(256))
"""A translation that makes all digits alike, so that a long run of them is found by a plain search."""
_SIGNS: Final = b".eE+-"
"""What a number may hold besides digits."""
_NO_DIGITS: Final = re.compile(rb"\0+")
"""What `DIGITS_ALIKE` makes of anything else."""
PARTS_OF_A_NUMBER: Final = 3
"""Runs of digits that a number has at most: before the point, behind it, and in the exponent."""
_PIECE_BYTES: Final = 64 * 1024
"""How much of a record is taken apart at once. All of a large one would become millions of small objects."""
_BRACKETS: Final = b"{}[]"
_NO_BRACKETS: Final = bytes(byte for byte in range(256) if byte not in _BRACKETS)
_STEP: Final = {bracket: 1 if bracket in b"{[" else -1 for bracket in _BRACKETS}

_SURROGATES: Final = re.compile(
    rb"\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
)
"""An escaped backslash, a pair, or (the group) a surrogate on its own."""
_PLACE: Final = re.compile(r"(.*) \(byte (\d+)\)")
"""How the decoder ends its messages."""
_NOT_FINITE: Final = (b"NaN", b"Infinity")


def decode(raw: bytes, limits: Limits = DEFAULT_LIMITS) -> dict[str, JsonValue]:
    """The object in *raw*. Integers are exact; of duplicate keys the last one counts.

    Raises `BadRecord` for anything that is not one JSON object by RFC 8259 in UTF-8, or that is over a limit. The
    limits are checked before anything is built.
    """
    if len(raw) > limits.record_bytes:
        raise BadRecord(
            FaultCode.RECORD_TOO_LARGE,
            f"The record has {len(raw):,} bytes; the limit for one record is {size(limits.record_bytes)}.",
        )
    _check_depth(raw, limits.depth)
    _check_digits(raw, limits.digits)
    try:
        value: JsonValue = _decoder.decode(raw)
    except UnicodeDecodeError:
        _explain(raw, "")
    except msgspec.ValidationError as error:
        raise BadRecord(
            FaultCode.NUMBER_OUT_OF_RANGE, "A number in the record is larger than any that can be computed with."
        ) from error
    except msgspec.DecodeError as error:
        _explain(raw, str(error))
    except RecursionError as error:
        raise BadRecord(FaultCode.TOO_DEEP, "The record is nested deeper than the decoder can follow.") from error
    if not isinstance(value, dict):
        raise BadRecord(FaultCode.NOT_AN_OBJECT, f"An object is expected here, not {sample(raw.strip())}.", 0)
    return value


def _check_depth(raw: bytes, limit: int) -> None:
    """Refuse what is nested deeper than *limit*. Most records have fewer brackets than that, and are done at once."""
    if raw.count(b"{") + raw.count(b"[") <= limit:
        return
    depth = 0
    for piece in _outside_strings(raw):
        brackets = piece.translate(None, _NO_BRACKETS)
        depths = list(accumulate(map(_STEP.__getitem__, brackets), initial=depth))
        if max(depths) > limit:
            raise BadRecord(FaultCode.TOO_DEEP, f"The record is nested too deep: the limit is {limit:,} levels.")
        depth = depths[-1]


def _check_digits(raw: bytes, limit: int) -> None:
    """Refuse a number with more than *limit* digits, counting those of its fraction and its exponent."""
    run = b"0" * (limit // PARTS_OF_A_NUMBER + 1)
    if run not in raw.translate(DIGITS_ALIKE):
        return
    for digits in _digits_of_numbers(raw):
        if digits > limit:
            raise BadRecord(
                FaultCode.TOO_MANY_DIGITS,
                f"A number in the record has {digits:,} digits; the limit is {limit:,} digits.",
            )


def _digits_of_numbers(raw: bytes) -> Iterator[int]:
    """How many digits each number has, and 0 for some places where none is."""
    begun = 0
    for piece in _outside_strings(raw):
        *ended, last = _NO_DIGITS.split(piece.translate(DIGITS_ALIKE, _SIGNS))
        for digits in ended:
            yield begun + len(digits)
            begun = 0
        begun += len(last)
    yield begun


def _outside_strings(raw: bytes) -> Iterator[bytes]:
    """The record without its strings, in pieces. Where it is not JSON something else may be left, and decoding says so.

    A string that does not end is left as it is.
    """
    inside = False
    opened = 0
    for start, piece in _pieces(raw):
        parts = piece.split(b'"')
        yield b"".join(parts[inside::2])
        if len(parts) > 1:
            opened = start
        inside ^= len(parts) % 2 == 0
    if inside:
        for _, piece in _pieces(raw, opened):
            yield piece[max(piece.rfind(b'"'), 0) :]


def _pieces(raw: bytes, start: int = 0) -> Iterator[tuple[int, bytes]]:
    """The record from *start* on without its escaped backslashes and quotes, in pieces, each with its own start."""
    while start < len(raw):
        end = start + _PIECE_BYTES
        piece = raw[start:end]
        if (len(piece) - len(piece.rstrip(b"\\"))) % 2:
            piece += raw[end : end + 1]  # The other half of an escape.
        yield start, piece.replace(b"\\\\", b"").replace(b'\\"', b"")
        start += len(piece)


def _explain(raw: bytes, reason: str) -> NoReturn:
    """Say precisely why the decoder refused *raw*; *reason* is what it said itself."""
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        raise BadRecord(
            FaultCode.INVALID_UTF8,
            f"The record is not UTF-8: byte {error.start:,} of it is 0x{raw[error.start]:02x}. Convert the file if it"
            " is Latin-1.",
            error.start,
        ) from error
    for match in _SURROGATES.finditer(raw):
        if match[1]:
            text, place = match[1].decode(), match.start()
            raise BadRecord(
                FaultCode.LONE_SURROGATE,
                f"Byte {place:,} of the record is {text}, half of a surrogate pair without the other half.",
                place,
            )
    placed = _PLACE.fullmatch(reason)
    reason, place = (placed[1], int(placed[2])) if placed else (reason, len(raw))
    if raw.startswith(_NOT_FINITE, place):
        raise BadRecord(
            FaultCode.NOT_FINITE,
            f"Byte {place:,} of the record starts NaN or Infinity: JSON has no such numbers.",
            place,
        )
    reason = reason.removeprefix("JSON is malformed: ")
    raise BadRecord(FaultCode.NOT_JSON, f"The record is not JSON at byte {place:,} of it: {reason}.", place)
