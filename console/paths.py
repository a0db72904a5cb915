"""Where our own files live, and how they are written.

What we make only its owner can enter or read: directories are 0700 and files 0600. What was there before us keeps its
mode. A file is replaced whole or not at all.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final

import platformdirs

from console.errors import BadInput, StateError

APP = "ocsf-console"
CONFIG_VARIABLE = "OCSF_CONSOLE_CONFIG"
STATE_VARIABLE = "OCSF_CONSOLE_STATE_DIR"
_ANOTHER: Final = f"Name another folder ({STATE_VARIABLE} names that of the ledger), or see to what stands in its way."
_HINT: Final = f"Name another folder ({STATE_VARIABLE} names that of the ledger), or make this one yours alone."


def config_file() -> Path:
    """The configuration file: `$OCSF_CONSOLE_CONFIG`, else the platform's configuration folder. It may not exist."""
    named = os.environ.get(CONFIG_VARIABLE)
    return Path(named).expanduser() if named else platformdirs.user_config_path(APP) / "config.toml"


def state_path() -> Path:
    """Where `state_dir` is, or would be. Makes nothing."""
    named = os.environ.get(STATE_VARIABLE)
    return Path(named).expanduser() if named else platformdirs.user_state_path(APP)


def state_dir() -> Path:
    """The folder of the ledger and the spool: `$OCSF_CONSOLE_STATE_DIR`, else the platform's. Made private."""
    return private_dir(state_path())


def cache_dir() -> Path:
    """The folder of what can be made again, such as compacted schemas. It may not exist, nor be writable."""
    return platformdirs.user_cache_path(APP)


def data_dir() -> Path:
    """The folder of what the user gave us to keep, such as added schemas. It may not exist."""
    return platformdirs.user_data_path(APP)


def is_there(path: Path) -> bool:
    """Whether anything has that name. A name that nothing can have, such as one that is too long, is no error."""
    try:
        return path.exists()
    except OSError:
        return False


def is_folder(path: Path) -> bool:
    """Whether it is a folder. A name that nothing can have, such as one that is too long, is no error."""
    return is_there(path) and path.is_dir()


def private_dir(path: Path) -> Path:
    """Make *path* a directory that nobody else can write to: 0700 where it is new.

    One that is there is left as it is, since it may be the user's own. Raises `StateError` when it belongs to somebody
    else or anybody may write to it: strangers could put files in the place of ours. Its group may, since a umask of
    002 makes such folders everywhere.
    """
    ensure_dir(path)
    found = path.stat()
    if found.st_uid != os.geteuid():
        raise StateError(f"The folder {path} belongs to another user.", hint=_HINT)
    if found.st_mode & 0o002:
        raise StateError(f"Anybody can write to the folder {path}.", hint=_HINT)
    return path


def ensure_dir(path: Path) -> Path:
    """Make *path* and whatever is missing above it, each 0700; what is there is left as it is. Raises `StateError`."""
    for folder in (*reversed(path.parents), path):
        if folder.is_dir():
            continue
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise StateError(f"The folder {folder} can't be made: {error.strerror}.", hint=_ANOTHER) from error
    return path


def write_whole(path: Path, data: bytes) -> None:
    """Write a file of ours, readable by its owner only, in a folder that is made where it is missing.

    Raises `StateError`.
    """
    ensure_dir(path.parent)
    with atomic_write(path) as file:
        file.write(data)


@contextmanager
def atomic_write(path: Path, mode: int = 0o600) -> Iterator[IO[bytes]]:
    """Write *path* whole or not at all: a temporary file beside it, synced, then put in its place.

    *mode* is that of the file; the umask takes bits away from it, as from any new file. On any exception the old file
    stays as it was and the temporary one is removed. Raises `StateError` when the disk refuses.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.new")
    try:
        descriptor = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode)
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        sync_dir(path.parent)
    except OSError as error:
        raise StateError(f"{path} can't be written: {error.strerror}.") from error
    finally:
        # Where it could not be made it can't be removed: what went wrong is known by then.
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


@contextmanager
def new_file(path: Path, mode: int = 0o600) -> Iterator[IO[bytes]]:
    """Write a file that is not there yet, whole or not at all; otherwise as `atomic_write`.

    Its name is taken first, so that nothing that comes to be there meanwhile is written over. Raises `BadInput` when
    the name is taken already.
    """
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode))
    except FileExistsError as error:
        raise BadInput(f"{path} is there already, and stays as it is.", hint="Choose another name.") from error
    except OSError as error:
        raise StateError(f"{path} can't be written: {error.strerror}.") from error
    try:
        with atomic_write(path, mode) as file:
            yield file
    except BaseException:
        with suppress(OSError):
            path.unlink(missing_ok=True)
        raise


def sync_dir(path: Path) -> None:
    """Make a rename inside *path* durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def lock_holders(path: Path, locks: Path = Path("/proc/locks")) -> list[int]:
    """The other processes that hold a lock on a file; none when nobody tells. *locks* is Linux's list: see proc(5)."""
    try:
        there = path.stat()
        lines = locks.read_text().splitlines()
    except OSError:
        return []
    wanted = f"{os.major(there.st_dev):02x}:{os.minor(there.st_dev):02x}:{there.st_ino}"
    # Those that wait for a lock have an arrow in the second column.
    held = [words for line in lines if len(words := line.split()) > 5 and words[5] == wanted]
    return sorted({int(words[4]) for words in held} - {os.getpid()})


_NETWORK: Final = ("nfs", "cifs", "smb", "9p", "afs", "ceph", "glusterfs", "lustre", "fuse.sshfs", "fuse.glusterfs")


def network_file_system(folder: Path, mounts: Path = Path("/proc/self/mountinfo")) -> str:
    """The kind of network file system that *folder* is on; empty when it is on none, or when nobody tells.

    Locks there do not hold between machines. *mounts* is the system's list of them (Linux; see proc(5)).
    """
    device = folder.stat().st_dev
    wanted = f"{os.major(device)}:{os.minor(device)}"
    try:
        lines = mounts.read_text(errors="surrogateescape").splitlines()
    except OSError:
        return ""
    for line in lines:
        mount, _, system = line.partition(" - ")
        kind = system.split(" ", 1)[0]
        if mount.split(" ")[2:3] == [wanted] and kind.startswith(_NETWORK):
            return kind
    return ""
