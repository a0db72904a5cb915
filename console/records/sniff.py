"""What a finding file is, told by how its content starts and never by its name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import msgspec

from console.records.documents import wrapped
from console.records.faults import sample, size
from console.records.kinds import format_of, starts_bundle
from console.records.model import Format, Layout
from console.records.packed import GZIP_MAGIC
from console.records.scan import Ending, Nesting

BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"

_OTHERS: Final = (
    (GZIP_MAGIC, "a gzip file inside a gzip file", "Unpack it once."),
    (b"PK\x03\x04", "a zip archive", "Unpack it first."),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "Unpack it first."),
    (b"BZh", "a bzip2 file", "Unpack it first."),
    (b"\xfd7zXZ\0", "an xz file", "Unpack it first."),
    (b"\x28\xb5\x2f\xfd", "a zstd file", "Unpack it first."),
    (b"\x04\x22\x4d\x18", "an lz4 file", "Unpack it first."),
    (b"PAR1", "a Parquet file", "Export it as JSON."),
    (b"PARE", "an encrypted Parquet file", "Export it as JSON."),
    (b"ORC", "an ORC file", "Export it as JSON."),
    (b"Obj\x01", "an Avro file", "Export it as JSON."),
    (b"\xd0\xcf\x11\xe0", "an old Office document", "Export it as JSON."),
    (b"<?xml", "an XML document", ""),
    (b"SQLite format 3\0", "an SQLite database", "Export it as JSON."),
    (b"%PDF", "a PDF document", ""),
    (b"-----BEGIN ", "encrypted or signed text", "Decrypt it first."),
    (b"age-encryption.org/", "an encrypted file", "Decrypt it first."),
    (b"Salted__", "an encrypted file", "Decrypt it first."),
)
"""What other files start with, what they are, and what to do about them."""

_WIDE: Final = re.compile(rb"\xff\xfe|\xfe\xff|\0{1,3}[\[{]|[\[{]\0")
"""A byte order mark of UTF-16 or UTF-32, or a bracket that is padded to their size."""
_MARKUP: Final = re.compile(rb"<(!doctype html|html|head|body|!--)", re.IGNORECASE)
_TAR_MAGIC: Final = slice(257, 262)
_SCALAR: Final = re.compile(rb'("[^"]*"|true|false|null|-?[0-9][0-9.eE+-]*)\s*(\n|$)')
_DOCUMENT: Final = re.compile(rb'\[\s*([\[{"\],0-9tfn-]|$)|\{\s*(["}]|$)')
_NO_SPACE: Final = re.compile(rb"[^ \t\r\n]")
_LOOKED_AT: Final = 50
"""Objects that are looked at to tell whether they stand on a line each."""
_NEW_DOCUMENT: Final = re.compile(rb"[^\s,:\[{][ \t\r]*\n\s*(\{[^\n]*)")
"""A line that opens an object where a JSON value that goes on can't have one."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a file holds, as far as its start tells."""

    layout: Layout
    format: Format


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a file holds no findings."""

    reason: str
    """What follows the file's name in a sentence, without the full stop. It may quote the file."""
    hint: str = ""


def sniff(head: bytes, *, complete: bool) -> Content | Refusal:
    """Tell what a file is by its first bytes, or its *complete* content, unpacked and without a byte order mark."""
    text = head.lstrip(b" \t\r\n")
    if not text:
        return Refusal("is empty" if complete else f"starts with {size(len(head))} of white space and nothing else")
    if refusal := _other(head) or _other(text):
        return refusal
    if _DOCUMENT.match(text):
        layout = Layout.ARRAY if text.startswith(b"[") else _object_or_lines(text, complete=complete)
        return Content(layout, format_of(layout, text))
    if _SCALAR.match(text):
        return Refusal(f"holds {sample(text)}, and an array of objects is expected")
    if b"\0" in head:
        return Refusal(f"is binary, not JSON: it starts with the bytes {head[:8].hex(' ')}")
    return Refusal(f"is not JSON: it starts with {sample(text)}")


def _other(text: bytes) -> Refusal | None:
    """What else the file is, if it is something that we know."""
    if _WIDE.match(text):
        return Refusal("is UTF-16 or UTF-32 text, not UTF-8", "Convert it to UTF-8.")
    for magic, name, hint in _OTHERS:
        if text.startswith(magic):
            return Refusal(f"is {name}, not JSON", hint)
    if text[_TAR_MAGIC] == b"ustar":
        return Refusal("is a tar archive, not JSON", "Unpack it first.")
    if _MARKUP.match(text):
        return Refusal("looks like an HTML page, not JSON", "Was a login or error page saved in its place?")
    return None


def _object_or_lines(text: bytes, *, complete: bool) -> Layout:
    """Tell objects on lines from one object, or from several on some lines each, where *text* starts with an object."""
    line, end_of_line, rest = text.partition(b"\n")
    if wrapped(text) is not None:
        return Layout.DOCUMENT
    if not end_of_line and not complete and not starts_bundle(text):
        # Longer than a record may be, and no object that is spread over lines: others may follow.
        return Layout.LINES
    if _has_spread_object(text):
        return Layout.DOCUMENT
    if _is_object(line):
        return Layout.LINES if rest.strip() or not complete else Layout.DOCUMENT
    # The first line may be a broken one.
    later = _NEW_DOCUMENT.finditer(text, max(0, len(line) - 1))
    return Layout.LINES if any(_is_object(match[1]) for match in later) else Layout.DOCUMENT


def _has_spread_object(text: bytes) -> bool:
    """Whether one of the first objects is spread over several lines, and sound."""
    position = 0
    for _ in range(_LOOKED_AT):
        nesting = Nesting()
        end = nesting.advance(text, position) if text.startswith(b"{", position) else position
        if nesting.ending is not Ending.WHOLE:
            return False
        if b"\n" in text[position:end]:
            return _is_object(text[position:end])
        following = _NO_SPACE.search(text, end)
        position = following.start() if following else len(text)
    return False


def _is_object(text: bytes) -> bool:
    """Whether *text* is one whole JSON object."""
    try:
        return text.startswith(b"{") and bool(msgspec.json.decode(text, type=msgspec.Raw))
    except (msgspec.DecodeError, RecursionError):
        return False
