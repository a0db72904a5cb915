"""Issues are put to the attributes that their paths name, whatever keys strangers choose."""

from __future__ import annotations

from console.ocsf.guide import Guide
from console.ocsf.issue_counts import IssueCounts
from console.ocsf.issues import Issue, Severity
from console.ocsf.place import spelled
from console.ocsf.store import SchemaStore
from console.ocsf.validator import Validator
from console.records.model import JsonValue
from screens.record_notes import Notes, Steps, locate
from tests.ocsf.events import finding, logon

RECORD: dict[str, JsonValue] = {
    "a": {"b": [1, {"c": 2}], "d.e": 3, "d": {"x": 4}, "f[0]": 5},
    "": {"": 1},
    "z": [[0, 1], []],
}


def _ways(value: JsonValue, steps: Steps = ()) -> list[Steps]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [way for step, member in inner for way in ((*steps, step), *_ways(member, (*steps, step)))]


def test_each_value_is_found_by_its_path() -> None:
    ways = [way for way in _ways(RECORD) if "" not in way]
    assert len(ways) > 10
    for way in ways:
        assert locate(RECORD, spelled(way)) == (way, "")


def test_what_is_not_there_is_put_to_what_should_hold_it() -> None:
    assert locate(RECORD, "a.b[1].gone.further") == (("a", "b", 1), "gone.further")
    assert locate(RECORD, "a.b[7]") == (("a", "b"), "[7]")
    assert locate(RECORD, "gone") == ((), "gone")
    assert locate(RECORD, "") == ((), "")
    assert locate(RECORD, "a.b[99999999999999999999]")[0] == ("a", "b")
    assert locate(RECORD, "a.b.c")[0] == ("a", "b")
    assert locate(RECORD, ".".join(["x"] * 100_000))[0] == ()


def _notes(*paths: str) -> Notes:
    issues = [Issue(Severity.ERROR, "code", path, f"at {path}") for path in paths]
    return Notes.of(RECORD, [*issues, Issue(Severity.WARNING, "code", "a.d.x", "a warning")], None)


def test_places_are_gone_through_in_the_order_of_the_record() -> None:
    notes = _notes("z[0][1]", "a.gone", "a.b[1].c", "")
    assert [issue.message for issue in notes.at(("a", "b", 1, "c"))] == ["at a.b[1].c"]
    assert list(notes.lacking(("a",))) == ["gone"]
    assert notes.below(()) == IssueCounts(3, 1)
    assert notes.below(("a",)) == IssueCounts(2, 1)
    assert notes.below(("z", 1)) == IssueCounts(0, 0)

    steps: Steps = ()
    visited = []
    for _ in range(5):
        found = notes.next_place(steps, 1)
        assert found is not None
        visited.append(spelled(found))
        steps = found
    assert visited == ["a.b[1].c", "a.d.x", "a.gone", "z[0][1]", "a.b[1].c"]
    back = notes.next_place(("a", "b", 1, "c"), -1)
    assert back is not None
    assert spelled(back) == "z[0][1]"
    assert Notes.of(RECORD, [], None).next_place((), 1) is None


def test_meanings_come_from_the_schema_of_the_event() -> None:
    validator = Validator(SchemaStore(None))
    event = finding()
    bundle: dict[str, JsonValue] = {"events": [event, "no event", logon()]}
    cases: list[tuple[dict[str, JsonValue], Steps, JsonValue, str]] = [
        (event, ("severity_id",), 4, "High"),
        (event, ("severity_id",), 4_000, ""),
        (event, ("severity_id",), None, ""),
        (event, ("time",), 1_763_547_300_123, "2025-11-19 10:15:00.123Z"),
        (event, ("time",), "1763547300123", ""),
        (event, ("finding_info", "analytic", "type_id"), 1, "Rule"),
        (event, ("finding_info", "created_time"), 1_763_547_300, "2025-11-19 10:15:00Z"),
        (event, ("unmapped", "start_time"), 1_763_547_300_000, "2025-11-19 10:15:00Z"),
        (event, ("unmapped", "runtime"), 1_763_547_300_000, ""),
        (event, ("finding_info", "created_time_dt"), "2025-11-19T11:15:00+01:00", "2025-11-19 10:15:00Z"),
        (event, ("finding_info", "created_time_dt"), "2025-11-19T10:15:00Z", ""),
        (event, ("message",), "2025-11-19 and more text here", ""),
        (event, ("finding_info", "title"), "0001-01-01T00:00:00+23:00", ""),
        (bundle, ("events", 0, "class_uid"), 2004, "Detection Finding"),
        (bundle, ("events", 2, "class_uid"), 3002, "Authentication"),
        (bundle, ("events", 1, "class_uid"), 3002, ""),
        (bundle, ("events", 9), None, ""),
        ({"class_uid": True}, ("severity_id",), 1, ""),
    ]
    for record, steps, value, words in cases:
        assert Guide(record, validator).words(steps, value) == words, (steps, value)
