"""Converting whole files: grouping across them, bytes as they are, broken files, workers, memory, and the account."""

from __future__ import annotations

import gzip
import json
import re
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.convert import converting
from console.convert.asff_origin import AsffOptions
from console.convert.changes import MOST_SAID, ChangeKind, JsonObject
from console.convert.encoding import encode
from console.convert.forms import Form, Request
from console.convert.run import Conversion, NothingConverted, convert
from console.convert.tally import MOST_KINDS
from console.limits import DEFAULT_LIMITS, Limits
from console.ocsf.duplicate_keys import duplicate_keys
from console.ocsf.issues import Severity
from console.progress import Cancel, Cancelled, Progress
from console.records.model import JsonValue, Record, Span
from console.records.reader import FindingFile
from console.records.workers import Workers
from console.targets.cisco_xdr.bundles import check_bundle
from console.targets.conversions import request_for
from tests.convert.records import TIME, prowler
from tests.examples import examples
from tests.targets.cisco_xdr.conftest import custom
from tests.targets.security_hub.findings import finding as asff

ASFF = Request(Form.ASFF, AsffOptions(account="123456789012", region="eu-west-1"))
BUNDLE = Request(Form.CISCO_BUNDLE)

PRETTY = b'{\r\n  "class_uid" : 2004,\n\t"a": "x \\n y  z", "b": [1.50e+2,\n 1 ], "b": 1\n}'


class Turning:
    """Converts content in a folder, and keeps what was written."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "in.json"
        self.written = b""

    def __call__(self, content: bytes, request: Request, limits: Limits = DEFAULT_LIMITS) -> Conversion:
        self.path.write_bytes(content)
        self.written = b""
        with FindingFile.open(self.path, limits) as file:
            return convert(file, request, self.write)

    def write(self, data: bytes) -> None:
        self.written += data


@pytest.fixture
def turn(tmp_path: Path) -> Turning:
    """Converts content in a folder of this test."""
    return Turning(tmp_path)


def array(*records: JsonValue) -> bytes:
    return b"[" + b",\n".join(map(encode, records)) + b"]"


def activity(uid: str, class_uid: int = 4001) -> JsonObject:
    return {"class_uid": class_uid, "time": TIME, "metadata": {"version": "1.4.0", "uid": uid}, "activity_id": 1}


def finding(uid: str, *related: str) -> JsonObject:
    info: JsonObject = {"uid": uid, "related_events": [{"uid": one} for one in related]}
    return {"class_uid": 2004, "time": TIME, "metadata": {"version": "1.4.0"}, "finding_info": info}


def uids(bundles: bytes) -> list[list[str]]:
    """The uid of each bundle's finding, and those of its activities."""
    return [
        [
            event["finding_info"]["uid"] if event["class_uid"] == 2004 else event["metadata"]["uid"]
            for event in bundle["events"]
        ]
        for bundle in json.loads(bundles)
    ]


def test_an_array_and_lines_hold_the_records_byte_for_byte(turn: Turning) -> None:
    one = b'{"class_uid":2004,"big":123456789012345678901234567890,"e":"\xc3\xa9"}'

    turn(b"[" + PRETTY + b" ,\n" + one + b"]", Request(Form.ARRAY))
    assert turn.written == b"[\n" + PRETTY + b",\n" + one + b"\n]\n"

    done = turn(b"[" + PRETTY + b" ,\n" + one + b"]", Request(Form.NDJSON))
    assert turn.written == b'{"class_uid" : 2004,"a": "x \\n y  z", "b": [1.50e+2,1 ], "b": 1}\n' + one + b"\n"
    assert done.written_bytes == len(turn.written)
    assert (done.tally.records, done.tally.converted, done.tally.written, done.tally.refused) == (2, 2, 2, 0)


