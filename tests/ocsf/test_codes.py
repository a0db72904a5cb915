"""Every code has an event that gets it, at the path that it should, and a twin that is nearly the same and doesn't.

A code without an example fails, so that none can be added without one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import pytest

from console.limits import Limits
from console.ocsf.codes import CODES
from console.ocsf.compile import compile_export
from console.ocsf.issues import Issue, Severity
from console.ocsf.plans import PlanBook
from console.ocsf.rules import DEFAULT_POLICY, Policy, RuleSet
from console.ocsf.run import validate_file
from console.ocsf.validator import Validator
from console.records.faults import FaultCode
from console.records.model import JsonValue
from console.records.reader import FindingFile
from tests.ocsf.events import FULL, STORE, TIME, Event, declaring, finding, logon, raw, with_profiles


@dataclass(frozen=True, slots=True)
class Example:
    """An event that gets a code, and one that doesn't."""

    event: Event
    path: str
    twin: Event
    policy: Policy = DEFAULT_POLICY


MALWARE: Final = {"name": "m", "severity_id": 1}
UID: Final = "123e4567-e89b-12d3-a456-426614174000"


def infected(**malware: object) -> Event:
    return with_profiles(["security_control"], finding(malware=[MALWARE | malware]))


def endpoint(**attributes: object) -> Event:
    return logon(src_endpoint={"ip": "192.0.2.1"} | attributes)


def user(**attributes: object) -> Event:
    return logon(user={"name": "ann"} | attributes)


def session(**attributes: object) -> Event:
    return logon(session={"uid": "s"} | attributes)


def timed(text: str, version: str = "1.8.0", **changes: object) -> Event:
    return declaring(version, with_profiles(["datetime"], logon(time_dt=text, **changes)))


def on_device(**attributes: object) -> Event:
    return with_profiles(["host"], logon(device={"type_id": 1, "name": "d"} | attributes))


def observing(**observable: object) -> Event:
    return logon(observables=[{"name": "user.name", "type_id": 4, "value": "ann"} | observable])


def bundle(**changes: object) -> Event:
    return {"events": [logon(), logon(time=TIME + 5)], "count": 2, "start_time": TIME, "end_time": TIME + 5} | changes


def old(**changes: object) -> Event:
    """An event of OCSF 1.1.0, where text still has a longest length."""
    return declaring("1.1.0", logon(**changes))


FIXED: Final = Policy(version="1.8.0")

