"""Judging many records at once says the same as judging each by the exact rules."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from console.errors import UnreadableFile
from console.limits import DEFAULT_LIMITS
from console.ocsf.issues import Issue, Severity
from console.ocsf.store import user_store
from console.ocsf.validator import Validator
from console.records.model import Fault, Layout, Record, Span
from console.records.stretch import Stretch
from console.sandbox.prowler.judges import IngestionJudge
from console.sandbox.prowler.quick import all_taken, is_taken
from console.sandbox.prowler.report_file import count_records, records
from console.sandbox.prowler.worker import Check
from console.sandbox.samples import findings
from console.targets.prowler.rules import check_event, check_record
from tests.conftest import NewFolder

TEXTS = st.sampled_from(["", " ", "\u2003", "\u200b", "a", " a ", "\0"]) | st.text(max_size=3)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
NAMED = st.dictionaries(st.sampled_from(["uid", "name"]), SCALARS, max_size=2)
EVENTS = st.fixed_dictionaries(
    {},
    optional={
        "class_uid": st.sampled_from([2004, 2004.0, 2003, "2004", True]) | SCALARS,
        "finding_info": NAMED | SCALARS | st.just({"uid": "f"}),
        "resources": st.lists(NAMED | SCALARS | st.just({"uid": "r"}), max_size=3) | SCALARS | NAMED,
        "other": SCALARS,
    },
)
GOOD: dict[str, object] = {"class_uid": 2004, "finding_info": {"uid": "f"}, "resources": [{"uid": "r"}]}


def stretch_of(raws: Sequence[bytes]) -> Stretch:
    return Stretch(0, 1, b"[" + b",".join(raws) + b"]", Layout.ARRAY, lambda _offset: 1)


def record_of(raw: bytes, index: int = 0) -> Record:
    return Record(Span(index, 0, len(raw), 1), raw)


def errors(issues: Sequence[Issue]) -> list[Issue]:
    return [issue for issue in issues if issue.severity is Severity.ERROR]


@example([GOOD])
@example([GOOD, {**GOOD, "class_uid": 2004.0}])
@example([{**GOOD, "resources": []}])
@example([{**GOOD, "finding_info": {"uid": "\u2003"}}])
@example([{**GOOD, "resources": [{"uid": "r"}, {"uid": "\u2003"}]}])
@given(st.lists(EVENTS | st.just(GOOD), min_size=1, max_size=3))
def test_what_the_quick_look_accepts_has_no_error(events: list[dict[str, object]]) -> None:
    raws = [json.dumps(event).encode() for event in events]

    wrong = [errors(check_event(json.loads(raw))) for raw in raws]

    if all_taken(stretch_of(raws)):
        assert not any(wrong)
    for raw, found in zip(raws, wrong, strict=True):
        if is_taken(raw):
            assert not found


def test_the_quick_look_accepts_good_records_and_sees_a_bad_one_among_them() -> None:
    raw = json.dumps(GOOD).encode()

    assert is_taken(raw)
    assert all_taken(stretch_of([raw, raw]))
    assert not all_taken(stretch_of([raw, raw.replace(b'"r"', b'" "')]))
    assert not all_taken(stretch_of([raw, b'{"\xff": 1,' + raw[1:]]))


@pytest.mark.parametrize("raw", [b"{" * 100_000, b'{"class_uid": ' + b"[" * 100_000, b"", b"[]", b"\xff", b'{"a":'])
def test_the_quick_look_takes_nothing_that_is_no_record(raw: bytes) -> None:
    assert not is_taken(raw)


@pytest.fixture(scope="module")
def exact() -> Check:
    """The rules that a judge stands for, each record for itself."""
    validator = Validator(user_store())
    return lambda record: errors([*check_record(record, DEFAULT_LIMITS), *validator.check(record.raw)])


def damaged(finding: dict[str, object], number: int) -> bytes:
    """A finding that is wrong in one of several ways, or right."""
    raw = json.dumps(finding).encode()
    ways = [
        raw,
        json.dumps({**finding, "class_uid": 2003}).encode(),
        json.dumps({**finding, "resources": [{"name": "x"}]}).encode(),
        json.dumps({**finding, "severity_id": "4"}).encode(),
        json.dumps({**finding, "bogus": 1}).encode(),
        raw[:-1] + b', "message": "twice", "message": "thrice"}',
        raw[:-1] + b', "unmapped": {"half": "\\ud800"}}',
        raw[:-1] + b', "unmapped": {"large": 1e999}}',
        raw[:-1] + b', "unmapped": {"digits": ' + b"9" * 1_000 + b"}}",
        raw[:-1] + b', "unmapped": ' + b'{"a":' * 100 + b"1" + b"}" * 101,
        raw[:-1] + b', "unmapped": {"latin": "\xe9"}}',
    ]
    return ways[number % len(ways)]


def test_a_judge_that_has_learned_rules_as_the_exact_rules_do(exact: Check) -> None:
    judge, good = IngestionJudge(), [json.dumps(finding).encode() for finding in findings(120)]
    for raw in good[:60]:
        assert judge.rule(record_of(raw)).errors == ()

    taken = judge.take(stretch_of(good[60:]))
    found = {
        number: (list(judge.rule(record_of(raw)).errors), list(exact(record_of(raw))))
        for number, raw in enumerate(damaged(finding, n) for n, finding in enumerate(findings(33)))
    }

    assert taken == 60
    for ours, theirs in found.values():
        assert ours == theirs
    assert sum(bool(theirs) for _, theirs in found.values()) == 30


def test_no_stretch_with_a_bad_record_is_taken() -> None:
    judge = IngestionJudge()
    good = [json.dumps(finding).encode() for finding in findings(60)]
    for raw in good:
        judge.rule(record_of(raw))
    assert judge.take(stretch_of(good))

    for number in range(1, 11):
        bad = damaged(next(iter(findings(1))), number)
        expected = 0 if judge.rule(record_of(bad)).errors else len(good) + 1
        assert judge.take(stretch_of([*good, bad])) in (0, expected), number


ELEMENTS = st.sampled_from(
    [b"{}", b'{"a": 1}', b'{ "a":1 }', b"5", b"null", b'"x"', b"[]", b"{", b"}", b'{"a": "\xff"}', b'{"a": "\\ud800"}']
)
FILES = st.tuples(
    st.sampled_from([b"[", b" [", b"\xef\xbb\xbf[", b"", b"[["]),
    st.lists(ELEMENTS, max_size=5).map(b",".join),
    st.sampled_from([b"]", b"] \n", b",]", b"", b"][{}]", b"]]"]),
).map(b"".join)


@example(b"[]")
@example(b"[{}]")
@example(b'[{"a": 1},{"a": 2}]\n')
@given(FILES)
def test_counting_many_at_once_finds_as_many_as_reading_each(new_folder: NewFolder, content: bytes) -> None:
    path = new_folder() / "a.json"
    path.write_bytes(content)

    def count(elements: Sequence[Record | Fault]) -> tuple[int, int]:
        whole = sum(isinstance(element, Record) for element in elements)
        return whole, whole + sum(isinstance(element, Fault) and element.index is not None for element in elements)

    try:
        whole, total = count(list(records(path)))
    except UnreadableFile:
        whole, total = 0, 1
    if total and not whole:
        with pytest.raises(UnreadableFile):
            count_records(path)
    else:
        assert count_records(path) == total


def test_a_large_file_is_counted_in_stretches(tmp_path: Path) -> None:
    path = tmp_path / "large.json"
    path.write_bytes(b"[" + b",\n".join(b'{"n": %d}' % n for n in range(100_000)) + b", 5]")

    assert count_records(path) == 100_001
