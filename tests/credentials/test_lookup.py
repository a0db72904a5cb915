"""Where a secret is looked for, in which order, and for whom."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from console.credentials import Credentials, Found, Secret, Slot, Source
from console.errors import BadInput
from tests.credentials.vault import SERVICE, Vault, credentials, found
from tests.keyrings import API_KEY, ORIGIN


@pytest.mark.parametrize(
    ("environ", "variable"),
    [
        ({"PROWLER_API_KEY": "right"}, "PROWLER_API_KEY"),
        ({"PROWLER_CLOUD_API_KEY": "right"}, "PROWLER_CLOUD_API_KEY"),
        ({"PROWLER_API_KEY": "wrong", "PROWLER_CLOUD_API_KEY": "right"}, "PROWLER_CLOUD_API_KEY"),
        ({"PROWLER_API_KEY": "right", "PROWLER_CLOUD_API_KEY": ""}, "PROWLER_API_KEY"),
        ({"PROWLER_API_KEY": "right\n"}, "PROWLER_API_KEY"),
    ],
)
def test_the_first_variable_that_is_set_wins(vault: Vault, environ: dict[str, str], variable: str) -> None:
    kept = credentials(**environ)
    kept.store("prowler", ORIGIN, API_KEY, Secret("the keyring's"))

    assert found(kept) == Found(Secret("right"), Source.ENVIRONMENT, variable)


def test_the_process_environment_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Credentials()
    monkeypatch.setenv("PROWLER_API_KEY", "set later")

    assert found(kept).secret == Secret("set later")


def test_a_variable_that_holds_no_secret_is_reported_and_not_passed_over(vault: Vault) -> None:
    kept = credentials(PROWLER_API_KEY="two\nlines")
    kept.store("prowler", ORIGIN, API_KEY, Secret("the keyring's"))

    result = found(kept)

    assert (result.secret, result.source) == (None, Source.MISSING)
    assert result.detail.startswith("The Prowler API key in PROWLER_API_KEY holds a character that can't be sent")


def test_the_keyring_comes_before_the_session(vault: Vault) -> None:
    kept = credentials()
    kept.remember("prowler", ORIGIN, API_KEY, Secret("the session's"))

    before = found(kept)
    vault.set_password(SERVICE, "prowler/api_key", "the keyring's")
    after = found(kept)

    assert before == Found(Secret("the session's"), Source.SESSION, f"The Vault holds none for {ORIGIN}.")
    assert after == Found(Secret("the keyring's"), Source.KEYRING, "Vault")


def test_the_session_is_not_shared_and_not_written(vault: Vault) -> None:
    credentials().remember("prowler", ORIGIN, API_KEY, Secret("the session's"))

    assert found(credentials()).source is Source.MISSING
    assert vault.entries == {}


def test_what_another_program_wrote_into_the_entry_is_checked(vault: Vault) -> None:
    vault.set_password(SERVICE, "prowler/api_key", "one\r\nX-Admin: 1")

    result = found(credentials())

    assert (result.secret, result.source) == (None, Source.MISSING)
    assert "in the Vault holds a character that can't be sent" in result.detail


def test_a_pipeline_that_sets_its_variables_never_loads_the_keyring_library() -> None:
    code = (
        "import sys; from console.credentials import Credentials; from tests.keyrings import API_KEY, ORIGIN\n"
        "print(Credentials().find('prowler', ORIGIN, API_KEY).source, 'keyring' in sys.modules)"
    )
    environ = {**os.environ, "PROWLER_API_KEY": "set"}

    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True)

    assert done.stdout == "environment False\n"


@pytest.mark.parametrize(
    ("url", "service"),
    [
        ("https://API.example.com:443/api/v1", "ocsf-console:https://api.example.com"),
        ("http://127.0.0.1:8080", "ocsf-console:http://127.0.0.1:8080"),
        ("http://[::1]:80", "ocsf-console:http://[::1]"),
        ("http://[::1]:8080", "ocsf-console:http://[::1]:8080"),
    ],
)
def test_the_name_of_an_entry_holds_origin_target_and_slot(vault: Vault, url: str, service: str) -> None:
    credentials().store("prowler", url, API_KEY, Secret("a secret"))

    assert vault.entries == {(service, "prowler/api_key"): "a secret"}


@pytest.mark.parametrize("origin", ["https://api.example.com/", "HTTPS://Api.Example.Com:443", f"{ORIGIN}/api/v1?x#y"])
def test_the_same_origin_written_otherwise_finds_the_secret(vault: Vault, origin: str) -> None:
    kept = credentials()
    kept.store("prowler", ORIGIN, API_KEY, Secret("a secret"))

    assert found(kept, origin=origin).secret == Secret("a secret")


@pytest.mark.parametrize("remember", [False, True], ids=["keyring", "session"])
@pytest.mark.parametrize(
    ("target", "origin", "slot"),
    [
        ("prowler", "http://api.example.com", API_KEY),
        ("prowler", "https://api.example.com:8443", API_KEY),
        ("prowler", "https://api.example.com.attacker.example", API_KEY),
        ("prowler", "https://api.example.com@attacker.example", API_KEY),
        ("prowler", "https://[::1]", API_KEY),
        ("another", ORIGIN, API_KEY),
        ("prowler", ORIGIN, Slot("client_secret", "client secret")),
    ],
)
def test_another_origin_target_or_slot_does_not_get_the_secret(
    vault: Vault, target: str, origin: str, slot: Slot, *, remember: bool
) -> None:
    kept = credentials()
    (kept.remember if remember else kept.store)("prowler", ORIGIN, API_KEY, Secret("a secret"))

    assert found(kept, target, origin, slot).secret is None
    assert found(kept).secret == Secret("a secret")


@pytest.mark.parametrize("origin", ["", "api.example.com", "https://", "https://[::1", "https://a.example:port"])
def test_what_is_no_url_is_no_origin(vault: Vault, origin: str) -> None:
    kept = credentials()

    for call in (
        lambda: kept.find("prowler", origin, API_KEY),
        lambda: kept.store("prowler", origin, API_KEY, Secret("a secret")),
        lambda: kept.remember("prowler", origin, API_KEY, Secret("a secret")),
        lambda: kept.forget("prowler", origin, API_KEY),
    ):
        with pytest.raises(BadInput, match="is not a URL"):
            call()
