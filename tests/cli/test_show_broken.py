"""`show` where the file is broken: nobody gets another record than the one that was asked for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.conftest import Run


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """A file in whose array only the element 3 is a record."""
    path = tmp_path / "mixed.json"
    path.write_text('[1,\nnull,\n"x",\n{"a": 1},\n[]]')
    return path


@pytest.mark.parametrize(
    ("number", "why"), [(0, "line 1: .* not 1"), (2, 'line 3: .* not "x"'), (4, r"line 5: .* not \[\]")]
)
def test_what_stands_in_the_place_of_a_record_is_said(run: Run, mixed: Path, number: int, why: str) -> None:
    shown = run("show", mixed, "--record", str(number), "--count", "9")
    assert (shown.code, shown.stdout) == (2, "")
    assert re.search(f"record {number}, {why}", shown.stderr)


def test_the_numbers_are_those_of_the_file(run: Run, mixed: Path) -> None:
    assert run("show", mixed, "--record", "3", "--count", "9").json() == [{"a": 1}]
    beyond = run("show", mixed, "--record", "5")
    assert beyond.code == 2
    assert "holds 5 records, numbered from 0: there is no record 5" in beyond.stderr


def test_without_a_number_it_is_the_first_that_can_be_read(run: Run, mixed: Path) -> None:
    shown = run("show", mixed)
    assert (shown.code, shown.json()) == (0, [{"a": 1}])
    assert "line 1: " in shown.stderr
