"""What must go together: enum values and their captions, times and the datetimes beside them, constraints."""

from __future__ import annotations

import pytest

from console.ocsf.validator import Validator
from tests.ocsf.events import (
    BOTH,
    FULL,
    OFFICIAL,
    TIME,
    Event,
    declaring,
    finding,
    found,
    logon,
    message,
    with_profiles,
)

both = pytest.mark.parametrize("validator", BOTH, ids=["full", "official"])


# A caption


@both
@pytest.mark.parametrize(
    ("value", "text", "code"),
    [
        (1, "Informational", None),
        (1, "informational", "attribute_enum_sibling_incorrect"),
        (1, "Informational ", "attribute_enum_sibling_incorrect"),
        (1, "", "attribute_enum_sibling_incorrect"),
        (1, "Other", "attribute_enum_sibling_incorrect"),
        (99, "Other", "attribute_enum_sibling_suspicious_other"),
        (99, "other", None),
        (99, "Informational", None),
        (0, "Unknown", None),
    ],
)
def test_a_caption_is_that_of_its_value(value: int, text: str, code: str | None, validator: Validator) -> None:
    expected = set() if code is None else {(code, "severity")}
    assert found(logon(severity_id=value, severity=text), validator) == expected


@both
def test_a_caption_beside_a_value_that_the_enum_lacks_is_not_judged(validator: Validator) -> None:
    event = logon(severity_id=42, severity="Dire")
    assert found(event, validator) == {("attribute_enum_value_unknown", "severity_id")}


@both
def test_a_caption_without_a_value_is_not_judged(validator: Validator) -> None:
    assert found(logon(status="Whatever"), validator) == set()


def test_a_caption_that_is_null_is_absent_and_officially_incorrect() -> None:
    assert found(logon(severity=None)) == set()
    assert found(logon(severity=None), OFFICIAL) == {("attribute_enum_sibling_incorrect", "severity")}


@both
def test_a_caption_of_the_wrong_type_is_incorrect_too(validator: Validator) -> None:
    expected = {("attribute_wrong_type", "severity"), ("attribute_enum_sibling_incorrect", "severity")}
    assert found(logon(severity=1), validator) == expected


def test_a_value_of_the_wrong_type_has_no_caption() -> None:
    assert found(logon(severity_id="1", severity="Dire")) == {("attribute_wrong_type", "severity_id")}


def test_captions_inside_objects_are_judged_where_they_are() -> None:
    event = finding(observables=[{"name": "finding_info.uid", "type_id": 99, "type": "Other"}])
    assert found(event) == {("attribute_enum_sibling_suspicious_other", "observables[0].type")}


def test_the_right_caption_is_named() -> None:
    assert 'severity should be "Informational"' in message(logon(severity="Dire"))


# Lists of captions


def infected(ids: object, texts: object) -> Event:
    malware = {"name": "m", "severity_id": 1, "classification_ids": ids, "classifications": texts}
    return with_profiles(["security_control"], finding(malware=[malware]))


PATH = "malware[0].classifications"


@both
@pytest.mark.parametrize(
    ("ids", "texts", "issues"),
    [
        ([1, 2], ["Adware", "Backdoor"], []),
        ([1, 2], ["Backdoor", "Adware"], [("incorrect", 0), ("incorrect", 1)]),
        ([1, 2], ["Adware"], [("missing", 1)]),
        ([1, 2], [], [("missing", 0), ("missing", 1)]),
        ([1], ["Adware", "and more"], []),
        ([99], ["Other"], []),
        ([99], ["A word of the source"], []),
        ([1, 99], ["Adware"], []),
        ([99, 2], ["Dire", "Backdoor"], []),
        ([], ["Adware"], []),
    ],
)
def test_each_caption_of_a_list_is_that_of_its_value(
    ids: list[int], texts: list[str], issues: list[tuple[str, int]], validator: Validator
) -> None:
    expected = {(f"attribute_enum_array_sibling_{kind}", f"{PATH}[{index}]") for kind, index in issues}
    assert found(infected(ids, texts), validator) == expected


@both
def test_a_null_among_the_captions_is_missing(validator: Validator) -> None:
    assert found(infected([1], [None]), validator) == {
        ("attribute_wrong_type", f"{PATH}[0]"),
        ("attribute_enum_array_sibling_missing", f"{PATH}[0]"),
    }


@both
def test_a_value_that_the_enum_lacks_needs_no_caption(validator: Validator) -> None:
    unknown = ("attribute_enum_array_value_unknown", "malware[0].classification_ids[0]")
    assert found(infected([4_242], []), validator) == {unknown}


