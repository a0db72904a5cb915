"""Hostile and broken bodies, as bytes on a socket: each gets a clean answer, and the server goes on."""

from __future__ import annotations

import base64
import json
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser

from console.sandbox import application
from console.sandbox.prowler.file_part import FilePart, Upload
from console.sandbox.prowler.intake import ProwlerSettings
from console.sandbox.prowler.jsonapi import Refusal
from console.sandbox.server import Sandbox, running
from console.sandbox.settings import Settings
from tests.conftest import NewFolder
from tests.examples import examples
from tests.sandbox.conftest import MEDIA_TYPE, PATH, client_of, no_bad_records, submit
from tests.sandbox.prowler.support import ask

GOOD = b'[{"a": 1}]'
DISPOSITION = b'Content-Disposition: form-data; name="file"; filename="a.json"'
END = b"\r\n--B--\r\n"


def part(headers: bytes, content: bytes = GOOD) -> bytes:
    return b"--B\r\n" + headers + b"\r\n\r\n" + content


def named(disposition: bytes, content: bytes = GOOD) -> bytes:
    return part(b"Content-Disposition: form-data; " + disposition, content) + END


WHOLE = part(DISPOSITION) + END


@dataclass(frozen=True)
class Answer:
    """One answer, taken apart."""

    status: int
    kind: str
    body: bytes

    @property
    def code(self) -> str:
        """The code of its first error; empty for a page."""
        return str(json.loads(self.body)["errors"][0]["code"]) if self.kind == MEDIA_TYPE else ""


def answers_in(raw: bytes) -> list[Answer]:
    """The answers that a connection gave, by their own lengths."""
    found = []
    while raw:
        head, _, rest = raw.partition(b"\r\n\r\n")
        status = int(head.split(b" ", 2)[1])
        kind = re.search(rb"(?i)^content-type: (.*?)\r?$", head, re.MULTILINE)
        length = re.search(rb"(?i)^content-length: (\d+)", head, re.MULTILINE)
        size = int(length[1]) if length else len(rest)
        found.append(Answer(status, kind[1].decode() if kind else "", rest[:size]))
        raw = rest[size:]
    return found


@dataclass(frozen=True)
class Target:
    """A sandbox that is sent bytes."""

    sandbox: Sandbox
    client: httpx.Client

    def head(self, length: int | None, *more: str) -> bytes:
        """The head of a submission, of a connection that is to be closed after it."""
        key = self.sandbox.access.prowler.api_key.reveal()
        lines = [
            f"POST {PATH} HTTP/1.1",
            "Host: x",
            f"Authorization: Api-Key {key}",
            "Content-Type: multipart/form-data; boundary=B",
            "Connection: close",
            *more,
        ]
        if length is not None:
            lines.append(f"Content-Length: {length}")
        return "\r\n".join([*lines, "", ""]).encode()

    def send(self, body: bytes, length: int | None = None) -> Answer:
        """The answer to a body. Afterwards the server must still take a good one."""
        head = self.head(len(body) if length is None else length)
        answer = answers_in(ask(self.sandbox.url, head + body))[0]
        assert submit(self.client, GOOD).status_code == 202
        return answer


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    prowler = ProwlerSettings(check=no_bad_records)
    with (
        pytest.MonkeyPatch.context() as patch,
        running(Settings(data=tmp_path_factory.mktemp("bodies"), prowler=prowler)) as sandbox,
        client_of(sandbox) as client,
    ):
        patch.setattr(application, "BODY_SECONDS", 1.0)
        yield Target(sandbox, client)


