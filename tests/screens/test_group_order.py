"""The order of the kinds of issues, and the bars that show their share."""

from __future__ import annotations

import pytest

from console.ocsf.issues import Issue, Severity
from console.ocsf.report import Report
from screens.widgets.group_order import Order, arranged, bar


def report() -> Report:
    made = Report()
    for code, severity, path, count in (
        ("b", Severity.WARNING, "x", 9),
        ("a", Severity.WARNING, "z", 2),
        ("c", Severity.ERROR, "y", 1),
        ("d", Severity.INFO, "w", 20),
    ):
        for number in range(count):
            made.add_issue(Issue(severity, code, path, f"About {code.upper()}"), number)
    return made


@pytest.mark.parametrize(
    ("order", "codes"),
    [(Order.SEVERITY, "cbad"), (Order.COUNT, "dbac"), (Order.CODE, "abcd"), (Order.ATTRIBUTE, "dbca")],
)
def test_kinds_are_sorted(order: Order, codes: str) -> None:
    assert "".join(key.code for key, _ in arranged(report(), order, "")) == codes


def test_every_word_must_stand_there_somewhere() -> None:
    assert [key.code for key, _ in arranged(report(), Order.CODE, " warning  X ")] == ["b"]
    assert [key.code for key, _ in arranged(report(), Order.CODE, "about c")] == ["c"]
    assert arranged(report(), Order.CODE, "nowhere") == []


def test_the_orders_come_round() -> None:
    assert Order.SEVERITY.next.next.next.next is Order.SEVERITY


@pytest.mark.parametrize(
    ("count", "most", "drawn"),
    [(8, 8, "████"), (4, 8, "██  "), (5, 8, "██▌ "), (1, 1_000_000, "▏   "), (0, 8, "    "), (0, 0, "    ")],
)
def test_a_bar_shows_whatever_is_there(count: int, most: int, drawn: str) -> None:
    assert bar(count, most, 4) == drawn
