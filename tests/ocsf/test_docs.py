"""docs/validation.md explains every code that a user can meet."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Final

from console.records.faults import FaultCode

ROOT: Final = Path(__file__).resolve().parents[2]
PREFIXES: Final = ("attribute_", "class_uid_", "profile_", "schema_bug_", "version_")


def raised() -> set[str]:
    """The codes that stand as literals in the code of the validator."""
    found: set[str] = set()
    for file in (ROOT / "console" / "ocsf").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith(PREFIXES):
                found.add(node.value)
    return {text for text in found if text.replace("_", "").isalpha()}


def test_every_code_is_explained() -> None:
    page = (ROOT / "docs" / "validation.md").read_text()
    codes = raised() | set(FaultCode)
    assert {"attribute_required_missing", "version_malformed", "not_json"} <= codes
    assert {code for code in codes if f"| `{code}` |" not in page} == set()
