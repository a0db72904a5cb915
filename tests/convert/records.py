"""OCSF records for tests: findings as producers write them, and with anything at all in the place of any value."""

from __future__ import annotations

from hypothesis import strategies as st

from console.convert.changes import JsonObject
from console.records.model import JsonValue

Value = st.SearchStrategy[JsonValue]

TIME = 1770273520430
"""2026-02-05T06:38:40.430Z"""

_CHARACTERS = st.characters(exclude_categories=["Cs"])
_HOSTILE = st.sampled_from(
    ["", " ", "\x00", "\x1b]0;owned\x07", "\u202e", "x" * 3000, "é" * 600, "\ufeff", "a/b/c/d", "💥" * 300, "\x85", "…"]
)
WORDS: Value = st.text(_CHARACTERS, max_size=8) | _HOSTILE
_SCALARS: Value = (
    st.none()
    | st.booleans()
    | st.integers(-(2**200), 2**200)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from([0, -1, 99, 2**63, 2**64, 10**300, 1e308, -0.0])
    | WORDS
)
_KEYS = st.text(_CHARACTERS, max_size=6) | st.sampled_from(["k" * 150, "a.b", "[0]", "", "uid", "name", "time"])
ANYTHING: Value = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=3), max_leaves=5
)
"""Any JSON value, and the worst of them more often than chance would have it."""


def seldom(odd: Value, good: Value, turns: int) -> Value:
    """Something odd once in so many turns. (`one_of` takes each alternative once, however often it is given.)"""
    return st.integers(1, turns).flatmap(lambda turn: odd if turn == turns else good)


def mostly(good: Value) -> Value:
    """A value that is as it should be, or anything else."""
    return seldom(ANYTHING, good, 8)


def some(needed: dict[str, Value] | None = None, /, **attributes: Value) -> Value:
    """An object with some of the attributes, each of which may hold anything; mostly with those *needed*."""
    optional = {key: mostly(value) for key, value in attributes.items()}
    required = {key: mostly(value) for key, value in (needed or {}).items()}
    whole: Value = st.fixed_dictionaries(required, optional=optional).map(_as_json)
    if not needed:
        return whole
    return seldom(st.fixed_dictionaries({}, optional={**required, **optional}).map(_as_json), whole, 8)


def _as_json(values: dict[str, JsonValue]) -> JsonValue:
    return values


def several(item: Value, most: int = 2) -> Value:
    """A list."""
    return st.lists(item, max_size=most)


def pick(*values: JsonValue) -> Value:
    """One of some values."""
    return st.sampled_from(values)


