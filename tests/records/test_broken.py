"""Files that are broken: everything whole is yielded, and each fault says where it is."""

from __future__ import annotations

import json

import pytest

from console.limits import DEFAULT_LIMITS
from console.progress import Cancel, Cancelled
from console.records.model import Layout, Record
from console.records.reading import Place, Reading
from console.records.window import Window
from tests.records.support import Memory, Pieces, codes, faults, read_bytes, sound, values

Where = tuple[str, int | None, int | None, int | None]


def _places(found: Pieces) -> list[Where]:
    return [(fault.code, fault.index, fault.offset, fault.line) for fault in faults(found)]


def _indexes(found: Pieces) -> list[int]:
    return [piece.span.index for piece in found if isinstance(piece, Record)]


@pytest.mark.parametrize(
    ("data", "whole", "expected"),
    [
        # Each record tells its index.
        (b'[{"a":0},{"a":1', [0], [("truncated", 1, 9, 1)]),
        (b'[{"a":0},\n{"a":1},\n{"a":"', [0, 1], [("truncated", 2, 19, 3)]),
        (b'[{"a":0},{"a":1}', [0, 1], [("not_closed", None, 16, 1)]),
        (b'[{"a":0},\n', [0], [("not_closed", None, 10, 2)]),
        (b"[", [], [("not_closed", None, 1, 1)]),
        (b'[{"a":0},\n]', [0], [("trailing_comma", None, 10, 2)]),
        (b'[{"a":0}\n{"a":1}]', [0, 1], [("missing_comma", None, 9, 2)]),
        (b'[{"a":0},,\n,{"a":1}]', [0, 1], [("extra_comma", None, 9, 1)]),
        (b'[{"a":0} what, {"a":1}]', [0, 1], [("malformed", None, 9, 1)]),
        (b'[{"a":0}},\n{"a":1}]', [0, 1], [("malformed", None, 8, 1)]),
        (b'[{"a":0},\nwhat is this,\n{"a":2}]', [0, 2], [("malformed", 1, 10, 2)]),
        (b'[{"a":0}]\n[{"a":1}]', [0, 1], [("second_document", None, 10, 2)]),
        (
            b'[{"a":0},{"a":1},][{"a":2}]',
            [0, 1, 2],
            [("trailing_comma", None, 17, 1), ("second_document", None, 18, 1)],
        ),
        (b'[{"a":0}] what [{"a":1}]', [0, 1], [("trailing_data", None, 10, 1), ("second_document", None, 15, 1)]),
        (b'[{"a":0}] [1] {junk {"a":1}', [0, 1], [("trailing_data", None, 10, 1), ("second_document", None, 20, 1)]),
        (b'[{"a":0}]]', [0], [("trailing_data", None, 9, 1)]),
        (b'[{"a":0},1,{"a":2}]', [0, 2], [("not_an_object", 1, 9, 1)]),
        (b'[{"a":0},"{",\n{"a":2}]', [0, 2], [("not_an_object", 1, 9, 1)]),
        (b'[[{"a":1}],{"a":1}]', [1], [("not_an_object", 0, 1, 1)]),
        (b"[null,-1.5e3]", [], [("not_an_object", 0, 1, 1), ("not_an_object", 1, 6, 1)]),
    ],
)
def test_a_broken_array_yields_what_is_whole(data: bytes, whole: list[int], expected: list[Where]) -> None:
    found = read_bytes(data)
    assert _places(found) == expected
    assert _indexes(found) == whole
    assert values(found) == [{"a": index} for index in whole]


@pytest.mark.parametrize(
    "bad",
    [
        b'{"a":1',
        b'{"a":[1}',
        b'{"a":{"b":1]}',
        b'{"a":"text\n',
        b'{"a":"text\nand more"}',
        b'{"a":"\\\n"}',
        b'{"a":1,{"b":2}',
        b'{"a"[1]}',
    ],
)
def test_reading_goes_on_after_a_record_that_is_not_json(bad: bytes) -> None:
    records = [b'{"a":0}', bad, *(b'{"a":%d}' % number for number in range(2, 200))]
    found = read_bytes(b"[" + b",\n".join(records) + b"]")
    assert _places(found) == [("malformed", 1, 10, 2)]
    assert _indexes(found) == [0, *range(2, 200)]
    assert values(found) == [{"a": index} for index in _indexes(found)]


