"""Where schemas come from: the `ocsf-json-schema` package's data files, compacted into a cache of ours.

Only the package's JSON is read. Its own loader is left alone: it prefers a pickle that lies beside the JSON.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from importlib import metadata, resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

import msgspec

from console.display import safe_text
from console.errors import BadInput, StateError
from console.ocsf.compile import compile_export
from console.ocsf.schema import Schema
from console.ocsf.versions import Version
from console.paths import atomic_write, private_dir

_DISTRIBUTION: Final = "ocsf-json-schema"
_PACKAGE: Final = "ocsf_json_schema"

_CACHE_FORMAT: Final = 1
"""To be raised whenever `console.ocsf.schema` or what `compile_export` makes of an export changes."""
_DIGEST_BYTES: Final = hashlib.sha256().digest_size
_DECODER: Final = msgspec.msgpack.Decoder(Schema)
_ENCODER: Final = msgspec.msgpack.Encoder()


class SchemaStore:
    """Gives the schema of each known version. Each is read once per process."""

    def __init__(self, cache_dir: Path | None) -> None:
        """*cache_dir* may not exist yet, and it is no fault when it can't be written; None does without."""
        self._cache_dir = cache_dir
        self._loaded: dict[str, Schema] = {}

    def versions(self) -> Sequence[str]:
        """The known versions, oldest first."""
        return tuple(_packaged().values())

    def get(self, version: str) -> Schema:
        """The schema of one of `versions`. Raises `BadInput` for any other."""
        schema = self._loaded.get(version)
        if schema is None:
            schema = self._loaded[version] = self._load(version)
        return schema

    def resolve(self, declared: object) -> str:
        """Which version validates a record that declares *declared* in its `metadata.version`.

        - a known version: itself;
        - a version between known ones, such as `1.5.3` or `1.6.0-dev`: the nearest known one below it;
        - a newer one than all: the newest known;
        - an older one than all: the oldest known;
        - nothing, or something that is no version: the newest known.
        """
        known = tuple(_packaged())
        # A record may declare whatever it likes: only text can be a version.
        version = Version.parse(declared) if isinstance(declared, str) else None
        place = len(known) if version is None else bisect_right(known, version)
        return _packaged()[known[max(place - 1, 0)]]

    def _load(self, version: str) -> Schema:
        if version not in self.versions():
            raise BadInput(
                f"OCSF version {safe_text(version, width=40)} is not known.",
                hint=f"Known are {', '.join(self.versions())}.",
            )
        if self._cache_dir is None:
            return _compile(version)
        try:
            path = private_dir(self._cache_dir) / _cache_name(version)
        except StateError:
            # Without a cache the next start takes some milliseconds longer, and that is all.
            return _compile(version)
        schema = _read_cache(path, version)
        if schema is None:
            schema = _compile(version)
            with suppress(StateError):
                _write_cache(path, schema)
        return schema


def _data() -> Traversable:
    """The folder of the package's exports."""
    return resources.files(_PACKAGE) / "ocsf"


@cache
def _packaged() -> Mapping[Version, str]:
    """The versions that the package carries, oldest first, with the way it spells them."""
    found: dict[Version, str] = {}
    for file in _data().iterdir():
        name = file.name.removesuffix(".json")
        version = Version.parse(name)
        if version is not None and name != file.name:
            found[version] = name
    return dict(sorted(found.items()))


def _compile(version: str) -> Schema:
    return compile_export((_data() / f"{version}.json").read_bytes())


def _cache_name(version: str) -> str:
    """Named after all that its content depends on, so that a cached schema is never stale."""
    return f"ocsf-{version}-{metadata.version(_DISTRIBUTION)}-{_CACHE_FORMAT}.msgpack"


def _read_cache(path: Path, version: str) -> Schema | None:
    """The schema that *path* holds; None when there is no such file, or not one that we wrote."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    digest, packed = content[:_DIGEST_BYTES], content[_DIGEST_BYTES:]
    if hashlib.sha256(packed).digest() != digest:
        return None
    try:
        schema = _DECODER.decode(packed)
    except msgspec.DecodeError:
        return None
    return schema if schema.version == version else None


def _write_cache(path: Path, schema: Schema) -> None:
    """Write the cache file. Raises `StateError`."""
    packed = _ENCODER.encode(schema)
    with atomic_write(path) as file:
        file.write(hashlib.sha256(packed).digest() + packed)
