"""Schemas come from the package and from files that were added, once, then from the cache; whatever happens to the
cache, they come.
"""

from __future__ import annotations

import hashlib
import io
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from console.errors import BadInput, StateError
from console.ocsf.added import MAX_BYTES, add, read_export, remove
from console.ocsf.store import Origin, SchemaStore
from tests.ocsf.test_compile import Export, dumped, legacy, v2


def cached(folder: Path) -> Path:
    """The only file in the cache."""
    (file,) = folder.iterdir()
    return file


def test_the_packages_versions_are_known_oldest_first() -> None:
    versions = SchemaStore(None).versions()
    assert versions[:4] == ("1.0.0-rc.2", "1.0.0-rc.3", "1.0.0", "1.1.0")
    assert "1.8.0" in versions


def test_an_unknown_version_names_the_known_ones() -> None:
    with pytest.raises(BadInput) as raised:
        SchemaStore(None).get("1.5.\x1b[31m")
    assert "\x1b" not in raised.value.message
    assert "1.5.0" in raised.value.hint


def test_the_cache_is_private(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "cache"
    SchemaStore(folder).get("1.5.0")
    assert folder.stat().st_mode & 0o777 == 0o700
    assert cached(folder).stat().st_mode & 0o777 == 0o600


def test_a_second_process_reads_the_cache(tmp_path: Path) -> None:
    schema = SchemaStore(tmp_path).get("1.5.0")
    changed = msgspec.structs.replace(schema, profiles=frozenset({"from the cache"}))
    packed = msgspec.msgpack.encode(changed)
    cached(tmp_path).write_bytes(hashlib.sha256(packed).digest() + packed)
    assert SchemaStore(tmp_path).get("1.5.0").profiles == {"from the cache"}


def test_what_comes_from_the_cache_equals_what_went_in(tmp_path: Path) -> None:
    assert SchemaStore(tmp_path).get("1.8.0") == SchemaStore(tmp_path).get("1.8.0") == SchemaStore(None).get("1.8.0")


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "cut": lambda content: content[:-1],
    "one bit": lambda content: content[:5_000] + bytes([content[5_000] ^ 1]) + content[5_001:],
    "other content": lambda _: hashlib.sha256(b"\x90").digest() + b"\x90",
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_cache_file_is_made_again(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    expected = SchemaStore(tmp_path).get("1.5.0")
    sound = cached(tmp_path).read_bytes()
    cached(tmp_path).write_bytes(damage(sound))
    assert SchemaStore(tmp_path).get("1.5.0") == expected
    assert cached(tmp_path).read_bytes() == sound


def test_the_cache_file_of_another_version_is_not_taken(tmp_path: Path) -> None:
    SchemaStore(tmp_path).get("1.4.0")
    other = cached(tmp_path)
    content = other.read_bytes()
    other.rename(tmp_path / other.name.replace("1.4.0", "1.5.0"))
    assert SchemaStore(tmp_path).get("1.5.0").version == "1.5.0"
    assert cached(tmp_path).read_bytes() != content


def test_a_cache_that_cannot_be_written_is_no_fault(tmp_path: Path) -> None:
    occupied = tmp_path / "file"
    occupied.write_text("not a folder")
    assert SchemaStore(occupied / "cache").get("1.5.0").version == "1.5.0"
    assert occupied.read_text() == "not a folder"


@pytest.mark.parametrize(
    ("declared", "used"),
    [
        ("1.5.0", "1.5.0"),
        ("1.0.0-rc.2", "1.0.0-rc.2"),
        ("1.5.3", "1.5.0"),
        ("1.6.0-dev", "1.5.0"),
        ("1.0.0-rc.2.1", "1.0.0-rc.2"),
        ("0.1.0", "1.0.0-rc.2"),
        ("9.0.0", "1.8.0"),
        ("latest", "1.8.0"),
        ("", "1.8.0"),
        (None, "1.8.0"),
        (1.5, "1.8.0"),
        (["1.5.0"], "1.8.0"),
    ],
)
def test_the_version_that_validates_a_record(declared: object, used: str) -> None:
    assert SchemaStore(None).resolve(declared) == used


def export(version: str, **changes: object) -> bytes:
    """A small export of that version."""
    return dumped(v2() | {"version": version} | changes)


def packaged_export(version: str) -> bytes:
    return SchemaStore(None).source(version).file.read_bytes()


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_an_added_file_is_kept_as_it_came_for_its_owner_alone(tmp_path: Path) -> None:
    raw = b"\n" + dumped(legacy() | {"version": "1.9.0"}) + b"\n"
    added = add(tmp_path / "data" / "schemas", raw)
    (file,) = (tmp_path / "data" / "schemas").iterdir()
    assert (added.schema.version, added.origin) == ("1.9.0", Origin.ADDED)
    assert file.read_bytes() == raw
    assert [mode(path) for path in (file, file.parent, file.parent.parent)] == [0o600, 0o700, 0o700]


def test_added_versions_stand_among_the_packaged_ones(tmp_path: Path) -> None:
    for version in ("1.9.0", "1.10.0-dev", "0.9.0", "1.6.5"):
        add(tmp_path, export(version))
    versions = SchemaStore(None, tmp_path).versions()
    assert (versions[0], versions[-2:]) == ("0.9.0", ("1.9.0", "1.10.0-dev"))
    assert versions[versions.index("1.6.5") - 1 :][:3] == ("1.6.0", "1.6.5", "1.7.0")
    assert len(versions) == len(SchemaStore(None).versions()) + 4


@pytest.mark.parametrize(
    ("declared", "used"),
    [
        ("1.9.0", "1.9.0"),
        ("1.9.3", "1.9.0"),
        ("1.9.0-dev", "1.8.0"),
        ("1.6.5", "1.6.5"),
        ("1.6.9", "1.6.5"),
        ("1.6.4", "1.6.0"),
        ("99.0.0", "1.9.0"),
        ("latest", "1.9.0"),
        (None, "1.9.0"),
    ],
)
def test_an_added_version_validates_what_is_nearest_to_it(tmp_path: Path, declared: object, used: str) -> None:
    add(tmp_path, export("1.9.0"))
    add(tmp_path, export("1.6.5"))
    assert SchemaStore(None, tmp_path).resolve(declared) == used


@pytest.mark.parametrize("version", ["1.8.0", "1.8.0+acme.3"])
def test_an_added_schema_takes_the_place_of_the_packaged_one_until_it_is_removed(tmp_path: Path, version: str) -> None:
    assert add(tmp_path, export(version)).origin is Origin.IN_PLACE
    own = SchemaStore(None, tmp_path)
    assert (own.source("1.8.0").origin, own.resolve("1.8.0")) == (Origin.IN_PLACE, "1.8.0")
    assert list(own.get("1.8.0").classes) == [7001]
    assert own.versions() == SchemaStore(None).versions()

    assert remove(tmp_path, "1.8.0").origin is Origin.IN_PLACE
    assert SchemaStore(None, tmp_path).source("1.8.0").origin is Origin.PACKAGED
    assert len(SchemaStore(None, tmp_path).get("1.8.0").classes) == 83


def test_the_extensions_of_an_added_schema_are_its_own(tmp_path: Path) -> None:
    add(tmp_path, export("1.8.0"))
    assert SchemaStore(None, tmp_path).extensions("1.8.0") == {"ext"}


def test_the_same_version_is_added_again_only_on_request(tmp_path: Path) -> None:
    add(tmp_path, export("1.9.0"))
    again = export("1.9.0+again", classes={"a": {"name": "a", "uid": 1, "attributes": {}}})
    with pytest.raises(BadInput, match=r"1\.9\.0 has been added before") as raised:
        add(tmp_path, again)
    assert "--replace" in raised.value.hint
    assert list(SchemaStore(None, tmp_path).get("1.9.0").classes) == [7001]

    add(tmp_path, again, replace=True)
    assert list(SchemaStore(None, tmp_path).get("1.9.0").classes) == [1]
    assert len(list(tmp_path.iterdir())) == 1


def test_what_is_refused_leaves_what_was_there(tmp_path: Path) -> None:
    add(tmp_path, export("1.9.0"))
    with pytest.raises(BadInput):
        add(tmp_path, export("1.9.0")[:-1], replace=True)
    assert [file.read_bytes() for file in tmp_path.iterdir()] == [export("1.9.0")]


@pytest.mark.parametrize("version", ["1.5.0", "1.9.0", "../1.9.0", "", "1.9.0.json"])
def test_only_what_was_added_is_removed(tmp_path: Path, version: str) -> None:
    (tmp_path / "1.9.0").write_text("beside the folder")
    folder = tmp_path / "schemas"
    add(folder, export("2.0.0"))
    with pytest.raises(BadInput):
        remove(folder, version)
    assert [file.name for file in folder.iterdir()] == ["2.0.0.json"]
    assert (tmp_path / "1.9.0").exists()


def test_other_files_in_the_folder_are_left_alone(tmp_path: Path) -> None:
    for name in ("notes.txt", ".1.9.0.json.ab12.new", "1.9.0", "v1.9.0.json", "1.9.0+acme.json"):
        (tmp_path / name).write_text("no schema")
    assert SchemaStore(None, tmp_path).versions() == SchemaStore(None).versions()


def test_an_added_schema_is_cached_by_its_content(tmp_path: Path) -> None:
    cache, added = tmp_path / "cache", tmp_path / "added"
    add(added, export("1.9.0"))
    schema = SchemaStore(cache, added).get("1.9.0")
    packed = msgspec.msgpack.encode(msgspec.structs.replace(schema, profiles=frozenset({"from the cache"})))
    cached(cache).write_bytes(hashlib.sha256(packed).digest() + packed)
    assert SchemaStore(cache, added).get("1.9.0").profiles == {"from the cache"}

    add(added, export("1.9.0", profiles={"from the file": {}}), replace=True)
    assert SchemaStore(cache, added).get("1.9.0").profiles == {"from the file"}


def test_the_cache_of_an_added_schema_is_not_that_of_the_packaged_one(tmp_path: Path) -> None:
    cache, added = tmp_path / "cache", tmp_path / "added"
    add(added, export("1.8.0"))
    assert len(SchemaStore(cache, added).get("1.8.0").classes) == 1
    assert len(SchemaStore(cache).get("1.8.0").classes) == 83
    assert len(SchemaStore(cache, added).get("1.8.0").classes) == 1


def rot(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-1])


def rename(file: Path) -> None:
    file.rename(file.with_name("1.9.1.json"))


@pytest.mark.parametrize(("harm", "reason"), [(rot, "not JSON"), (rename, "holds OCSF 1.9.0")])
def test_a_damaged_file_says_how_to_get_rid_of_it(tmp_path: Path, harm: Callable[[Path], None], reason: str) -> None:
    add(tmp_path, export("1.9.0"))
    harm(tmp_path / "1.9.0.json")
    store = SchemaStore(None, tmp_path)
    version = store.versions()[-1]
    with pytest.raises(BadInput, match=reason) as raised:
        store.get(version)
    assert f"schema remove {version}" in raised.value.hint
    assert len(store.get("1.8.0").classes) == 83
    remove(tmp_path, version)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_the_place_of_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "1.9.0.json").mkdir()
    with pytest.raises(StateError, match="can't be read: Is a directory"):
        SchemaStore(None, tmp_path).get("1.9.0")


