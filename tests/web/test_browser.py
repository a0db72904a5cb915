"""The UI in a real browser: what is seen there, what is loaded, and that it ends with its page and its server."""

from __future__ import annotations

import base64
import json
import signal
from pathlib import Path

import pyte

from tests.browser import Browser, browser
from tests.hostile import MARK, hostile_file
from tests.web.served import served

_KEEP_WHAT_COMES = """
window.came = [];
window.WebSocket = class extends WebSocket {
  constructor(url) {
    super(url);
    this.addEventListener("message", (event) => window.came.push(...new Uint8Array(event.data)));
  }
};
"""
_WHAT_CAME = "return btoa(window.came.splice(0).map((byte) => String.fromCharCode(byte)).join(''))"


class Page:
    """The page, with the terminal in it read as a terminal would."""

    def __init__(self, opened: Browser) -> None:
        self.browser = opened
        self._screen = pyte.Screen(240, 80)
        self._stream = pyte.ByteStream(self._screen)

    def sees(self, text: str) -> None:
        """Wait until this is on the screen."""
        self.browser.until(lambda: text in self._text(), text)

    def has_ended(self) -> bool:
        """Whether the page says that the UI has ended."""
        return "-closed" in str(self.browser.run("return document.body.className"))

    def _text(self) -> str:
        self._stream.feed(base64.b64decode(str(self.browser.run(_WHAT_CAME))))
        return "\n".join(self._screen.display)


def test_the_ui_in_a_browser(tmp_path: Path) -> None:
    folder = tmp_path / "scans"
    folder.mkdir()
    hostile_file(folder)
    with browser() as opened, served(str(folder), "--read-only") as server:
        opened.first(_KEEP_WHAT_COMES)
        opened.open(server.url)
        page = Page(opened)
        page.sees("Choose a finding file.")
        opened.press("j")
        page.sees(MARK)
        page.sees("read-only")
        assert opened.url == f"{server.origin}/"

        # The processes' arguments are for everybody to read.
        (screen,) = server.screens()
        assert "--read-only tui --served" in screen
        assert "token" not in screen

        opened.press("3")
        page.sees("Log in")
        page.sees("cisco-xdr")
        picture = tmp_path / "browser.png"
        picture.write_bytes(opened.picture())
        assert picture.stat().st_size > 10_000  # an empty page has less to it

        loaded = opened.run("return performance.getEntries().filter(e => e.entryType == 'resource').map(e => e.name)")
        assert isinstance(loaded, list)
        assert any("RobotoMono" in name for name in loaded)
        assert all(name.startswith(server.origin) for name in loaded), loaded
        assert not [said for said in opened.said() if said.startswith("SEVERE")]
        (cookie,) = opened.cookies()
        assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
        assert str(cookie["value"]) not in json.dumps(opened.run("return [document.cookie, location.href]"))

        opened.press("q")
        opened.until(page.has_ended, "the end of the UI")
        opened.until(lambda: not server.screens(), "the end of its process")

        # The button opens it again, and no page outlives the server.
        opened.run("document.getElementById('again').click()")
        page = Page(opened)
        page.sees("Choose a finding file.")
        assert server.end() == 0
        opened.until(page.has_ended, "the end of the server")


def test_the_ui_ends_with_a_server_that_was_killed(tmp_path: Path) -> None:
    with browser() as opened, served(str(tmp_path)) as server:
        opened.first(_KEEP_WHAT_COMES)
        opened.open(server.url)
        Page(opened).sees("Choose a finding file.")
        stdin = _stdin_of(server.process.pid)
        server.process.send_signal(signal.SIGKILL)
        server.process.wait()
        opened.until(lambda: not stdin.exists(), "the end of the process")


def _stdin_of(server: int) -> Path:
    """What is there as long as the one child of the server is."""
    (child,) = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    return Path(f"/proc/{child}")
