"""The names of observables must lead to an attribute; in `full`, what they claim of it must be so."""

from __future__ import annotations

import pytest

from console.ocsf.validator import Validator
from tests.ocsf.events import BOTH, FULL, OFFICIAL, Event, finding, found, logon, message, raw, with_profiles

both = pytest.mark.parametrize("validator", BOTH, ids=["full", "official"])
BROKEN = ("observable_name_invalid_reference", "observables[0].name")


def observing(name: object, event: Event | None = None, **observable: object) -> Event:
    """An event with one observable, which claims nothing unless told to."""
    return (event or logon()) | {"observables": [{"name": name, "type_id": 99} | observable]}


# The name


@both
@pytest.mark.parametrize(
    "name",
    [
        "user.name",
        "user",
        "metadata.product.name",
        "metadata.labels",
        "metadata.labels[]",
        "metadata.labels[0]",
        "metadata.labels[anything]",
        "metadata.labels[99999999999999999999]",
        "metadata.extensions[].name",
        "metadata.extensions[0].name",
        "metadata.extensions.name",
        "user[0]",
        "user.name[]",
        "unmapped",
        "observables[].name",
        "actor.process.parent_process.parent_process.pid",
    ],
)
def test_a_name_that_leads_to_an_attribute_is_sound(name: str, validator: Validator) -> None:
    assert found(observing(name), validator) == set()


@both
@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "user.",
        ".user",
        "user..name",
        "$.user.name",
        "User.name",
        " user.name",
        "user.nam",
        "user.name.first",
        "user[0].name",
        "user[].name",
        "metadata.extensions[0.name",
        "metadata.labels[0]x",
        "metadata.extensions[0]x.name",
        "unmapped.a",
        "nonsense",
        "[0]",
        "cloud.provider",
    ],
)
def test_a_name_that_leads_nowhere_is_an_error(name: str, validator: Validator) -> None:
    assert found(observing(name), validator) == {BROKEN}


@both
def test_a_name_may_lead_into_a_profile_that_is_declared(validator: Validator) -> None:
    event = with_profiles(["cloud"], cloud={"provider": "AWS"})
    assert found(observing("cloud.provider", event), validator) == set()


@both
def test_a_name_that_is_no_text_is_left_to_the_type_check(validator: Validator) -> None:
    assert found(observing(1), validator) == {("attribute_wrong_type", "observables[0].name")}
    assert found(observing(None), validator) == set()


@both
@pytest.mark.parametrize("observables", ["x", {"name": "x"}, [None, 1, "x", []]])
def test_observables_that_are_none_are_left_to_the_type_check(observables: object, validator: Validator) -> None:
    assert {code for code, _ in found(logon(observables=observables), validator)} == {"attribute_wrong_type"}


def test_each_observable_is_judged_at_its_place() -> None:
    names = ("user.name", "nonsense", "user.uid", "more")
    event = logon(observables=[{"name": name, "type_id": 99} for name in names])
    assert found(event) == {(BROKEN[0], "observables[1].name"), (BROKEN[0], "observables[3].name")}


# The type


@pytest.mark.parametrize(
    ("name", "type_id", "fits"),
    [
        ("user.name", 4, True),
        ("user.name", 2, False),
        ("user", 21, True),
        ("user", 4, False),
        ("src_endpoint.ip", 2, True),
        ("src_endpoint.ip", 3, False),
        ("src_endpoint.intermediate_ips[]", 2, True),
        ("user.name", 0, True),
        ("user.name", 99, True),
        ("user.domain", 4, True),
    ],
)
def test_a_type_is_the_one_that_the_schema_gives_to_the_attribute(name: str, type_id: int, fits: bool) -> None:
    event = observing(name, type_id=type_id)
    assert found(event) == (set() if fits else {("observable_type_mismatch", "observables[0].type_id")})
    assert found(event, OFFICIAL) == set()


def test_the_right_type_is_named() -> None:
    assert 'type_id should be 4 for "user.name", but is the number 2' in message(observing("user.name", type_id=2))


# The value


def connected() -> Event:
    labels = {"labels": ["a", "b"]}
    endpoint = {"ip": "192.0.2.1", "port": 443, "intermediate_ips": ["192.0.2.2", "192.0.2.3"]}
    event = logon(src_endpoint=endpoint, is_mfa=True)
    event["metadata"] |= labels | {"extensions": [{"name": "x", "uid": "1", "version": "1"}]}
    return event


@pytest.mark.parametrize(
    ("name", "value", "there"),
    [
        ("src_endpoint.ip", "192.0.2.1", True),
        ("src_endpoint.ip", "192.0.2.9", False),
        ("src_endpoint.ip", "", False),
        ("src_endpoint.port", "443", True),
        ("src_endpoint.port", "443.0", False),
        ("is_mfa", "true", True),
        ("is_mfa", "True", False),
        ("dst_endpoint.ip", "192.0.2.1", False),
        ("metadata.labels", "b", True),
        ("metadata.labels[]", "b", True),
        ("metadata.labels[1]", "b", True),
        ("metadata.labels[0]", "b", False),
        ("metadata.labels[7]", "b", False),
        ("metadata.labels[x]", "b", True),
        ("metadata.extensions[].name", "x", True),
        ("metadata.extensions.name", "x", True),
        ("metadata.extensions[1].name", "x", False),
        ("src_endpoint.intermediate_ips[1]", "192.0.2.3", True),
    ],
)
def test_a_value_stands_where_the_name_points(name: str, value: str, there: bool) -> None:
    event = observing(name, connected(), value=value)
    assert found(event) == (set() if there else {("observable_value_mismatch", "observables[0].value")})
    assert found(event, OFFICIAL) == set()


def test_the_value_of_a_whole_object_is_not_judged() -> None:
    assert found(observing("user", value="anything")) == set()


def test_a_value_that_has_no_single_spelling_is_not_judged() -> None:
    cvss = {"version": "3.1", "base_score": 1.50}
    event = finding(vulnerabilities=[{"cve": {"uid": "CVE-1", "cvss": [cvss]}}])
    name = "vulnerabilities[].cve.cvss[].base_score"
    assert found(observing(name, event, value="1.50")) == set()
    assert found(observing("enrichments[].data", logon(enrichments=[{"name": "n", "value": "v", "data": {}}]))) == set()


def test_an_observable_of_what_is_absent_says_that_it_is() -> None:
    assert 'the event has no "dst_endpoint.ip"' in message(observing("dst_endpoint.ip", value="192.0.2.1"))


@pytest.mark.timeout(20)
@pytest.mark.parametrize("name", ["metadata.labels", "metadata.labels[x{}]", "metadata.labels[{}]"])
def test_many_observables_of_many_values_take_no_time(name: str) -> None:
    """Looking through all values for each of them would take hours."""
    observables = [{"name": name.format(number), "type_id": 99, "value": "a"} for number in range(30_000)]
    event = logon(observables=observables)
    event["metadata"]["labels"] = ["a"] * 300_000
    assert FULL.check(raw(event)) == []