@settings(max_examples=examples(60), deadline=None)
@given(st.lists(st.dictionaries(st.text(max_size=4), st.text(max_size=6) | st.integers(), max_size=3), max_size=4))
def test_lines_say_what_the_records_said(
    tmp_path_factory: pytest.TempPathFactory, records: list[dict[str, str | int]]
) -> None:
    turn = Turning(tmp_path_factory.mktemp("run"))

    turn(json.dumps(records, indent=3).encode(), Request(Form.NDJSON))

    lines = turn.written.splitlines()
    assert [json.loads(line) for line in lines] == records
    assert turn.written.count(b"\n") == len(records)


def test_what_is_broken_is_left_out_and_counted_and_the_rest_converted(turn: Turning) -> None:
    content = b"[" + encode(prowler()) + b', 7, {"a": \xff}, ' + encode(prowler()) + b", ]\n[" + encode(prowler())

    done = turn(content, ASFF)

    assert len(json.loads(turn.written)) == 3
    assert (done.tally.records, done.tally.converted, done.tally.written, done.tally.refused) == (5, 3, 3, 2)
    assert [(one.code, one.index, one.count) for one in done.tally.refusals] == [
        ("not_an_object", 1, 1),
        ("invalid_utf8", 2, 1),
    ]


def test_a_file_of_nothing_is_an_empty_array(turn: Turning) -> None:
    done = turn(b"[]", ASFF)

    assert turn.written == b"[]\n"
    assert done.tally.records == 0


def test_nothing_is_written_when_nothing_can_be_converted(turn: Turning) -> None:
    with pytest.raises(NothingConverted) as caught:
        turn(array(activity("a"), activity("b", 4005), {"x": 1}), ASFF)

    assert turn.written == b""
    (refusal,) = caught.value.done.tally.refusals
    assert (refusal.code, refusal.count, refusal.index) == ("asff_class_unsupported", 3, 0)


def test_findings_find_their_activities_anywhere_in_the_file(turn: Turning) -> None:
    records = [
        activity("late"),
        finding("f", "early", "late", "gone"),
        activity("nobody's"),
        finding("g", "late"),
        activity("bad", 4005),
        finding("alone"),
        activity("early", 4009),
    ]

    done = turn(array(*records), BUNDLE)

    assert uids(turn.written) == [["f", "early", "late"], ["g", "late"], ["alone"]]
    tally = done.tally
    assert (tally.records, tally.converted, tally.written, tally.refused) == (7, 5, 3, 2)
    assert [(one.code, one.count, one.index, one.line) for one in tally.refusals] == [
        ("cisco_class_unsupported", 1, 4, 5),
        ("cisco_activity_left_over", 1, 2, 3),
    ]
    for bundle in json.loads(turn.written):
        assert [issue for issue in check_bundle(bundle) if issue.severity is Severity.ERROR] == []


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_lines_are_grouped_as_well_packed_or_not(turn: Turning, pack: Callable[[bytes], bytes]) -> None:
    lines = b"\n".join(map(encode, [finding("f", "a"), prowler(), activity("a")]))

    turn(pack(lines), BUNDLE)

    assert [len(one) for one in uids(turn.written)] == [2, 1]


def test_an_activity_whose_finding_fails_is_left_over(turn: Turning) -> None:
    bad = finding("f", "a") | {"time": None}

    done = turn(array(bad, activity("a"), finding("g")), BUNDLE)

    assert uids(turn.written) == [["g"]]
    assert [(one.code, one.index) for one in done.tally.refusals] == [
        ("cisco_time_missing", 0),
        ("cisco_activity_left_over", 1),
    ]


def test_a_bundle_of_too_many_bytes_is_not_even_read(turn: Turning) -> None:
    """Its activities are small, and together more than a record may have."""
    records = [finding("f", *(f"a{number}" for number in range(50))), *(activity(f"a{number}") for number in range(50))]
    small = Limits(record_bytes=len(encode(records[0])) + 100)

    with pytest.raises(NothingConverted) as caught:
        turn(array(*records), BUNDLE, small)

    assert [one.code for one in caught.value.done.tally.refusals] == [
        "cisco_bundle_too_large",
        "cisco_activity_left_over",
    ]


