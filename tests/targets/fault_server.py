"""A server that misbehaves on purpose, on real sockets: each test says what it does with a connection."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

PATIENCE = 10.0
"""Seconds after which a socket of a server gives up: longer than any test waits."""


@dataclass(repr=False)
class Received:
    """A request as it came over the wire. Not shown in tracebacks: tests look for secrets there."""

    line: str = ""
    headers: dict[str, list[str]] = field(default_factory=dict)
    """By name in lower case."""
    body: bytes = b""

    def header(self, name: str) -> str:
        """The only header of that name."""
        [value] = self.headers[name]
        return value


class Connection:
    """One connection of a client, in the hands of a behaviour."""

    def __init__(self, sock: socket.socket, stopping: threading.Event) -> None:
        self.sock = sock
        self.stopping = stopping
        self.request = Received()
        self._buffer = b""

    def read_head(self) -> None:
        """Take the request's line and headers."""
        while b"\r\n\r\n" not in self._buffer:
            self._buffer += self._some()
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        self.request.line, *lines = head.decode("latin-1").split("\r\n")
        for line in lines:
            name, _, value = line.partition(":")
            self.request.headers.setdefault(name.lower(), []).append(value.strip())

    def read_all(self) -> None:
        """Take the whole request, as its Content-Length says."""
        self.read_head()
        length = int(self.request.headers.get("content-length", ["0"])[0])
        while len(self._buffer) < length:
            self._buffer += self._some()
        self.request.body = self._buffer[:length]

    def send(self, data: bytes) -> None:
        """Send these bytes."""
        self.sock.sendall(data)

    def drain(self) -> None:
        """Take and forget what comes until the client stops."""
        while self.sock.recv(1_000_000):
            pass

    def reset(self) -> None:
        """Close with an RST, as a crashed server does."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        self.sock.close()

    def drip(self, data: bytes, every: float) -> None:
        """Send a byte at a time, until the client goes away or the test ends."""
        for byte in data:
            if self.stopping.wait(every):
                return
            self.send(bytes([byte]))

    def hang(self) -> None:
        """Do nothing until the test ends."""
        self.stopping.wait(PATIENCE)

    def _some(self) -> bytes:
        data = self.sock.recv(65_536)
        if not data:
            raise ConnectionError("the client went away")
        return data


Behaviour = Callable[[Connection], None]


@dataclass
class FaultServer:
    """A server that runs. What it got is in `requests`, in order."""

    port: int
    scheme: str
    requests: list[Received]

    @property
    def url(self) -> str:
        """Its base URL."""
        return f"{self.scheme}://127.0.0.1:{self.port}"


@contextmanager
def serving(behave: Behaviour, tls: ssl.SSLContext | None = None) -> Iterator[FaultServer]:
    """Serve while the context lasts, one connection after the other."""
    stopping = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = FaultServer(listener.getsockname()[1], "https" if tls else "http", [])
        thread = threading.Thread(target=_serve, args=(listener, behave, tls, stopping, server), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            stopping.set()
            # Wakes the thread that waits in accept.
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(PATIENCE)
    assert not thread.is_alive(), "a behaviour did not end"


def _serve(
    listener: socket.socket,
    behave: Behaviour,
    tls: ssl.SSLContext | None,
    stopping: threading.Event,
    server: FaultServer,
) -> None:
    while not stopping.is_set():
        try:
            sock, _ = listener.accept()
        except OSError:
            return
        sock.settimeout(PATIENCE)
        try:
            with tls.wrap_socket(sock, server_side=True) if tls else sock as ready:
                connection = Connection(ready, stopping)
                server.requests.append(connection.request)
                behave(connection)
        except OSError:
            # The client went away, which is what many of these tests make it do.
            sock.close()


def answering(status: str, body: bytes = b"", *headers: str, media_type: str = "application/vnd.api+json") -> Behaviour:
    """A server that takes the whole request and answers this, with a right Content-Length."""

    def behave(connection: Connection) -> None:
        connection.read_all()
        connection.send(answer(status, body, *headers, media_type=media_type))

    return behave


def answer(status: str, body: bytes = b"", *headers: str, media_type: str = "application/vnd.api+json") -> bytes:
    """A whole HTTP answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {media_type}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