BAD = {
    "no boundary at all": (b"garbage", "required"),
    "empty lines": (b"\r\n" * 1_000, "required"),
    "no final boundary": (part(DISPOSITION), "required"),
    "half a final boundary": (part(DISPOSITION) + b"\r\n--B-", "required"),
    "headers without an end": (b"--B\r\n" + DISPOSITION, "required"),
    "headers that end with the body": (b"--B\r\n" + DISPOSITION + b"\r\n", "required"),
    "bare line feeds": (WHOLE.replace(b"\r\n", b"\n"), "required"),
    "another boundary": (WHOLE.replace(b"--B", b"--C"), "required"),
    "a header that goes on and on": (part(b"X: " + b"x" * 3_000_000) + END, "parse_error"),
    "a header name that goes on and on": (b"--B\r\n" + b"x" * 3_000_000, "parse_error"),
    "a header a little too long": (part(DISPOSITION + b"\r\nX: " + b"x" * 1_000) + END, "parse_error"),
    "many headers": (part(DISPOSITION + b"\r\nX: y" * 10_000) + END, "parse_error"),
    "a header without a colon": (part(b"no colon") + END, "required"),
    "a part without headers": (b"--B\r\n\r\n" + GOOD + END, "required"),
    "a part without a name": (named(b'filename="a.json"'), "required"),
    "another name": (named(b'name="files"; filename="a.json"'), "required"),
    "a name in other letters": (named(b'name="FILE"; filename="a.json"'), "required"),
    "an empty filename": (named(b'name="file"; filename=""'), "required"),
    "a filename of nothing but path": (named(b'name="file"; filename="../.."'), "required"),
    "a filename of nothing but control characters": (named(b'name="file"; filename="\0\x07"'), "required"),
    "a filename of 10,000 characters": (named(b'name="file"; filename="' + b"x" * 10_000 + b'"'), "parse_error"),
    "a filename with a line break": (named(b'name="file"; filename="a\r\nb.json"'), "required"),
    "an attachment": (part(b'Content-Disposition: attachment; filename="a.json"') + END, "required"),
    "an empty file": (named(b'name="file"; filename="a.json"', b""), "empty"),
    "base64": (
        part(DISPOSITION + b"\r\nContent-Transfer-Encoding: base64", base64.b64encode(GOOD)) + END,
        "invalid",
    ),
    "multipart in multipart": (
        part(
            DISPOSITION + b"\r\nContent-Type: multipart/mixed; boundary=C",
            b"--C\r\n" + DISPOSITION + b"\r\n\r\n" + GOOD + b"\r\n--C--\r\n",
        )
        + END,
        "invalid",
    ),
    "a text field": (named(b'name="file"'), "invalid"),
    "thousands of fields": (
        b"".join(part(b'Content-Disposition: form-data; name="x"', b"y\r\n") for _ in range(5_000)) + WHOLE,
        "",
    ),
    "thousands of files": (b"".join(part(DISPOSITION, b"[]\r\n") for _ in range(5_000)) + WHOLE, ""),
    "JSON as deep as it is long": (named(b'name="file"; filename="a"', b"[" * 100_000), "invalid"),
    "JSON as deep as it is long, closed": (
        named(b'name="file"; filename="a"', b"[" * 100_000 + b"]" * 100_000),
        "invalid",
    ),
    "a number of 5,000 digits": (named(b'name="file"; filename="a"', b"[" + b"9" * 5_000 + b"]"), "invalid"),
    "NaN": (named(b'name="file"; filename="a"', b"[NaN]"), "invalid"),
    "half a surrogate pair": (named(b'name="file"; filename="a"', b'["\\ud800"]'), "invalid"),
    "another encoding": (named(b'name="file"; filename="a"', '[{"a": 1}]'.encode("utf-16")), "invalid"),
}


@pytest.mark.parametrize(("body", "code"), BAD.values(), ids=BAD.keys())
def test_a_bad_body_gets_a_400_and_the_server_goes_on(target: Target, body: bytes, code: str) -> None:
    jobs = target.sandbox.prowler.store.count()

    answer = target.send(body)

    assert (answer.status, answer.code) == (400, code)
    assert target.sandbox.prowler.store.count() == jobs + 1


GOOD_FORMS = {
    "a preamble of empty lines": b"\r\n\r\n" + WHOLE,
    "an epilogue": WHOLE + b"nothing of interest" * 1_000,
    "a name without quotes": named(b"name=file; filename=a.json"),
    "a name with white space": named(b'name=" file "; filename="a.json"'),
    "an escaped quote in the filename": named(b'name="file"; filename="a\\"b.json"'),
    "a quoted semicolon": named(b'filename="a;name=x.json"; name="file"'),
    "a filename that is no UTF-8": named(b'name="file"; filename="\xff.json"'),
    "an extended filename": named(b"name=\"file\"; filename*=UTF-8''%C3%A9.json"),
    "headers in other letters": part(DISPOSITION.replace(b"Content-D", b"CONTENT-D")) + END,
    "other headers": part(b"X-Other: y\r\nContent-Type: text/html\r\n" + DISPOSITION) + END,
    "a text field and the file": part(b'Content-Disposition: form-data; name="file"', b"x\r\n") + WHOLE,
    "content that looks like a boundary": named(b'name="file"; filename="a"', b'[{"a": "\\r\\n--C \\r\\n--"}]'),
    "a hundred files": b"".join(part(DISPOSITION, b"nonsense\r\n") for _ in range(99)) + WHOLE,
}


