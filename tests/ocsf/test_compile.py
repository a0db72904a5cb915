"""Both formats of a schema export become the same facts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from console.errors import BadInput
from console.ocsf.compile import compile_export
from console.ocsf.schema import Attribute
from console.ocsf.store import SchemaStore

Export = dict[str, Any]
"""Whatever JSON a test wants to hand in."""


def attribute(**facts: object) -> Export:
    return {"type": "string_t", "requirement": "optional", "caption": "…", "description": "prose"} | facts


def definitions(single: bool) -> Export:
    """The classes and objects of a small schema, with the profile of `cloud` written in one format or the other."""
    cloud = {"profile": "cloud"} if single else {"profiles": ["cloud"]}
    cancelled: Export = {"profile": None} if single else {}
    severity = {"1": {"caption": "Low", "description": "prose"}, "99": {"caption": "Other"}}
    return {
        "version": "7.0.0",
        "classes": {
            "ext/thing": {
                "name": "thing",
                "uid": 7001,
                "profiles": ["cloud"],
                "attributes": {
                    "severity_id": attribute(
                        type="integer_t", requirement="required", enum=severity, sibling="severity"
                    ),
                    "cloud": attribute(type="object_t", object_type="cloud", object_name="Cloud", **cloud),
                    "ports": attribute(type="port_t", is_array=True, **cancelled),
                    "old": attribute(**{"@deprecated": {"message": "prose", "since": "6.1.0"}}),
                },
            }
        },
        "objects": {"cloud": {"name": "cloud", "attributes": {}}},
    }


TYPES = {"string_t": {}, "integer_t": {}, "port_t": {"type": "integer_t", "range": [0, 65535]}}


def legacy() -> Export:
    return definitions(single=True) | {"types": TYPES, "dictionary_attributes": {}}


def v2() -> Export:
    dictionary = {"attributes": {}, "types": {"attributes": TYPES}}
    return definitions(single=False) | {"dictionary": dictionary, "profiles": {"cloud": {"name": "cloud"}}}


def refused(export: object) -> BadInput:
    with pytest.raises(BadInput) as raised:
        compile_export(export if isinstance(export, bytes) else json.dumps(export).encode())
    return raised.value


def test_both_formats_give_the_same_schema() -> None:
    assert compile_export(json.dumps(legacy()).encode()) == compile_export(json.dumps(v2()).encode())


@pytest.mark.parametrize("export", [legacy(), v2()], ids=["legacy", "v2"])
def test_every_fact_of_an_attribute_is_kept(export: Export) -> None:
    schema = compile_export(json.dumps(export).encode())
    thing = schema.classes[7001]
    assert (schema.version, schema.profiles, thing.name) == ("7.0.0", frozenset({"cloud"}), "thing")
    assert schema.types == {"string_t": "string_t", "integer_t": "integer_t", "port_t": "integer_t"}
    assert thing.attributes["severity_id"] == Attribute(
        type="integer_t",
        object_type=None,
        is_array=False,
        requirement="required",
        profiles=(),
        enum={"1": "Low", "99": "Other"},
        sibling="severity",
        deprecated=None,
    )
    assert thing.attributes["cloud"].object_type == "cloud"
    assert thing.attributes["cloud"].profiles == ("cloud",)
    assert thing.attributes["ports"].is_array
    assert thing.attributes["old"].deprecated == "6.1.0"


def test_a_null_profile_cancels_the_profile() -> None:
    schema = compile_export(json.dumps(legacy()).encode())
    assert schema.classes[7001].attributes["ports"].profiles == ()


def test_prowlers_class_needs_no_profile_for_risk_details() -> None:
    """OCSF 1.5.0 gives `risk_details` of a detection finding `"profile": null`; every Prowler record relies on it."""
    finding = SchemaStore(None).get("1.5.0").classes[2004]
    assert finding.attributes["risk_details"].profiles == ()
    assert finding.attributes["cloud"].profiles == ("cloud",)


@pytest.mark.parametrize(
    ("version", "classes", "objects", "uses", "profiles"),
    [
        ("1.0.0-rc.2", 100, 89, 4629, 4),
        ("1.0.0-rc.3", 36, 84, 2110, 6),
        ("1.0.0", 36, 84, 2110, 6),
        ("1.1.0", 50, 106, 3164, 8),
        ("1.2.0", 65, 111, 3871, 9),
        ("1.3.0", 72, 121, 4375, 10),
        ("1.4.0", 79, 142, 6165, 12),
        ("1.5.0", 81, 161, 6717, 12),
        ("1.6.0", 82, 167, 6939, 12),
        ("1.7.0", 83, 170, 7069, 12),
        ("1.8.0", 83, 178, 7203, 14),
    ],
)
def test_every_published_version_is_read_whole(
    version: str, classes: int, objects: int, uses: int, profiles: int
) -> None:
    """The counts were taken from the tags of the ocsf-schema repository, compiled by the official compiler."""
    schema = SchemaStore(None).get(version)
    owners = (*schema.classes.values(), *schema.objects.values())
    assert (len(schema.classes), len(schema.objects)) == (classes, objects)
    assert sum(len(owner.attributes) for owner in owners) == uses
    assert len(schema.profiles) == profiles
    assert schema.version == version


def test_the_base_event_keeps_the_attributes_of_its_profiles() -> None:
    """Legacy exports hold it twice, once without them."""
    base = SchemaStore(None).get("1.5.0").classes[0]
    assert base.attributes["cloud"].profiles == ("cloud",)


@pytest.mark.parametrize(
    "raw",
    [b"", b"[]", b"{}", b"<html>", b"\xff\xfe", b'{"version":"\xff"}', b'{"prose":' + b"[" * 200_000],
    ids=["empty", "list", "no keys", "html", "no UTF-8", "broken text", "deep"],
)
def test_what_is_no_export_is_refused_in_a_sentence(raw: bytes) -> None:
    assert refused(raw).message.startswith("This is not an OCSF schema export")


def test_an_export_without_types_is_refused() -> None:
    assert "no data types" in refused(definitions(single=True)).message


@pytest.mark.parametrize(
    ("wrong", "missing"),
    [({"type": "color_t"}, "color_t"), ({"type": "object_t", "object_type": "window"}, "window")],
)
def test_a_type_that_is_defined_nowhere_is_named(wrong: Export, missing: str) -> None:
    export = legacy()
    export["classes"]["ext/thing"]["attributes"]["old"] = attribute(**wrong)
    message = refused(export).message
    assert "thing.old" in message
    assert missing in message