EXAMPLES: Final[dict[str, Example]] = {
    "class_uid_unknown": Example(logon(class_uid=3999, type_uid=399901), "class_uid", logon()),
    "profile_unknown": Example(with_profiles(["host", "hosts"]), "metadata.profiles[1]", with_profiles(["host"])),
    "attribute_required_missing": Example(logon(user=None), "user", logon(user={"uid": "7"})),
    "attribute_recommended_missing": Example(
        logon(), "message", logon(message="Ann came in."), Policy(missing_recommended=True)
    ),
    "attribute_wrong_type": Example(logon(count=1.0), "count", logon(count=1)),
    "attribute_unknown": Example(user(nam="x"), "user.nam", user(uid="x")),
    "attribute_deprecated": Example(
        finding(proxy={}, class_uid=4001), "proxy", finding(proxy_endpoint={}, class_uid=4001)
    ),
    "class_deprecated": Example(finding(class_uid=2001), "", finding(class_uid=2002)),
    "object_deprecated": Example(finding(class_uid=2001, finding={}), "finding", finding(class_uid=2001)),
    "attribute_enum_value_unknown": Example(logon(severity_id=7), "severity_id", logon(severity_id=6)),
    "attribute_enum_array_value_unknown": Example(
        infected(classification_ids=[1, 23]), "malware[0].classification_ids[1]", infected(classification_ids=[1, 22])
    ),
    "attribute_enum_value_deprecated": Example(
        finding(class_uid=2006, activity_id=4), "activity_id", finding(class_uid=2006, activity_id=3)
    ),
    "attribute_enum_sibling_incorrect": Example(
        logon(severity="informational"), "severity", logon(severity="Informational")
    ),
    "attribute_enum_sibling_suspicious_other": Example(
        logon(severity_id=99, severity="Other"), "severity", logon(severity_id=99, severity="Dire")
    ),
    "attribute_enum_array_sibling_missing": Example(
        infected(classification_ids=[1, 2], classifications=["Adware"]),
        "malware[0].classifications[1]",
        infected(classification_ids=[1, 99], classifications=["Adware"]),
    ),
    "attribute_enum_array_sibling_incorrect": Example(
        infected(classification_ids=[1], classifications=["adware"]),
        "malware[0].classifications[0]",
        infected(classification_ids=[1], classifications=["Adware"]),
    ),
    "attribute_value_exceeds_range": Example(endpoint(port=65_536), "src_endpoint.port", endpoint(port=65_535)),
    "attribute_value_exceeds_max_len": Example(old(message="x" * 65_536), "message", old(message="x" * 65_535)),
    "attribute_value_exceeds_super_type_max_len": Example(
        old(user={"name": "x" * 65_536}), "user.name", old(user={"name": "x" * 65_535})
    ),
    "attribute_value_regex_not_matched": Example(
        endpoint(ip="192.0.2.256"), "src_endpoint.ip", endpoint(ip="192.0.2.255")
    ),
    "constraint_failed": Example(logon(user={"domain": "d"}), "user", logon(user={"uid": "u"})),
    "type_uid_incorrect": Example(logon(type_uid=300202), "type_uid", logon(type_uid=300202, activity_id=2)),
    "version_incompatible_later": Example(declaring("1.8.1"), "metadata.version", declaring("1.8.0")),
    "version_incompatible_prerelease": Example(declaring("1.8.0-rc.1"), "metadata.version", declaring("1.8.0"), FIXED),
    "version_incompatible_initial_development": Example(
        declaring("0.9.0"), "metadata.version", declaring("1.7.0"), FIXED
    ),
    "version_earlier": Example(declaring("1.7.0"), "metadata.version", declaring("1.8.0+vendor"), FIXED),
    "observable_name_invalid_reference": Example(
        observing(name="user.nam"), "observables[0].name", observing(name="user.name")
    ),
    "schema_bug_primitive_type_unknown": Example(
        declaring("1.0.0-rc.2", on_device(subnet="192.0.2.0/24")), "device.subnet", on_device(subnet="192.0.2.0/24")
    ),
    "version_malformed": Example(declaring("1.8"), "metadata.version", declaring("1.8.0")),
    "profile_not_applicable": Example(
        with_profiles(["incident"]), "metadata.profiles[0]", with_profiles(["incident"], finding())
    ),
    "time_in_seconds": Example(logon(time=TIME // 1_000), "time", logon(time=TIME)),
    "time_in_microseconds": Example(logon(time=TIME * 1_000), "time", logon(time=253_402_300_799_999)),
    "time_in_nanoseconds": Example(logon(time=TIME * 1_000_000), "time", logon(time=TIME)),
    "time_out_of_range": Example(logon(time=0), "time", logon(time=100_000_000_000)),
    "datetime_invalid": Example(timed("2023-13-14T22:13:20Z"), "time_dt", timed("2023-11-14T22:13:20Z")),
    "datetime_without_offset": Example(timed("2023-11-14T22:13:20"), "time_dt", timed("2023-11-14T22:13:20+00:00")),
    "datetime_mismatch": Example(timed("2023-11-14T22:13:20+01:00"), "time_dt", timed("2023-11-14T23:13:20+01:00")),
    "ip_invalid": Example(endpoint(ip="192x0x2x1"), "src_endpoint.ip", endpoint(ip="2001:db8::1")),
    "mac_invalid": Example(endpoint(mac="00:11:22-33:44:55"), "src_endpoint.mac", endpoint(mac="00-11-22-33-44-55")),
    "subnet_invalid": Example(on_device(subnet="192.0.2.1/24"), "device.subnet", on_device(subnet="192.0.2.0/24")),
    "email_invalid": Example(
        user(email_addr="ann..b@example.org"), "user.email_addr", user(email_addr="ann.b@example.org")
    ),
    "uuid_invalid": Example(session(uuid=f"{{{UID}}}"), "session.uuid", session(uuid=UID)),
    "integer_beyond_64_bits": Example(
        logon(unmapped={"a": [2**63]}), "unmapped.a[0]", logon(unmapped={"a": [2**63 - 1, str(2**63)]})
    ),
    "observable_type_mismatch": Example(observing(type_id=21), "observables[0].type_id", observing(type_id=99)),
    "observable_value_mismatch": Example(observing(value="bob"), "observables[0].value", observing(value="ann")),
    "bundle_count_incorrect": Example(bundle(count=3), "count", bundle()),
    "bundle_time_incorrect": Example(bundle(end_time=TIME), "end_time", bundle()),
    "too_many_issues": Example(
        logon(**{f"k{number}": 1 for number in range(20_000)}), "", logon(unmapped={f"k{n}": 1 for n in range(20_000)})
    ),
}
"""By code, all that take one event and a published schema."""

IN_BYTES: Final = {"duplicate_key": (b'{"uid": 1, "uid": 1}', b'{"uid": 1, "u\\u0069d2": 1}')}
"""By code, what takes bytes that no dict of Python could be written as: the value of `unmapped`."""

Export = dict[str, Any]


def export(x: Export, types: Export, **definition: object) -> Export:
    """An export of a schema with one class, whose one attribute is *x*."""
    known = {"name": "probe", "uid": 7, "attributes": {"x": x}} | definition
    return {"version": "9.0.0", "types": types, "objects": {}, "classes": {"probe": known}}


def typed(value_t: Export, **types: Export) -> Export:
    """An export whose class has an attribute `x` of a data type *value_t*. *types* are others, or primitive."""
    return export({"type": "value_t"}, {"string_t": {}, "value_t": value_t} | types)


@dataclass(frozen=True, slots=True)
class Small:
    """A value of the attribute `x` that gets a code, and one that doesn't."""

    schema: Export
    value: JsonValue
    path: str
    twin: JsonValue
    other: Export | None = None
    """The schema of the twin, where it is another."""


ENUM: Final = {"1": {"caption": "Old", "@deprecated": {"since": "8.0.0"}}, "2": {"caption": "New"}}
SMALL: Final[dict[str, Small]] = {
    "attribute_value_exceeds_super_type_range": Small(
        typed({"type": "integer_t"}, integer_t={"range": [1, 9]}), 10, "x", 9
    ),
    "attribute_value_super_type_regex_not_matched": Small(
        typed({"type": "string_t"}, string_t={"regex": "^a+$"}), "ab", "x", "aa"
    ),
    "attribute_value_not_in_type_values": Small(
        typed({"type": "integer_t", "values": [1, 2]}, integer_t={}), 3, "x", 2
    ),
    "attribute_value_not_in_super_type_values": Small(
        typed({"type": "boolean_t"}, boolean_t={"values": [True]}), False, "x", True
    ),
    "attribute_enum_array_value_deprecated": Small(
        export({"type": "integer_t", "is_array": True, "enum": ENUM}, {"integer_t": {}}), [2, 1], "x[1]", [2, 2]
    ),
    "constraint_unknown": Small(
        export({"type": "string_t"}, {"string_t": {}}, constraints={"most": ["x"]}),
        "a",
        "",
        "a",
        export({"type": "string_t"}, {"string_t": {}}, constraints={"just_one": ["x"]}),
    ),
    "schema_bug_type_regex_invalid": Small(
        typed({"type": "string_t", "regex": "("}), "a", "x", "a", typed({"type": "string_t", "regex": "(a)"})
    ),
}
"""By code, what no published schema brings about."""

IN_FILES: Final = {"duplicate_finding_uid"}
"""What is seen over a whole file only."""


def test_every_code_has_an_example() -> None:
    assert {*EXAMPLES, *IN_BYTES, *SMALL, *IN_FILES} == set(CODES)


def issues(example: Example, event: Event, rules: RuleSet) -> list[Issue]:
    return list(Validator(STORE, replace(example.policy, rules=rules)).check(raw(event)))


def has(code: str, path: str, found: list[Issue]) -> bool:
    return any((one.code, one.path, one.severity) == (code, path, CODES[code].severity) for one in found)


def raising(code: str) -> list[RuleSet]:
    """The sets of rules that a code belongs to."""
    only = CODES[code].only
    return list(RuleSet) if only is None else [only]


@pytest.mark.parametrize("code", EXAMPLES)
def test_a_code_is_raised_where_it_should_be_and_not_for_the_twin(code: str) -> None:
    example = EXAMPLES[code]
    for rules in RuleSet:
        assert has(code, example.path, issues(example, example.event, rules)) is (rules in raising(code))
        assert not has(code, example.path, issues(example, example.twin, rules))


@pytest.mark.parametrize("code", IN_BYTES)
def test_a_code_is_raised_for_bytes_and_not_for_the_twin(code: str) -> None:
    record = raw(logon(unmapped={}))
    for rules in RuleSet:
        validator = Validator(STORE, Policy(rules))
        found, none = (list(validator.check(record.replace(b"{}", one))) for one in IN_BYTES[code])
        assert has(code, "unmapped.uid", found) is (rules in raising(code))
        assert none == []


def in_small(made: Export, value: JsonValue, rules: RuleSet) -> list[Issue]:
    found: list[Issue] = []
    PlanBook(compile_export(raw(made)), frozenset(), Policy(rules)).class_plan(7).walk({"x": value}, None, found)
    return found


@pytest.mark.parametrize("code", SMALL)
def test_a_code_that_no_published_schema_brings_about_is_raised_for_one_that_does(code: str) -> None:
    small = SMALL[code]
    for rules in RuleSet:
        assert has(code, small.path, in_small(small.schema, small.value, rules)) is (rules in raising(code))
        assert in_small(small.other or small.schema, small.twin, rules) == []


def test_two_records_of_one_finding_are_seen_in_a_file(tmp_path: Path) -> None:
    other = finding(finding_info={"uid": "2", "title": "Another"})
    path = tmp_path / "file.json"
    path.write_bytes(b"\n".join(map(raw, (finding(), other, finding()))))
    with FindingFile.open(path) as file:
        report = validate_file(file, FULL)
    (key,) = report.groups
    assert (key.code, key.severity, key.path) == ("duplicate_finding_uid", Severity.WARNING, "finding_info.uid")
    assert (report.groups[key].count, report.groups[key].first_record) == (1, 2)


# Records whose bytes are wrong

LIMITS: Final = Limits(record_bytes=4_096, depth=8, digits=15)
BROKEN: Final[dict[FaultCode, tuple[bytes, bytes]]] = {
    FaultCode.NOT_JSON: (b'{"a": 1,}', b'{"a": 1}'),
    FaultCode.NOT_AN_OBJECT: (b"[]", b"{}"),
    FaultCode.INVALID_UTF8: (b'{"a": "\xe9"}', b'{"a": "\xc3\xa9"}'),
    FaultCode.LONE_SURROGATE: (rb'{"a": "\ud83d"}', rb'{"a": "\ud83d\ude00"}'),
    FaultCode.NOT_FINITE: (b'{"a": NaN}', b'{"a": "NaN"}'),
    FaultCode.NUMBER_OUT_OF_RANGE: (b'{"a": 1e999}', b'{"a": 1e99}'),
    FaultCode.TOO_DEEP: (b'{"a": ' + b"[" * 8 + b"]" * 8 + b"}", b'{"a": ' + b"[" * 7 + b"]" * 7 + b"}"),
    FaultCode.TOO_MANY_DIGITS: (b'{"a": 1' + b"0" * 15 + b"}", b'{"a": 1' + b"0" * 14 + b"}"),
    FaultCode.RECORD_TOO_LARGE: (b"{}".ljust(4_097), b"{}".ljust(4_096)),
}
"""By code, the bytes of a record that get it, and of one that doesn't."""
OF_FILES: Final = {
    FaultCode.MALFORMED,
    FaultCode.TRUNCATED,
    FaultCode.NOT_CLOSED,
    FaultCode.TRAILING_COMMA,
    FaultCode.MISSING_COMMA,
    FaultCode.EXTRA_COMMA,
    FaultCode.SECOND_DOCUMENT,
    FaultCode.TRAILING_DATA,
    FaultCode.GZIP_TRUNCATED,
    FaultCode.GZIP_CORRUPT,
    FaultCode.UNPACKED_TOO_LARGE,
}
"""Those that are found before there is a record to validate."""


def test_every_fault_of_a_record_has_an_example() -> None:
    assert {*BROKEN} | OF_FILES == set(FaultCode)
    assert not BROKEN.keys() & OF_FILES


@pytest.mark.parametrize("code", BROKEN)
@pytest.mark.parametrize("rules", RuleSet)
def test_a_record_with_wrong_bytes_gets_the_one_issue(code: FaultCode, rules: RuleSet) -> None:
    validator = Validator(STORE, Policy(rules), LIMITS)
    bad, good = BROKEN[code]
    (issue,) = validator.check(bad)
    assert (issue.code, issue.path, issue.severity) == (code, "", Severity.ERROR)
    assert [one.code for one in validator.check(good)] == ["attribute_required_missing"]