@pytest.mark.parametrize("body", GOOD_FORMS.values(), ids=GOOD_FORMS.keys())
def test_what_is_unusual_and_sound_is_taken(target: Target, body: bytes) -> None:
    assert target.send(body).status == 202


def test_a_length_that_is_too_short_cuts_the_body_off(target: Target) -> None:
    raw = ask(target.sandbox.url, target.head(len(WHOLE) - 20).replace(b"Connection: close\r\n", b"") + WHOLE)

    first, *rest = answers_in(raw)
    assert (first.status, first.code) == (400, "required")
    assert all(answer.status == 400 for answer in rest)


def test_a_length_that_is_too_long_is_waited_for_and_then_given_up(target: Target) -> None:
    answer = target.send(WHOLE, len(WHOLE) + 1)

    assert answer.status == 408


@pytest.mark.parametrize("length", ["-1", "abc", "1, 2", "9" * 5_000, "+5", "\u0665", "1_0", "0x10"])
def test_a_length_that_is_no_number_gets_a_400(target: Target, length: str) -> None:
    head = target.head(None, f"Content-Length: {length}")

    (answer,) = answers_in(ask(target.sandbox.url, head + WHOLE))

    assert answer.status == 400
    assert submit(target.client, GOOD).status_code == 202


def test_two_lengths_that_differ_get_a_400(target: Target) -> None:
    (answer,) = answers_in(ask(target.sandbox.url, target.head(5, f"Content-Length: {len(WHOLE)}") + WHOLE))

    assert answer.status == 400


def test_a_body_without_a_length_has_no_file_in_it(target: Target) -> None:
    chunks = b"%x\r\n%b\r\n0\r\n\r\n" % (len(WHOLE), WHOLE)

    (answer,) = answers_in(ask(target.sandbox.url, target.head(None, "Transfer-Encoding: chunked") + chunks))

    assert (answer.status, answer.code) == (400, "required")


@pytest.mark.parametrize("chunks", [b"zzz\r\nabc\r\n", b"5\r\nabcdefgh\r\n", b"-1\r\n", b"ffffffffffffffffffffff\r\n"])
def test_broken_chunks_get_an_answer_and_the_server_goes_on(target: Target, chunks: bytes) -> None:
    raw = ask(target.sandbox.url, target.head(None, "Transfer-Encoding: chunked") + chunks)

    assert all(400 <= answer.status < 500 for answer in answers_in(raw))
    assert submit(target.client, GOOD).status_code == 202


def test_a_body_that_comes_byte_by_byte_is_taken(target: Target) -> None:
    host, port = target.sandbox.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in target.head(len(WHOLE)) + WHOLE:
            connection.sendall(bytes([byte]))
        answer = connection.recv(65536)

    assert answer.startswith(b"HTTP/1.1 202 ")


PIECES = st.sampled_from(
    [
        b"--B", b"\r\n", b"--", DISPOSITION, b"\r\n\r\n", GOOD, b": ", b"--B--", b"\n", b"\r", b"\0", b"\xff",
        b'Content-Disposition: form-data; name="file"', b'; filename="', b'"', b"x" * 600, b"filename*=utf-8''%",
    ]
)  # fmt: skip


@settings(max_examples=examples(300))
@given(st.lists(PIECES, max_size=20).map(b"".join), st.integers(1, 50))
def test_any_bytes_are_a_file_or_refused_however_they_are_cut(new_folder: NewFolder, body: bytes, size: int) -> None:
    folder = new_folder()
    found = [_taken(folder / str(step), body, step) for step in (size, len(body) + 1)]

    assert found[0] == found[1]
    if isinstance(found[0], str):
        assert not list(folder.iterdir())


def _taken(path: Path, body: bytes, size: int) -> tuple[str, bytes] | str:
    """What a body comes to, in pieces of a size: a name and the bytes, or the refusal."""
    part_at_hand = FilePart(path, 10_000)
    parser = MultipartParser(b"B", part_at_hand.callbacks())
    try:
        try:
            for start in range(0, len(body), size):
                parser.write(body[start : start + size])
        except FormParserError:
            pass
        upload: Upload = part_at_hand.upload()
    except Refusal as refusal:
        part_at_hand.discard()
        return str(refusal)
    return upload.filename, path.read_bytes()
