"""Where our own files live, and how they are written.

Directories are 0700 and files 0600, whatever the umask. A file is replaced whole or not at all.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import platformdirs

from console.errors import StateError

APP = "ocsf-console"
CONFIG_VARIABLE = "OCSF_CONSOLE_CONFIG"
STATE_VARIABLE = "OCSF_CONSOLE_STATE_DIR"


def config_file() -> Path:
    """The configuration file: `$OCSF_CONSOLE_CONFIG`, else the platform's configuration folder. It may not exist."""
    named = os.environ.get(CONFIG_VARIABLE)
    return Path(named).expanduser() if named else platformdirs.user_config_path(APP) / "config.toml"


def state_dir() -> Path:
    """The folder of the ledger and the spool: `$OCSF_CONSOLE_STATE_DIR`, else the platform's. Made private."""
    named = os.environ.get(STATE_VARIABLE)
    return private_dir(Path(named).expanduser() if named else platformdirs.user_state_path(APP))


def cache_dir() -> Path:
    """The folder of what can be made again, such as compacted schemas. Made private."""
    return private_dir(platformdirs.user_cache_path(APP))


def private_dir(path: Path) -> Path:
    """Make *path* a directory that only its owner can enter. Raises `StateError`."""
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        if path.stat().st_mode & 0o077:
            path.chmod(0o700)
    except OSError as error:
        raise StateError(
            f"The folder {path} can't be made private: {error.strerror}.",
            hint=f"Name another one in {STATE_VARIABLE}.",
        ) from error
    return path


@contextmanager
def atomic_write(path: Path) -> Iterator[IO[bytes]]:
    """Write *path* whole or not at all: a temporary file beside it, synced, then put in its place.

    On any exception the old file stays as it was and the temporary one is removed. Raises `StateError` when the disk
    refuses.
    """
    try:
        # mkstemp makes the file 0600 whatever the umask.
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".new")
    except OSError as error:
        raise StateError(f"{path} can't be written: {error.strerror}.") from error
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        sync_dir(path.parent)
    except OSError as error:
        raise StateError(f"{path} can't be written: {error.strerror}.") from error
    finally:
        temporary.unlink(missing_ok=True)


def sync_dir(path: Path) -> None:
    """Make a rename inside *path* durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
