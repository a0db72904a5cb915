"""The sandbox as a process: where it listens, how it starts and stops, what it keeps."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from console.credentials import Secret
from console.errors import BadInput, StateError
from console.sandbox.cisco_xdr.intake import CiscoXdrSettings
from console.sandbox.prowler.intake import ProwlerSettings
from console.sandbox.server import running
from console.sandbox.settings import Settings
from tests.sandbox.conftest import PATH, client_of, ended, no_bad_records, submit

SERVE = """
import json, sys
from pathlib import Path
from uuid import UUID
from console.sandbox.prowler.intake import ProwlerSettings
from console.sandbox.server import serve
from console.sandbox.settings import Settings
serve(Settings(data=Path(sys.argv[1])), lambda access: print(json.dumps(access.as_json()), flush=True))
print("stopped")
"""


def test_what_a_killed_process_had_of_a_file_is_removed(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, prowler=ProwlerSettings(check=no_bad_records))
    with running(settings) as sandbox, client_of(sandbox) as client:
        kept = submit(client, b"[]").json()["data"]["id"]
    (tmp_path / "uploads" / str(UUID(int=7))).write_bytes(b"half a fi")
    (tmp_path / "uploads" / "notes.txt").write_bytes(b"somebody's own")

    with running(settings):
        assert {file.name for file in (tmp_path / "uploads").iterdir()} == {kept, "notes.txt"}


def test_several_run_at_once_and_share_nothing() -> None:
    with (
        running(Settings(prowler=ProwlerSettings(check=no_bad_records))) as one,
        running(Settings(prowler=ProwlerSettings(check=no_bad_records))) as other,
        client_of(one) as client,
    ):
        assert submit(client, b"[]").status_code == 202
        assert (one.prowler.store.count(), other.prowler.store.count()) == (1, 0)
        with client_of(other) as stranger:
            stranger.headers["Authorization"] = client.headers["Authorization"]
            assert stranger.get(PATH).status_code == 401


def test_without_a_folder_nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with running(Settings(prowler=ProwlerSettings(check=no_bad_records))) as sandbox, client_of(sandbox) as client:
        submit(client, b"[]")
        assert list(tmp_path.iterdir())

    assert not list(tmp_path.iterdir())


def test_jobs_survive_a_restart(tmp_path: Path) -> None:
    with (
        running(Settings(data=tmp_path, prowler=ProwlerSettings(check=no_bad_records))) as sandbox,
        client_of(sandbox) as client,
    ):
        job_id = submit(client, b'[{"a": 1}, {"bad": ["x"]}]').json()["data"]["id"]
        ended(sandbox, job_id)
        before = client.get(f"{PATH}/{job_id}").text
        errors = client.get(f"{PATH}/{job_id}/errors").json()["data"]

    with (
        running(Settings(data=tmp_path, prowler=ProwlerSettings(check=no_bad_records))) as sandbox,
        client_of(sandbox) as client,
    ):
        assert client.get(f"{PATH}/{job_id}").text == before
        assert client.get(f"{PATH}/{job_id}/errors").json()["data"] == errors


def test_a_stop_frees_the_port_and_ends_every_thread() -> None:
    threads = threading.active_count()
    with running(Settings(prowler=ProwlerSettings(check=no_bad_records))) as sandbox:
        port = int(sandbox.url.rsplit(":", 1)[1])

    assert threading.active_count() == threads
    with running(Settings(port=port, prowler=ProwlerSettings(check=no_bad_records))) as sandbox:
        assert sandbox.url.endswith(f":{port}")


def test_who_connects_just_as_it_stops_is_let_go() -> None:
    for _ in range(10):
        with running(Settings(prowler=ProwlerSettings(check=no_bad_records))) as sandbox:
            httpx.get(sandbox.url)  # it answers by now
            late = socket.create_connection(("127.0.0.1", int(sandbox.url.rsplit(":", 1)[1])), 20)
        with late, suppress(ConnectionResetError):
            assert late.recv(1) == b""


def test_a_port_in_use_is_said_in_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with (
            pytest.raises(BadInput, match=f"can't listen on 127.0.0.1 port {port}") as raised,
            running(Settings(port=port)),
        ):
            pass

    assert "--port" in raised.value.hint


def test_a_host_that_is_not_this_machine_is_said_in_a_sentence() -> None:
    with pytest.raises(BadInput, match=r"can't listen on 192\.0\.2\.1"), running(Settings(host="192.0.2.1")):
        pass


def test_data_that_is_no_sandbox_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "sandbox.sqlite3").write_text("this is not a database, and longer than a header of one " * 10)

    with pytest.raises(StateError, match="can't be used"), running(Settings(data=tmp_path)):
        pass


def test_two_cannot_share_a_folder(tmp_path: Path) -> None:
    with (
        running(Settings(data=tmp_path, prowler=ProwlerSettings(check=no_bad_records))),
        pytest.raises(StateError, match="database is locked"),
        running(Settings(data=tmp_path, prowler=ProwlerSettings(check=no_bad_records))),
    ):
        pass

    with running(Settings(data=tmp_path, prowler=ProwlerSettings(check=no_bad_records))) as sandbox:
        assert sandbox.prowler.store.count() == 0


def test_an_ipv6_address_is_written_as_a_url() -> None:
    if not socket.has_ipv6:
        pytest.skip("no IPv6 here")
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("no IPv6 loopback here")
    with (
        running(Settings(host="::1", prowler=ProwlerSettings(check=no_bad_records))) as sandbox,
        client_of(sandbox) as client,
    ):
        assert sandbox.url.startswith("http://[::1]:")
        assert client.get(PATH).status_code == 200


def test_the_printed_line_holds_what_a_client_needs() -> None:
    settings = Settings(
        prowler=ProwlerSettings(
            api_key=Secret("pk_aaaaaaaa.one"),
            api_key_without_permission=Secret("pk_bbbbbbbb.two"),
            check=no_bad_records,
        ),
        cisco_xdr=CiscoXdrSettings(client_id="id", client_secret=Secret("secret-three"), module_instance_id="mod"),
    )
    with running(settings) as sandbox:
        assert sandbox.access.as_json() == {
            "url": sandbox.url,
            "prowler": {
                "base_url": sandbox.url,
                "api_key": "pk_aaaaaaaa.one",
                "api_key_without_permission": "pk_bbbbbbbb.two",
            },
            "cisco_xdr": {
                "base_url": sandbox.url,
                "token_url": sandbox.url + "/iroh/oauth2/token",
                "client_id": "id",
                "client_secret": "secret-three",
                "module_instance_id": "mod",
            },
            "security_hub": sandbox.access.security_hub.as_json(),
        }
        assert "pk_aaaaaaaa.one" not in repr(sandbox.access)
        assert "secret-three" not in repr(sandbox.access)


def test_keys_are_random_and_of_the_services_shape() -> None:
    first, second = (
        Settings(prowler=ProwlerSettings(check=no_bad_records)),
        Settings(prowler=ProwlerSettings(check=no_bad_records)),
    )

    keys = {
        key.reveal()
        for settings in (first, second)
        for key in (settings.prowler.api_key, settings.prowler.api_key_without_permission)
    }

    assert len(keys) == 4
    for key in keys:
        prefix, secret = key.split(".", 1)
        assert prefix.startswith("pk_")
        assert len(prefix) == 11
        assert len(secret) >= 40


@contextmanager
def served(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str, dict[str, str]]]:
    """The command, where it answers, and the headers that it takes."""
    command = [sys.executable, "-c", SERVE, str(folder)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ
    ) as process:
        assert process.stdout is not None
        prowler = json.loads(process.stdout.readline())["prowler"]
        yield process, prowler["base_url"] + PATH, {"Authorization": f"Api-Key {prowler['api_key']}"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_the_command_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    with served(tmp_path) as (process, url, headers):
        assert httpx.get(url, headers=headers).status_code == 200

        process.send_signal(number)
        rest, complaints = process.communicate(timeout=20)

    assert (process.returncode, rest, complaints) == (0, "stopped\n", "")


def test_what_strangers_send_leaves_no_trace_on_the_terminal(tmp_path: Path) -> None:
    with served(tmp_path) as (process, url, headers):
        multipart = {**headers, "Content-Type": "multipart/form-data; boundary=B"}
        assert httpx.post(url, content=b"garbage", headers=multipart).status_code == 400
        host, port = url.removeprefix("http://").partition("/")[0].split(":")
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            connection.sendall(b"\x1b[31mgarbage\r\n\r\n")
            assert connection.recv(64)

        process.terminate()
        rest, complaints = process.communicate(timeout=20)

    assert (rest, complaints) == ("stopped\n", "")


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x16\x03\x01\x02\x00",
        b"GET / HTTP/one\r\n\r\n",
        b"GET " + b"/" * 200_000,
        b"GET / HTTP/1.1\r\nA: " + b"x" * 200_000,
    ],
    ids=["tls", "version", "long path", "long header"],
)
def test_garbage_on_the_socket_is_answered_and_the_server_goes_on(garbage: bytes) -> None:
    with running(Settings(prowler=ProwlerSettings(check=no_bad_records))) as sandbox, client_of(sandbox) as client:
        host, port = sandbox.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            connection.sendall(garbage)
            assert connection.recv(64).startswith(b"HTTP/1.1 400")
        assert client.get(PATH).status_code == 200
