"""A request that got no answer: how far it came, what that proves, and how to say it."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

import httpx

from console.display import safe_text
from console.errors import TargetUnavailable

CA_VARIABLE: Final = "SSL_CERT_FILE"
CA_VARIABLES: Final = (CA_VARIABLE, "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
"""Those that may name further authorities, the first that is set: the last two as Prowler's own client reads them."""
"""Names a file of certificates to trust in addition, for networks with an authority of their own."""


class Stage(StrEnum):
    """How far a request that failed had come."""

    ADDRESS = "address"
    """No connection: name, network, port or proxy."""
    TLS = "tls"
    """Connected, but the server is not trusted."""
    EXCHANGE = "exchange"
    """Connected and trusted, but no answer came."""


class RequestFailed(TargetUnavailable):
    """A request got no answer."""

    def __init__(self, message: str, *, stage: Stage, handed_over: bool, hint: str = "", passing: bool = True) -> None:
        super().__init__(message, hint=hint)
        self.stage = stage
        self.handed_over = handed_over
        """Whether the last byte of the request had been given to the network: only then can it have been obeyed."""
        self.passing = passing
        """Whether it may go by itself. Not where a certificate or a proxy must be set right first."""


def request_failed(error: Exception, origin: str, *, hop: str, handed_over: bool, asks: bool) -> RequestFailed:
    """Say what an exception of the network means. Its own text is not quoted: it may hold what we sent.

    *hop* is the host that was being connected to: that of the origin, or a proxy. A request that only *asks* has
    nothing to hand over that could be too large.
    """
    chain = list(_causes(error))
    whom = origin if hop in ("", urlsplit(origin).hostname) else f"The proxy {safe_text(hop, width=200)}"
    if isinstance(error, httpx.ConnectError):
        untrusted = next((cause for cause in chain if isinstance(cause, ssl.SSLError)), None)
        if untrusted is not None:
            return _untrusted(origin, untrusted)
        unknown_name = any(isinstance(cause, socket.gaierror) for cause in chain)
        reason = "its name can't be resolved" if unknown_name else "nothing answers there"
        return _unreachable(f"{whom} could not be reached: {reason}.")
    if isinstance(error, httpx.ConnectTimeout):
        return _unreachable(f"{whom} could not be reached in time.")
    if isinstance(error, httpx.ProxyError):
        return _unreachable(f"The proxy did not let us through to {origin}.", passing=False)
    return _no_answer(error, origin, handed_over=handed_over, asks=asks)


def proxy_unusable() -> RequestFailed:
    """The proxy variables can't be obeyed. They are not quoted: the address of a proxy may hold its password."""
    return _unreachable(
        "The proxy that the environment names can't be used: only http:// and https:// ones can.", passing=False
    )


def ca_file_unusable(variable: str, path: str, reason: str) -> RequestFailed:
    """The certificates that the environment names can't be read, so no server can be believed."""
    return RequestFailed(
        f"{variable} names {safe_text(path, width=200)}, which can't be used: {reason}.",
        hint=f"Point {variable} to a PEM file of trusted authorities, or unset it.",
        stage=Stage.TLS,
        handed_over=False,
        passing=False,
    )


def _unreachable(message: str, *, passing: bool = True) -> RequestFailed:
    """No connection could be made."""
    return RequestFailed(
        message,
        hint=(
            "Check the base URL (or region and endpoint), the network, the firewall, and the proxy settings"
            " (HTTPS_PROXY, NO_PROXY)."
        ),
        stage=Stage.ADDRESS,
        handed_over=False,
        passing=passing,
    )


def _untrusted(origin: str, error: ssl.SSLError) -> RequestFailed:
    """A server that can't prove who it is, or that speaks no TLS we accept."""
    reason = error.verify_message if isinstance(error, ssl.SSLCertVerificationError) else error.reason
    return RequestFailed(
        f"{origin} is not trusted: {safe_text(reason or 'TLS failed', width=200).rstrip('.')}.",
        hint="Check the host name and the clock. Where a proxy or the server has a certificate authority of its own, "
        f"add it to the operating system's store or name its file in {CA_VARIABLE}.",
        stage=Stage.TLS,
        handed_over=False,
        passing=False,
    )


def _no_answer(error: Exception, origin: str, *, handed_over: bool, asks: bool) -> RequestFailed:
    """A connection that was made, and then failed."""
    late = isinstance(error, (TimeoutError, httpx.TimeoutException))
    if late:
        reason = "did not answer in time" if handed_over or asks else "did not take the request in time"
    elif isinstance(error, httpx.RemoteProtocolError):
        reason = "closed the connection without an answer, or answered something that is not HTTP"
    else:
        reason = "broke the connection off"
    hint = "Try again later; if it stays so, look for a proxy or a firewall on the way."
    if asks and late:
        hint += " One that is merely slow gets more time by limits.request_seconds in the configuration."
    elif not asks and not handed_over:
        hint += " A server that finds a request too large may break it off, too."
    return RequestFailed(
        f"{origin} {reason}.",
        hint=hint,
        stage=Stage.EXCHANGE,
        handed_over=handed_over,
    )


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An exception and what led to it."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
