"""The caps on what a finding file may ask of the machine. The configuration sets them; the readers obey them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Limits:
    """The caps that keep a hostile file from eating the machine. Each message about one names its number."""

    decompressed_bytes: int = 2 * 1024**3
    """Bytes that a compressed file may unpack to."""
    record_bytes: int = 16 * 1024**2
    """Bytes of one record."""
    depth: int = 64
    """Levels of nesting inside a record."""
    digits: int = 400
    """Digits of one number."""


DEFAULT_LIMITS: Final = Limits()
