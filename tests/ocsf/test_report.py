"""Reports count right, merge right, and stay small."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from console.ocsf.issues import Declared, Issue, Severity, Verdict
from console.ocsf.report import ANY_PATH, NONE, OTHER, GroupKey, Report, general_path

issues = st.builds(
    Issue,
    st.sampled_from(Severity),
    st.sampled_from(["a", "b"]),
    st.sampled_from(["x", "x[0].y", "x[1].y", ""]),
    st.just("A sentence."),
)
verdicts = st.lists(
    st.builds(
        Verdict,
        st.dictionaries(
            st.builds(
                Declared,
                st.none() | st.sampled_from(["1.5.0", "1.8.0"]),
                st.none() | st.sampled_from([2004, 3002]),
            ),
            st.integers(1, 3),
            max_size=3,
        ),
        st.lists(issues, max_size=4),
    ),
    max_size=12,
)


def report_of(found: list[Verdict], start: int = 0) -> Report:
    report = Report()
    for index, verdict in enumerate(found, start):
        report.add_record(index, verdict)
    return report


NOTHING = {Declared(None, None): 1}


def error(path: str, severity: Severity = Severity.ERROR) -> Issue:
    return Issue(severity, "code", path, f"About {path}.")


@settings(deadline=None)
@given(verdicts, st.data())
def test_the_parts_of_a_file_merge_into_the_whole(found: list[Verdict], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(found)))
    merged = report_of(found[:cut])
    merged.merge(report_of(found[cut:], start=cut))
    assert merged == report_of(found)


@settings(deadline=None)
@given(verdicts)
def test_the_counts_of_the_groups_add_up(found: list[Verdict]) -> None:
    report = report_of(found)
    assert sum(group.count for group in report.groups.values()) == sum(len(one.issues) for one in found)
    assert (
        sum(report.versions.values()) == sum(report.classes.values()) == sum(sum(one.events.values()) for one in found)
    )
    assert report.records == len(found)
    assert report.valid + report.invalid == report.records


def test_merging_leaves_the_other_report_alone() -> None:
    later = report_of([Verdict(NOTHING, [error("x")])])
    total = Report()
    total.merge(later)
    total.merge(later)
    assert later == report_of([Verdict(NOTHING, [error("x")])])
    assert total.errors == 2


def test_only_an_error_makes_a_record_invalid() -> None:
    report = report_of(
        [Verdict({Declared("1.5.0", 2004): 1}, [error("x", Severity.WARNING), error("y", Severity.INFO)])]
    )
    assert (report.valid, report.invalid, report.errors, report.warnings) == (1, 0, 0, 1)


def test_a_group_keeps_its_first_record_and_folds_list_indexes() -> None:
    found = [Verdict(NOTHING, []), Verdict(NOTHING, [error("r[3].uid"), error("r[10].uid")])]
    report = report_of([*found, found[1]])
    (key, group), *rest = report.groups.items()
    assert (key, rest) == (GroupKey("code", Severity.ERROR, "r[].uid"), [])
    assert (group.count, group.first_record, group.message) == (4, 1, "About r[3].uid.")


def test_an_issue_of_the_file_is_an_error_and_no_record() -> None:
    report = Report()
    report.add_issue(error(""), 7)
    assert (report.records, report.invalid, report.errors) == (0, 0, 1)
    (group,) = report.groups.values()
    assert group.first_record == 7


def test_a_record_that_declares_nothing_is_counted_as_that() -> None:
    report = report_of([Verdict(NOTHING, [])])
    assert (report.versions, report.classes) == ({NONE: 1}, {NONE: 1})


def test_each_event_of_a_bundle_is_counted_by_version_and_class_and_the_bundle_once() -> None:
    report = report_of([Verdict({Declared("1.5.0", 2004): 1, Declared("1.8.0", 2004): 1}, [])])
    assert (report.records, report.versions, report.classes) == (1, {"1.5.0": 1, "1.8.0": 1}, {"2004": 2})


def test_a_report_stays_small_whatever_names_a_file_invents() -> None:
    found = [Verdict({Declared(f"{n}" + "v" * 10_000, n): 1}, [error(f"k{n}" + "x" * 10_000)]) for n in range(3_000)]
    report = report_of(found)
    assert len(report.groups) <= 1_001
    assert report.groups[GroupKey("code", Severity.ERROR, ANY_PATH)].count >= 1_999
    assert max(len(key.path) for key in report.groups) <= 201
    for names in (report.versions, report.classes):
        assert len(names) <= 101
        assert names[OTHER] >= 2_899
        assert max(map(len, names)) <= 41


def test_only_indexes_are_folded() -> None:
    assert general_path("a[0].b[12]") == "a[].b[]"
    assert general_path("a[x].b[") == "a[x].b["
    assert general_path("plain.path") == "plain.path"
