"""The ways in which a finding file can be broken, and the words that faults and refusals are made of."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from console.display import safe_text

SAMPLE_BYTES: Final = 96
"""Bytes of the file that a sentence may be made of."""
_SAMPLE_WIDTH: Final = 24
"""Characters of them that it quotes."""


class FaultCode(StrEnum):
    """The stable words in `Fault.code`. They say what is wrong with the bytes, not with what they mean."""

    NOT_AN_OBJECT = "not_an_object"
    """An element or a line is sound JSON, but not an object. It keeps its index."""
    MALFORMED = "malformed"
    """What stands here is not JSON. In the place of a record it takes the record's index."""
    TRUNCATED = "truncated"
    """The file, or the line, ends inside a record. Usual when the writer was killed or the disk was full."""
    NOT_CLOSED = "not_closed"
    """The file ends between two records of an array that has no closing bracket."""
    TRAILING_COMMA = "trailing_comma"
    """A comma stands before the closing bracket of the array."""
    MISSING_COMMA = "missing_comma"
    """No comma stands between two records of an array."""
    EXTRA_COMMA = "extra_comma"
    """A comma stands where a record should."""
    SECOND_DOCUMENT = "second_document"
    """Another array or object follows the end of a document, such as the array of a second run. It is read as well."""
    TRAILING_DATA = "trailing_data"
    """Something that is no JSON document follows the end of one."""
    RECORD_TOO_LARGE = "record_too_large"
    """A record is larger than `Limits.record_bytes`. It keeps its index and is not read."""
    GZIP_TRUNCATED = "gzip_truncated"
    """The compressed file ends early. What could be unpacked is read."""
    GZIP_CORRUPT = "gzip_corrupt"
    """The compressed data, or its checksum, is wrong. What could be unpacked is read."""
    UNPACKED_TOO_LARGE = "unpacked_too_large"
    """The file unpacks to more than `Limits.decompressed_bytes`. What fits is read."""
    NOT_JSON = "not_json"
    """A record ends where it should, but is not JSON inside."""
    INVALID_UTF8 = "invalid_utf8"
    """A record holds bytes that are not UTF-8, such as Latin-1 or encoded surrogates."""
    LONE_SURROGATE = "lone_surrogate"
    """A record holds half of a surrogate pair, as `\\ud800`: no text can hold it."""
    NOT_FINITE = "not_finite"
    """A record holds NaN or Infinity, which JSON has no numbers for."""
    NUMBER_OUT_OF_RANGE = "number_out_of_range"
    """A record holds a number that no 64-bit float comes near, such as `1e999`."""
    TOO_DEEP = "too_deep"
    """A record is nested deeper than `Limits.depth`."""
    TOO_MANY_DIGITS = "too_many_digits"
    """A record holds a number with more digits than `Limits.digits`."""


TAKES_NOTHING: Final = frozenset(
    (
        FaultCode.NOT_CLOSED,
        FaultCode.TRAILING_COMMA,
        FaultCode.MISSING_COMMA,
        FaultCode.EXTRA_COMMA,
        FaultCode.SECOND_DOCUMENT,
    )
)
"""What is wrong between records, all of which are whole and are read. Any other fault takes something away."""


OF_THE_WHOLE_FILE: Final = frozenset((FaultCode.GZIP_TRUNCATED, FaultCode.GZIP_CORRUPT, FaultCode.UNPACKED_TOO_LARGE))
"""What is wrong with the file as it is packed: the place of such a fault is how far it could be read."""


def sample(data: bytes) -> str:
    """A short, harmless quote of what the file holds at some place, for a sentence: the start of its first line."""
    line = data[:SAMPLE_BYTES].partition(b"\n")[0].rstrip()
    return safe_text(line.decode("utf-8", "backslashreplace"), width=_SAMPLE_WIDTH)


def size(count: int) -> str:
    """A number of bytes as people read limits: `16 MiB`, or `1,000 bytes` where it is not a round number."""
    for unit, name in ((1024**3, "GiB"), (1024**2, "MiB"), (1024, "KiB")):
        if count >= unit and count % unit == 0:
            return f"{count // unit:,} {name}"
    return f"{count:,} bytes"
