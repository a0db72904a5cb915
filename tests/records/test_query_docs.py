"""docs/filters.md says what expressions mean: each example picks what the page says, and the tables are whole."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from console.records.query import parse
from console.records.query.names import SHORT_NAMES
from console.records.query.subjects import Operator
from console.sandbox.samples import findings

PAGE: Final = (Path(__file__).resolve().parents[2] / "docs" / "filters.md").read_text("utf-8")

Record = dict[str, Any]


def _rows(heading: str) -> Iterator[tuple[str, str]]:
    """The first two cells of each row of the table with that first heading."""
    lines = PAGE.split(f"| {heading} |")[1].splitlines()[2:]
    for line in lines:
        if not line.startswith("|"):
            return
        _, first, second, *_ = re.split(r"(?<!\\)\|", line)
        yield first.strip().replace("\\|", "|"), second.strip()


def _records() -> list[Record]:
    """Invented findings, some of which have what the examples ask for beyond them."""
    records: list[Record] = list(findings(400))
    records[3]["risk_score"], records[4]["risk_score"] = 8, 7.5
    records[5]["remediation"]["kb_articles"] = ["KB1"]
    del records[6]["risk_details"]
    for record in records[200:]:
        record["time"] = 1763712000
    return records


def _any_region(record: Record) -> set[str]:
    return {record["cloud"]["region"], *(one["region"] for one in record["resources"])}


MEANINGS: Final[dict[str, Callable[[Record], object]]] = {
    "severity>=high": lambda r: r["severity_id"] in (4, 5, 6),
    "severity>=high status_code=FAIL": lambda r: r["severity_id"] in (4, 5, 6) and r["status_code"] == "FAIL",
    "severity=critical or title~ssh": lambda r: r["severity_id"] == 5 or "SSH" in r["finding_info"]["title"],
    "status_code=FAIL,MANUAL": lambda r: r["status_code"] in ("FAIL", "MANUAL"),
    "-status_code=PASS": lambda r: r["status_code"] != "PASS",
    "(severity=low or severity=medium) not region=us-east-1": lambda r: (
        r["severity_id"] in (2, 3) and "us-east-1" not in _any_region(r)
    ),
    '"public access"': lambda r: "public access" in str(r).lower(),
    "arn:aws:s3:eu-west-1": lambda r: "arn:aws:s3:eu-west-1" in str(r),
    "resources.region=eu-west-1": lambda r: "eu-west-1" in [one["region"] for one in r["resources"]],
    "region=eu-*": lambda r: any(region.startswith("eu-") for region in _any_region(r)),
    'unmapped.compliance."CIS-5.0"=1.1': lambda r: "1.1" in r["unmapped"]["compliance"]["CIS-5.0"],
    "resources[0].name~iam": lambda r: "iam" in r["resources"][0]["name"],
    'resources.labels="env:staging"': lambda r: "env:staging" in r["resources"][0]["labels"],
    "time>=2025-11-19 time<2025-11-20T08:00Z": lambda r: r["time"] == 1763547300000,
    "risk_score>7.5": lambda r: r.get("risk_score", 0) > 7.5,
    "remediation.kb_articles=*": lambda r: "kb_articles" in r["remediation"],
    "risk_details!=*": lambda r: "risk_details" not in r,
    "uid~/s3_.*-[0-9]{2}$/": lambda r: re.search("s3_.*-[0-9]{2}$", r["finding_info"]["uid"]),
    "/PORT (22|3389)/i": lambda r: re.search("port (22|3389)", str(r).lower()),
}
"""What each example picks, in Python."""


def test_the_examples_of_the_page_are_those_that_are_tried() -> None:
    assert [example.strip("`") for example, _ in _rows("Expression")] == list(MEANINGS)


@pytest.mark.parametrize("example", MEANINGS)
def test_an_example_of_the_page_picks_what_it_says(example: str) -> None:
    records = _records()
    query = parse(example)

    picked = [index for index, record in enumerate(records) if query.matches(record)]

    assert picked == [index for index, record in enumerate(records) if MEANINGS[example](record)]
    assert 0 < len(picked) < len(records)


def test_all_ways_of_negation_in_the_page_are_one() -> None:
    assert parse("-status_code=PASS") == parse("!status_code=PASS") == parse("not status_code=PASS")


def test_every_operator_is_in_the_table_of_terms() -> None:
    written = " ".join(term for term, _ in _rows("Written"))
    assert [one for one in Operator if f"`a{one}b`" not in written] == []


def test_every_short_name_is_in_the_table_of_names_with_its_attributes() -> None:
    told = {name.strip("`"): re.findall(r"`([\w.]+)`", attributes) for name, attributes in _rows("Name")}
    assert told == {name: [".".join(path) for path in paths] for name, paths in SHORT_NAMES.items()}
