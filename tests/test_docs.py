"""The pages of docs with tables say what the code itself says; docs/validation.md explains every code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from console.ocsf.codes import CODES
from console.records.faults import FaultCode
from docs.generate import FOLDER, PAGES, page


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_the_page_is_what_would_be_written_now(path: Path) -> None:
    written = path.read_text("utf-8")
    assert page(written) == written, "run `make docs`"


def test_every_code_is_explained_once() -> None:
    rows = [
        line.split("|")[1].strip()
        for line in (FOLDER / "validation.md").read_text("utf-8").splitlines()
        if line.startswith("| `")
    ]
    for code in (*CODES, *FaultCode):
        assert rows.count(f"`{code}`") == 1


def test_every_code_says_what_it_means_and_what_to_do() -> None:
    for code in CODES.values():
        assert code.meaning.endswith(".")
        assert code.advice.endswith(".")


def test_the_index_leads_to_every_page_and_no_link_is_dead() -> None:
    root = FOLDER.parent
    pages = [*FOLDER.glob("*.md"), *root.glob("*.md")]
    for path in pages:
        text = path.read_text("utf-8")
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
            assert "://" in target or (path.parent / target).exists(), f"{path.name}: {target}"
    index = (FOLDER / "README.md").read_text("utf-8")
    assert [
        page.name for page in FOLDER.glob("*.md") if f"({page.name})" not in index and page.name != "README.md"
    ] == []