def test_the_first_record_may_be_the_broken_one() -> None:
    found = read_bytes(b'[{"a":[0},\n{"a":1}]')
    assert _places(found) == [("malformed", 0, 1, 1)]
    assert values(found) == [{"a": 1}]


def test_when_nothing_can_be_found_after_a_broken_record_the_fault_says_so() -> None:
    (fault,) = faults(read_bytes(b'[{"a":[0},{"b":1}]'))
    assert fault.message == (
        "The record is not JSON: at byte 8 a } stands where none may. No record can be found after it."
    )


def test_a_run_that_was_appended_to_a_killed_one_is_read() -> None:
    first = b'[{\n    "a": 0,\n    "b": "x"\n},{\n    "a": 1,\n    "b": "cut he'
    second = b'[{\n    "a": 2,\n    "b": "x"\n},{\n    "a": 3\n}]'
    found = read_bytes(first + second)
    assert codes(found) == ["malformed"]
    assert [value["a"] for value in values(found) if isinstance(value, dict)] == [0, 2, 3]


def _run(numbers: range, indent: int | None) -> bytes:
    """A run of a scanner: records with some structure, which all start alike."""
    return json.dumps([{"a": number, "b": {"c": ["d", {"e": "f,}]["}]}} for number in numbers], indent=indent).encode()


@pytest.mark.parametrize("indent", [None, 1, 4])
def test_a_run_is_found_wherever_the_one_before_it_was_cut(indent: int | None) -> None:
    first, second = _run(range(3), indent), _run(range(3, 9), indent)
    for cut in range(len(_run(range(2), indent)), len(first)):
        found = values(sound(read_bytes(first[:cut] + second)))
        numbers = [value.get("a") for value in found if isinstance(value, dict)]
        # Where a string was cut in compact text, quotes pair up wrongly: the run is found when it is certain.
        assert numbers[-6:] == [*range(3, 9)] or (indent is None and numbers[-4:] == [*range(5, 9)])
        assert set(numbers) <= {*range(9)}


@pytest.mark.parametrize("indent", [None, 1, 4])
@pytest.mark.parametrize("junk", [b"", b'"', b"}", b"]", b"{", b"[", b",", b"\\", b'"x":'])
def test_one_damaged_byte_costs_one_record(indent: int | None, junk: bytes) -> None:
    whole = _run(range(12), indent)
    record = json.dumps({"a": 5, "b": {"c": ["d", {"e": "f,}]["}]}}).encode()
    start = whole.index(b'"a": 5') - 1
    for place in range(start, start + len(record)):
        data = whole[:place] + junk + whole[place + 1 :]
        found = [value.get("a") for value in values(sound(read_bytes(data))) if isinstance(value, dict)]
        others = [*range(5), *range(6, 12)]
        kept = [number for number in found if number in others]
        # In compact text a quote may join the record to the next one, so that brackets do not tell them apart.
        assert kept == others or (indent is None and kept == [number for number in others if number != 6])
        assert len(found) <= len(kept) + 1


def test_the_inside_of_a_broken_record_is_never_taken_for_records() -> None:
    nested = b'{"a":[{"a":0}]},{"a":[' + b",".join(b'{"a":%d}' % number for number in range(9))
    for data in (b"[" + nested, b"[" + nested + b',"', b"[" + nested + b"]}"):
        found = values(read_bytes(data))
        assert {"a": 3} not in found
    stray = b'[{"m":1},{"m":2},"c":{"p":2},"r":[{"q":1},{"q":2}]},{"m":3}]'
    assert values(read_bytes(stray)) == [{"m": 1}, {"m": 2}, {"m": 3}]
    closed = b'[{"m":1},{"m":2}],"c":{"p":2},"r":[{"q":1},{"q":2}]},{"m":3}]'
    assert values(read_bytes(closed)) == [{"m": 1}, {"m": 2}, {"m": 3}]


