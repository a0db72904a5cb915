"""Our one way to talk HTTP to a target, over httpx: what it refuses, how long it waits, and what a failure proves.

httpx knows the wire well; the promises that matter here are ours. Redirects are never followed, because findings and
keys would go along. A request has one deadline for all of it, where httpx would wait for ever on a server that drips.
An answer has a size limit. Secrets are put on a request when it is sent, and taken out of what comes back.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import AsyncGenerator, Generator, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Final

import httpx

from console import __version__
from console.credentials import Secret
from console.targets.failures import proxy_unusable, request_failed
from console.targets.origin import origin_of_redirect, usable_base_url
from console.targets.retry_after import http_date, retry_after
from console.targets.trust import tls_context
from console.urls import origin_of

ANSWER_LIMIT: Final = 8 * 1024**2
"""Bytes of an answer that are read."""
CONNECT_SECONDS: Final = 10.0
"""Time to reach a server and agree on TLS."""
_REDACTED: Final = b"***"
_SECRET_PART: Final = 16
"""Characters from which on a part of a secret, between dots, is a secret by itself."""


@dataclass(frozen=True, slots=True)
class Response:
    """What a server answered, as far as it was read. All text in it is foreign; secrets of ours are taken out."""

    status: int
    media_type: str
    """In lower case and without parameters; empty when the server named none."""
    body: bytes = field(repr=False)
    """Not shown: what gives tokens out answers with a secret."""
    whole: bool
    """False when the body was cut short, was too long, came too slowly, or came in an encoding we did not ask for."""
    handed_over: bool
    """Whether the whole request had been given to the network before this came."""
    retry_after: float | None
    """Seconds that the server asks us to wait."""
    transaction: str
    """The identifier by which the server's support finds the request; empty when it gave none."""
    redirect: str
    """The origin that a redirect points to; empty when there is none."""
    address: str
    """The address that we were connected to: the server's, or a proxy's."""
    tls: str
    """The version of TLS, or empty on an unencrypted connection."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """All headers, by their names in lower case."""


@dataclass(frozen=True, slots=True)
class Upload:
    """The body of a request, made while it is sent. Use it once."""

    content_type: str
    length: int
    """Bytes of all pieces together. They must add up to it, or raise before the last one."""
    pieces: AsyncGenerator[bytes, None]


class SecretHeaders(httpx.Auth):
    """Puts headers on a request at the moment of sending, and takes the *secrets* in them out of what comes back."""

    def __init__(self, headers: Mapping[str, Secret], secrets: Sequence[Secret]) -> None:
        self._headers = headers
        self._secrets = secrets

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Called by httpx."""
        for name, value in self._headers.items():
            request.headers[name] = value.reveal()
        yield request

    def redact(self, text: bytes) -> bytes:
        """Take each secret, and any long part of it, out of what a server echoes. JSON may write a slash as `\\/`."""
        for secret in self._secrets:
            whole = secret.reveal()
            for part in (whole, *(part for part in whole.split(".") if len(part) >= _SECRET_PART)):
                for form in (part, part.replace("/", "\\/")):
                    text = text.replace(form.encode(), _REDACTED) if form else text
        return text


class SecretHeader(SecretHeaders):
    """Puts one secret into a header: nothing else ever holds it next to a request.

    *also* names what the header was made from, to be taken out of what comes back as well.
    """

    def __init__(self, name: str, prefix: str, secret: Secret, also: Sequence[Secret] = ()) -> None:
        super().__init__({name: Secret(prefix + secret.reveal())}, [secret, *also])