@both
@pytest.mark.parametrize("texts", ["Adware", {"0": "Adware"}, 1])
def test_captions_that_are_no_list_are_one_fault(texts: object, validator: Validator) -> None:
    """The official validator crashes here."""
    assert found(infected([1], texts), validator) == {("attribute_wrong_type", PATH)}


@both
@pytest.mark.parametrize("value", ["1", 1.0, True, None])
def test_a_value_of_the_wrong_type_in_a_list_needs_no_caption_in_full(value: object, validator: Validator) -> None:
    """The official validator looks the text of a value up, whatever its type."""
    issues = found(infected([value], ["Dire"]), validator)
    assert ("attribute_wrong_type", "malware[0].classification_ids[0]") in issues
    incorrect = ("attribute_enum_array_sibling_incorrect", f"{PATH}[0]")
    assert (incorrect in issues) is (validator is OFFICIAL and value == "1")


# The same time twice


@pytest.mark.parametrize(
    ("time", "text", "agree"),
    [
        (TIME, "2023-11-14T22:13:20Z", True),
        (TIME, "2023-11-14T23:13:20+01:00", True),
        (TIME, "2023-11-14T22:13:20.000Z", True),
        (TIME // 1_000, "2023-11-14T22:13:20Z", True),
        (TIME, "2023-11-14T22:13:22Z", False),
        (TIME, "2023-11-14T23:13:20Z", False),
        (TIME // 1_000, "2023-11-14T23:13:20Z", False),
    ],
)
def test_a_time_and_the_datetime_beside_it_name_one_moment(time: int, text: str, agree: bool) -> None:
    issues = found(with_profiles(["datetime"], time=time, time_dt=text))
    assert (("datetime_mismatch", "time_dt") not in issues) is agree


def test_times_inside_objects_are_compared() -> None:
    event = with_profiles(["datetime"], finding())
    event["finding_info"] |= {"created_time": TIME, "created_time_dt": "2020-11-14T22:13:20Z"}
    assert found(event) == {("datetime_mismatch", "finding_info.created_time_dt")}
    assert found(event, OFFICIAL) == set()


def test_a_datetime_without_its_profile_is_unknown_and_not_compared() -> None:
    assert found(logon(time_dt="2020-11-14T22:13:20Z")) == {("attribute_unknown", "time_dt")}


@pytest.mark.parametrize("time", [0, None, "then", 1.5])
def test_a_time_that_is_none_is_not_compared(time: object) -> None:
    event = with_profiles(["datetime"], time=time, time_dt="2023-11-14T22:13:20Z")
    assert "datetime_mismatch" not in {code for code, _ in found(event)}


# Constraints


def test_of_some_attributes_one_must_be_there() -> None:
    event = logon(user={"domain": "d"})
    assert found(event) == found(event, OFFICIAL) == {("constraint_failed", "user")}
    assert "none of them is there" in message(event)


def test_a_null_is_officially_there() -> None:
    event = logon(user={"name": None, "domain": "d"})
    assert found(event) == {("constraint_failed", "user")}
    assert found(event, OFFICIAL) == set()


def test_just_one_means_one_and_how_many_there_are_is_said() -> None:
    vulnerability = {"cve": {"uid": "CVE-1"}}
    assert found(finding(vulnerabilities=[vulnerability])) == set()
    both_of = finding(vulnerabilities=[vulnerability | {"cwe": {"uid": "CWE-1"}}])
    assert found(both_of) == found(both_of, OFFICIAL) == {("constraint_failed", "vulnerabilities[0]")}
    assert "2 of them are there" in message(both_of)
    null = finding(vulnerabilities=[vulnerability | {"cwe": None}])
    assert found(null) == set()
    assert found(null, OFFICIAL) == {("constraint_failed", "vulnerabilities[0]")}


def test_the_constraint_of_a_class_has_no_path_and_official_servers_give_none() -> None:
    event = logon()
    del event["service"]
    assert found(event) == found(event, OFFICIAL) == {("constraint_failed", "")}


@pytest.mark.parametrize("version", ["1.1.0", "1.8.0"])
def test_a_constraint_with_paths_is_followed_and_officially_always_fails(version: str) -> None:
    """`patch_state` asks for `device.os.version`."""
    system = {"type_id": 100, "name": "Linux", "version": "12"}
    event = declaring(version, logon(class_uid=5004, device={"type_id": 1, "name": "d", "os": system}))
    failed = ("constraint_failed", "")
    assert failed not in found(event)
    assert failed in found(event, OFFICIAL)
    absent: object
    for absent in (None, {"type_id": 100, "version": None}, "Linux", []):
        event["device"]["os"] = absent
        assert failed in found(event, FULL)
