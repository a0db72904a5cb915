"""A search finds what a query means, record for record, however it passes over the others."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import example, given, reject
from hypothesis import strategies as st

from console.errors import UnreadableFile
from console.limits import DEFAULT_LIMITS, Limits
from console.records.decode import BadRecord, decode
from console.records.fields import Finding
from console.records.model import Fault, Span
from console.records.query import Query, parse, patterns
from console.records.query.patterns import MOST_UNDECIDED
from console.records.reader import FindingFile
from console.records.search import Hits, Search
from console.records.sweep import sweep
from console.records.workers import Workers
from console.sandbox.samples import as_array, findings
from tests.records.support import contents
from tests.records.test_query_property import Meant, queries, records

Place = tuple[int, int, int]
"""Index, offset and length of a record."""


def _found(path: Path, query: Query, limits: Limits = DEFAULT_LIMITS, workers: Workers | None = None) -> list[Place]:
    """What a search finds."""
    with FindingFile.open(path, limits) as file:
        return [
            (index + part.index, offset, length)
            for part in sweep(file, Search(query), workers)
            for index, offset, length in zip(part.result.indexes, part.result.offsets, part.result.lengths, strict=True)
        ]


def _meant(path: Path, query: Query, limits: Limits = DEFAULT_LIMITS) -> Iterator[Place]:
    """What is to be found: each record read and decoded on its own."""
    with FindingFile.open(path, limits) as file:
        for piece in file.records():
            if isinstance(piece, Fault):
                continue
            try:
                matches = query.matches(decode(piece.raw, limits))
            except BadRecord:
                continue
            if matches:
                yield piece.span.index, piece.span.offset, piece.span.length


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A place for one file."""
    return tmp_path_factory.mktemp("search") / "findings"


def _as_lines(some: list[Finding], *, ascii_only: bool) -> bytes:
    return b"".join(json.dumps(one, ensure_ascii=ascii_only).encode() + b" \n\n" for one in some)


def _as_one(some: list[Finding], *, ascii_only: bool) -> bytes:
    return json.dumps(some, indent=1, ensure_ascii=ascii_only).encode()


@given(queries, st.lists(records, min_size=2, max_size=8), st.sampled_from((_as_lines, _as_one)), st.booleans())
def test_a_search_finds_what_matches_and_nothing_else(
    path: Path, query: Meant, some: list[Finding], write: object, ascii_only: bool
) -> None:
    assert callable(write)
    path.write_bytes(write([{"severity_id": 0}, *some, {"severity_id": 9}], ascii_only=ascii_only))
    parsed = parse(query.text)

    assert _found(path, parsed) == list(_meant(path, parsed))


@given(st.sampled_from(("not nosuch", "message=*", "1", "message~1 or -message=*", "é", '""=*')), contents)
@example("message=*", b'[{"message":1},{"message":1,"x":1e999},{"message":1,"x":"\\ud800"},{"message":2}]')
@example("not nosuch", b'{"a":1}\n{"a":1e999}\n[]\n{"a":2}\n')
def test_what_is_broken_is_never_found(path: Path, expression: str, content: bytes) -> None:
    path.write_bytes(content)
    query = parse(expression)
    try:
        FindingFile.open(path).close()
    except UnreadableFile:
        reject()

    assert _found(path, query) == list(_meant(path, query))


def test_a_record_over_a_limit_is_never_found(path: Path) -> None:
    deep = '{"a":1,"b":' + "[" * 40 + "]" * 40 + "}"
    path.write_text('[{"a":1},' + deep + ',{"a":1,"b":' + "9" * 500 + '},{"a":1}]')

    for expression in ("a=1", "1", "not 2"):
        assert [index for index, *_ in _found(path, parse(expression), Limits(depth=20))] == [0, 3]


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_workers_find_the_same_as_one_process(path: Path, packed: bool) -> None:
    content = as_array(list(findings(4_000)))
    path.write_bytes(gzip.compress(content, 1) if packed else content)
    query = parse('severity=critical,low -status_code=PASS or "10f"')
    expected = list(_meant(path, query))

    with Workers(2) as workers:
        assert _found(path, query, workers=workers) == expected
    assert 0 < len(expected) < 4_000


