"""Where a target is, as httpx reads it too: base URLs that are used, and where redirects lead."""

from __future__ import annotations

import httpx

from console.display import safe_text
from console.errors import BadConfig
from console.urls import checked_base_url, origin_of


def usable_base_url(text: str) -> str:
    """A base URL that may be used: https, or http to this machine; no trailing slash. Raises `BadConfig`.

    It is checked as the configuration reads it, and again as httpx does: where two readers of a URL disagree on its
    host, a secret could go to the wrong one.
    """
    try:
        url = checked_base_url(text)
        if origin_of(url) != origin_of(str(httpx.URL(url))):
            raise ValueError("its host can be read in two ways; write it in plain ASCII")
    except (ValueError, httpx.InvalidURL) as error:
        raise BadConfig(f"{safe_text(text, width=200)} can't be used: {safe_text(error, width=200)}.") from error
    return url


def origin_of_redirect(location: str, origin: str) -> str:
    """The origin that a `Location` header leads to. Only that: the rest of it may hold what was sent."""
    try:
        return origin_of(str(httpx.URL(origin).join(location)))
    except (ValueError, httpx.InvalidURL):
        return "an address that can't be read"
