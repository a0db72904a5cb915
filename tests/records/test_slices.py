"""Where the records of a stretch are, however they are written."""

from __future__ import annotations

from hypothesis import given

from console.limits import DEFAULT_LIMITS
from console.records.model import Layout, Record
from console.records.reading import Place, Reading
from console.records.slices import records_in
from console.records.stretch import Decoders, Stretch
from console.records.window import Window
from tests.records.support import Memory, contents, read_bytes

_OBJECTS: Decoders[dict[str, object]] = Decoders.of(dict[str, object])


@given(contents)
def test_each_record_is_where_it_is_when_it_is_read_alone(content: bytes) -> None:
    layout = Layout.ARRAY if content.lstrip().startswith(b"[") else Layout.LINES
    found: list[tuple[int, int, bytes]] = []

    def take(stretch: Stretch) -> int:
        if stretch.decode(_OBJECTS) is None:
            return 0
        records = records_in(stretch)
        assert records is not None
        found.extend((index, offset, bytes(raw)) for index, offset, raw in records)
        return len(records)

    for piece in Reading(Window(Memory(content), 0), layout, DEFAULT_LIMITS, Place(0)).pieces(take):
        if isinstance(piece, Record):
            found.append((piece.span.index, piece.span.offset, piece.raw))

    alone = [one for one in read_bytes(content, layout) if isinstance(one, Record)]
    assert sorted(found) == [(one.span.index, one.span.offset, one.raw) for one in alone]


def test_what_is_no_json_has_no_records() -> None:
    assert records_in(Stretch(0, 1, b'[{"a":1},{"a":}]', Layout.ARRAY, lambda offset: offset)) is None
