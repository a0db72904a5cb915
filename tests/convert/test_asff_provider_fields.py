"""Moving what a provider says of a finding to where AWS asks for it: nothing is lost without being named."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.convert.asff_provider_fields import MOVED, to_provider_fields
from console.convert.changes import ChangeKind, JsonObject
from console.targets.security_hub.asff import PROVIDER_FIELDS
from console.targets.security_hub.rules import check_finding, errors_of
from tests.targets.security_hub.findings import finding

RELATED = [{"ProductArn": "arn:aws:securityhub:us-east-1::product/prowler/prowler", "Id": "x"}]


def codes(found: JsonObject) -> set[str]:
    return {issue.code for issue in check_finding(found)}


def test_all_five_are_moved_and_nothing_else() -> None:
    before = finding(Confidence=1, Criticality=2, RelatedFindings=RELATED, Severity={"Label": "LOW", "Original": "3"})

    after, changes = to_provider_fields(before)

    assert set(MOVED) == set(PROVIDER_FIELDS)
    assert after == {name: value for name, value in before.items() if name not in MOVED} | {
        "FindingProviderFields": {name: before[name] for name in MOVED}
    }
    assert [(change.kind, change.path) for change in changes] == [(ChangeKind.REPLACED, name) for name in MOVED]
    assert codes(after) == set()
    assert "asff_provider_field" in codes(before)


def test_what_stands_there_already_stays_and_what_goes_is_named() -> None:
    provided = {"Severity": {"Label": "CRITICAL"}}

    after, changes = to_provider_fields(finding(FindingProviderFields=provided))

    assert after["FindingProviderFields"] == {**provided, "Types": finding()["Types"]}
    assert [(change.kind, change.path) for change in changes] == [
        (ChangeKind.LEFT_OUT, "Severity"),
        (ChangeKind.REPLACED, "Types"),
    ]


@pytest.mark.parametrize(
    ("number", "label"),
    [(0, "INFORMATIONAL"), (1, "LOW"), (39, "LOW"), (40, "MEDIUM"), (69, "MEDIUM"), (70, "HIGH"), (89, "HIGH"),
     (90, "CRITICAL"), (100, "CRITICAL")],
)  # fmt: skip
def test_a_severity_that_is_a_number_gets_its_label(number: int, label: str) -> None:
    after, changes = to_provider_fields(finding(Severity={"Normalized": number, "Product": 1.5}))

    assert isinstance(after["FindingProviderFields"], dict)
    assert after["FindingProviderFields"]["Severity"] == {"Label": label}
    assert [(change.kind, change.path) for change in changes] == [
        (ChangeKind.REPLACED, "Severity.Normalized"),
        (ChangeKind.LEFT_OUT, "Severity.Product"),
        (ChangeKind.REPLACED, "Severity"),
        (ChangeKind.REPLACED, "Types"),
    ]
    assert errors_of(after) == []


@pytest.mark.parametrize("severity", [{"Normalized": 101}, {"Normalized": True}, {}, "HIGH"])
def test_a_severity_without_a_label_stays_for_the_rules_to_complain_about(severity: object) -> None:
    after, _ = to_provider_fields(finding(Severity=severity))

    assert after["Severity"] == severity
    assert errors_of(after) != []


def test_a_finding_in_order_is_given_back_as_it_is() -> None:
    sound = finding(Severity=None, Types=None, FindingProviderFields={"Severity": {"Label": "LOW"}, "Types": ["TTPs"]})

    for one in (sound, finding(FindingProviderFields=7)):
        after, changes = to_provider_fields(one)
        assert after is one
        assert changes == []


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 105) | st.sampled_from(["LOW", "x", ""]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["Label", "Normalized", "Original", "Product", *MOVED]), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*MOVED, "FindingProviderFields", "Title"]), _VALUES))
def test_no_finding_becomes_worse_or_loses_anything_in_silence(changes: JsonObject) -> None:
    before = {**finding(), **changes}
    untouched = copy.deepcopy(before)

    after, told = to_provider_fields(before)

    assert before == untouched
    assert len(errors_of(after)) <= len(errors_of(before))
    assert {name for name in before if name not in after} <= {change.path for change in told}
    assert to_provider_fields(after)[0] == after, "once is enough"