class Http:
    """The way to one server. Made without any network; `close` it when done.

    *base_url* may be https, or http for this machine only. Raises `BadConfig` for any other.
    """

    def __init__(
        self, base_url: str, auth: SecretHeaders | None, *, accept: str, timeout: float, upload_timeout: float
    ) -> None:
        self.base_url = usable_base_url(base_url)
        self.origin = origin_of(self.base_url)
        self._auth = auth
        self._accept = accept
        self.timeout = timeout
        """Seconds that a request which asks may take, and the answer to one which sends."""
        self.upload_timeout = upload_timeout
        """Seconds that handing over a body may take."""
        self._client: httpx.AsyncClient | None = None
        self.clock_offset: float | None = None
        """How far the server's clock was last seen to be ahead of ours, in seconds, to within a second or so."""

    async def get(
        self, path: str, params: Sequence[tuple[str, str]] = (), auth: SecretHeaders | None = None
    ) -> Response:
        """Ask for something: *timeout* seconds for all of it. Raises `RequestFailed`.

        *auth* is for this request, where each needs its own.
        """
        request = self._opened().build_request("GET", self.base_url + path, params=list(params))
        return await self._run(_Exchange(self.timeout), request, self.timeout, auth or self._auth)

    async def post(
        self, path: str, upload: Upload, headers: Mapping[str, str], auth: SecretHeaders | None = None
    ) -> Response:
        """Send something: *upload_timeout* seconds to hand it over, then *timeout* for the answer.

        *auth* is for this request, where each needs its own. Raises `RequestFailed`, and what the pieces of *upload*
        raise. An answer that comes before all is handed over is returned too, where the connection lasts long enough
        to read it.
        """
        exchange = _Exchange(self.timeout)
        async with aclosing(upload.pieces), aclosing(exchange.hand_over(upload)) as content:
            sizes = {"Content-Type": upload.content_type, "Content-Length": str(upload.length)}
            request = self._opened().build_request(
                "POST", self.base_url + path, headers={**headers, **sizes}, content=content
            )
            return await self._run(exchange, request, self.upload_timeout, auth or self._auth)

    async def close(self) -> None:
        """Let go of connections."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _run(
        self, exchange: _Exchange, request: httpx.Request, seconds: float, auth: SecretHeaders | None
    ) -> Response:
        """Send a request and read its answer. A failure after the answer began leaves what was read of it."""
        try:
            head = await exchange.run(self._opened(), request, seconds, auth)
        except (httpx.HTTPError, OSError) as error:
            if exchange.head is None:
                # The cause is left out: the frames that it names hold the request, and so the secret.
                asks = request.method == "GET"
                raise request_failed(
                    error, self.origin, hop=exchange.hop, handed_over=exchange.handed_over, asks=asks
                ) from None
            head = exchange.head
        return self._response(head, exchange, auth)

    def _response(self, head: httpx.Response, exchange: _Exchange, auth: SecretHeaders | None) -> Response:
        """Keep what we need of an answer."""

        def redact(text: bytes) -> bytes:
            return auth.redact(text) if auth else text

        def clean(header: str) -> str:
            return redact(header.encode()).decode()

        location = head.extensions["location"] if head.is_redirect else ""
        if told := http_date(head.headers.get("date", "")):
            self.clock_offset = (told - datetime.now(UTC)).total_seconds()
        headers = {name.lower(): clean(value) for name, value in head.headers.items()}
        return Response(
            status=head.status_code,
            media_type=headers.get("content-type", "").partition(";")[0].strip().lower(),
            body=redact(bytes(exchange.body)),
            whole=exchange.whole,
            handed_over=exchange.handed_over,
            retry_after=_wait(head.headers),
            transaction=headers.get("transaction-id", ""),
            redirect=clean(origin_of_redirect(location, self.origin)) if location else "",
            address=exchange.address,
            tls=exchange.tls,
            headers=headers,
        )

    def _opened(self) -> httpx.AsyncClient:
        """The client, made when it is first needed: making it reads certificates and the proxy variables."""
        if self._client is None:
            # Both log what a server sends, headers and all, and a server may send our key back.
            for library in ("httpx", "httpcore"):
                logging.getLogger(library).setLevel(logging.WARNING)
            try:
                self._client = self._new_client()
            except (ValueError, ImportError, httpx.InvalidURL):
                raise proxy_unusable() from None
        return self._client

    def _new_client(self) -> httpx.AsyncClient:
        is_encrypted = self.base_url.startswith("https:")
        return httpx.AsyncClient(
            headers={
                "Accept": self._accept,
                "Accept-Encoding": "identity",
                "User-Agent": f"ocsf-console/{__version__}",
            },
            # Reading every authority takes a while. Without TLS there is nothing to verify, and nobody is trusted.
            verify=tls_context() if is_encrypted else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
            # An unencrypted request to this machine must not reach a proxy: it would read the secret.
            trust_env=is_encrypted,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            follow_redirects=False,
            event_hooks={"response": [_set_location_aside]},
            timeout=httpx.Timeout(None, connect=min(CONNECT_SECONDS, self.timeout), write=self.timeout),
            # Each request has its own connection. One that was kept may be closed by the server just when a request
            # is written to it, which leaves it unknown whether the request was obeyed. The server is not told: one
            # that refuses early would close at once, and the reset would take its answer away.
            limits=httpx.Limits(max_keepalive_connections=0),
        )


class _Exchange:
    """One request and what came of it so far. It outlives httpx's view of it, so that a failure can be judged."""

    def __init__(self, answer_seconds: float) -> None:
        self.head: httpx.Response | None = None
        self.body = bytearray()
        self.whole = False
        self.handed_over = False
        self.hop = ""
        self.address = ""
        self.tls = ""
        self._answer_seconds = answer_seconds
        self._deadline: asyncio.Timeout | None = None

    async def run(
        self, client: httpx.AsyncClient, request: httpx.Request, seconds: float, auth: httpx.Auth | None
    ) -> httpx.Response:
        """Send and read, all within *seconds*. Raises what httpx raises, and `OSError`: a `TimeoutError` is one."""
        async with AsyncExitStack() as stack:
            self._deadline = await stack.enter_async_context(asyncio.timeout(seconds))
            request.extensions["trace"] = self._trace
            self.head = await client.send(request, auth=auth, stream=True)
            stack.push_async_callback(self.head.aclose)
            self._note_connection(self.head)
            await self._collect(self.head)
            return self.head

    async def hand_over(self, upload: Upload) -> AsyncGenerator[bytes, None]:
        """Pass the pieces of a body on. From the last one on, the answer has a deadline of its own."""
        given = 0
        async for piece in upload.pieces:
            given += len(piece)
            if given >= upload.length:
                # Before the piece goes, not after: a write that fails may have delivered all of it.
                self.handed_over = True
                if self._deadline is not None:
                    self._deadline.reschedule(asyncio.get_running_loop().time() + self._answer_seconds)
            yield piece

    async def _collect(self, answer: httpx.Response) -> None:
        """Read the body, within the limit and as it is: packed bodies are neither asked for nor unpacked."""
        async for piece in answer.aiter_raw():
            self.body += piece
            if len(self.body) > ANSWER_LIMIT:
                return
        self.whole = answer.headers.get("content-encoding", "identity").lower() == "identity"

    async def _trace(self, event: str, info: Mapping[str, object]) -> None:
        """Called by httpx at each step. Remembers the host, for a failure to name the proxy if it was one."""
        if event == "connection.connect_tcp.started":
            self.hop = str(info["host"])

    def _note_connection(self, answer: httpx.Response) -> None:
        """Remember whom we were connected to, for a probe to tell."""
        stream = answer.extensions["network_stream"]
        address, tls = stream.get_extra_info("server_addr"), stream.get_extra_info("ssl_object")
        self.address = str(address[0]) if address else ""
        self.tls = (tls.version() or "") if isinstance(tls, ssl.SSLObject) else ""


async def _set_location_aside(response: httpx.Response) -> None:
    """Keep httpx from preparing a redirect that we will not follow: it raises when the address can't be read."""
    response.extensions["location"] = response.headers.pop("location", "")


def _wait(headers: httpx.Headers) -> float | None:
    """What `Retry-After` says, by the server's own clock where it tells the time."""
    text = headers.get("retry-after")
    if text is None:
        return None
    return retry_after(text, http_date(headers.get("date", "")) or datetime.now(UTC))
