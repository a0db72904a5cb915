"""Repair: all that is whole goes into a sound array byte for byte, and what does not go is told."""

from __future__ import annotations

import gzip
import json
import re
import tempfile
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given

from console.errors import UnreadableFile
from console.limits import DEFAULT_LIMITS, Limits
from console.paths import atomic_write
from console.progress import Cancel, Cancelled, Progress, silent
from console.records.decode import BadRecord, decode
from console.records.faults import TAKES_NOTHING, FaultCode
from console.records.model import Format, Record
from console.records.reader import FindingFile
from console.records.repair import LISTED, Change, Repair, repair
from tests.records.support import contents, read_file

PAGE = Path(__file__).parents[2] / "docs" / "files.md"

ONE = b'{"class_uid":2004,"message":"one"}'
TWO = b'{"class_uid" : 2004,\r\n\t"message": "two \\u00e9 \xc3\xa9 \\/", "n": 1.50e+2, "n": 1 }'
BOTH = b"[\n" + ONE + b",\n" + TWO + b"\n]\n"


class Repairing:
    """Repairs content in a folder, and keeps what was written."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "broken.json"
        self.written = b""

    def __call__(self, content: bytes, limits: Limits = DEFAULT_LIMITS) -> Repair:
        self.path.write_bytes(content)
        self.written = b""
        with FindingFile.open(self.path, limits) as file:
            return repair(file, self.write)

    def write(self, data: bytes) -> None:
        self.written += data


@pytest.fixture
def repairing(tmp_path: Path) -> Repairing:
    """Repairs content in a folder of this test."""
    return Repairing(tmp_path)


def mended(done: Repair) -> list[str]:
    """The codes of what was mended."""
    return [mend.code for mend in done.mended]


def dropped(done: Repair) -> list[str]:
    """The codes of what was dropped."""
    return [fault.code for fault in done.dropped]


@pytest.mark.parametrize(
    ("content", "codes"),
    [
        pytest.param(BOTH, [], id="sound"),
        pytest.param(b"[" + ONE + b"," + TWO + b"]", [], id="sound, on one line"),
        pytest.param(b"[" + ONE + b"," + TWO, ["not_closed"], id="killed writer"),
        pytest.param(b"[" + ONE + b"," + TWO + b",", ["not_closed"], id="killed writer, after a comma"),
        pytest.param(b"[" + ONE + b"," + TWO + b",\n]", ["trailing_comma"], id="trailing comma"),
        pytest.param(b"[" + ONE + TWO + b"]", ["missing_comma"], id="missing comma"),
        pytest.param(b"[" + ONE + b"][" + TWO + b"]", ["second_document"], id="appended array"),
        pytest.param(b"[" + ONE + b"]\n\n[" + TWO, ["second_document", "not_closed"], id="appended, then killed"),
        pytest.param(b"[" + ONE + b"]" + TWO, ["second_document"], id="appended object"),
        pytest.param(b"\xef\xbb\xbf" + BOTH, ["byte_order_mark"], id="byte order mark"),
        pytest.param(gzip.compress(BOTH), ["gzip"], id="gzip"),
        pytest.param(gzip.compress(BOTH[:60]) + gzip.compress(BOTH[60:]), ["gzip"], id="gzip in two members"),
        pytest.param(ONE + b"\n" + TWO.replace(b"\r\n", b"  ") + b"\n", ["lines"], id="lines"),
        pytest.param(b'{\n"x": [1]}\n' + TWO, ["single_object", "second_document"], id="objects"),
        pytest.param(
            b'{"Findings":[' + ONE + b"," + TWO + b'],"NextToken":null}', ["wrapper"], id="ASFF in its wrapper"
        ),
        pytest.param(
            b"[" + ONE + b']{"Findings":[' + TWO + b'],"NextToken":"x"}',
            ["wrapper", "second_document"],
            id="a wrapper after an array",
        ),
        pytest.param(
            ONE + b'{"Findings":[' + TWO + b'],"NextToken":"x"}',
            ["wrapper", "second_document"],
            id="a wrapper after an object",
        ),
    ],
)
def test_what_loses_nothing_is_mended(repairing: Repairing, content: bytes, codes: list[str]) -> None:
    done = repairing(content)

    records = json.loads(repairing.written)
    assert mended(done) == codes
    assert (done.dropped, done.dropped_count) == ((), 0)
    assert (done.records, len(records), done.written) == (2, 2, len(repairing.written))
    assert records[1] == json.loads(TWO)
    assert done.was_sound == (codes == [])


def test_a_record_goes_byte_for_byte(repairing: Repairing) -> None:
    repairing(b"[" + ONE + b"][" + TWO + b"]")

    assert repairing.written == BOTH


def test_a_single_object_becomes_an_array_of_it(repairing: Repairing) -> None:
    done = repairing(TWO)

    assert mended(done) == ["single_object"]
    assert repairing.written == b"[\n" + TWO + b"\n]\n"


def test_a_repeated_finding_is_found_however_far_from_the_first(repairing: Repairing) -> None:
    done = repairing(b"[" + b",".join(b'{"finding_info":{"uid":"%d"}}' % (n % 9_999) for n in range(10_000)) + b"]")

    assert (done.records, done.duplicates) == (10_000, 1)


def test_each_wrapper_is_counted(repairing: Repairing) -> None:
    done = repairing(b'{"Findings":[' + ONE + b'],"NextToken":"x"} {"NextToken":null,"Findings":[' + TWO + b"]}")

    assert [(mend.code, mend.count) for mend in done.mended] == [("wrapper", 2), ("second_document", 1)]
    assert repairing.written == BOTH


def test_a_single_finding_of_security_hub_is_no_wrapper(repairing: Repairing) -> None:
    finding = b'{"SchemaVersion":"2018-10-08","AwsAccountId":"123456789012","Id":"x"}'

    done = repairing(b"\xef\xbb\xbf \n" + finding)

    assert (done.format, mended(done)) == (Format.ASFF, ["byte_order_mark", "single_object"])
    assert repairing.written == b"[\n" + finding + b"\n]\n"


def test_a_bundle_is_one_record(repairing: Repairing) -> None:
    bundle = b'{"events":[' + ONE + b"," + ONE + b'],"count":2}'

    done = repairing(bundle)

    assert (done.format, done.records) == (Format.BUNDLE, 1)
    assert repairing.written == b"[\n" + bundle + b"\n]\n"


def test_a_second_run_without_its_bracket_is_kept(repairing: Repairing) -> None:
    """As `}]{` was reported of Prowler 4.0.0 (issue 3675 of its repository)."""
    done = repairing(b"[" + ONE + b"]" + TWO + b"," + ONE + b"]")

    assert done.records == 3
    assert json.loads(repairing.written)[2] == json.loads(ONE)


@pytest.mark.parametrize(
    ("inside", "code"),
    [
        pytest.param(b'"x":"\xff"', "invalid_utf8", id="not UTF-8"),
        pytest.param(b'"x":"\xed\xa0\x80"', "invalid_utf8", id="encoded surrogate"),
        pytest.param(rb'"x":"\ud800"', "lone_surrogate", id="half a surrogate pair"),
        pytest.param(b'"x":NaN', "not_finite", id="not a number"),
        pytest.param(b'"x":1e999', "number_out_of_range", id="number out of range"),
        pytest.param(b'"x":tru', "not_json", id="not JSON"),
        pytest.param(b'"x":' + b"[" * 64 + b"]" * 64, "too_deep", id="too deep"),
        pytest.param(b'"x":' + b"1" * 401, "too_many_digits", id="too many digits"),
        pytest.param(b'"x":"' + b"x" * 5_000 + b'"', "record_too_large", id="too large"),
    ],
)
def test_a_record_that_would_spoil_the_array_is_dropped_and_told(
    repairing: Repairing, inside: bytes, code: str
) -> None:
    done = repairing(b"[" + ONE + b",\n{" + inside + b"}," + TWO + b"]", Limits(record_bytes=4_000))

    (fault,) = done.dropped
    assert (fault.code, fault.index, fault.offset, fault.line) == (code, 1, len(ONE) + 3, 2)
    assert done.dropped_count == 1
    assert repairing.written == BOTH


@pytest.mark.parametrize(
    ("content", "codes"),
    [
        pytest.param(b"[" + ONE + b"," + TWO + b"," + ONE[:-1], ["truncated"], id="cut in a record"),
        pytest.param(b"[" + ONE + b",null," + TWO + b"]", ["not_an_object"], id="null among records"),
        pytest.param(b"[" + ONE + b",[1]," + TWO + b',"x"]', ["not_an_object"] * 2, id="list and text among records"),
        pytest.param(b"[" + ONE + b"," + TWO + b"] done", ["trailing_data"], id="words after the end"),
        pytest.param(b"[" + ONE + b" oops " + TWO + b"]", ["malformed"], id="words in between"),
        pytest.param(b"[" + ONE + b',{"class_uid":],' + TWO + b"]", ["malformed"], id="broken record"),
    ],
)
def test_what_can_only_be_lost_is_told(repairing: Repairing, content: bytes, codes: list[str]) -> None:
    done = repairing(content)

    assert dropped(done) == codes
    assert repairing.written == BOTH


def test_a_broken_line_is_dropped_alone(repairing: Repairing) -> None:
    done = repairing(ONE + b'\n{"half":\n' + ONE + b"\n")

    (fault,) = done.dropped
    assert (fault.code, fault.index, fault.line) == ("truncated", 1, 2)
    assert done.records == 2


def test_a_truncated_gzip_gives_what_could_be_unpacked(repairing: Repairing) -> None:
    records = b"[" + b",".join(b'{"class_uid":%d,"x":"%x"}' % (n, n**99) for n in range(500)) + b"]"
    packed = gzip.compress(records)

    done = repairing(packed[: len(packed) // 2])

    assert mended(done) == ["gzip"]
    assert dropped(done) == ["truncated", "gzip_truncated"]
    assert 100 < done.records < 400
    assert [record["class_uid"] for record in json.loads(repairing.written)] == list(range(done.records))


def test_the_same_mending_is_told_once_with_its_first_place_and_counted(repairing: Repairing) -> None:
    done = repairing(b"[" + ONE + b"\n" + ONE + b"\n" + ONE + b"]")

    (mend,) = done.mended
    assert (mend.code, mend.count, mend.offset, mend.line) == ("missing_comma", 2, 2 + len(ONE), 2)


def test_repeated_findings_are_counted_and_kept(repairing: Repairing) -> None:
    run = b'[{"finding_info":{"uid":"a"},"n":%d},{"finding_info":{"uid":"b"}},{"finding_info":{}}]'

    done = repairing(run % 1 + run % 2)

    assert (done.records, done.duplicates, done.duplicates_complete) == (6, 2, True)
    assert [record.get("n") for record in json.loads(repairing.written)] == [1, None, None, 2, None, None]


@pytest.mark.parametrize("content", [b"[", b'[{"a":1', b"[null]", b'[{"a":"\xff"}]', b'{"a":', b"[][]", b"[1,"])
def test_where_nothing_is_whole_nothing_is_written(repairing: Repairing, content: bytes) -> None:
    with pytest.raises(UnreadableFile, match="no whole record"):
        repairing(content)

    assert repairing.written == b""


@pytest.mark.parametrize(
    "content", [b"[]", b" [ \n] ", b"\xef\xbb\xbf[]", gzip.compress(b"[]", mtime=0), b'{"Findings":[]}']
)
def test_an_empty_array_is_nothing_broken(repairing: Repairing, content: bytes) -> None:
    done = repairing(content)

    assert (done.records, done.dropped_count) == (0, 0)
    assert repairing.written == b"[]\n"


def _grow(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b" ")


def _replace(path: Path) -> None:
    with atomic_write(path) as file:
        file.write(BOTH)


@pytest.mark.parametrize("change", [_grow, _replace, Path.unlink], ids=["grown", "replaced", "gone"])
def test_a_file_that_changes_meanwhile_gives_no_array(tmp_path: Path, change: Callable[[Path], None]) -> None:
    path = tmp_path / "changing.json"
    path.write_bytes(BOTH)
    written: list[bytes] = []

    def write(data: bytes) -> None:
        if not written:
            change(path)
        written.append(data)

    with FindingFile.open(path) as file, pytest.raises(UnreadableFile, match=r"changing\.json"):
        repair(file, write)

    with pytest.raises(ValueError, match="delimiter"):
        json.loads(b"".join(written))


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "hostile.json"
    path.write_bytes(b"[" + (b'{"a":"' + b"a" * 1_000 + b'"},1,{"a":"\xff"},\n') * 10_000)
    peaks = []

    with FindingFile.open(path) as file:
        tracemalloc.start()
        done = repair(file, lambda _data: peaks.append(tracemalloc.get_traced_memory()[1]))
        tracemalloc.stop()

    assert (done.records, done.dropped_count) == (10_000, 20_000)
    assert len(done.dropped) == LISTED
    assert path.stat().st_size > 10_000_000
    assert max(peaks) < 3_000_000


def test_progress_is_told_and_the_work_can_be_stopped(tmp_path: Path) -> None:
    path = tmp_path / "long.json"
    path.write_bytes(b"[" + b",".join([b'{"x":"' + b"x" * 100_000 + b'"}'] * 100) + b"]")
    seen: list[Progress] = []
    cancel = Cancel()

    with FindingFile.open(path) as file:
        repair(file, len, seen.append)
        with pytest.raises(Cancelled):
            repair(file, lambda _data: cancel.ask(), silent, cancel)

    assert [progress.done for progress in seen] == sorted({progress.done for progress in seen})
    assert len(seen) == 3
    assert {progress.total for progress in seen} == {path.stat().st_size}


@given(contents)
@example(b"[" + ONE + b"][" + TWO)
@example(b"{}{}[{}]{")
@example(b'[{"a":1}]{"a":2},{"a":3}]')
def test_the_array_holds_exactly_what_is_whole_and_repairing_it_again_changes_nothing(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        repairing = Repairing(Path(folder))
        repairing.path.write_bytes(content)
        try:
            found = read_file(repairing.path)
        except UnreadableFile:
            return
        whole = [piece.raw for piece in found if isinstance(piece, Record) and _is_sound(piece.raw)]
        if not whole:
            return
        done = repairing(content)
        first = repairing.written
        again = repairing(first)

        assert json.loads(first) == [json.loads(raw) for raw in whole]
        assert [piece.raw for piece in read_file(repairing.path) if isinstance(piece, Record)] == whole
        assert done.records == len(whole)
        assert repairing.written == first
        assert again.was_sound


def _is_sound(raw: bytes) -> bool:
    try:
        decode(raw)
    except BadRecord:
        return False
    return True


def test_the_page_says_of_every_code_what_becomes_of_it() -> None:
    rows = re.findall(r"^\| `(\w+)` \|.*\| (mended|dropped) \|$", PAGE.read_text(), re.MULTILINE)

    fates = [(code.value, "mended" if code in TAKES_NOTHING else "dropped") for code in FaultCode]
    assert sorted(rows) == sorted([*fates, *((change.value, "mended") for change in Change)])
