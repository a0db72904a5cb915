"""Where each record is in a stretch that holds nothing but records."""

from __future__ import annotations

from typing import Final

import msgspec

from console.records.stretch import Decoders, Stretch

_SLICES: Final[Decoders[msgspec.Raw]] = Decoders.of(msgspec.Raw)


def records_in(stretch: Stretch) -> list[tuple[int, int, memoryview]] | None:
    """The index and the offset in the file of each record, and its bytes, not copied; None where it is no sound JSON.

    Decoding the stretch as objects of any type proves that it holds nothing but records: ask only after that.
    """
    slices = stretch.decode(_SLICES)
    if slices is None:
        return None
    data = stretch.data
    first = end = data.find(b"{")
    found = []
    for index, piece in enumerate(slices, stretch.index):
        raw = memoryview(piece)
        # Nothing but white space and commas is between two objects.
        start = data.index(b"{", end)
        end = start + len(raw)
        found.append((index, stretch.offset + start - first, raw))
    return found
