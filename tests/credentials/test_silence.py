"""A keyring that does not answer holds nobody up."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from console.credentials import Credentials, Found, Secret, Source
from console.errors import KeyringUnavailable
from tests.credentials.vault import SERVICE, Trust, Vault, found
from tests.keyrings import API_KEY, ORIGIN, run, silent_bus


def test_a_process_ends_although_the_bus_never_answers(own_environment: Path) -> None:
    with silent_bus() as address:
        ran = run("wait", ORIGIN, home=own_environment, bus=address)

    assert ran.answer["first"].startswith("The keyring did not answer within 0.5 s.")
    assert ran.answer["second"].startswith("The keyring has still not answered an earlier question.")
    assert float(ran.answer["second_took"]) < 0.4
    assert ran.seconds < 10


class Slow(Vault):
    """Answers when it is let go, and counts how many ask at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.let_go = threading.Event()
        self.questions = 0
        self.most_at_once = 0
        self._now = 0

    def get_password(self, service: str, username: str) -> str | None:
        self.questions += 1
        self._now += 1
        self.most_at_once = max(self.most_at_once, self._now)
        assert self.let_go.wait(30)
        self._now -= 1
        return super().get_password(service, username)


@pytest.fixture
def slow(trust: Trust) -> Iterator[Slow]:
    backend = Slow()
    trust(backend)
    yield backend
    backend.let_go.set()


def test_a_keyring_that_is_silent_is_asked_once_until_it_answers(slow: Slow) -> None:
    kept = Credentials({}, timeout=0.1)
    slow.set_password(SERVICE, "prowler/api_key", "a secret")

    details = [found(kept).detail.partition(".")[0] for _ in range(3)]
    asked = slow.questions
    slow.let_go.set()
    for thread in threading.enumerate():
        if thread.name == "keyring":
            thread.join(10)

    assert details[0] == "The keyring did not answer within 0"
    assert details[1:] == ["The keyring has still not answered an earlier question"] * 2
    assert asked == 1
    assert found(kept) == Found(Secret("a secret"), Source.KEYRING, "Vault")


def test_a_keyring_is_asked_one_question_at_a_time(slow: Slow) -> None:
    kept = Credentials({}, timeout=30)
    slow.set_password(SERVICE, "prowler/api_key", "a secret")

    with ThreadPoolExecutor(8) as pool:
        lookups = [pool.submit(found, kept) for _ in range(8)]
        slow.let_go.set()

    assert [lookup.result().secret for lookup in lookups] == [Secret("a secret")] * 8
    assert slow.most_at_once == 1


def test_a_write_that_timed_out_is_not_called_stored(slow: Slow) -> None:
    kept = Credentials({}, timeout=0.1)

    with pytest.raises(KeyringUnavailable, match=r"could not be stored\. The keyring did not answer within 0\.1 s"):
        kept.store("prowler", ORIGIN, API_KEY, Secret("a secret"))
