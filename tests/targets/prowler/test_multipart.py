"""The one part of a submission: its bytes, its length, and a payload that changes under way."""

from __future__ import annotations

from collections.abc import Callable
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import HTTP
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.targets.http import Upload
from console.targets.payloads import PayloadChanged
from console.targets.prowler.multipart import PIECE, quoted, upload
from tests.targets.prowler.conftest import MakeBatch, nothing


async def body_of(made: Upload) -> bytes:
    return b"".join([piece async for piece in made.pieces])


def parsed(content_type: str, body: bytes) -> EmailMessage:
    message = BytesParser(EmailMessage, policy=HTTP).parsebytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    assert isinstance(message, EmailMessage)
    return message


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE])
async def test_the_length_is_known_before_and_right_after(size: int, make_batch: MakeBatch) -> None:
    made = upload(make_batch(b"x" * size), nothing)

    assert len(await body_of(made)) == made.length


async def test_the_one_part_is_named_file_is_json_and_holds_the_payload_as_it_is(make_batch: MakeBatch) -> None:
    payload = '[{"title":"naïve\\r\\n--x"}]'.encode()
    made = upload(make_batch(payload, "scan.ocsf.json"), nothing)
    [part] = parsed(made.content_type, await body_of(made)).iter_parts()

    assert part.get_content_type() == "application/json"
    assert part.get_param("name", header="content-disposition") == "file"
    assert part.get_filename() == "scan.ocsf.json"
    assert part.get_payload(decode=True) == payload


async def test_progress_counts_the_payload_and_ends_with_its_length(make_batch: MakeBatch) -> None:
    counted: list[int] = []
    await body_of(upload(make_batch(b"x" * (2 * PIECE + 7)), counted.append))

    assert counted == [PIECE, 2 * PIECE, 2 * PIECE + 7]


async def test_progress_never_runs_ahead_of_what_was_taken(make_batch: MakeBatch) -> None:
    counted: list[int] = []
    pieces = upload(make_batch(b"x" * PIECE), counted.append).pieces
    head, payload = await anext(pieces), await anext(pieces)
    before = list(counted)
    await anext(pieces)

    assert (len(payload), before, counted) == (PIECE, [], [PIECE])
    assert head.endswith(b"\r\n\r\n")


def grow(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b" ")


def shrink(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def rewrite(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"[", b"{"))


@pytest.mark.parametrize(
    ("change", "said"),
    [(grow, "longer"), (shrink, "1 bytes shorter"), (rewrite, "another"), (Path.unlink, "No such file")],
)
async def test_a_payload_that_changed_is_never_a_whole_request(
    change: Callable[[Path], None], said: str, make_batch: MakeBatch
) -> None:
    batch = make_batch(b"[" + b" " * PIECE + b"]")
    change(batch.path)
    made = upload(batch, nothing)
    given: list[int] = []

    async def take_all() -> None:
        async for piece in made.pieces:
            given.append(len(piece))

    with pytest.raises(PayloadChanged, match=said) as caught:
        await take_all()

    assert sum(given) < made.length
    assert "Nothing was accepted" in caught.value.message


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ('a".json', "a%22.json"),
        ("a\r\nX-Evil: 1.json", "a%0D%0AX-Evil: 1.json"),
        ("a\\", "a%5C"),
        ("prüfung.json", "prüfung.json"),
        ("a\x00\x7f.json", "a%00%7F.json"),
        ("a\udcff.json", "a?.json"),
    ],
)
def test_a_file_name_can_not_end_its_header(name: str, shown: str) -> None:
    assert quoted(name) == shown


@given(st.text())
def test_no_file_name_holds_a_quote_a_backslash_or_a_control_character(name: str) -> None:
    shown = quoted(name)

    assert not any(character in '"\\\x7f' or character < " " for character in shown)
    assert shown.encode().decode() == shown
