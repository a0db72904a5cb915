"""What Cisco XDR asks of an OCSF bundle, offline."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.limits import DEFAULT_LIMITS
from console.ocsf.issues import Issue, Severity
from console.records.model import JsonValue, Record, Span
from console.targets.cisco_xdr.bundles import MOST_ISSUES, SUPPORTED_CLASSES, check_bundle, check_record, finding_uid
from console.targets.cisco_xdr.links import Activity, links_of
from tests.targets.cisco_xdr.bundles import TIME, Event, activity, bundle, finding, minimal


def checked(raw: bytes) -> list[Issue]:
    return list(check_record(Record(Span(0, 0, len(raw), 1), raw), DEFAULT_LIMITS))


def told(given: Event, severity: Severity) -> list[tuple[str, str]]:
    return [(one.code, one.path) for one in check_bundle(given) if one.severity is severity]


def errors(given: Event) -> list[tuple[str, str]]:
    return told(given, Severity.ERROR)


def warnings(given: Event) -> list[tuple[str, str]]:
    return told(given, Severity.WARNING)


def test_the_minimal_example_of_the_guide_is_taken() -> None:
    assert errors(minimal()) == []
    assert warnings(minimal()) == [("cisco_event_unlinked", "events[1]")]
    assert finding_uid(minimal()) == "external-uid-456"


def test_a_whole_bundle_has_no_issue() -> None:
    whole = bundle(
        finding("f", "a", "b"), activity("a"), activity("b", 201001, TIME + 1),
        count=3, start_time=TIME, end_time=TIME + 1,
    )  # fmt: skip

    assert checked(json.dumps(whole).encode()) == []


def test_a_finding_on_its_own_is_taken() -> None:
    assert list(check_bundle(bundle(finding()))) == []


@pytest.mark.parametrize(
    ("frame", "code", "path"),
    [
        ({"class_uid": 1}, "cisco_bundle_key_unknown", "class_uid"),
        ({"": 1}, "cisco_bundle_key_unknown", ""),
        ({"count": 0}, "cisco_bundle_count", "count"),
        ({"count": "1"}, "cisco_bundle_count", "count"),
        ({"count": 1.0}, "cisco_bundle_count", "count"),
        ({"count": True}, "cisco_bundle_count", "count"),
        ({"count": None}, "cisco_bundle_count", "count"),
        ({"start_time": TIME // 1000}, "cisco_time", "start_time"),
        ({"start_time": "2026"}, "cisco_time", "start_time"),
        ({"start_time": 946684799999}, "cisco_time", "start_time"),
        ({"end_time": 4102444800001}, "cisco_time", "end_time"),
        ({"end_time": 10**300}, "cisco_time", "end_time"),
        ({"end_time": None}, "cisco_time", "end_time"),
    ],
)
def test_the_frame_must_be_that_of_the_model(frame: Event, code: str, path: str) -> None:
    assert errors({**bundle(finding()), **frame}) == [(code, path)]


@pytest.mark.parametrize("events", [None, [], {}, "x", 1])
def test_a_bundle_needs_events(events: JsonValue) -> None:
    assert errors({"events": events}) == [("cisco_bundle_events", "events")]
    assert errors({}) == [("cisco_bundle_events", "events")]


def test_events_must_be_objects() -> None:
    assert errors(bundle(finding(), 1, None)) == [
        ("cisco_bundle_event_not_object", "events[1]"),
        ("cisco_bundle_event_not_object", "events[2]"),
    ]


@pytest.mark.parametrize(
    "events",
    [
        [activity()],
        [finding("a"), finding("b")],
        [{**finding(), "class_uid": "2004"}, activity()],
        [{**finding(), "class_uid": 2004.0}, activity()],
        [{**finding(), "class_uid": 2003}, activity()],
    ],
)
def test_there_must_be_exactly_one_finding(events: list[JsonValue]) -> None:
    assert ("cisco_bundle_findings", "events") in errors(bundle(*events))


@pytest.mark.parametrize(
    ("info", "code", "path"),
    [
        (None, "cisco_finding_info_missing", "finding_info"),
        ([], "cisco_finding_info_missing", "finding_info"),
        ({}, "cisco_finding_uid_missing", "finding_info.uid"),
        ({"uid": ""}, "cisco_finding_uid_missing", "finding_info.uid"),
        ({"uid": " "}, "cisco_finding_uid_missing", "finding_info.uid"),
        ({"uid": 7}, "cisco_finding_uid_missing", "finding_info.uid"),
        ({"uid": "x" * 4_097}, "cisco_finding_uid_missing", "finding_info.uid"),
    ],
)
def test_a_finding_needs_a_uid(info: JsonValue, code: str, path: str) -> None:
    given = bundle(activity(), {**finding(), "finding_info": info})

    assert errors(given) == [(code, f"events[1].{path}")]
    assert finding_uid(given) is None


def test_the_uid_is_that_of_the_finding_or_of_what_was_meant_to_be_one() -> None:
    assert finding_uid(bundle({**finding("a"), "class_uid": 4001}, finding("b"), finding("c"))) == "b"
    assert finding_uid(bundle(activity(), {**finding("a"), "class_uid": 2003})) == "a"


@pytest.mark.parametrize("class_uid", sorted(SUPPORTED_CLASSES))
def test_every_class_of_the_guide_is_supported(class_uid: int) -> None:
    assert errors(bundle(finding("f", "a"), activity("a", class_uid))) == []


@pytest.mark.parametrize("class_uid", [4007, 201003, 0, -1, 10**30, None, "4001", 4001.0, True])
def test_a_bundle_of_unsupported_activities_only_is_refused(class_uid: JsonValue) -> None:
    only = bundle(finding("f", "a"), activity("a", class_uid))
    beside = bundle(finding("f", "a", "b"), activity("a", class_uid), activity("b"))

    assert errors(only) == [("cisco_bundle_classes_unsupported", "events")]
    assert errors(beside) == []
    assert warnings(beside) == [("cisco_class_unsupported", "events[1].class_uid")]


@pytest.mark.parametrize("version", ["1.4.0", "1.4.1", "1.3.0", "1.0.0", "1.4.0+build"])
def test_versions_that_are_compatible_with_1_4_are_taken(version: str) -> None:
    event: Event = {**activity(), "metadata": {"version": version}}

    assert errors(bundle({**finding(), "metadata": {"version": version}}, event)) == []


@pytest.mark.parametrize("version", ["1.5.0", "2.0.0", "0.9.0", "1.4.0-rc.1", "1.4", "x", "", 1.4, [], "1" * 10_000])
def test_versions_that_are_not_are_refused(version: JsonValue) -> None:
    of_finding = bundle({**finding(), "metadata": {"version": version}})
    of_activity = bundle(finding(), {**activity(), "metadata": {"version": version}})

    assert errors(of_finding) == [("cisco_version_incompatible", "events[0].metadata.version")]
    assert errors(of_activity) == [("cisco_version_incompatible", "events[1].metadata.version")]


@pytest.mark.parametrize("metadata", [None, {}, [], {"version": None}])
def test_a_finding_must_declare_its_version_and_an_activity_need_not(metadata: JsonValue) -> None:
    assert errors(bundle({**finding(), "metadata": metadata})) == [
        ("cisco_version_missing", "events[0].metadata.version")
    ]
    assert errors(bundle(finding(), {**activity(), "metadata": metadata})) == []


@pytest.mark.parametrize("time", [TIME // 1000, 946684799999, "x", None, 1.5])
def test_times_of_events_must_be_in_range(time: JsonValue) -> None:
    assert errors(bundle(finding(), {**activity(), "time": time})) == [("cisco_time", "events[1].time")]


def test_seconds_are_told_from_milliseconds() -> None:
    [issue] = check_bundle(bundle({**finding(), "time": TIME // 1000}))

    assert issue.message == "time counts seconds, not milliseconds: multiply it by 1,000."


def test_two_events_must_not_have_the_same_uid() -> None:
    given = bundle(finding("f", "a"), activity("a"), activity("b"), activity("a"), activity("a"))

    assert errors(given) == [
        ("cisco_event_uid_duplicate", "events[3].metadata.uid"),
        ("cisco_event_uid_duplicate", "events[4].metadata.uid"),
    ]


def test_what_does_not_agree_is_a_warning() -> None:
    given = bundle(
        finding("f", "a", "gone"), activity("a"), activity("b", time=TIME + 1),
        count=2, start_time=TIME + 1, end_time=TIME, start_time_dt="2025-02-16T10:00:00Z",
    )  # fmt: skip

    assert errors(given) == []
    assert warnings(given) == [
        ("cisco_bundle_key_unknown", "start_time_dt"),
        ("cisco_event_unlinked", "events[2]"),
        ("cisco_related_event_dangling", "events"),
        ("cisco_bundle_count_incorrect", "count"),
        ("cisco_bundle_time_incorrect", "start_time"),
        ("cisco_bundle_time_incorrect", "end_time"),
    ]


def test_links_are_followed_by_uid() -> None:
    links = links_of([activity("a"), finding("f", "b", "x", "b"), activity("b", 4009), activity(), activity("")])

    assert links.linked == [Activity(2, 4009, "b")]
    assert links.unlinked == [Activity(0, 4001, "a"), Activity(3, 4001, None), Activity(4, 4001, None)]
    assert links.dangling == ["x"]


@pytest.mark.parametrize("related", [None, {}, "a", [None, 3, {}, {"uid": 3}, {"uid": []}]])
def test_related_events_that_are_none_link_nothing(related: JsonValue) -> None:
    given: Event = {**finding(), "finding_info": {"uid": "f", "related_events": related}}

    assert links_of([given, activity("a")]).unlinked == [Activity(1, 4001, "a")]
    assert errors(bundle(given, activity("a"))) == []


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"3", b"{", b"\xff", b'{"events":' * 100_000, b'{"count":' + b"1" * 5_000 + b"}"]
)
def test_what_is_no_object_is_one_error(raw: bytes) -> None:
    assert [one.code for one in checked(raw)] == ["cisco_record_unreadable"]


def test_a_key_that_stands_twice_is_an_error() -> None:
    raw = json.dumps(bundle(finding("f"))).replace('"uid": "f"', '"uid": "f", "uid": "g"').encode()

    assert [(one.code, one.path) for one in checked(raw)] == [("cisco_duplicate_key", "events[0].finding_info.uid")]


def test_a_key_that_stands_twice_is_found_beside_a_number_of_more_than_64_bits() -> None:
    raw = json.dumps(bundle(finding("f"))).replace('"uid": "f"', f'"uid": "f", "uid": "g", "x": {10**30}').encode()

    assert [(one.code, one.path) for one in checked(raw)] == [("cisco_duplicate_key", "events[0].finding_info.uid")]


def test_only_the_finding_names_activities() -> None:
    naming: Event = {**activity("b"), "finding_info": {"related_events": [{"uid": "a"}]}}

    assert [one.uid for one in links_of([finding("f"), activity("a"), naming]).unlinked] == ["a", "b"]


def test_a_hostile_bundle_gives_a_bounded_number_of_issues_and_never_loses_its_error() -> None:
    wrong = bundle(finding(), *[{**activity(), "time": 1}] * 5_000)
    odd = bundle(finding(), *[activity()] * 5_000, start_time=1)

    assert len(checked(json.dumps(wrong).encode())) == MOST_ISSUES
    found = checked(json.dumps(odd).encode())
    assert len(found) == MOST_ISSUES + 1
    assert [one.path for one in found if one.severity is Severity.ERROR] == ["start_time"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)
ANYTHING = st.fixed_dictionaries(
    {},
    optional={
        "class_uid": JSON | st.sampled_from([2004, 4001]),
        "time": JSON,
        "metadata": JSON | st.fixed_dictionaries({"uid": JSON, "version": JSON}),
        "finding_info": JSON | st.fixed_dictionaries({"uid": JSON, "related_events": JSON}),
    },
)


@settings(deadline=None)
@given(st.lists(ANYTHING | JSON, max_size=4), st.dictionaries(st.sampled_from(["count", "start_time", "x"]), JSON))
def test_nothing_that_json_can_hold_makes_the_check_fail(events: list[JsonValue], frame: Event) -> None:
    assert all(isinstance(issue, Issue) for issue in check_bundle(bundle(*events, **frame)))
