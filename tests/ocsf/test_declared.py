"""What a record declares about itself: class, profiles, version, type."""

from __future__ import annotations

import pytest

from console.errors import BadInput
from console.ocsf.issues import Severity
from console.ocsf.rules import Policy
from console.ocsf.validator import Validator
from tests.ocsf.events import (
    BOTH,
    FULL,
    OFFICIAL,
    STORE,
    Event,
    declaring,
    found,
    logon,
    message,
    raw,
    with_profiles,
)

# The class


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


# Versions


def test_each_record_is_held_to_the_version_that_it_declares() -> None:
    """`metadata.is_truncated` came with OCSF 1.6.0."""
    for version, issues in (("1.5.0", {("attribute_unknown", "metadata.is_truncated")}), ("1.6.0", set())):
        event = declaring(version)
        event["metadata"]["is_truncated"] = True
        assert found(event) == issues


def test_a_fixed_version_overrules_the_record() -> None:
    fixed = Validator(STORE, Policy(version="1.5.0"))
    event = declaring("1.6.0")
    event["metadata"]["is_truncated"] = True
    assert found(event, fixed) == {
        ("attribute_unknown", "metadata.is_truncated"),
        ("version_incompatible_later", "metadata.version"),
    }


def test_an_unknown_fixed_version_is_refused_at_once() -> None:
    with pytest.raises(BadInput):
        Validator(STORE, Policy(version="7.0.0"))


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
    fixed = Validator(STORE, Policy(version="1.8.0"))
    (issue,) = fixed.check(raw(declaring(version)))
    assert (issue.code, issue.severity, issue.path) == (code, severity, "metadata.version")


def test_what_is_no_version_is_officially_an_earlier_one() -> None:
    (issue,) = OFFICIAL.check(raw(declaring("nonsense")))
    assert (issue.code, issue.severity) == ("version_earlier", Severity.WARNING)


def test_build_metadata_makes_no_other_version() -> None:
    assert found(declaring("1.8.0+vendor")) == set()


def test_a_version_that_is_no_text_is_a_type_error_alone() -> None:
    assert found(declaring(1.8)) == {("attribute_wrong_type", "metadata.version")}


# What may go with a class, and what follows from it


def test_a_profile_that_nothing_in_the_class_belongs_to_is_said_in_full() -> None:
    event = with_profiles(["incident"])
    assert found(event) == {("profile_not_applicable", "metadata.profiles[0]")}
    assert found(event, OFFICIAL) == set()


@pytest.mark.parametrize("version", ["1.1.0", "1.2.0", "1.3.0"])
def test_a_profile_of_an_object_below_the_class_applies_though_the_class_does_not_list_it(version: str) -> None:
    """The exports of these versions do not list `container` for Incident Finding."""
    event = declaring(version, with_profiles(["container", "network_proxy"], class_uid=2005))
    not_applicable = {path for code, path in found(event) if code == "profile_not_applicable"}
    assert not_applicable == {"metadata.profiles[1]"}


@pytest.mark.parametrize("validator", BOTH, ids=["full", "official"])
@pytest.mark.parametrize(
    "changes",
    [
        {"type_uid": None},
        {"activity_id": None},
        {"activity_id": "1"},
        {"type_uid": "300201"},
        {"type_uid": 300201.0},
        {"type_uid": True},
        {"activity_id": 1.0},
    ],
)
def test_a_type_uid_is_compared_with_integers_only(changes: Event, validator: Validator) -> None:
    assert "type_uid_incorrect" not in {code for code, _ in found(logon(**changes), validator)}


@pytest.mark.parametrize("validator", BOTH, ids=["full", "official"])
def test_a_type_uid_follows_from_class_and_activity(validator: Validator) -> None:
    assert found(logon(activity_id=2), validator) == {("type_uid_incorrect", "type_uid")}
    assert ("type_uid_incorrect", "type_uid") in found(logon(type_uid=2**63), validator)
    assert found(logon(activity_id=2, type_uid=300202), validator) == set()
    unlisted = {("attribute_enum_value_unknown", "activity_id"), ("attribute_enum_value_unknown", "type_uid")}
    assert found(logon(activity_id=57, type_uid=300257), validator) == unlisted


def test_the_right_type_uid_is_named() -> None:
    assert "should be 300202 (class_uid 3002 × 100 + activity_id 2)" in message(logon(activity_id=2))
