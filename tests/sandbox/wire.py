"""Speaking to a server over a bare socket, for what no client library would send or bear."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

PATIENCE = 20.0
"""Seconds that a test waits for a server before it fails."""


@contextmanager
def connected(url: str) -> Iterator[socket.socket]:
    """A connection to the server at *url*."""
    parts = urlsplit(url)
    assert parts.hostname is not None
    assert parts.port is not None
    with socket.create_connection((parts.hostname, parts.port), PATIENCE) as sock:
        yield sock


def read_to_the_end(sock: socket.socket) -> bytes:
    """What the server sends until it closes."""
    received = b""
    while piece := sock.recv(65_536):
        received += piece
    return received


def talk(url: str, sent: bytes, *, and_stop: bool = False) -> bytes:
    """Send these bytes, and read what the server says until it closes. With *and_stop*, say that no more will come."""
    with connected(url) as sock:
        sock.sendall(sent)
        if and_stop:
            sock.shutdown(socket.SHUT_WR)
        return read_to_the_end(sock)


def was_reset(sock: socket.socket) -> bool:
    """Whether the server resets the connection, rather than close it."""
    try:
        return not read_to_the_end(sock) and False
    except ConnectionResetError:
        return True