def test_simplified_findings_come_of_findings_and_their_emails(turn: Turning) -> None:
    records = [finding("f", "a", "b"), activity("a", 4009), activity("b", 4003), prowler()]

    done = turn(array(*records), Request(Form.CISCO_CUSTOM))

    (custom,) = json.loads(turn.written)
    assert custom["detection_findings"]["finding_info"]["uid"] == "f"
    assert custom["email_activity"] == [{"activity_name": "Send", "time": TIME}]
    assert [(one.code, one.index) for one in done.tally.refusals] == [
        ("cisco_custom_no_activity", 3),
        ("cisco_activity_left_over", 2),
    ]


def test_the_findings_of_bundles_become_findings_of_security_hub(turn: Turning) -> None:
    bundle: JsonObject = {"events": [activity("a"), 1, prowler(), prowler(class_uid=2003, time=None)], "count": 4}

    done = turn(encode(bundle), ASFF)

    assert len(json.loads(turn.written)) == 2
    assert [(one.code, one.path) for one in done.tally.refusals] == [
        ("asff_class_unsupported", "class_uid"),
        ("not_an_object", "events[]"),
    ]


@pytest.mark.parametrize("request_", [ASFF, BUNDLE], ids=lambda one: one.form)
def test_what_a_bundle_loses_counts_as_it_does_in_an_array(turn: Turning, request_: Request) -> None:
    events: list[JsonValue] = [prowler(), prowler(), activity("nobody's"), activity("bad", 4005)]

    alone = turn(array(*events), request_)
    together = turn(encode({"events": events}), request_)

    assert alone.tally.written == together.tally.written == 2
    assert alone.tally.refused > 0
    assert together.tally.refused == 1
    assert {one.code for one in alone.tally.refusals} == {one.code for one in together.tally.refusals}


def test_of_keys_that_stand_twice_one_is_left_and_the_others_are_named(turn: Turning) -> None:
    provided: JsonObject = {"Severity": {"Label": "LOW"}, "Types": ["TTPs"]}
    own = encode(
        {key: value for key, value in asff().items() if key not in provided} | {"FindingProviderFields": provided}
    )
    own = own.replace(b'"Id":', b'"Title":"lost","Id":', 1).replace(b'"Label":', b'"Label":"HIGH","Label":')
    ocsf = encode(prowler()).replace(b'"severity_id":', b'"severity_id":6,"severity_id":')

    done = turn(b"[" + own + b"," + ocsf + b"]", request_for(Form.ASFF))

    assert duplicate_keys(own) != []
    assert duplicate_keys(turn.written) == []
    assert json.loads(turn.written)[0] == json.loads(own)
    lost = [one for one in done.tally.changes if "more than once" in one.message]
    assert [(one.kind, one.path, one.index) for one in lost] == [
        (ChangeKind.LEFT_OUT, "Title", 0),
        (ChangeKind.LEFT_OUT, "FindingProviderFields.Severity.Label", 0),
        (ChangeKind.LEFT_OUT, "severity_id", 1),
    ]


def test_keys_that_stand_twice_are_named_of_a_finding_and_of_the_activity_that_it_brings(turn: Turning) -> None:
    event = encode(activity("a")).replace(b'"time":', b'"time":1,"time":')
    own = encode(finding("f", "a")).replace(b'"class_uid":', b'"class_uid":1,"class_uid":')

    done = turn(b"[" + event + b"," + own + b"]", BUNDLE)

    assert uids(turn.written) == [["f", "a"]]
    lost = [one for one in done.tally.changes if "more than once" in one.message]
    assert [(one.path, one.index) for one in lost] == [("time", 0), ("class_uid", 1)]


def test_a_simplified_finding_with_a_key_twice_is_none_that_cisco_takes(turn: Turning) -> None:
    raw = encode(custom()).replace(b'"detection_findings":', b'"detection_findings":{},"detection_findings":', 1)

    with pytest.raises(NothingConverted) as caught:
        turn(raw, request_for(Form.CISCO_CUSTOM))

    assert [(one.code, one.path) for one in caught.value.done.tally.refusals] == [
        ("cisco_custom_invalid", "detection_findings")
    ]


