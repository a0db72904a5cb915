"""Where schemas come from: the `ocsf-json-schema` package's data files, and files that the user added.

An added file takes the place of a packaged one of the same version. Both are compacted into a cache of ours. Only the
package's JSON is read. Its own loader is left alone: it prefers a pickle that lies beside the JSON.
"""

from __future__ import annotations

import difflib
import hashlib
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, cached_property, lru_cache
from importlib import metadata, resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

import msgspec

from console import paths
from console.display import safe_text
from console.errors import BadInput, StateError
from console.ocsf.compile import compile_export, extensions_in
from console.ocsf.schema import Schema
from console.ocsf.versions import LONGEST, Version

_DISTRIBUTION: Final = "ocsf-json-schema"
_PACKAGE: Final = "ocsf_json_schema"
_SUFFIX: Final = ".json"

_CACHE_FORMAT: Final = 2
"""To be raised whenever `console.ocsf.schema` or what `compile_export` makes of an export changes."""
_DIGEST_BYTES: Final = hashlib.sha256().digest_size
_DECODER: Final = msgspec.msgpack.Decoder(Schema)
_ENCODER: Final = msgspec.msgpack.Encoder()

_DECLARATIONS: Final = 1_024
"""Declared versions of which it is remembered what validates them. A file may hold as many as it has records."""


class Origin(StrEnum):
    """How a schema came to be known."""

    PACKAGED = "packaged"
    ADDED = "added"
    IN_PLACE = "added in place of packaged"


@dataclass(frozen=True, slots=True)
class Source:
    """Where the schema of one version comes from."""

    version: str
    """As text, without build metadata."""
    origin: Origin
    file: Traversable
    """The export."""


class SchemaStore:
    """Gives the schema of each known version. Each is read once per process.

    Which versions there are is looked up once as well: what is added later, a new store knows.
    """

    def __init__(self, cache_dir: Path | None, added_dir: Path | None = None) -> None:
        """*cache_dir* may not exist yet, and it is no fault when it can't be written; None does without.

        *added_dir* is the folder of the files that the user added. It may not exist; None knows the packaged alone.
        """
        self.cache_dir = cache_dir
        self.added_dir = added_dir
        self._loaded: dict[str, Schema] = {}
        self._nearest = lru_cache(_DECLARATIONS)(self._find_nearest)

    def versions(self) -> Sequence[str]:
        """The known versions, oldest first. Raises `StateError` when the added ones can't be looked up."""
        return tuple(source.version for source in self._index.values())

    def source(self, version: str) -> Source:
        """Where the schema of one of `versions` comes from. Raises `BadInput` for any other."""
        parsed = Version.parse(version)
        source = None if parsed is None else self._index.get(parsed)
        if source is None:
            near = [self.resolve(version)] if parsed else difflib.get_close_matches(version, self.versions(), n=1)
            raise BadInput(
                f"OCSF version {safe_text(version, width=40)} is not known."
                + "".join(f" The nearest is {one}." for one in near),
                hint=f"Known are {', '.join(self.versions())}. For others, see `ocsf-console schema add --help`.",
            )
        return source

    def get(self, version: str) -> Schema:
        """The schema of one of `versions`. Raises `BadInput` for any other, and for an added one that is damaged."""
        schema = self._loaded.get(version)
        if schema is None:
            schema = self._loaded[version] = self._load(self.source(version))
        return schema

    def extensions(self, version: str) -> frozenset[str]:
        """The names of the extensions in one of `versions`. Reads the whole export each time. Raises like `get`."""
        return extensions_in(_read(self.source(version)))

    def resolve(self, declared: object) -> str:
        """Which version validates a record that declares *declared* in its `metadata.version`.

        - a known version: itself;
        - a version between known ones, such as `1.5.3` or `1.6.0-dev`: the nearest known one below it;
        - a newer one than all: the newest known;
        - an older one than all: the oldest known;
        - nothing, or something that is no version: the newest known.
        """
        # A record may declare whatever it likes: only text can be a version, and no long one is remembered.
        if isinstance(declared, str) and len(declared) <= LONGEST:
            return self._nearest(declared)
        return self._newest

    def _find_nearest(self, declared: str) -> str:
        version = Version.parse(declared)
        if version is None:
            return self._newest
        known = tuple(self._index)
        return self._index[known[max(bisect_right(known, version) - 1, 0)]].version

    @cached_property
    def _newest(self) -> str:
        return self.versions()[-1]

    @cached_property
    def _index(self) -> Mapping[Version, Source]:
        """Every known version, oldest first."""
        packaged = _packaged()
        known = dict(packaged)
        for version, file in _added(self.added_dir).items():
            origin = Origin.IN_PLACE if version in packaged else Origin.ADDED
            known[version] = Source(str(version), origin, file)
        return dict(sorted(known.items()))

    def _load(self, source: Source) -> Schema:
        # What the package holds is known by the package's version; what was added, by its content alone.
        raw = None if source.origin is Origin.PACKAGED else _read(source)
        path = self._cache_path(_cache_name(source, raw))
        schema = None if path is None else _read_cache(path, source.version)
        if schema is None:
            schema = _compile(source, _read(source) if raw is None else raw)
            if path is not None:
                with suppress(StateError):
                    _write_cache(path, schema)
        return schema

    def _cache_path(self, name: str) -> Path | None:
        """Where in the cache a file of that name is; None when there is no cache that is ours."""
        if self.cache_dir is None:
            return None
        try:
            return paths.private_dir(self.cache_dir) / name
        except StateError:
            # Without a cache the next start takes some milliseconds longer, and that is all.
            return None