TIMES: Value = pick(TIME, TIME // 1000, TIME * 1000, TIME / 1000, 0, -5, 253402300799999, 10**30)
DATETIMES: Value = pick(
    "2026-02-05T06:38:40.430622",
    "2026-02-05T06:38:40Z",
    "2026-02-05T08:38:40.1+02:00",
    "0001-01-01T00:00:00-10:00",
    "9999-12-31T23:59:59.9999Z",
    "2016-12-31T23:59:60Z",
    "yesterday",
)
_TYPES: Value = pick(
    "Software and Configuration Checks/AWS Security Best Practices",
    "TTPs",
    "Effects/",
    "Effects/a/b/c",
    "IAM",
    "Unusual Behaviors/\n",
)
_INFO: Value = some(
    {"uid": seldom(WORDS, pick("f-1", "f-2"), 6)},
    title=WORDS,
    desc=WORDS,
    types=several(_TYPES),
    created_time=TIMES,
    created_time_dt=DATETIMES,
    modified_time=TIMES,
    modified_time_dt=DATETIMES,
    first_seen_time=TIMES,
    last_seen_time_dt=DATETIMES,
    src_url=pick("https://source.example/1"),
    analytic=some(uid=WORDS, name=WORDS),
    related_events=several(some(uid=WORDS | pick("a", "b"), product_uid=WORDS)),
    traits=several(some(name=WORDS)),
)
_RESOURCE: Value = some(
    uid=WORDS,
    name=WORDS,
    type=WORDS,
    region=pick("eu-west-1", "us-gov-west-1", "global", "a-region-of-a-very-long-name", " "),
    cloud_partition=pick("aws", "aws-us-gov", "aws-iso", "AzureCloud", "mars"),
    labels=several(pick("env:prod", "env:dev", "aws:cloudformation:stack:x", "none", ":", "long:" + "x" * 500), 5),
    tags=several(some(name=WORDS, value=WORDS)),
    data=some(details=WORDS, metadata=ANYTHING),
)
_VULNERABILITY: Value = some(
    cve=some(
        uid=pick("CVE-2026-1"),
        cvss=several(some(base_score=pick(5, 9.8), version=pick("3.1"), vector_string=WORDS)),
        epss=some(score=pick("0.5", "nan", "1e9", "x")),
    ),
    advisory=some(uid=WORDS),
    affected_packages=several(some(name=WORDS, version=WORDS, epoch=pick(1), remediation=some(desc=WORDS))),
    vendor_name=WORDS,
    references=several(WORDS),
    related_vulnerabilities=several(WORDS),
    is_fix_available=st.booleans(),
    is_exploit_available=st.booleans(),
    remediation=some(desc=WORDS, references=several(pick("https://fix.example/", "run it"))),
)


VERSIONS: Value = seldom(
    pick("1.4.0-dev", "1.0.0-rc.2", "0.9.0", "2.0.0", "one", "1.9.9"),
    pick("1.4.0", "1.5.0", "1.8.0", "1.1.0", "1.0.0"),
    4,
)


def _finding(class_uid: Value) -> Value:
    needed: dict[str, Value] = {
        "time": seldom(TIMES, pick(TIME, TIME // 1000, TIME / 1000), 6),
        "severity_id": seldom(pick(0, 99, True), pick(1, 2, 3, 4, 5, 6), 6),
        "finding_info": _INFO,
    }
    known: dict[str, Value] = {
        "time_dt": DATETIMES,
        "severity": pick("High", "Urgent", "high"),
        "status_id": pick(1, 3, 4, 6),
        "status": WORDS,
        "status_code": pick("PASS", "FAIL", "MANUAL", "pass", "12"),
        "status_detail": WORDS,
        "message": WORDS,
        "activity_id": pick(1, 2, 3),
        "activity_name": WORDS,
        "metadata": some(
            version=VERSIONS,
            uid=WORDS,
            event_code=WORDS,
            profiles=several(pick("cloud", "datetime")),
            product=some(name=pick("Prowler", "Scanner"), version=WORDS, vendor_name=WORDS, uid=WORDS),
        ),
        "finding": _INFO,
        "resources": several(_RESOURCE),
        "resource": _RESOURCE,
        "cloud": some(
            provider=pick("aws", "AWS", "azure", "gcp"),
            region=pick("eu-west-1", "global"),
            account=some(
                uid=pick("123456789012", "proj-1", "１２３４５６７８９０１２"), name=WORDS, type_id=pick(10, 5)
            ),
        ),
        "compliance": some(
            status_id=pick(1, 2, 3, 99),
            status=pick("Pass", "Fail"),
            control=WORDS,
            requirements=several(WORDS),
            standards=several(WORDS),
            status_code=WORDS,
            status_detail=WORDS,
        ),
        "remediation": some(desc=WORDS, references=several(pick("https://fix.example/", "run it"))),
        "vulnerabilities": several(_VULNERABILITY),
        "confidence_score": pick(0, 100, 101, -1),
        "unmapped": some(
            compliance=st.dictionaries(st.sampled_from(["CIS-2.0", " ", "C5"]), several(WORDS), max_size=3), notes=WORDS
        ),
        "risk_details": WORDS,
    }
    return st.builds(_with_class, some(needed, **known), class_uid)


def _with_class(record: JsonValue, class_uid: JsonValue) -> JsonValue:
    assert isinstance(record, dict)
    return {"class_uid": class_uid, **record}


FINDINGS: Value = _finding(pick(2004, 2004, 2003, 2002, 2001))
"""Findings of the classes that are converted."""
_ENDPOINT: Value = some(
    ip=pick("10.0.0.1", "fe80::1%eth0", "x"),
    hostname=pick("host.example", "-x-", "h" * 300),
    mac=pick("00:1a:2b:3c:4d:5e", "00"),
    port=pick(0, 443, 65536),
    proxy_endpoint=some(ip=pick("10.0.0.2")),
)
_ADDRESS: Value = pick("a@b.example", "nobody", "x" * 400 + "@b.example")
_PARTS: dict[str, Value] = {
    "activity_id": pick(0, 1, 2, 6, 7, 99),
    "activity_name": pick("Send", "Open", "Sing"),
    "metadata": some(uid=pick("a", "b", "c", "", 7), version=VERSIONS, labels=several(pick("regular-finding", "x"))),
    "time": TIMES,
    "time_dt": DATETIMES,
    "type_uid": pick(400101, 400901),
    "severity_id": pick(1, 6),
    "direction_id": pick(0, 1, 3, 99),
    "direction": pick("Inbound", "Sideways"),
    "disposition_id": pick(2, 99, 500),
    "disposition": pick("Blocked", "Terminated", "Sung"),
    "email": some(
        **{"from": _ADDRESS},
        to=several(_ADDRESS),
        cc=st.lists(_ADDRESS, max_size=60),
        message_uid=WORDS,
        subject=WORDS,
        files=several(
            some(
                name=WORDS,
                size=pick(1, -1, 2**60),
                type_id=pick(1, 2, 77),
                hashes=several(some(value=WORDS, algorithm_id=pick(3, 99), algorithm=pick("SHA-256", "ROT13")), 12),
            )
        ),
    ),
    "actor": some(user=some(name=WORDS, email_addr=WORDS, uid=WORDS)),
    "connection_info": some(
        direction_id=pick(1, 3), protocol_num=pick(6, 7, 2**70), protocol_ver_id=pick(4, 5), protocol_name=WORDS
    ),
    "src_endpoint": _ENDPOINT,
    "dst_endpoint": _ENDPOINT,
    "traffic": some(bytes_in=pick(0, -1, 2**63), packets_out=pick(5, 5.0)),
    "unmapped": some(from_list=several(_ADDRESS)),
    "new_in_another_version": WORDS,
}
ACTIVITIES: Value = st.fixed_dictionaries(
    {"class_uid": pick(4009, 4001, 4009, 4001, 4002, 3002, 201001, 4005, 6003, None, 2**40)},
    optional={key: mostly(value) for key, value in _PARTS.items()},
).map(dict)
"""Activities, of classes that Cisco XDR supports and of others."""
RECORDS: Value = seldom(_finding(ANYTHING) | st.dictionaries(_KEYS, ANYTHING, max_size=4), FINDINGS, 4)
"""Findings, and other objects."""


def prowler(**changes: JsonValue) -> JsonObject:
    """A finding as Prowler writes it; of *changes* those that are None are taken away."""
    made: JsonObject = {
        "message": "Bucket logs-1 is public.",
        "metadata": {
            "event_code": "s3_bucket_public",
            "product": {"name": "Prowler", "uid": "prowler", "vendor_name": "Prowler", "version": "5.46.0"},
            "profiles": ["cloud", "datetime"],
            "tenant_uid": "",
            "version": "1.5.0",
        },
        "severity_id": 4,
        "severity": "High",
        "status": "New",
        "status_code": "FAIL",
        "status_detail": "Bucket logs-1 is public.",
        "status_id": 1,
        "unmapped": {"categories": [], "notes": "", "compliance": {"CIS-2.0": ["2.1.5", "2.1.6"]}, "provider": "aws"},
        "activity_name": "Create",
        "activity_id": 1,
        "finding_info": {
            "created_time": TIME // 1000,
            "created_time_dt": "2026-02-05T06:38:40.430622",
            "desc": "Buckets should not be public.",
            "title": "Bucket is public",
            "types": ["Effects/Data Exposure"],
            "uid": "prowler-aws-s3_bucket_public-123456789012-eu-west-1-logs-1",
        },
        "resources": [
            {
                "cloud_partition": "aws",
                "region": "eu-west-1",
                "data": {"details": "", "metadata": {"public": True}},
                "labels": ["env:prod"],
                "name": "logs-1",
                "type": "AwsS3Bucket",
                "uid": "arn:aws:s3:::logs-1",
            }
        ],
        "category_name": "Findings",
        "category_uid": 2,
        "class_name": "Detection Finding",
        "class_uid": 2004,
        "cloud": {
            "account": {"name": "audit", "type": "AWS Account", "type_id": 10, "uid": "123456789012", "labels": []},
            "provider": "aws",
            "region": "eu-west-1",
        },
        "remediation": {"desc": "Block public access.", "references": ["aws s3api …", "https://fix.example/s3"]},
        "risk_details": "Anybody may read the logs.",
        "time": TIME // 1000,
        "time_dt": "2026-02-05T06:38:40.430622",
        "type_uid": 200401,
        "type_name": "Detection Finding: Create",
        **changes,
    }
    return {key: value for key, value in made.items() if value is not None}