def test_a_hostile_bundle_names_so_many_reasons_and_no_more(turn: Turning) -> None:
    events: list[JsonValue] = [*([0] * (MOST_SAID + 1_000)), prowler()]

    done = turn(encode({"events": events}), BUNDLE)

    assert [(one.code, one.count) for one in done.tally.refusals] == [("not_an_object", MOST_SAID)]
    assert done.tally.refused == 1


def test_changes_are_counted_by_path_whatever_the_index(turn: Turning) -> None:
    two: list[JsonValue] = [{"uid": "r1", "type": "T"}, {"uid": "r2", "type": "T"}]

    done = turn(array(prowler(resources=[]), prowler(resources=two), prowler(resources=two)), ASFF)

    (mapped,) = [one for one in done.tally.changes if one.path == "resources[].uid"]
    assert (mapped.kind, mapped.count, mapped.index) == (ChangeKind.MAPPED, 4, 1)


def test_an_account_of_too_many_kinds_of_changes_has_an_end(turn: Turning) -> None:
    records = [prowler(**{f"k{number}_{index}": 1 for index in range(60)}) for number in range(30)]

    done = turn(array(*records), ASFF)

    assert len(done.tally.changes) == MOST_KINDS
    assert done.tally.further_changes > 0


def test_workers_make_the_same_of_a_large_file(tmp_path: Path) -> None:
    """Several parts, one record that can't be converted in each, and places told as from the start of the file."""
    path = tmp_path / "large.json"
    padding: JsonObject = {"raw_data": "x" * 60_000}
    records = [prowler(**padding) if number % 50 else {"class_uid": 1, **padding} for number in range(200)]
    path.write_bytes(json.dumps(records, indent=1).encode())
    alone, together = Turning(tmp_path), Turning(tmp_path)
    origins: dict[str, list[Span]] = {"alone": [], "together": []}

    with FindingFile.open(path) as file, Workers(2, converting.__name__) as workers:
        one = convert(file, ASFF, alone.write, trace=origins["alone"].append)
        two = convert(file, ASFF, together.write, workers, trace=origins["together"].append)
        there = [found.span for found in file.records() if isinstance(found, Record)]

    assert alone.written == together.written
    assert one == two
    assert origins["alone"] == origins["together"] == [span for span in there if span.index % 50]
    assert two.tally.regions == {"eu-west-1": 196}
    assert [(refusal.count, refusal.index, refusal.line) for refusal in two.tally.refusals] == [(4, 0, 2)]
    assert two.tally.converted == 196


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    """Findings and activities, of which there are ten times as many in the second file."""
    peaks = []
    for count in (100, 1_000):
        path = tmp_path / f"{count}.json"
        with path.open("wb") as out:
            for number in range(count):
                out.write(encode(finding(f"f{number}", f"a{number}") | {"raw_data": "x" * 5_000}) + b"\n")
                out.write(encode(activity(f"a{number}") | {"raw_data": "y" * 5_000}) + b"\n")
        with FindingFile.open(path) as file:
            convert(file, BUNDLE, len)
            tracemalloc.start()
            convert(file, BUNDLE, len)
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()

    assert peaks[1] < peaks[0] + 1_000_000


def test_it_can_be_stopped_and_says_how_far_it_is(tmp_path: Path) -> None:
    path = tmp_path / "in.json"
    path.write_bytes(array(finding("f", "a"), activity("a")))
    cancel, seen = Cancel(), list[Progress]()

    with FindingFile.open(path) as file:
        convert(file, BUNDLE, len, tell=seen.append)
        cancel.ask()
        with pytest.raises(Cancelled):
            convert(file, BUNDLE, len, cancel=cancel)

    assert {one.message for one in seen} == {"Looking for activities", "Converting"}