def user_store() -> SchemaStore:
    """A store over the folders of this user."""
    return SchemaStore(paths.cache_dir() / "schemas", added_folder())


def added_folder() -> Path:
    """The folder of the files that this user added. It may not exist."""
    return paths.data_dir() / "schemas"


def added_file(folder: Path, version: str) -> Path:
    """Where in the folder of added files the one of a version is: there is one per version, named after it."""
    return folder / f"{version}{_SUFFIX}"


def _added(folder: Path | None) -> Mapping[Version, Traversable]:
    """The added files. Raises `StateError` when strangers might have put them there."""
    try:
        if folder is None or not folder.is_dir():
            return {}
        return _versions_in(paths.private_dir(folder))
    except OSError as error:
        raise StateError(f"The folder of added schemas, {folder}, can't be read: {error.strerror}.") from error


@cache
def _packaged() -> Mapping[Version, Source]:
    """The versions that the package carries."""
    found = _versions_in(resources.files(_PACKAGE) / "ocsf")
    return {version: Source(str(version), Origin.PACKAGED, file) for version, file in found.items()}


def _versions_in(folder: Traversable) -> dict[Version, Traversable]:
    """The files of a folder that are named after a version: `1.5.0.json`."""
    found: dict[Version, Traversable] = {}
    for file in folder.iterdir():
        name = file.name.removesuffix(_SUFFIX)
        version = Version.parse(name)
        if version is not None and file.name == f"{version}{_SUFFIX}":
            found[version] = file
    return found


def _read(source: Source) -> bytes:
    """The bytes of an export. Raises `StateError`."""
    try:
        return source.file.read_bytes()
    except OSError as error:
        raise StateError(f"The schema {source.file} can't be read: {error.strerror}.") from error


def _compile(source: Source, raw: bytes) -> Schema:
    """The schema that an export holds. Raises `BadInput` when it is not, or no longer, the one that was added."""
    try:
        schema = compile_export(raw)
    except BadInput as error:
        raise _damaged(source, error.message) from error
    if schema.version != source.version:
        raise _damaged(source, f"It holds OCSF {safe_text(schema.version, width=40)}.")
    return schema


def _damaged(source: Source, reason: str) -> BadInput:
    return BadInput(
        f"The added schema {source.version} can't be used: {reason}",
        hint=f"Remove it (`ocsf-console schema remove {source.version}`), or add it again with --replace.",
    )


def _cache_name(source: Source, raw: bytes | None) -> str:
    """Named after all that its content depends on, so that a cached schema is never stale."""
    if raw is None:
        return f"ocsf-{source.version}-{metadata.version(_DISTRIBUTION)}-{_CACHE_FORMAT}.msgpack"
    return f"added-{hashlib.sha256(raw).hexdigest()}-{_CACHE_FORMAT}.msgpack"


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
    with paths.atomic_write(path) as file:
        file.write(hashlib.sha256(packed).digest() + packed)