def test_runs_that_were_appended_to_one_another_are_all_read() -> None:
    found = read_bytes(b'[{\n"a":0\n}][{"a":1}]\n[{"a":2},{"b":')
    assert _places(found) == [
        ("second_document", None, 11, 3),
        ("second_document", None, 21, 4),
        ("truncated", 3, 30, 4),
    ]
    assert values(found) == [{"a": 0}, {"a": 1}, {"a": 2}]
    assert "second document" in faults(found)[0].message


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"oops", [("malformed", 1, 8, 2)]),
        (b"[1]", [("not_an_object", 1, 8, 2)]),
        (b'"{}"', [("not_an_object", 1, 8, 2)]),
        (b'{"a":', [("truncated", 1, 8, 2)]),
        (b'{"a":[1}', [("malformed", 1, 8, 2)]),
        (b'{"a":1}},', [("trailing_data", None, 15, 2)]),
    ],
)
def test_a_bad_line_is_a_fault_and_the_others_are_read(line: bytes, expected: list[Where]) -> None:
    found = read_bytes(b'{"a":0}\n' + line + b'\n\n{"a":2}', Layout.LINES)
    assert _places(found) == expected
    assert {"a": 0} in values(found)
    assert {"a": 2} in values(found)
    assert [piece.span.line for piece in found if isinstance(piece, Record)][-1] == 4


def test_a_record_that_ends_where_it_should_is_left_to_the_decoder() -> None:
    for shape, data in ((Layout.ARRAY, b'[{"a": NaN}]'), (Layout.LINES, b'{"a": \xff}\n')):
        found = read_bytes(data, shape)
        assert _indexes(found) == [0]
        assert not faults(found)


@pytest.mark.parametrize(
    ("data", "whole", "expected"),
    [
        (b'{"a":0} x', [0], [("trailing_data", None, 8, 1)]),
        (b'{"a":0}\n\n{\n"a":1}', [0, 1], [("second_document", None, 9, 3)]),
        (b'{"a":0}{"a":1}\n{"a":2}', [0, 1, 2], [("second_document", None, 7, 1)]),
        (b'{"a":0}{"a":[1}{"a":2}', [0, 2], [("second_document", None, 7, 1), ("malformed", 1, 7, 1)]),
        (b'{"a":0}[{"a":1}]', [0, 1], [("second_document", None, 7, 1)]),
    ],
)
def test_objects_that_follow_one_another_are_read_and_it_is_said_once(
    data: bytes, whole: list[int], expected: list[Where]
) -> None:
    found = read_bytes(data, Layout.DOCUMENT)
    assert _places(found) == expected
    assert values(found) == [{"a": index} for index in whole]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b'{"Findings":[{"a":0},{"a":1}]}', []),
        (b'{\n "NextToken": "x", "n": 1,\n "Findings" : [\n{"a":0},{"a":1}\n], "More": {"a": [2]}\n}\n', []),
        (b'{"Findings":[{"a":0},{"a":1}]', [("not_closed", None, 29, 1)]),
        (b'{"Findings":[{"a":0},{"a":1}', [("not_closed", None, 28, 1)]),
        (b'{"Findings":[{"a":0},{"a":1}], "More": ]}', [("not_closed", None, 39, 1)]),
        (b'{"Findings":[{"a":0},{"a":1}]} x', [("trailing_data", None, 31, 1)]),
    ],
)
def test_the_records_in_a_wrapper_are_read(data: bytes, expected: list[Where]) -> None:
    found = read_bytes(data, Layout.DOCUMENT)
    assert _places(found) == expected
    assert values(found) == [{"a": 0}, {"a": 1}]


def test_a_fault_quotes_the_file_briefly_and_without_its_control_characters() -> None:
    (fault,) = faults(read_bytes(b"[\x1b(52;c;x\x07" + b"x" * 5000 + b"]"))
    assert fault.message == "This is not JSON: ␛(52;c;x␇xxxxxxxxxxxxxxx…."
    (fault,) = faults(read_bytes(b"[\xff\x9b" + b"x" * 5000 + b"]"))
    assert fault.message == "This is not JSON: \\xff\\x9bxxxxxxxxxxxxxxxx…."


@pytest.mark.parametrize(
    "data",
    [b"[{}] " + b"[[1] " * 400_000, b'[{"a":' + b"[" * 400_000, b'{"Findings":[]}' * 30_000],
    ids=["junk", "brackets", "wrappers"],
)
def test_a_wish_to_stop_is_heard_where_no_record_is(data: bytes) -> None:
    cancel = Cancel()
    cancel.ask()
    reading = Reading(Window(Memory(data), cancel=cancel), Layout.ARRAY, DEFAULT_LIMITS, Place(0))
    with pytest.raises(Cancelled):
        list(reading.pieces())
