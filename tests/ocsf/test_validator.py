"""What the validator says of single records."""

from __future__ import annotations

import copy
import json
from typing import Any, Final

import pytest

from console.errors import BadInput
from console.ocsf.issues import Severity
from console.ocsf.rules import RuleSet
from console.ocsf.store import SchemaStore
from console.ocsf.validator import Validator

Event = dict[str, Any]
"""Whatever JSON a test wants to hand in."""

FULL: Final = Validator(SchemaStore(None))
OFFICIAL: Final = Validator(SchemaStore(None), RuleSet.OFFICIAL)

LOGON: Final[Event] = {
    "class_uid": 3002,
    "category_uid": 3,
    "activity_id": 1,
    "type_uid": 300201,
    "severity_id": 1,
    "time": 1_700_000_000_000,
    "metadata": {"version": "1.8.0", "product": {"name": "Probe"}},
    "user": {"name": "ann"},
    "service": {"name": "login"},
}
FINDING: Final[Event] = {
    "class_uid": 2004,
    "category_uid": 2,
    "activity_id": 1,
    "type_uid": 200401,
    "severity_id": 1,
    "time": 1_700_000_000_000,
    "metadata": {"version": "1.8.0", "product": {"name": "Probe"}},
    "finding_info": {"uid": "1", "title": "A finding"},
}


def logon(**changes: object) -> Event:
    return copy.deepcopy(LOGON) | changes


def finding(**changes: object) -> Event:
    return copy.deepcopy(FINDING) | changes


def found(event: object, validator: Validator = FULL) -> set[tuple[str, str]]:
    """The issues as (code, path)."""
    issues = validator.check(json.dumps(event).encode())
    pairs = [(issue.code, issue.path) for issue in issues]
    assert len(set(pairs)) == len(pairs), "each thing is said once"
    return set(pairs)


def message(event: object) -> str:
    """The message of the only issue."""
    (issue,) = FULL.check(json.dumps(event).encode())
    return issue.message


@pytest.mark.parametrize("event", [LOGON, FINDING])
@pytest.mark.parametrize("validator", [FULL, OFFICIAL], ids=["full", "official"])
def test_a_sound_record_has_no_issue(event: Event, validator: Validator) -> None:
    assert found(event, validator) == set()


# The class.


@pytest.mark.parametrize("validator", [FULL, OFFICIAL], ids=["full", "official"])
@pytest.mark.parametrize(
    ("uid", "code"),
    [
        ("3002", "attribute_wrong_type"),
        (3002.0, "attribute_wrong_type"),
        (True, "attribute_wrong_type"),
        (2**63, "attribute_wrong_type"),
        ([], "attribute_wrong_type"),
        (2**63 - 1, "class_uid_unknown"),
        (-1, "class_uid_unknown"),
    ],
)
def test_without_its_class_nothing_else_of_a_record_is_checked(uid: object, code: str, validator: Validator) -> None:
    assert found(logon(class_uid=uid, nonsense=1), validator) == {(code, "class_uid")}


def test_a_record_without_a_class_uid_says_so() -> None:
    assert found({}) == {("attribute_required_missing", "class_uid")}
    assert "Nothing else was checked" in message({})


def test_a_null_class_uid_is_missing_and_officially_of_the_wrong_type() -> None:
    event = logon(class_uid=None)
    assert found(event) == {("attribute_required_missing", "class_uid")}
    assert found(event, OFFICIAL) == {("attribute_wrong_type", "class_uid")}


def test_true_is_not_class_1() -> None:
    assert found(logon(class_uid=False)) == {("attribute_wrong_type", "class_uid")}


def test_classes_of_extensions_are_known() -> None:
    assert ("attribute_required_missing", "reg_key") in found(logon(class_uid=201001))


# Profiles


def with_profiles(profiles: object, **changes: object) -> Event:
    event = logon(**changes)
    event["metadata"]["profiles"] = profiles
    return event


def test_an_attribute_of_a_profile_exists_only_where_the_profile_is_declared() -> None:
    cloud = {"provider": "AWS"}
    assert found(logon(cloud=cloud)) == {("attribute_unknown", "cloud")}
    assert found(with_profiles(["cloud"], cloud=cloud)) == set()