def test_every_bundle_of_the_real_file_has_ciscos_minimum(sample: Path, tmp_path: Path) -> None:
    turn = Turning(tmp_path)

    done = turn(sample.read_bytes(), BUNDLE)

    bundles: list[JsonObject] = msgspec.json.decode(turn.written)
    assert len(bundles) == done.tally.converted == 1000
    assert [issue for bundle in bundles for issue in check_bundle(bundle)] == []


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"Severity": "HIGH"}, "Severity"),
        ({"Severity": {}}, "Severity"),
        ({"Types": None}, "FindingProviderFields.Types"),
        ({"FindingProviderFields": None}, "FindingProviderFields"),
        ({"FindingProviderFields": "x"}, "FindingProviderFields"),
    ],
)
def test_a_finding_of_aws_that_its_service_refuses_is_not_called_converted(
    turn: Turning, wrong: JsonObject, path: str
) -> None:
    done = turn(array({**asff(), **wrong}, asff()), request_for(Form.ASFF))

    (refusal,) = done.tally.refusals
    assert (refusal.code, refusal.path.partition(".L")[0], refusal.index) == ("asff_invalid", path, 0)
    assert (done.tally.converted, len(json.loads(turn.written))) == (1, 1)


@pytest.mark.parametrize(("form", "path"), [(Form.ASFF, "Id"), (Form.CISCO_BUNDLE, "finding_info.uid")])
def test_findings_that_nothing_tells_apart_are_named(turn: Turning, form: Form, path: str) -> None:
    one, other = prowler(), prowler()
    request = request_for(form, ASFF.asff if form is Form.ASFF else AsffOptions())

    done = turn(array(one, {**other, "finding_info": {"uid": "x", "title": "t"}}, one, one), request)

    assert [(said.path, said.count, said.index) for said in done.tally.changes if said.kind == "repeated"] == [
        (path, 2, 2)
    ]
    assert done.tally.written == 4


def test_each_value_of_a_simplified_finding_is_accounted_for(turn: Turning) -> None:
    """Where it is now, or what became of it; and what the bundle has that the finding does not say."""
    given: JsonObject = {
        "detection_findings": {
            "severity": "High",
            "time": TIME,
            "finding_info": {"title": "t", "types": ["Email"]},
            "attacks": [{"tactic": {"uid": "TA0001"}}],
        },
        "email_activity": [{"activity_name": "Send", "email": {"from_list": ["a@example.com", "b@example.com"]}}],
    }

    done = turn(array(given), request_for(Form.CISCO_BUNDLE))

    said = {one.path: (one.kind.value, one.message) for one in done.tally.changes}
    assert said["detection_findings.severity"] == ("mapped", "It is 'severity' of the Detection Finding.")
    assert said["detection_findings.attacks"] == ("mapped", "It is 'finding_info.attacks' of the Detection Finding.")
    assert said["email_activity[].email.from_list"] == ("mapped", "It is 'email.from' of the Email Activity.")
    assert said["email_activity[].email.from_list[]"][0] == "unmapped"
    assert "email_activity[].activity_name" in said
    filled = {path for path, (kind, _) in said.items() if kind == "filled_in"}
    assert filled >= {
        "events[].finding_info.uid", "events[].severity_id", "events[].metadata.labels",
        "events[].metadata.product.name", "events[].time", "events[].finding_info.related_events",
        "start_time", "count",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("key", "value"),
    [("class_name", "Compliance Finding"), ("type_name", "Compliance Finding: Create"), ("type_uid", 200301)],
)
def test_the_names_of_another_class_are_replaced_by_name(turn: Turning, key: str, value: JsonValue) -> None:
    record = {**prowler(), "class_uid": 2003, key: value}

    done = turn(array(record), request_for(Form.CISCO_BUNDLE))

    assert ("replaced", key) in {(one.kind.value, one.path) for one in done.tally.changes}


def test_every_reason_is_in_the_documentation() -> None:
    root = Path(__file__).parents[2]
    page = (root / "docs" / "convert.md").read_text()
    codes = {
        code
        for module in (root / "console" / "convert").glob("*.py")
        for code in re.findall(r'"((?:asff|cisco)_[a-z_]+)"', module.read_text())
    }

    assert len(codes) > 15
    assert {code for code in codes if f"`{code}`" not in page} == set()
    assert {kind for kind in ChangeKind if f"`{kind}`" not in page} == set()
