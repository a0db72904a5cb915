"""`ocsf-console sandbox` as its users start it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.cli.conftest import COMMAND, Run

PATH = "/api/v1/ingestions"


@dataclass(slots=True)
class Served:
    """A sandbox that runs as a command."""

    process: subprocess.Popen[str]
    access: Any
    """The line that it printed, read."""

    def client(self) -> httpx.Client:
        """A client with the good key of the Prowler intake."""
        key = self.access["prowler"]["api_key"]
        return httpx.Client(base_url=self.access["url"], headers={"Authorization": f"Api-Key {key}"})

    def stop(self) -> tuple[int, str, str]:
        """End it: exit code, and what it wrote beside the line."""
        self.process.send_signal(signal.SIGTERM)
        rest, complaints = self.process.communicate(timeout=20)
        return self.process.returncode, rest, complaints


@contextmanager
def served(*arguments: str | Path, stdin: str | None = None) -> Iterator[Served]:
    """The command, once it answers."""
    with subprocess.Popen(
        [*COMMAND, "sandbox", *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(stdin or "")
        process.stdin.close()
        process.stdin = None
        try:
            yield Served(process, json.loads(process.stdout.readline()))
        finally:
            process.kill()


def test_the_line_has_the_shape_of_the_contract() -> None:
    with served() as one:
        access = one.access
        assert one.stop() == (0, "", "")

    url = access["url"]
    assert url.startswith("http://127.0.0.1:")
    assert list(access) == ["url", "prowler", "cisco_xdr", "security_hub"]
    assert list(access["prowler"]) == ["base_url", "api_key", "api_key_without_permission"]
    assert list(access["cisco_xdr"]) == [
        "base_url",
        "token_url",
        "client_id",
        "client_secret",
        "module_instance_id",
    ]
    assert access["cisco_xdr"]["token_url"] == f"{url}/iroh/oauth2/token"
    assert list(access["security_hub"]) == [
        "endpoint_url",
        "region",
        "account_id",
        "access_key_id",
        "secret_access_key",
    ]
    assert (access["security_hub"]["region"], access["security_hub"]["account_id"]) == ("us-east-1", "123456789012")


def test_several_run_at_once_with_credentials_of_their_own() -> None:
    with served() as one, served() as other:
        assert one.access["url"] != other.access["url"]
        secrets = [
            (each.access["prowler"]["api_key"], each.access["security_hub"]["secret_access_key"])
            for each in (one, other)
        ]
        assert not set(secrets[0]) & set(secrets[1])
        with one.client() as client, other.client() as stranger:
            assert client.get(PATH).status_code == 200
            assert client.get(other.access["url"] + PATH).status_code == 401
            assert stranger.get(PATH).status_code == 200


def test_faults_are_planned_from_the_start() -> None:
    with served("--fault", "html=503,on=prowler.list,nth=1", "--fault", "html=504,on=prowler.list,nth=2") as one:
        with one.client() as client:
            assert [client.get(PATH).status_code for _ in range(3)] == [503, 504, 200]
        assert one.stop()[0] == 0


def test_a_stop_lets_go_of_those_who_hang_without_a_word() -> None:
    kinds = ["no-reply", "latency=60", "drip=1", "endless"]
    faults = [f"--fault={kind},on=prowler.list,nth={number}" for number, kind in enumerate(kinds, 1)]
    with served(*faults) as one, ExitStack() as hanging:
        host, port = one.access["url"].removeprefix("http://").split(":")
        key = one.access["prowler"]["api_key"]
        for _ in kinds:
            sock = hanging.enter_context(socket.create_connection((host, int(port)), 20))
            sock.sendall(f"GET {PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Api-Key {key}\r\n\r\n".encode())
        with one.client() as client:
            assert client.get(f"{PATH}/none").status_code == 404

        assert one.stop() == (0, "", "")


def test_a_fault_that_can_t_be_read_is_told_before_anything_is_served(run: Run) -> None:
    done = run("sandbox", "--fault", "sttus=503")

    assert (done.code, done.stdout) == (2, "")
    assert "the nearest is 'status'" in done.stderr


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::"])
def test_an_address_that_others_reach_takes_a_flag(run: Run, host: str) -> None:
    done = run("sandbox", "--host", host)

    assert (done.code, done.stdout) == (2, "")
    assert "can be reached by other machines" in done.stderr
    assert "--allow-remote" in done.stderr


def test_with_the_flag_it_listens_there_and_warns() -> None:
    with served("--host", "0.0.0.0", "--allow-remote") as one:
        assert one.access["url"].startswith("http://0.0.0.0:")
        code, rest, complaints = one.stop()

    assert (code, rest) == (0, "")
    assert "Warning: other machines can reach this sandbox" in complaints


def test_jobs_the_journal_and_given_credentials_outlive_a_restart(tmp_path: Path) -> None:
    kept = tmp_path / "access.json"
    with served("--data", tmp_path / "data") as one:
        kept.write_text(json.dumps(one.access))
        with one.client() as client:
            job = client.post(PATH, files={"file": ("a.ocsf.json", b"[]")}).json()["data"]["id"]
        one.stop()

    with served("--data", tmp_path / "data", "--credentials", kept) as again, again.client() as client:
        for service in ("prowler", "cisco_xdr", "security_hub"):
            for name, value in again.access[service].items():
                assert name.endswith("url") or value == one.access[service][name]
        assert client.get(f"{PATH}/{job}").status_code == 200
        assert client.get("/_sandbox/requests").json()["count"] == 2


def test_some_credentials_may_be_given_and_the_others_left_to_chance() -> None:
    given = {"prowler": {"api_key": "pk_mine.secret"}, "security_hub": {"account_id": "210987654321"}}
    with served("--credentials", "-", stdin=json.dumps(given)) as one:
        assert one.access["prowler"]["api_key"] == "pk_mine.secret"
        assert one.access["prowler"]["api_key_without_permission"].startswith("pk_")
        assert one.access["security_hub"]["account_id"] == "210987654321"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "can't be used"),
        ("[]", "can't be used"),
        ('{"prowler": {"api_key": 5}}', "can't be used"),
        ('{"prowler": {"api_key": ""}}', "is empty"),
        ('{"prowler": {"api_key": "two\\nlines-secret"}}', "can't be sent"),
        ('{"security_hub": {"account_id": "12"}}', "12 digits"),
        (" " * 100_000, "can't be used"),
    ],
)
def test_credentials_that_are_none_are_refused_without_showing_them(run: Run, text: str, said: str) -> None:
    done = run("sandbox", "--credentials", "-", stdin=text.encode())

    assert (done.code, done.stdout) == (2, "")
    assert said in done.stderr
    assert "lines-secret" not in done.stderr


def test_a_credentials_file_that_is_not_there(run: Run, tmp_path: Path) -> None:
    done = run("sandbox", "--credentials", tmp_path / "none.json")

    assert (done.code, done.stdout) == (2, "")