def test_the_profile_that_an_attribute_needs_is_named() -> None:
    assert "profile cloud" in message(logon(cloud={"provider": "AWS"}))


def test_a_declared_profile_makes_its_required_attributes_required() -> None:
    assert found(with_profiles(["cloud"])) == {("attribute_required_missing", "cloud")}


def test_profiles_hold_inside_nested_objects() -> None:
    process = {"pid": 1, "cmd_line": "x", "container": {"name": "c"}}
    event = {"actor": {"process": process}}
    assert ("attribute_unknown", "actor.process.container") in found(logon(**event))
    assert ("attribute_unknown", "actor.process.container") not in found(with_profiles(["container"], **event))


def test_an_attribute_of_two_profiles_exists_under_either() -> None:
    process = {"pid": 1, "euid": 0}
    unknown = ("attribute_unknown", "actor.process.euid")
    assert unknown in found(logon(actor={"process": process}))
    for profile in ("linux/linux_users", "macos/macos_users"):
        assert unknown not in found(with_profiles([profile], actor={"process": process}))


def test_an_unknown_profile_is_named_by_its_place() -> None:
    assert found(with_profiles(["host", "nonsense"])) >= {("profile_unknown", "metadata.profiles[1]")}


@pytest.mark.parametrize(
    ("profiles", "path"),
    [("cloud", "metadata.profiles"), ({"cloud": 1}, "metadata.profiles"), ([["cloud"]], "metadata.profiles[0]")],
)
def test_profiles_of_the_wrong_type_are_a_type_error_and_activate_nothing(profiles: object, path: str) -> None:
    assert found(with_profiles(profiles)) == {("attribute_wrong_type", path)}


# Required and unknown


@pytest.mark.parametrize("absent", [True, False], ids=["absent", "null"])
def test_a_required_attribute_must_be_there_and_not_null(absent: bool) -> None:
    event = logon(user=None)
    if absent:
        del event["user"]
    assert found(event) == {("attribute_required_missing", "user")}


def test_paths_lead_into_lists_and_objects() -> None:
    event = finding(resources=[{"uid": "a"}, {"uid": 7, "owner": {"nme": "x"}}])
    assert found(event) == {
        ("attribute_wrong_type", "resources[1].uid"),
        ("attribute_unknown", "resources[1].owner.nme"),
    }


def test_an_unknown_attribute_is_one_even_when_null() -> None:
    assert found(logon(zzz=None)) == {("attribute_unknown", "zzz")}


def test_unmapped_takes_anything() -> None:
    assert found(logon(unmapped={"a": {"b": [None, 1.5]}, "class_uid": "x"})) == set()


def test_a_key_that_is_empty_or_has_dots_is_joined_as_the_server_joins_it() -> None:
    assert found(logon(**{"": 1})) == {("attribute_unknown", "")}
    assert found(logon(user={"name": "ann", "a.b": 1, "": 2})) == {
        ("attribute_unknown", "user.a.b"),
        ("attribute_unknown", "user."),
    }


# Types


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"message": 1}, "message"),
        ({"message": ["x"]}, "message"),
        ({"is_mfa": 1}, "is_mfa"),
        ({"is_mfa": "true"}, "is_mfa"),
        ({"count": True}, "count"),
        ({"count": 1.0}, "count"),
        ({"count": 2**63}, "count"),
        ({"count": -(2**63) - 1}, "count"),
        ({"time": 2**127}, "time"),
        ({"time": 1.7e12}, "time"),
        ({"user": "ann"}, "user"),
        ({"user": ["ann"]}, "user"),
        ({"observables": {"name": "x"}}, "observables"),
        ({"observables": [{"name": "user.name", "type_id": 1}, None]}, "observables[1]"),
        ({"observables": ["user"]}, "observables[0]"),
        ({"metadata": "1.8.0"}, "metadata"),
    ],
)
def test_a_value_of_the_wrong_type_is_found(changes: Event, path: str) -> None:
    for validator in (FULL, OFFICIAL):
        assert found(logon(**changes), validator) == {("attribute_wrong_type", path)}


@pytest.mark.parametrize(
    "changes", [{"count": 2**63 - 1}, {"count": -(2**63)}, {"time": 2**127 - 1}, {"time": -1}, {"message": ""}]
)
def test_the_ends_of_a_type_are_inside_it(changes: Event) -> None:
    assert found(logon(**changes)) == set()


