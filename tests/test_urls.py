"""Base URLs and origins: an address is written in one way only."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.urls import checked_base_url, origin_of


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("API.Prowler.com", "https://api.prowler.com"),
        ("HTTPS://API.prowler.com:443/Path/", "https://api.prowler.com/Path"),
        ("https://proxy.example:8443/prowler//", "https://proxy.example:8443/prowler"),
        ("HTTP://LocalHost:80", "http://localhost"),
        ("http://[::1]:8080/", "http://[::1]:8080"),
    ],
)
def test_a_base_url_is_written_in_one_way_only(text: str, url: str) -> None:
    assert checked_base_url(text) == url


@pytest.mark.parametrize("port", ["99999", "-1", "x", "8o"])
def test_a_port_that_can_not_be_is_refused(port: str) -> None:
    with pytest.raises(ValueError, match="the port of a URL is a number up to 65535"):
        checked_base_url(f"https://api.example.com:{port}")


@pytest.mark.parametrize(
    "text", ["https://a.example\n", "https://a.example\t.evil.example", "https://a b", "https://é.example"]
)
def test_what_readers_of_urls_drop_or_translate_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="visible ASCII"):
        checked_base_url(text)


@given(st.text() | st.from_regex(r"(https?://)?[A-Za-z0-9@:\[\]./?#-]{0,40}", fullmatch=True))
def test_what_is_accepted_is_accepted_again_as_it_is(text: str) -> None:
    try:
        url = checked_base_url(text)
    except ValueError:
        return
    assert checked_base_url(url) == url
    assert url.startswith(origin_of(text if "://" in text else f"https://{text}"))
