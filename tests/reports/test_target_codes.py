"""The codes of targets have words of their own, all of them, and there are words for no others."""

from __future__ import annotations

import re
from pathlib import Path

from console.reports.meaning import meaning_of
from console.reports.target_codes import TARGET_CODES

ROOT = Path(__file__).parents[2]
DOCUMENTED = re.compile(r"`((?:prowler|cisco|asff)_[a-z_]+)`")
WRITTEN = re.compile(r'"((?:prowler|cisco|asff)_[a-z_]+)"')


def test_every_code_of_the_documentation_and_of_the_rules_has_words() -> None:
    page = (ROOT / "docs" / "targets.md").read_text()
    rows = "".join(
        line for line in page.splitlines() if line.startswith("|") and re.search(r"\| (error|warning) \|", line)
    )
    documented = set(DOCUMENTED.findall(rows))
    assert len(documented) > 50
    assert documented == set(TARGET_CODES)

    rules = "".join(path.read_text() for path in (ROOT / "console" / "targets").rglob("*.py"))
    assert set(WRITTEN.findall(rules)) <= set(TARGET_CODES)


def test_words_are_those_of_the_code() -> None:
    assert meaning_of("prowler_resources_missing").advice == "Add at least one resource."
    assert "--for" in meaning_of("another_rule").meaning