def test_a_json_attribute_takes_anything() -> None:
    enrichment = {"name": "x", "value": "y", "data": [1, {"a": None}]}
    assert found(logon(enrichments=[enrichment])) == set()


def test_null_in_a_list_is_of_the_wrong_type() -> None:
    event = logon()
    event["metadata"]["labels"] = ["a", None]
    assert found(event) == {("attribute_wrong_type", "metadata.labels[1]")}


def test_a_whole_number_fits_a_float_and_officially_does_not() -> None:
    event = finding(vulnerabilities=[{"cve": {"uid": "CVE-1", "cvss": [{"version": "3", "base_score": 5}]}}])
    assert found(event) == set()
    path = "vulnerabilities[0].cve.cvss[0].base_score"
    assert found(event, OFFICIAL) == {("attribute_wrong_type", path)}


# Enums


@pytest.mark.parametrize("validator", [FULL, OFFICIAL], ids=["full", "official"])
def test_a_value_that_an_enum_lacks_is_found(validator: Validator) -> None:
    assert found(logon(severity_id=42), validator) == {("attribute_enum_value_unknown", "severity_id")}


def test_the_allowed_values_are_listed() -> None:
    assert "must be one of 0, 1, 2, 3, 4, 5, 6, 99, but is the number 42" in message(logon(severity_id=42))


@pytest.mark.parametrize(
    ("value", "official"),
    [
        (True, {"attribute_wrong_type", "attribute_enum_value_unknown"}),
        (1.0, {"attribute_wrong_type", "attribute_enum_value_unknown"}),
        ("nonsense", {"attribute_wrong_type", "attribute_enum_value_unknown"}),
        ([], {"attribute_wrong_type", "attribute_enum_value_unknown"}),
        ("1", {"attribute_wrong_type"}),
        (["1"], {"attribute_wrong_type"}),
        ([49], {"attribute_wrong_type"}),
        ({"a": 1}, {"attribute_wrong_type"}),
        ([None], {"attribute_wrong_type"}),
        ([0xD800], {"attribute_wrong_type"}),
        ([-1], {"attribute_wrong_type"}),
    ],
)
def test_an_enum_value_of_the_wrong_type_is_one_fault_and_officially_two(value: object, official: set[str]) -> None:
    """The official validator looks the text of the value up, where Elixir can make a text of it at all."""
    event = logon(severity_id=value)
    assert found(event) == {("attribute_wrong_type", "severity_id")}
    assert found(event, OFFICIAL) == {(code, "severity_id") for code in official}


def test_a_null_enum_is_absent_and_officially_an_unknown_value() -> None:
    assert found(logon(status_id=None)) == set()
    assert found(logon(status_id=None), OFFICIAL) == {("attribute_enum_value_unknown", "status_id")}
    assert found(logon(severity_id=None)) == {("attribute_required_missing", "severity_id")}
    assert found(logon(severity_id=None), OFFICIAL) == {
        ("attribute_required_missing", "severity_id"),
        ("attribute_enum_value_unknown", "severity_id"),
    }


def test_each_element_of_a_list_of_enum_values_is_checked() -> None:
    malware = {"name": "m", "classification_ids": [1, 4_242, "1"]}
    path = "malware[0].classification_ids"
    event = finding(malware=[malware])
    event["metadata"]["profiles"] = ["security_control"]
    assert found(event) == {
        ("attribute_enum_array_value_unknown", f"{path}[1]"),
        ("attribute_wrong_type", f"{path}[2]"),
    }


@pytest.mark.parametrize("validator", [FULL, OFFICIAL], ids=["full", "official"])
def test_a_list_of_enum_values_that_is_no_list_is_one_fault(validator: Validator) -> None:
    """The official validator crashes here."""
    event = finding(malware=[{"name": "m", "classification_ids": 1}])
    event["metadata"]["profiles"] = ["security_control"]
    assert found(event, validator) == {("attribute_wrong_type", "malware[0].classification_ids")}


