"""R01 to R16: keys, classes, times and numbers that a record should not hold, and what is said of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from console.targets.offline import OFFLINE_KINDS
from tests.faults.conftest import Judge, Run
from tests.faults.support import AWS_NOWHERE, BOTH, NOWHERE, array, finding, spoiled, summed
from tests.targets.security_hub import findings as asff


def test_the_finding_that_is_spoiled_here_is_sound(judge: Judge) -> None:
    for rules in BOTH:
        assert judge(finding(), finding(1), rules=rules) == []


def test_r01_a_duplicate_key_is_named(judge: Judge) -> None:
    """Duplicate keys: error naming key."""
    twice = json.dumps(finding()).replace('"message"', '"message": "first", "message"', 1).encode()
    (issue,) = judge(finding(1), twice)
    assert (issue["severity"], issue["code"], issue["record"]) == ("error", "duplicate_key", 1)
    assert "message" in issue["message"]


def test_r02_a_repeated_finding_uid_names_both_records(judge: Judge, run: Run, tmp_path: Path) -> None:
    """Duplicate finding uid in file: warning with both indexes (not an error); submitted all the same."""
    (issue,) = judge(finding(7), finding(1), finding(7))
    assert summed([issue]) == [("warning", "duplicate_finding_uid", "finding_info.uid")]
    assert issue["record"] == 2
    assert "Record 0 " in issue["message"]
    assert run("submit", tmp_path / "f.json", "--target", "prowler", "--dry-run", **NOWHERE).code == 0


def test_r02_a_repeated_finding_uid_is_not_in_one_request_to_security_hub(run: Run, tmp_path: Path) -> None:
    """Security Hub batch: not in one request."""
    path = tmp_path / "f.json"
    path.write_bytes(array(asff.finding(), asff.finding(UpdatedAt="2026-11-21T20:43:04Z")))
    planned = run("submit", path, "--target", "security-hub", "--dry-run", "--format", "json", **AWS_NOWHERE)
    assert [batch["records"] for batch in planned.json()["batches"]] == [1, 1]


def test_r03_another_class_is_fine_to_look_at_and_not_for_prowler(judge: Judge, run: Run, tmp_path: Path) -> None:
    """Missing `class_uid` / not 2004: Prowler, error; view fine."""
    without, other = finding(), finding(1, class_uid=2003, type_uid=200301)
    del without["class_uid"]
    found = judge(without, other, kind="prowler")
    refused = [issue["record"] for issue in found if issue["code"] == "prowler_class_not_accepted"]
    assert refused == [0, 1]
    assert ("error", "attribute_required_missing", "class_uid") in summed(found)
    assert run("show", tmp_path / "f.json", "--count", "2").json() == [without, other]


@pytest.mark.parametrize("rules", BOTH)
@pytest.mark.parametrize("written", [b'"2004"', b"2004.0", b"true"], ids=["text", "float", "true"])
def test_r04_a_class_of_another_type_is_no_class(judge: Judge, written: bytes, rules: str) -> None:
    """`class_uid` as `"2004"`, 2004.0, true: type error (true ≠ 1)."""
    found = judge(spoiled("class_uid", written), rules=rules)
    assert ("error", "attribute_wrong_type", "class_uid") in summed(found)


@pytest.mark.parametrize("rules", BOTH)
def test_r05_a_type_uid_that_does_not_fit_is_an_error(judge: Judge, rules: str) -> None:
    """`type_uid` ≠ class×100+activity: error."""
    event = finding(type_uid=200402)
    del event["type_name"]
    assert summed(judge(event, rules=rules)) == [("error", "type_uid_incorrect", "type_uid")]


@pytest.mark.parametrize("rules", BOTH)
def test_r06_an_unknown_severity_is_told_and_shown_with_its_number(
    judge: Judge, run: Run, tmp_path: Path, rules: str
) -> None:
    """Unknown enum (severity_id 77): told (an error to the official server, and so to us), shown as "Unknown (77)"."""
    event = finding(severity_id=77)
    del event["severity"]
    found = judge(event, rules=rules)
    assert summed(found) == [("error", "attribute_enum_value_unknown", "severity_id")]
    assert "77" in found[0]["message"]
    assert "Unknown (77)" in run("inspect", tmp_path / "f.json").stdout


@pytest.mark.parametrize("rules", BOTH)
def test_r07_a_severity_that_contradicts_its_number_is_a_warning(judge: Judge, rules: str) -> None:
    """Severity text contradicts id: warning."""
    found = judge(finding(severity_id=5, severity="Low"), rules=rules)
    assert [(severity, code) for severity, code, _ in summed(found)] == [
        ("warning", "attribute_enum_sibling_incorrect")
    ]
    assert "Low" in found[0]["message"]
    assert "Critical" in found[0]["message"]


@pytest.mark.skipif("cisco-xdr" not in OFFLINE_KINDS, reason="Cisco XDR is not built yet")
def test_r08_a_later_version_than_cisco_takes_is_an_error_for_cisco(judge: Judge) -> None:
    """OCSF version 1.5 to Cisco (1.4): target-specific error."""
    found = judge(finding(), kind="cisco-xdr")
    assert ("error", "metadata.version") in [(severity, path) for severity, _, path in summed(found)]


@pytest.mark.parametrize(
    ("written", "code", "says"),
    [
        (1_763_547_300, "time_in_seconds", ("seconds", "2025-11-19", "1970-01-21")),
        (1_763_547_300_000_000, "time_in_microseconds", ("microseconds", "2025-11-19")),
    ],
    ids=["seconds", "microseconds"],
)
def test_r09_a_time_in_another_unit_is_a_warning_with_both_readings(
    judge: Judge, written: int, code: str, says: tuple[str, ...]
) -> None:
    """`time` in s where ms due, and reverse: warning with both readings."""
    event = finding(time=written)
    del event["time_dt"]
    (issue,) = judge(event)
    assert (issue["severity"], issue["code"], issue["path"]) == ("warning", code, "time")
    for reading in says:
        assert reading in issue["message"]


@pytest.mark.skipif("cisco-xdr" not in OFFLINE_KINDS, reason="Cisco XDR is not built yet")
@pytest.mark.parametrize("written", [946_684_799_999, 4_102_444_800_001])
def test_r09_cisco_takes_times_of_one_century(judge: Judge, written: int) -> None:
    """Cisco range 946684800000–4102444800000 enforced."""
    assert any(severity == "error" and path == "time" for severity, _, path in summed(judge(
        finding(time=written), kind="cisco-xdr"
    )))  # fmt: skip


@pytest.mark.parametrize("written", [-1, 0, 253_402_300_800_000_000_000, 10**18])
def test_r10_an_impossible_time_is_told_and_shown_as_it_is(
    judge: Judge, run: Run, tmp_path: Path, written: int
) -> None:
    """Negative, 0, year 9999+, 1e18 time: range told, view shows raw."""
    event = finding(time=written)
    del event["time_dt"]
    found = [issue for issue in judge(event) if issue["path"] == "time"]
    expected = {"time_in_nanoseconds"} if written == 10**18 else {"time_out_of_range", "attribute_wrong_type"}
    assert {issue["code"] for issue in found} & expected
    assert run("show", tmp_path / "f.json").json()[0]["time"] == written
    assert run("inspect", tmp_path / "f.json").code == 0


@pytest.mark.parametrize("rules", BOTH)
@pytest.mark.parametrize("written", [b'"2025-11-19"', b"1763547300000.5", b"NaN"], ids=["text", "float", "NaN"])
def test_r11_a_time_of_another_type_is_a_type_error(judge: Judge, written: bytes, rules: str) -> None:
    """`time` as string/float/NaN: type error."""
    found = summed(judge(spoiled("time", written), rules=rules))
    expected = ("not_finite", "") if written == b"NaN" else ("attribute_wrong_type", "time")
    assert ("error", *expected) in found


GOOD_TIMES = {
    "2025-11-19T10:15:00Z": 1_763_547_300_000,
    "2025-11-19T10:15:00+00:00": 1_763_547_300_000,
    "2025-11-19T10:15:00-00:00": 1_763_547_300_000,
    "2025-11-19T16:00:00+05:45": 1_763_547_300_000,
    "2025-11-20T00:15:00+14:00": 1_763_547_300_000,
    "2016-12-31T23:59:60Z": 1_483_228_800_000,
}
BAD_TIMES = {
    "2025-11-20T10:15:00+24:00": "datetime_invalid",
    "2025-11-19T10:15:00": "datetime_without_offset",
    "2025-11-19T10:15:60Z": "datetime_invalid",
    "2025-11-18T24:00:00Z": "datetime_invalid",
}


@pytest.mark.parametrize("text", GOOD_TIMES)
def test_r12_a_good_datetime_is_its_instant(judge: Judge, text: str) -> None:
    """`time_dt` `+00:00`, `Z`, `-00:00`, `+05:45`, `+14:00`, leap second: valid ones equal instants."""
    assert judge(finding(time=GOOD_TIMES[text], time_dt=text)) == []
    off = judge(finding(time=GOOD_TIMES[text] + 60_000, time_dt=text))
    assert [code for _, code, _ in summed(off)] == ["datetime_mismatch"]


@pytest.mark.parametrize("text", BAD_TIMES)
def test_r12_a_bad_datetime_is_flagged_and_not_guessed(judge: Judge, text: str) -> None:
    """`time_dt` `+24:00`, no offset, `:60`, 24:00: bad ones flagged; never guessed."""
    codes = [code for _, code, path in summed(judge(finding(time_dt=text))) if path == "time_dt"]
    assert BAD_TIMES[text] in codes


def test_r13_a_time_that_differs_from_its_text_is_a_warning(judge: Judge) -> None:
    """`time` ≠ `time_dt`: warning."""
    ((severity, code, _),) = summed(judge(finding(time_dt="2025-11-19T10:16:00Z")))
    assert (severity, code) == ("warning", "datetime_mismatch")


@pytest.mark.parametrize("number", [2**63, 2**64, 10**29 + 7])
def test_r14_a_huge_integer_is_exact_and_out_of_range(judge: Judge, run: Run, tmp_path: Path, number: int) -> None:
    """int ≥ 2^63, 2^64, 30 digits: exact in view; "out of range" in validation."""
    found = summed(judge(finding(time=number, count=number, unmapped={"number": number})))
    assert ("warning", "time_out_of_range", "time") in found
    assert ("error", "attribute_wrong_type", "count") in found
    assert ("warning", "integer_beyond_64_bits", "unmapped.number") in found
    assert run("show", tmp_path / "f.json").json()[0]["unmapped"]["number"] == number


def test_r15_an_integer_of_5000_digits_is_refused(judge: Judge, run: Run, tmp_path: Path) -> None:
    """5 000-digit int: refused; no crash."""
    found = judge(finding(), spoiled("time", b"7" * 5_000), finding(2))
    assert [(issue["code"], issue["record"]) for issue in found] == [("too_many_digits", 1)]
    assert "5,000 digits; the limit is 400 digits" in found[0]["message"]
    shown = run("show", tmp_path / "f.json", "--record", "1")
    assert (shown.code, shown.stdout) == (2, "")
    assert run("inspect", tmp_path / "f.json").code == 0


@pytest.mark.parametrize(
    ("written", "code"),
    [(b"1e999", "number_out_of_range"), (b"NaN", "not_finite"), (b"-Infinity", "not_finite")],
    ids=["1e999", "NaN", "Infinity"],
)
@pytest.mark.parametrize("rules", BOTH)
def test_r16_numbers_that_are_none_are_invalid(judge: Judge, written: bytes, code: str, rules: str) -> None:
    """`1e999`, NaN, Infinity: invalid."""
    found = judge(finding(), spoiled("count", written), rules=rules)
    assert [(issue["severity"], issue["code"], issue["record"]) for issue in found] == [("error", code, 1)]


def test_r16_a_negative_zero_is_a_zero(judge: Judge, run: Run, tmp_path: Path) -> None:
    """-0: normalised; the record itself keeps how it is written."""
    raw = spoiled("unmapped", b'{"zero":-0}')
    assert judge(raw) == []
    assert run("show", tmp_path / "f.json").json()[0]["unmapped"]["zero"] == 0
    assert '{"zero":-0}' in run("show", tmp_path / "f.json", "--format", "raw").stdout
