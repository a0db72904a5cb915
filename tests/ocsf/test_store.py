"""Schemas come from the package once, then from the cache, and whatever happens to the cache, they come."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from console.errors import BadInput
from console.ocsf.store import SchemaStore


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