@pytest.mark.parametrize("validator", [FULL, OFFICIAL], ids=["full", "official"])
def test_a_list_of_enum_values_that_is_null_is_missing(validator: Validator) -> None:
    """The official validator crashes here."""
    event = finding(malware=[{"name": "m", "classification_ids": None}])
    event["metadata"]["profiles"] = ["security_control"]
    assert found(event, validator) == {("attribute_required_missing", "malware[0].classification_ids")}


def test_a_type_that_the_schema_leaves_open_is_the_schemas_fault_and_not_the_records() -> None:
    """OCSF 1.0.0-rc.2 makes `subnet_t` from nothing."""
    path = "device.subnet"
    event = {"class_uid": 1001, "device": {"subnet": "10.0.0.0/8"}, "metadata": {"version": "1.0.0-rc.2"}}
    assert ("schema_bug_primitive_type_unknown", path) in found(event, OFFICIAL)
    assert path not in {found_path for _, found_path in found(event)}


# Versions


def declaring(version: object) -> Event:
    event = logon()
    event["metadata"]["version"] = version
    return event


def test_each_record_is_held_to_the_version_that_it_declares() -> None:
    """`metadata.is_truncated` came with OCSF 1.6.0."""
    for version, issues in (("1.5.0", {("attribute_unknown", "metadata.is_truncated")}), ("1.6.0", set())):
        event = declaring(version)
        event["metadata"]["is_truncated"] = True
        assert found(event) == issues


def test_a_fixed_version_overrules_the_record() -> None:
    fixed = Validator(SchemaStore(None), version="1.5.0")
    event = declaring("1.6.0")
    event["metadata"]["is_truncated"] = True
    assert found(event, fixed) == {
        ("attribute_unknown", "metadata.is_truncated"),
        ("version_incompatible_later", "metadata.version"),
    }


def test_an_unknown_fixed_version_is_refused_at_once() -> None:
    with pytest.raises(BadInput):
        Validator(SchemaStore(None), version="7.0.0")


@pytest.mark.parametrize(
    ("version", "code", "severity"),
    [
        ("1.9.0", "version_incompatible_later", Severity.ERROR),
        ("1.8.1-dev", "version_incompatible_later", Severity.ERROR),
        ("0.9.0", "version_incompatible_initial_development", Severity.ERROR),
        ("1.8.0-dev", "version_incompatible_prerelease", Severity.ERROR),
        ("1.7.0", "version_earlier", Severity.WARNING),
        ("nonsense", "version_malformed", Severity.ERROR),
    ],
)
def test_a_version_other_than_that_of_the_schema_is_said(version: str, code: str, severity: Severity) -> None:
    fixed = Validator(SchemaStore(None), version="1.8.0")
    (issue,) = fixed.check(json.dumps(declaring(version)).encode())
    assert (issue.code, issue.severity, issue.path) == (code, severity, "metadata.version")


def test_what_is_no_version_is_officially_an_earlier_one() -> None:
    (issue,) = OFFICIAL.check(json.dumps(declaring("nonsense")).encode())
    assert (issue.code, issue.severity) == ("version_earlier", Severity.WARNING)


def test_build_metadata_makes_no_other_version() -> None:
    assert found(declaring("1.8.0+vendor")) == set()


def test_a_version_that_is_no_text_is_a_type_error_alone() -> None:
    assert found(declaring(1.8)) == {("attribute_wrong_type", "metadata.version")}


# What a record declares, for reports


def test_a_verdict_says_what_the_record_declares() -> None:
    verdict = FULL.examine(json.dumps(declaring("1.7.0")).encode())
    assert (verdict.version, verdict.class_uid, verdict.valid) == ("1.7.0", 3002, True)


@pytest.mark.parametrize("event", [{}, {"class_uid": True, "metadata": 1}, {"metadata": {"version": None}}])
def test_a_verdict_of_a_record_that_declares_nothing_is_none(event: Event) -> None:
    verdict = FULL.examine(json.dumps(event).encode())
    assert (verdict.version, verdict.class_uid, verdict.valid) == (None, None, False)


def test_a_message_quotes_little_and_harmlessly() -> None:
    hostile = "\x1b]0;owned\x07" + "x" * 10_000
    for event in (logon(count=hostile), logon(**{hostile: 1}), declaring(hostile), with_profiles([hostile])):
        for issue in FULL.check(json.dumps(event).encode()):
            assert len(issue.message) < 400
            assert "\x1b" not in issue.message
