"""The credentials against a real Secret Service: gnome-keyring, in a D-Bus session made for the test."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest

from console.credentials import Secret
from tests.keyrings import ORIGIN, SecretService, missing_programs, secret_service

pytestmark = [
    pytest.mark.secret_service,
    pytest.mark.skipif(
        bool(missing_programs()),
        reason=f"no Secret Service to test with: {', '.join(missing_programs())} not found "
        "(Debian packages dbus and gnome-keyring)",
    ),
]

PASSWORD = "the password of the keyring"


@pytest.fixture
def service() -> Iterator[SecretService]:
    with secret_service() as made:
        yield made


@pytest.fixture
def canary() -> str:
    """A secret that can't occur anywhere by chance."""
    return f"pk_canary.{secrets.token_hex(16)}"


def test_a_stored_secret_is_found_by_a_later_session(service: SecretService, canary: str) -> None:
    stored = service.run("store", ORIGIN, canary, password=PASSWORD)
    found = service.run("find", ORIGIN, password=PASSWORD)

    assert stored.answer == {"stored": "Secret Service"}
    assert found.answer == {
        "source": "keyring",
        "fingerprint": Secret(canary).fingerprint(),
        "detail": "Secret Service",
    }
    assert canary not in stored.output + found.output


def test_another_origin_does_not_get_the_secret(service: SecretService, canary: str) -> None:
    service.run("store", ORIGIN, canary, password=PASSWORD)

    found = service.run("find", "https://api.example.com.attacker.example", password=PASSWORD)

    assert (found.answer["source"], found.answer["fingerprint"]) == ("missing", "")


def test_a_newer_secret_takes_the_place_of_the_older(service: SecretService, canary: str) -> None:
    service.run("store", ORIGIN, "the older one", password=PASSWORD)
    service.run("store", ORIGIN, canary, password=PASSWORD)

    found = service.run("find", ORIGIN, password=PASSWORD)

    assert found.answer["fingerprint"] == Secret(canary).fingerprint()


def test_a_forgotten_secret_is_gone(service: SecretService, canary: str) -> None:
    service.run("store", ORIGIN, canary, password=PASSWORD)

    forgotten = service.run("forget", ORIGIN, password=PASSWORD)
    found = service.run("find", ORIGIN, password=PASSWORD)
    again = service.run("forget", ORIGIN, password=PASSWORD)

    assert forgotten.answer == {"forgotten": "keyring"}
    assert found.answer["source"] == "missing"
    assert again.answer == {"forgotten": ""}


def test_an_open_keyring_is_called_usable(service: SecretService) -> None:
    state = service.run("state", password=PASSWORD)

    assert state.answer == {"name": "Secret Service", "usable": "True", "reason": ""}


@pytest.mark.parametrize("password", [None, "another password"], ids=["nobody unlocks it", "wrong password"])
def test_a_locked_keyring_is_said_to_be_locked(service: SecretService, canary: str, password: str | None) -> None:
    service.run("store", ORIGIN, canary, password=PASSWORD)

    found = service.run("find", ORIGIN, password=password)
    stored = service.run("store", ORIGIN, "a newer secret", password=password)
    forgotten = service.run("forget", ORIGIN, password=password)
    state = service.run("state", password=password)

    assert found.answer["source"] == "missing"
    assert found.answer["detail"] == "The Secret Service is locked. Unlock it and try again."
    assert stored.answer["error"].startswith("The Prowler API key could not be stored. The Secret Service is locked.")
    assert "PROWLER_CLOUD_API_KEY" in stored.answer["error"]
    assert forgotten.answer["error"].startswith("The keyring may still hold the Prowler API key.")
    assert state.answer["usable"] == "False"
    assert "Traceback" not in found.output + stored.output + forgotten.output + state.output


def test_a_service_without_a_keyring_and_without_a_screen_to_ask_on_is_not_usable(service: SecretService) -> None:
    stored = service.run("store", ORIGIN, "a secret", password=None)

    assert stored.answer["error"].startswith("The Prowler API key could not be stored. The Secret Service ")


def test_a_keyring_that_stops_answering_is_given_up_and_taken_up_again(service: SecretService, canary: str) -> None:
    ran = service.run("freeze", ORIGIN, canary, password=PASSWORD)

    assert ran.answer == {
        "frozen": "missing",
        "detail": "The keyring did not answer within 0.5 s. If a window asks to unlock it, answer there and try again.",
        "thawed": "keyring",
    }
