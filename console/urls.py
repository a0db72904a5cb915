"""Addresses: which base URLs a secret may be sent to, and the origin that a URL stands for. Imports nothing of ours."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
"""The names of this machine that need no TLS."""

_USUAL_PORTS: Final = {"https": 443, "http": 80}


def checked_base_url(text: str) -> str:
    """Return a base URL that a secret may be sent to: https, or http to this machine.

    It is written in one way only: scheme and host in lower case, no port that goes without saying, no trailing slash.
    A missing scheme means https, as in Prowler's own client. Raises `ValueError` with a sentence for anything else.
    """
    # Python's reader of URLs drops line breaks and tabs: two addresses would be one.
    if not (text.isascii() and text.isprintable()) or " " in text:
        raise ValueError("a URL is made of visible ASCII characters")
    url = text if "://" in text else f"https://{text}"
    parts = urlsplit(url)
    if not parts.hostname:
        raise ValueError("a URL needs a host, as in https://api.example.com")
    if parts.username is not None or parts.password is not None:
        raise ValueError("a URL must not hold a user name or password")
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise ValueError("a URL must be https (http is allowed for this machine only)")
    if parts.query or parts.fragment:
        raise ValueError("a base URL has no query and no fragment")
    return origin_of(url) + parts.path.rstrip("/")


def origin_of(url: str) -> str:
    """Scheme, host and port of a URL, written in one way only (RFC 6454, section 6.2): `https://api.example.com`.

    Raises `ValueError` with a sentence.
    """
    parts = urlsplit(url)
    if not parts.scheme or not parts.hostname:
        raise ValueError("a URL needs a scheme and a host, as in https://api.example.com")
    try:
        port = parts.port
    except ValueError:
        raise ValueError("the port of a URL is a number up to 65535") from None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}" + ("" if port in (None, _USUAL_PORTS.get(parts.scheme)) else f":{port}")
