"""Real keyrings to test against: a Secret Service of one's own, and a D-Bus that never answers.

Run as a module (`python -m tests.keyrings ACTION …`) this is the other process, the one that uses the keyring.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from console.credentials import Credentials, Secret, Slot
from console.errors import KeyringUnavailable

ROOT = Path(__file__).resolve().parents[1]
ORIGIN = "https://api.example.com"
API_KEY = Slot("api_key", "Prowler API key", ("PROWLER_CLOUD_API_KEY", "PROWLER_API_KEY"))
PATIENCE = 20
"""Seconds after which another process is taken to hang."""


@dataclass(frozen=True)
class Ran:
    """What the other process did."""

    answer: dict[str, str]
    """What it found out, as it printed it."""
    output: str
    """All that it wrote, stderr and debugging log included."""
    seconds: float


class SecretService:
    """A home of its own with a gnome-keyring in it. Each `run` is a new D-Bus session and a new daemon."""

    def __init__(self, home: Path) -> None:
        runtime = home / "run"
        runtime.mkdir(mode=0o700)
        self._environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "XDG_RUNTIME_DIR": str(runtime),
            "PYTHONUTF8": "1",
        }

    def run(self, *action: str, password: str | None) -> Ran:
        """Do an action of this module in a session whose keyring *password* opens. None leaves it locked."""
        unlock = "gnome-keyring-daemon --unlock --components=secrets >&2; " if password is not None else ""
        script = f'{unlock}exec "$@" </dev/null'
        return _run(
            ["dbus-run-session", "--", "sh", "-c", script, "sh", sys.executable, "-m", "tests.keyrings", *action],
            self._environ,
            password or "",
        )


@contextmanager
def secret_service() -> Iterator[SecretService]:
    """A Secret Service that ends with the block. Its folder has a short name: paths of sockets are limited."""
    with tempfile.TemporaryDirectory(prefix="keyring-") as home:
        yield SecretService(Path(home))


def missing_programs() -> list[str]:
    """The programs that `secret_service` needs and that this machine lacks."""
    return [name for name in ("dbus-run-session", "gnome-keyring-daemon") if shutil.which(name) is None]


def run(*action: str, home: Path, bus: str | None = None) -> Ran:
    """Do an action of this module in a process whose D-Bus session is at *bus*, or that has none."""
    environ = {"PATH": os.environ["PATH"], "HOME": str(home)}
    if bus is not None:
        environ["DBUS_SESSION_BUS_ADDRESS"] = bus
    return _run([sys.executable, "-m", "tests.keyrings", *action], environ, "")


def _run(command: list[str], environ: dict[str, str], given: str) -> Ran:
    began = time.monotonic()
    done = subprocess.run(
        command, input=given, env=environ, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    seconds = time.monotonic() - began
    output = done.stdout + done.stderr
    assert done.returncode == 0, output
    return Ran(json.loads(done.stdout.splitlines()[-1]), output, seconds)


@contextmanager
def silent_bus() -> Iterator[str]:
    """A D-Bus that lets a client in and then says nothing for ever. Yields its address."""
    with tempfile.TemporaryDirectory(prefix="bus-") as folder, socket.socket(socket.AF_UNIX) as server:
        path = str(Path(folder) / "bus")
        server.bind(path)
        server.listen()
        clients: list[socket.socket] = []
        thread = threading.Thread(target=_let_in, args=(server, clients))
        thread.start()
        try:
            yield f"unix:path={path}"
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()
            for client in clients:
                client.close()


def _let_in(server: socket.socket, clients: list[socket.socket]) -> None:
    """Answer the handshake of D-Bus (its specification, "Authentication Protocol") and nothing after it."""
    while True:
        try:
            client, _ = server.accept()
        except OSError:  # the server was shut down
            return
        clients.append(client)
        if client.recv(1024):
            client.sendall(b"OK 0123456789abcdef0123456789abcdef\r\n")


# --- the other process -------------------------------------------------------------------------------------------


def _store(origin: str, secret: str) -> dict[str, str]:
    try:
        return {"stored": Credentials().store("prowler", origin, API_KEY, Secret(secret))}
    except KeyringUnavailable as error:
        return {"error": str(error)}


def _find(origin: str) -> dict[str, str]:
    found = Credentials().find("prowler", origin, API_KEY)
    fingerprint = found.secret.fingerprint() if found.secret else ""
    return {"source": found.source, "fingerprint": fingerprint, "detail": found.detail}


def _forget(origin: str) -> dict[str, str]:
    try:
        return {"forgotten": " ".join(Credentials().forget("prowler", origin, API_KEY))}
    except KeyringUnavailable as error:
        return {"error": str(error)}


def _state() -> dict[str, str]:
    state = Credentials().backend()
    return {"name": state.name, "usable": str(state.usable), "reason": state.reason}


def _wait(origin: str) -> dict[str, str]:
    """Look up twice in a keyring that may not answer, with little patience."""
    credentials = Credentials(timeout=0.5)
    first = credentials.find("prowler", origin, API_KEY)
    began = time.monotonic()
    second = credentials.find("prowler", origin, API_KEY)
    return {"first": first.detail, "second": second.detail, "second_took": str(time.monotonic() - began)}


def _freeze(origin: str, secret: str) -> dict[str, str]:
    """Stop the daemon in its tracks, as a prompt that nobody answers would, look up, and let it go on."""
    credentials = Credentials(timeout=0.5)
    credentials.store("prowler", origin, API_KEY, Secret(secret))
    daemon = _daemon()
    os.kill(daemon, signal.SIGSTOP)
    try:
        frozen = credentials.find("prowler", origin, API_KEY)
    finally:
        os.kill(daemon, signal.SIGCONT)
    deadline = time.monotonic() + PATIENCE / 2
    thawed = credentials.find("prowler", origin, API_KEY)
    while thawed.secret is None and time.monotonic() < deadline:
        thawed = credentials.find("prowler", origin, API_KEY)
    return {"frozen": frozen.source, "detail": frozen.detail, "thawed": thawed.source}


def _daemon() -> int:
    """The process that serves the Secret Service of this session."""
    # jeepney, through which Python reaches D-Bus on Linux, is absent elsewhere and publishes no types.
    from jeepney.bus_messages import message_bus  # type: ignore[import-untyped]
    from jeepney.io.blocking import Proxy, open_dbus_connection  # type: ignore[import-untyped]

    with open_dbus_connection() as connection:
        (process,) = Proxy(message_bus, connection).GetConnectionUnixProcessID("org.freedesktop.secrets")
    return int(process)


_ACTIONS: Final[Mapping[str, Callable[..., dict[str, str]]]] = {
    "store": _store,
    "find": _find,
    "forget": _forget,
    "state": _state,
    "wait": _wait,
    "freeze": _freeze,
}


def main(action: str, *arguments: str) -> None:
    """Do one action, log everything, and print what came of it as the last line of stdout."""
    logging.basicConfig(level=logging.DEBUG)
    sys.stdout.write(json.dumps(_ACTIONS[action](*arguments)) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