def test_a_folder_that_strangers_can_write_to_is_not_trusted(tmp_path: Path) -> None:
    add(tmp_path / "schemas", export("1.9.0"))
    (tmp_path / "schemas").chmod(0o777)
    with pytest.raises(StateError, match="Anybody can write"):
        SchemaStore(None, tmp_path / "schemas").versions()


def test_a_folder_that_is_a_file_holds_nothing_and_takes_nothing(tmp_path: Path) -> None:
    occupied = tmp_path / "file"
    occupied.write_text("not a folder")
    assert "1.8.0" in SchemaStore(None, occupied).versions()
    with pytest.raises(StateError):
        add(occupied, export("1.9.0"))
    assert occupied.read_text() == "not a folder"


@pytest.mark.parametrize("regex", ["(unclosed", r"\p{L}+", "a{99999999999}", "(?<=a+)b"])
def test_a_pattern_that_cannot_be_used_is_named_and_no_reason_to_refuse(tmp_path: Path, regex: str) -> None:
    types: Export = {"bad_t": {"type": "string_t", "regex": regex}, "good_t": {"type": "string_t", "regex": "^a$"}}
    added = add(tmp_path, dumped(legacy() | {"types": legacy()["types"] | types}))
    assert added.unchecked == ("bad_t",)


