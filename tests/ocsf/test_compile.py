"""Every format of a schema export becomes the same facts, and what is no sound export is refused with the reason."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.errors import BadInput
from console.ocsf.compile import compile_export, extensions_in
from console.ocsf.schema import Attribute, DataType, Enum, Schema
from console.ocsf.store import SchemaStore
from tests.examples import examples

Export = dict[str, Any]
"""Whatever JSON a test wants to hand in."""


def attribute(**facts: object) -> Export:
    return {"type": "string_t", "requirement": "optional", "caption": "…", "description": "prose"} | facts


def definitions(single: bool) -> Export:
    """The classes and objects of a small schema, with the profile of `cloud` written in one format or the other."""
    cloud = {"profile": "cloud"} if single else {"profiles": ["cloud"]}
    cancelled: Export = {"profile": None} if single else {}
    severity = {
        "99": {"caption": "Other"},
        "1": {"caption": "Low", "description": "prose"},
        "6": {"caption": "Fatal", "@deprecated": {"message": "prose", "since": "6.5.0"}},
    }
    return {
        "version": "7.0.0",
        "classes": {
            "ext/thing": {
                "name": "thing",
                "uid": 7001,
                "extension": "ext",
                "profiles": ["cloud"],
                "constraints": {"at_least_one": ["old", "ports"]},
                "@deprecated": {"message": "prose", "since": "6.9.0"},
                "attributes": {
                    "severity_id": attribute(
                        type="integer_t", requirement="required", enum=severity, sibling="severity"
                    ),
                    "cloud": attribute(type="object_t", object_type="ext/cloud", object_name="Cloud", **cloud),
                    "ports": attribute(type="port_t", is_array=True, **cancelled),
                    "old": attribute(observable=7, **{"@deprecated": {"message": "prose", "since": "6.1.0"}}),
                },
            }
        },
        "objects": {"ext/cloud": {"name": "cloud", "extension": "ext", "observable": 9, "attributes": {}}},
    }


TYPES: Export = {
    "string_t": {},
    "integer_t": {},
    "boolean_t": {"values": [False, True]},
    "port_t": {"type": "integer_t", "range": [0, 65535], "observable": 11},
    "ext/tag_t": {"type": "string_t", "regex": "^a+$", "max_len": 8, "extension": "ext"},
}


def legacy() -> Export:
    return definitions(single=True) | {"types": TYPES, "dictionary_attributes": {}}


def v2() -> Export:
    return definitions(single=False) | {
        "dictionary": {"attributes": {}, "types": {"attributes": TYPES}},
        "profiles": {"cloud": {"name": "cloud"}},
        "extensions": {"ext": {"uid": 900, "name": "ext"}},
        "compile_version": 1,
    }


def for_browsers() -> Export:
    """What ocsf-schema-compiler writes with `--browser-mode`: the v2 format, and much beside it."""
    export = v2() | {"browser_mode?": True, "all_classes": {"hidden": {"name": "hidden"}}, "all_objects": {}}
    thing = export["classes"]["ext/thing"]
    thing["attributes"]["old"] |= {"_links": [{"group": "class", "attribute_keys": ["old"]}], "_source": "ext/thing"}
    export["profiles"]["cloud"]["attributes"] = thing["attributes"]
    return export


def dumped(export: Export) -> bytes:
    return json.dumps(export).encode()


def refused(export: Export | bytes) -> BadInput:
    with pytest.raises(BadInput) as raised:
        compile_export(export if isinstance(export, bytes) else dumped(export))
    return raised.value


@pytest.mark.parametrize("other", [v2(), for_browsers()], ids=["v2", "browser"])
def test_every_format_gives_the_same_schema(other: Export) -> None:
    assert compile_export(dumped(other)) == compile_export(dumped(legacy()))


@pytest.mark.parametrize("export", [legacy(), v2()], ids=["legacy", "v2"])
def test_every_fact_is_kept(export: Export) -> None:
    schema = compile_export(dumped(export))
    thing = schema.classes[7001]
    assert (schema.version, schema.profiles) == ("7.0.0", frozenset({"cloud"}))
    assert (thing.name, thing.profiles, thing.deprecated) == ("thing", ("cloud",), "6.9.0")
    assert thing.constraints == {"at_least_one": ("old", "ports")}
    assert thing.attributes["severity_id"] == Attribute(
        type="integer_t",
        object_type=None,
        is_array=False,
        requirement="required",
        profiles=(),
        enum=Enum({"1": "Low", "6": "Fatal", "99": "Other"}, {"6": "6.5.0"}),
        sibling="severity",
        deprecated=None,
        observable=None,
    )
    assert (thing.attributes["cloud"].object_type, thing.attributes["cloud"].profiles) == ("ext/cloud", ("cloud",))
    assert thing.attributes["ports"].is_array
    assert (thing.attributes["old"].deprecated, thing.attributes["old"].observable) == ("6.1.0", 7)
    assert (schema.objects["ext/cloud"].name, schema.objects["ext/cloud"].observable) == ("cloud", 9)
    assert schema.types == {
        "string_t": DataType(None, None, None, None, None, None),
        "integer_t": DataType(None, None, None, None, None, None),
        "boolean_t": DataType(None, None, None, None, (False, True), None),
        "port_t": DataType("integer_t", None, (0, 65535), None, None, 11),
        "ext/tag_t": DataType("string_t", "^a+$", None, 8, None, None),
    }


def test_the_values_of_an_enum_stand_in_the_order_of_their_numbers() -> None:
    enum = compile_export(dumped(v2())).classes[7001].attributes["severity_id"].enum
    assert enum is not None
    assert list(enum.captions) == ["1", "6", "99"]


@pytest.mark.parametrize("export", [legacy(), v2()], ids=["legacy", "v2"])
def test_the_extensions_of_an_export_are_named(export: Export) -> None:
    assert extensions_in(dumped(export)) == {"ext"}


def test_a_byte_order_mark_is_no_fault() -> None:
    assert compile_export(b"\xef\xbb\xbf" + dumped(v2())).version == "7.0.0"


def test_build_metadata_is_no_part_of_a_version() -> None:
    assert compile_export(dumped(v2() | {"version": "7.0.0-dev+acme.2"})).version == "7.0.0-dev"


def test_a_null_profile_cancels_the_profile() -> None:
    schema = compile_export(dumped(legacy()))
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
    ("version", "extensions"),
    [
        ("1.0.0-rc.2", {"dev"}),
        ("1.0.0-rc.3", {"linux", "win"}),
        ("1.7.0", {"linux", "win"}),
        ("1.8.0", {"linux", "macos", "win"}),
    ],
)
def test_the_extensions_of_the_published_versions(version: str, extensions: set[str]) -> None:
    assert SchemaStore(None).extensions(version) == extensions


@pytest.mark.parametrize("name", ["subnet_t", "file_hash_t", "resource_uid_t", "uuid_t"])
def test_the_types_of_the_second_candidate_that_are_made_from_nothing_load(name: str) -> None:
    assert SchemaStore(None).get("1.0.0-rc.2").types[name].base is None


FINDING = {"class_uid": 2004, "metadata": {"version": "1.5.0"}}


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "not JSON"),
        (b'{"version": "1.0.0", "cl', "not JSON"),
        (b"\xff\xfe{\x00}\x00", "not JSON"),
        (dumped(v2()).replace(b"Fatal", b"Fat\xffl"), "utf-8"),
        (b'{"version":"\\ud800"}', "not JSON"),
        (b"\x1f\x8b\x08\x00", "compressed; unpack it"),
        (b"\n <!DOCTYPE html><html><title>Sign in</title>", "a web page"),
        (b"[]", "a list"),
        (dumped(FINDING), "a finding file"),
        (b"[" + dumped(FINDING) + b"]", "a finding file"),
        (dumped({"events": [FINDING], "count": 1}), "a finding file"),
        (dumped({"$schema": "https://json-schema.org/draft/2020-12/schema", "properties": {}}), "a JSON Schema"),
        (dumped(v2()["classes"]), "no `version` and no `classes` and no `objects`"),
        (dumped(v2() | {"classes": []}), "Expected `object`, got `array` - at `$.classes`"),
        (b'{"prose":' + b"[" * 200_000, "nested more deeply"),
        (b'{"version":"1.0.0","classes":{"a":' + b'{"name":' * 200_000, "nested more deeply"),
    ],
    ids=["empty", "cut", "UTF-16", "no UTF-8", "surrogate", "gzip", "page", "list", "finding", "findings", "bundle",
         "JSON Schema", "part", "wrong type", "deep prose", "deep facts"],
)  # fmt: skip
def test_what_is_no_export_is_refused_with_the_reason(raw: bytes, reason: str) -> None:
    error = refused(raw)
    assert error.message.startswith("This is not an OCSF schema export: ")
    assert reason in error.message
    assert "/export/schema" in error.hint


@pytest.mark.parametrize("version", ["", "1.9", "v1.9.0", "latest", "1.9.0\x1b[2J", "9" * 5_000])
def test_a_version_that_is_none_is_quoted(version: str) -> None:
    message = refused(v2() | {"version": version}).message
    assert "calls its version" in message
    assert message.isprintable()
    assert len(message) < 120


@pytest.mark.parametrize("number", ["9" * 30, "9" * 6_000, "1e999", "1.5", '"7001"', "true"])
def test_a_uid_that_is_no_integer_of_64_bits_is_refused(number: str) -> None:
    raw = dumped(v2()).replace(b'"uid": 7001', f'"uid": {number}'.encode())
    assert "$.classes" in refused(raw).message


def test_a_range_beyond_64_bits_is_refused() -> None:
    raw = dumped(v2()).replace(b"65535", b"9" * 30)
    assert "$.dictionary.types" in refused(raw).message


def test_a_class_without_uid_is_named() -> None:
    export = v2()
    del export["classes"]["ext/thing"]["uid"]
    assert "ext/thing has no uid" in refused(export).message


def test_two_classes_of_the_same_uid_are_named() -> None:
    export = v2()
    export["classes"]["other"] = export["classes"]["ext/thing"]
    assert "thing and other have the same uid 7001" in refused(export).message


def test_an_export_without_classes_is_refused() -> None:
    assert "no classes" in refused(v2() | {"classes": {}}).message


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


@pytest.mark.parametrize("base", ["string_t", "float_t", "port_t", None])
def test_a_data_type_may_be_made_from_any_that_exists_or_from_none(base: str | None) -> None:
    types = TYPES | {"tag_t": {"type": base}}
    assert compile_export(dumped(legacy() | {"types": types})).types["tag_t"].base == base


def test_a_data_type_that_is_made_from_what_does_not_exist_is_named() -> None:
    message = refused(legacy() | {"types": TYPES | {"tag_t": {"type": "color_t"}}}).message
    assert "tag_t is made from color_t" in message


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)


def places(value: object) -> list[tuple[Any, Any]]:
    """Every container inside a document with each of its keys."""
    if not isinstance(value, dict | list):
        return []
    keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    return [(value, key) for key in keys] + [place for key in keys for place in places(value[key])]


@st.composite
def damaged_exports(draw: st.DrawFn) -> bytes:
    """A sound export in which some values were replaced or taken away, perhaps cut, or with a wrong byte."""
    export = json.loads(dumped(draw(st.sampled_from([legacy, v2, for_browsers]))()))
    for _ in range(draw(st.integers(0, 3))):
        known = places(export)
        container, key = known[draw(st.integers(0, len(known) - 1))]
        if isinstance(container, dict) and draw(st.booleans()):
            del container[key]
        else:
            container[key] = draw(ANY_JSON)
    raw = bytearray(dumped(export))
    place = draw(st.integers(0, len(raw) - 1))
    match draw(st.sampled_from(["whole", "whole", "whole", "cut", "byte"])):
        case "cut":
            del raw[place:]
        case "byte":
            raw[place] = draw(st.integers(0, 255))
    return bytes(raw)


def compiled(raw: bytes) -> Schema | BadInput:
    try:
        return compile_export(raw)
    except BadInput as error:
        return error


@settings(max_examples=examples(1_000), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(damaged_exports())
def test_a_damaged_export_is_a_sound_schema_or_refused_in_a_sentence(raw: bytes) -> None:
    schema = compiled(raw)
    if isinstance(schema, BadInput):
        assert str(schema).isprintable()
        assert len(schema.message) < 500
        return
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(schema), type=Schema) == schema
    for owner in (*schema.classes.values(), *schema.objects.values()):
        for one in owner.attributes.values():
            assert (one.object_type in schema.objects) if one.type == "object_t" else (one.type in schema.types)
