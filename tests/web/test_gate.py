"""Who is let in to the UI in a browser, asked of the real command over its socket."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.web.served import Served, served

UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}
PLACES = ("/", "/ws", "/static/js/textual.js", "/static/", "/page/page.js", "/download/1", "/nowhere")


@pytest.fixture
def server() -> Iterator[Served]:
    with served() as server:
        yield server


@pytest.fixture
def stranger(server: Served) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.origin, trust_env=False) as client:
        yield client


@pytest.fixture
def friend(server: Served) -> Iterator[httpx.Client]:
    """Whoever opened the address."""
    with httpx.Client(base_url=server.origin, trust_env=False) as client:
        assert client.get(server.url).headers["location"] == "/"
        yield client


def test_strangers_are_refused_everywhere(stranger: httpx.Client) -> None:
    answers = [stranger.get(place) for place in PLACES]
    answers += [stranger.get("/?token="), stranger.get("/?token=%ff"), stranger.get("/ws", headers=UPGRADE)]
    answers.append(stranger.get("/", headers={"Cookie": f"ocsf-console-{stranger.base_url.port}="}))
    assert {answer.status_code for answer in answers} == {403}
    assert not any("set-cookie" in answer.headers for answer in answers)


def test_the_address_works_once_and_for_one_browser(server: Served, stranger: httpx.Client) -> None:
    # A look at the address alone does not spend it.
    assert stranger.head(server.url).status_code == 403

    with httpx.Client(base_url=server.origin, trust_env=False) as friend:
        came = friend.get(server.url)
        (cookie,) = came.headers.get_list("set-cookie")
        assert came.status_code == 303
        assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))
        assert "Max-Age" not in cookie
        assert "token" not in came.headers["location"]

        assert friend.get("/").status_code == 200
        assert friend.get("/static/js/textual.js").status_code == 200
        # A browser that asked ahead for the address opens it all the same.
        assert friend.get(server.url).status_code == 303

    late = stranger.get(server.url)
    assert late.status_code == 403
    assert "works once" in late.text
    assert stranger.get("/").status_code == 403


def test_other_names_of_this_machine_are_refused(server: Served, friend: httpx.Client) -> None:
    port = friend.base_url.port
    for name in (f"evil.example:{port}", f"localhost:{port}", "127.0.0.1", f"127.0.0.1:{port}.evil.example", ""):
        assert friend.get("/", headers={"Host": name}).status_code in {400, 403}, name


@pytest.mark.parametrize("origin", ["https://evil.example", "http://127.0.0.1:1", "null", ""])
def test_pages_of_others_are_refused(friend: httpx.Client, origin: str) -> None:
    assert friend.get("/ws", headers={**UPGRADE, "Origin": origin}).status_code == 403
    assert friend.get("/", headers={"Origin": origin}).status_code == 403


def test_a_websocket_must_say_where_it_comes_from(server: Served, friend: httpx.Client) -> None:
    assert friend.get("/ws", headers=UPGRADE).status_code == 403
    with friend.stream("GET", "/ws", headers={**UPGRADE, "Origin": server.origin}) as answer:
        assert answer.status_code == 101


def test_every_answer_keeps_to_this_machine(stranger: httpx.Client, friend: httpx.Client) -> None:
    for answer in (stranger.get("/"), friend.get("/"), friend.get("/static/js/textual.js"), friend.get("/nowhere")):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert f"connect-src ws://127.0.0.1:{friend.base_url.port};" in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"
