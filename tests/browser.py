"""Headless Chromium, driven over the WebDriver protocol of the chromedriver that comes with it. Debian's packages both.

https://www.w3.org/TR/webdriver2/: each command is one HTTP request. Nothing else of a browser's library is needed.
"""

from __future__ import annotations

import base64
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Final

import httpx
import pytest

PATIENCE: Final = 30
"""Seconds after which something is taken to never come."""
_QUIET: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--window-size=1280,800",
)


class Browser:
    """A browser with one page."""

    def __init__(self, client: httpx.Client, session: str) -> None:
        self._client = client
        self._session = session

    def open(self, url: str) -> None:
        """Go to an address."""
        self._post("url", {"url": url})

    def first(self, script: str) -> None:
        """Run a script in each page that is opened from here on, before any of the page's own."""
        parameters = {"source": script}
        self._post("goog/cdp/execute", {"cmd": "Page.addScriptToEvaluateOnNewDocument", "params": parameters})

    @property
    def url(self) -> str:
        """Where the page is."""
        return str(self._get("url"))

    def run(self, script: str) -> object:
        """What a script returns that runs in the page."""
        return self._post("execute/sync", {"script": script, "args": []})

    def press(self, keys: str) -> None:
        """Type into whatever has the focus."""
        strokes = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self._post("actions", {"actions": [{"type": "key", "id": "keyboard", "actions": strokes}]})

    def picture(self) -> bytes:
        """What is seen of the page, as PNG."""
        return base64.b64decode(str(self._get("screenshot")))

    def cookies(self) -> list[dict[str, object]]:
        """The cookies that the page's address is sent."""
        found = self._get("cookie")
        assert isinstance(found, list)
        return found

    def said(self) -> list[str]:
        """What the console of the page has been told since this was asked last, errors of the network among it."""
        found = self._post("se/log", {"type": "browser"})
        assert isinstance(found, list)
        return [f"{entry['level']} {entry['message']}" for entry in found]

    def until(self, condition: Callable[[], object], what: str) -> None:
        """Ask again until something is so: a page tells nobody outside when it changes."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, f"this never came: {what}; {self.said()}"

    def _get(self, command: str) -> object:
        return self._value(self._client.get(f"{self._session}/{command}"))

    def _post(self, command: str, body: object) -> object:
        return self._value(self._client.post(f"{self._session}/{command}", json=body))

    def _value(self, answer: httpx.Response) -> object:
        assert answer.is_success, answer.text
        return answer.json()["value"]


@contextmanager
def browser() -> Iterator[Browser]:
    """A new browser that nobody has used. Skips where Chromium is not installed."""
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if chromium is None or driver is None:
        pytest.skip("Chromium is not installed (Debian: chromium and chromium-driver)")
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
        process = stack.enter_context(_driver(driver))
        client = stack.enter_context(httpx.Client(base_url=_address(process), timeout=PATIENCE, trust_env=False))
        options = {"binary": chromium, "args": [*_QUIET, f"--user-data-dir={folder}"]}
        wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
        begun = client.post("session", json={"capabilities": {"alwaysMatch": wanted}})
        assert begun.is_success, begun.text
        session = f"session/{begun.json()['value']['sessionId']}"
        stack.callback(client.delete, session)
        yield Browser(client, session)


@contextmanager
def _driver(path: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen([path, "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def _address(process: subprocess.Popen[str]) -> str:
    """Where the driver listens, which it says once it does."""
    assert process.stdout is not None
    for line in process.stdout:
        if found := re.search(r"successfully on port (\d+)", line):
            return f"http://127.0.0.1:{found[1]}/"
    raise AssertionError("chromedriver did not start")
