"""Records of a group are brought together, in their order, in runs that fill a request."""

from __future__ import annotations

from itertools import groupby

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.submissions import runs
from console.submissions.runs import in_runs
from tests.examples import examples

FRAME, MOST_RECORDS, MOST_BYTES = 5, 4, 30
Item = tuple[str, int, int]
"""Group, bytes, and place in the file."""


def fits(records: int, length: int) -> bool:
    return records <= MOST_RECORDS and length <= MOST_BYTES


def run(items: list[Item]) -> list[Item]:
    return list(in_runs(iter(items), lambda item: (item[0], item[1]), fits, FRAME))


@settings(max_examples=examples(100), deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 40))))
def test_nothing_is_lost_and_each_group_keeps_its_order(drawn: list[tuple[str, int]]) -> None:
    items = [(group, length, at) for at, (group, length) in enumerate(drawn)]
    made = run(items)

    assert sorted(made, key=lambda item: item[2]) == items
    for group in "abc":
        of_group = [item for item in made if item[0] == group]
        assert of_group == sorted(of_group, key=lambda item: item[2])


def test_groups_that_alternate_fill_their_requests() -> None:
    made = run([("ab"[at % 2], 6, at) for at in range(16)])

    assert [(group, len(list(found))) for group, found in groupby(made, lambda item: item[0])] == [
        ("a", 4), ("b", 4), ("a", 4), ("b", 4)
    ]  # fmt: skip


def test_what_waits_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The group that holds most goes first, although it would fit more."""
    monkeypatch.setattr(runs, "MOST_BYTES", 35)
    source = iter([("a", 20, 0), ("b", 10, 1), ("c", 1, 2)])
    made = in_runs(source, lambda item: (item[0], item[1]), fits, FRAME)

    assert next(made) == ("a", 20, 0)
    assert next(source, None) == ("c", 1, 2), "it did not wait for the end"
