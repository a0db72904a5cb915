"""The control endpoint: faults and the journal over HTTP, for those who may."""

from __future__ import annotations

import socket

import httpx
import pytest

from console.sandbox.prowler.intake import ProwlerSettings
from console.sandbox.server import Sandbox, running
from console.sandbox.settings import Settings
from tests.sandbox.conftest import PATH, client_of, no_bad_records

FAULTS = "/_sandbox/faults"
REQUESTS = "/_sandbox/requests"


def test_a_fault_is_planned_met_counted_and_forgotten(client: httpx.Client) -> None:
    added = client.post(FAULTS, json={"fault": "html=503,on=prowler.list,seed=4"})
    assert (added.status_code, added.json()) == (201, {"id": 1, "fault": "html=503,on=prowler.list,seed=4"})
    assert client.get(PATH).status_code == 503

    (listed,) = client.get(FAULTS).json()["faults"]
    assert listed == {"id": 1, "fault": "html=503,on=prowler.list,seed=4", "seed": 4, "seen": 1, "met": 1}

    assert client.delete(f"{FAULTS}/1").status_code == 204
    assert client.delete(f"{FAULTS}/1").status_code == 404
    assert client.get(PATH).status_code == 200


def test_all_faults_are_forgotten_at_once(client: httpx.Client) -> None:
    client.post(FAULTS, json={"fault": "html"})
    client.post(FAULTS, json={"fault": "expired"})

    assert client.delete(FAULTS).status_code == 204

    assert client.get(FAULTS).json() == {"faults": []}


def test_a_fault_without_a_seed_tells_the_one_it_uses(client: httpx.Client) -> None:
    client.post(FAULTS, json={"fault": "html,p=0.5"})

    assert isinstance(client.get(FAULTS).json()["faults"][0]["seed"], int)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "Send JSON"),
        (b"[1]", "Send JSON"),
        (b'{"fault": 5}', "Send JSON"),
        (b'{"fault": "sttus=503"}', "the nearest is 'status'"),
        (b"[" * 60_000, "Send JSON"),
        (b" " * 70_000, "Send JSON"),
        (b"\xff", "Send JSON"),
        (b"9" * 5_000, "Send JSON"),
    ],
)
def test_what_can_t_be_planned_gets_a_sentence(client: httpx.Client, body: bytes, said: str) -> None:
    answer = client.post(FAULTS, content=body)

    assert answer.status_code == 400
    assert said in answer.json()["error"]


def test_the_journal_is_read_in_pages(client: httpx.Client) -> None:
    for _ in range(3):
        client.get(PATH)

    page = client.get(REQUESTS, params={"after": 1, "limit": 1}).json()
    none = client.get(REQUESTS, params={"endpoint": "prowler.submit"}).json()

    assert page["count"] == 3
    (entry,) = page["requests"]
    assert (entry["number"], entry["endpoint"], entry["status"]) == (2, "prowler.list", 200)
    assert none == {"requests": [], "count": 0}


@pytest.mark.parametrize("query", ["after=x", "after=-1", "limit=1e3", "after=" + "9" * 30])
def test_a_query_that_makes_no_sense_gets_a_sentence(client: httpx.Client, query: str) -> None:
    assert client.get(f"{REQUESTS}?{query}").status_code == 400


def test_control_itself_is_not_in_the_journal_and_meets_no_fault(sandbox: Sandbox, client: httpx.Client) -> None:
    sandbox.faults.add("reset=before")

    assert client.get(FAULTS).status_code == 200
    assert sandbox.journal.count() == 0


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Authorization": ""}, 401),
        ({"Authorization": "Api-Key wrong"}, 401),
        ({"Host": "attacker.example"}, 403),
        ({"Host": "127.0.0.1.attacker.example"}, 403),
        ({"Host": ""}, 403),
        ({"Host": "[::1"}, 400),
        ({"Origin": "https://attacker.example"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
def test_strangers_are_turned_away(client: httpx.Client, headers: dict[str, str], status: int) -> None:
    assert client.post(FAULTS, json={"fault": "html"}, headers=headers).status_code == status
    assert client.get(FAULTS).json() == {"faults": []}


def test_the_key_without_the_permission_may_not_steer(sandbox: Sandbox, client: httpx.Client) -> None:
    key = sandbox.access.prowler.api_key_without_permission.reveal()

    assert client.get(FAULTS, headers={"Authorization": f"Api-Key {key}"}).status_code == 403


def test_other_machines_are_turned_away() -> None:
    """The address of this machine in its network stands for another machine's: it is not loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing
            address = probe.getsockname()[0]
        except OSError:
            pytest.skip("this machine has no other address than loopback")
    if address.startswith("127."):
        pytest.skip("this machine has no other address than loopback")
    settings = Settings(host=address, prowler=ProwlerSettings(check=no_bad_records))
    with running(settings) as sandbox, client_of(sandbox) as client:
        assert client.get(FAULTS, headers={"Host": "localhost"}).status_code == 403
        assert client.get(PATH).status_code == 200


def test_other_methods_and_paths(client: httpx.Client) -> None:
    assert client.put(FAULTS).status_code == 405
    assert client.get("/_sandbox/other").status_code == 404
    assert client.get("/_sandbox/faults/1").status_code == 405