@pytest.mark.parametrize("version", ["1.0.0-rc.2", "1.0.0-rc.3", "1.0.0", "1.1.0", "1.8.0"])
def test_the_published_exports_can_be_added(tmp_path: Path, version: str) -> None:
    """The patterns of ip_t and path_t in the first three are none of Python's, and handled as the official ones are."""
    added = add(tmp_path, packaged_export(version))
    assert added.unchecked == ()
    assert SchemaStore(None, tmp_path).get(version) == SchemaStore(None).get(version)


def test_a_file_beyond_the_cap_is_not_read_whole() -> None:
    beyond = io.BytesIO(bytes(MAX_BYTES + 10))
    with pytest.raises(BadInput, match="more than the 64 MiB"):
        read_export(beyond)
    assert beyond.tell() == MAX_BYTES + 1


def test_the_disk_is_asked_once_what_versions_there_are(tmp_path: Path) -> None:
    add(tmp_path, export("1.9.0"))
    store = SchemaStore(None, tmp_path)
    assert store.resolve("1.9.1") == "1.9.0"
    remove(tmp_path, "1.9.0")
    add(tmp_path, export("1.9.5"))
    assert (store.resolve("1.9.6"), store.resolve("1.9.1")) == ("1.9.0", "1.9.0")


def test_what_records_declare_fills_no_memory() -> None:
    store = SchemaStore(None)
    store.resolve("1.5.0")
    tracemalloc.start()
    try:
        for number in range(20_000):
            store.resolve(f"1.5.{number}")
        for number in range(200):
            store.resolve(f"1.{'9' * 50_000}.{number}")
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 1_000_000


def test_a_version_is_ready_in_no_time_and_the_next_time_sooner(tmp_path: Path) -> None:
    """The bounds are ten times what it takes, so that a busy machine does not matter."""
    cache, added = tmp_path / "cache", tmp_path / "added"
    add(added, packaged_export("1.8.0").replace(b'"version":"1.8.0"', b'"version":"1.9.0"'))

    def seconds(version: str) -> float:
        began = time.process_time()
        SchemaStore(cache, added).get(version)
        return time.process_time() - began

    for version in ("1.9.0", "1.8.0"):
        assert seconds(version) < 0.3
        assert seconds(version) < 0.05