@pytest.mark.parametrize("expression", ["here a!=nosuch", 'here a!~"nosuch"', "here not nosuch", "here a!=no*such,x"])
def test_what_a_record_must_lack_need_not_be_in_the_file(path: Path, expression: str) -> None:
    path.write_text('[{"b":1},{"b":"here"},{"b":"here","a":"x"}]')

    found = [index for index, *_ in _found(path, parse(expression))]

    assert found == ([1] if "x" in expression else [1, 2])


def test_places_lead_to_the_records(path: Path, sample: Path) -> None:
    query = parse("severity=critical title~cloud")
    places = _found(sample, query)

    with FindingFile.open(sample) as file:
        some = [json.loads(file.raw(Span(index, offset, length, 0))) for index, offset, length in places]
    assert len(places) == 5
    assert {one["severity"] for one in some} == {"Critical"}
    assert all("cloud" in one["finding_info"]["title"].lower() for one in some)


def test_the_first_hits_come_while_the_rest_is_still_to_be_read(path: Path) -> None:
    path.write_bytes(as_array(list(findings(4_000))))

    with FindingFile.open(path) as file:
        first = next(iter(sweep(file, Search(parse("severity>=low")))))

    assert len(first.result) > 0
    assert first.end < path.stat().st_size * 2 / 3


def test_what_a_regular_expression_can_not_decide_is_counted_and_soon_given_up(path: Path) -> None:
    some: list[dict[str, object]] = [{"a": f"{number}{'x' * 5_000}"} for number in range(300)]
    path.write_text(json.dumps([{"a": "xxy"}, *some]))

    started = time.thread_time()
    with FindingFile.open(path) as file:
        (part,) = sweep(file, Search(parse("a~/(x+x+)+y/")))

    assert time.thread_time() - started < 10
    assert list(part.result.indexes) == [0]
    assert part.result.undecided == 300 > MOST_UNDECIDED


def _hits(path: Path, expression: str) -> Hits:
    """What a search of a small file comes to."""
    with FindingFile.open(path) as file:
        (part,) = sweep(file, Search(parse(expression)))
    return part.result


SLOW = "t~/(x+x+)+y/"


@pytest.mark.parametrize(
    "terms",
    [
        ("n>=990", SLOW),
        ("u~/99.$/", SLOW),
        (f"({SLOW} or n=7)", "n>=990"),
        ("u~/99.$/", f"(n=1 or {SLOW})", f"({SLOW} or u~/9..$/)"),
    ],
)
def test_a_slow_regular_expression_finds_the_same_wherever_it_stands(path: Path, terms: tuple[str, ...]) -> None:
    some = [{"n": n, "u": f"{n:04}", "t": "xxy" if n >= 990 else f"{n}{'x' * 300}"} for n in range(1_000)]
    path.write_text(json.dumps(some))

    for order in permutations(terms):
        hits = _hits(path, " ".join(order))
        assert list(hits.indexes) == list(range(990, 1_000))
        assert hits.undecided == 0


def test_a_regular_expression_that_is_given_up_takes_no_other_with_it(path: Path) -> None:
    some = [{"n": n, "t": f"{n}{'x' * 5_000}", "u": f"{n}"} for n in range(200)]
    path.write_text(json.dumps(some))

    hits = _hits(path, f"{SLOW} or u~/^19.$/")

    assert list(hits.indexes) == list(range(190, 200))
    assert hits.undecided == 190


def test_texts_that_are_too_long_to_search_do_not_end_the_search_in_others(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patterns, "TEXT_LENGTH", 1_000)
    some = [{"t": "a" * 1_001}] * (MOST_UNDECIDED + 1)
    path.write_text(json.dumps([{"t": "b"}, *some, {"t": "b"}]))

    hits = _hits(path, "t~/b/")

    assert list(hits.indexes) == [0, MOST_UNDECIDED + 2]
    assert hits.undecided == MOST_UNDECIDED + 1


def test_a_broken_place_is_counted_and_is_no_hit(path: Path) -> None:
    path.write_text('[{"a":1},"a",{"a":1}')

    with FindingFile.open(path) as file:
        (part,) = sweep(file, Search(parse("not b")))

    assert list(part.result.indexes) == [0, 2]
    assert part.result.faults == 2
