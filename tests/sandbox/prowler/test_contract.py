"""What the Prowler intake answers, byte for byte.

The bodies were taken from Django REST framework 3.15.2 with djangorestframework-jsonapi 7.0.2, set up as Prowler's API
sets them up.
"""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from console.credentials import Secret
from console.sandbox.prowler.auth import Permission
from console.sandbox.server import Sandbox
from tests.sandbox.conftest import MEDIA_TYPE, PATH, submit
from tests.sandbox.prowler.support import standing

JOB = f"{PATH}/00000000-0000-0000-0000-000000000001"
MULTIPART = {"Content-Type": "multipart/form-data; boundary=B"}
NO_FILE = (
    '{"detail":"No file was submitted.","status":"400","source":{"pointer":"/data/attributes/file"},"code":"required"}'
)


def error(body: str) -> str:
    return '{"errors":[' + body + "]}"


def bad_query(detail: str, code: str = "invalid") -> str:
    return f'{{"detail":"{detail}","status":"400","source":{{"pointer":"/data"}},"code":"{code}"}}'


def unauthorized(detail: str, code: str = "authentication_failed") -> str:
    return f'{{"detail":"{detail}","status":"401","source":{{"pointer":"/data"}},"code":"{code}"}}'


NO_CREDENTIALS = unauthorized("Authentication credentials were not provided.", "not_authenticated")
NO_SUCH_PAGE = '{"detail":"Invalid page.","status":"404","source":{"pointer":"/data"},"code":"not_found"}'
REPEATED = "repeated query parameter not allowed: fields[ingestions]"
NOT_ACCEPTABLE = (
    '{"detail":"Could not satisfy the request Accept header.","status":"406","source":{"pointer":"/data"},'
    '"code":"not_acceptable"}'
)
FORBIDDEN = (
    '{"detail":"You do not have permission to perform this action.","status":"403","source":{"pointer":"/data"},'
    '"code":"permission_denied"}'
)


def not_allowed(method: str) -> str:
    detail = rf"Method \"{method}\" not allowed."
    return f'{{"detail":"{detail}","status":"405","source":{{"pointer":"/data"}},"code":"method_not_allowed"}}'


def test_a_job_reads_as_documented(reader: httpx.Client) -> None:
    answer = reader.get(JOB)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert answer.text == (
        '{"data":{"type":"ingestions","id":"00000000-0000-0000-0000-000000000001",'
        '"attributes":{"status":"completed","summary":{"total":4,"processed":3,"invalid":1},'
        '"requested_at":"2026-02-17T13:00:00.000001Z","started_at":"2026-02-17T13:00:01.000001Z",'
        '"completed_at":"2026-02-17T13:00:02.000001Z"}},"meta":{"version":"v1"}}'
    )


def test_an_accepted_file_answers_202_with_the_documented_body(client: httpx.Client) -> None:
    answer = submit(client, b'[{"a": 1}, {"a": 2}]')

    assert answer.status_code == 202
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert re.fullmatch(
        r'\{"data":\{"type":"ingestions","id":"[0-9a-f-]{36}","attributes":\{"status":"pending",'
        r'"summary":\{"total":2,"processed":0,"invalid":0\},"requested_at":"[0-9T:.-]+Z","started_at":null,'
        r'"completed_at":null\}\},"meta":\{"version":"v1"\}\}',
        answer.text,
    )


def test_a_page_of_the_list_reads_as_documented(full: Sandbox, reader: httpx.Client) -> None:
    answer = reader.get(PATH + "?page[size]=1&page[number]=2")

    link = f"{full.url}{PATH}?page%5Bnumber%5D={{}}&page%5Bsize%5D=1"
    assert answer.text == (
        f'{{"links":{{"first":"{link.format(1)}","last":"{link.format(23)}","next":"{link.format(3)}",'
        f'"prev":"{link.format(1)}"}},'
        '"data":[{"type":"ingestions","id":"00000000-0000-0000-0000-000000000016","attributes":{"status":"failed",'
        '"summary":{"total":4,"processed":0,"invalid":0},"requested_at":"2026-02-18T10:00:00.000001Z",'
        '"started_at":"2026-02-18T10:00:01.000001Z","completed_at":"2026-02-18T10:00:02.000001Z"}}],'
        '"meta":{"pagination":{"page":2,"pages":23,"count":23},"version":"v1"}}'
    )


def test_an_empty_list_has_one_page(sandbox: Sandbox, client: httpx.Client) -> None:
    answer = client.get(PATH)

    link = f'"{sandbox.url}{PATH}?page%5Bnumber%5D=1"'
    assert answer.text == (
        f'{{"links":{{"first":{link},"last":{link},"next":null,"prev":null}},"data":[],'
        '"meta":{"pagination":{"page":1,"pages":1,"count":0},"version":"v1"}}'
    )


def test_an_empty_list_of_errors_reads_like_any_list(full: Sandbox, reader: httpx.Client) -> None:
    answer = reader.get(JOB + "/errors")

    link = f'"{full.url}{JOB}/errors?page%5Bnumber%5D=1"'
    assert answer.status_code == 200
    assert answer.text == (
        f'{{"links":{{"first":{link},"last":{link},"next":null,"prev":null}},"data":[],'
        '"meta":{"pagination":{"page":1,"pages":1,"count":0},"version":"v1"}}'
    )


@pytest.mark.parametrize(
    ("query", "status", "body"),
    [
        ("filter[foo]=1", 400, bad_query("invalid filter[foo]")),
        ("filter[foo]=", 400, bad_query("missing value for query parameter filter[foo]")),
        ("filter[]=1", 400, bad_query("invalid query parameter: filter[]")),
        ("filter[status=1", 400, bad_query("invalid query parameter: filter[status")),
        ("filter=1", 400, bad_query("invalid query parameter: filter")),
        ("foo=1", 400, bad_query("invalid query parameter: foo")),
        ("sort=zzz", 400, bad_query("invalid sort parameter: zzz")),
        ("sort=inserted_at,", 400, bad_query("invalid sort parameter: ")),
        ("sort=status", 400, bad_query("invalid sort parameter: status")),
        ("sort=zzz,-yyy", 400, bad_query("invalid sort parameters: zzz,-yyy")),
        ("sort=inserted_at&sort=-inserted_at", 400, bad_query("repeated query parameter not allowed: sort")),
        ("page[size]=1&page[size]=2", 400, bad_query("repeated query parameter not allowed: page[size]")),
        ("include=foo", 400, bad_query("This endpoint does not support the include parameter", "parse_error")),
        ("include=foo&sort=zzz", 400, bad_query("invalid sort parameter: zzz")),
        ("include=foo&page[number]=99", 404, NO_SUCH_PAGE),
        ("page[number]=99", 404, NO_SUCH_PAGE),
        ("page[number]=0", 404, NO_SUCH_PAGE),
        ("page[number]=abc", 404, NO_SUCH_PAGE),
        ("page[number]=99999999999999999999", 404, NO_SUCH_PAGE),
        ("page[number]=" + "9" * 5_000, 404, NO_SUCH_PAGE),
        ("page[number]=-1", 404, NO_SUCH_PAGE),
        ("page[number]=1.0", 404, NO_SUCH_PAGE),
        ("filter[search]=a%00", 400, bad_query("Null characters are not allowed.", "null_characters_not_allowed")),
        ("fields[ingestions]=status&fields[ingestions]=id", 400, bad_query(REPEATED)),
        (
            "filter[status]=zzz",
            400,
            '{"detail":"Select a valid choice. zzz is not one of the available choices.","status":"400",'
            '"source":{"pointer":"/data/attributes/status"},"code":"invalid_choice"}',
        ),
        (
            "filter[status]=\u00e9t\u00e9",
            400,
            '{"detail":"Select a valid choice. \u00e9t\u00e9 is not one of the available choices.","status":"400",'
            '"source":{"pointer":"/data/attributes/status"},"code":"invalid_choice"}',
        ),
        (
            "filter[status__in]=failed,zzz",
            400,
            '{"detail":"Select a valid choice. zzz is not one of the available choices.","status":"400",'
            '"source":{"pointer":"/data/attributes/status__in"},"code":"invalid_choice"}',
        ),
        (
            "filter[status]=%00%FF",
            400,
            '{"detail":"Select a valid choice. \\u0000\ufffd is not one of the available choices.","status":"400",'
            '"source":{"pointer":"/data/attributes/status"},"code":"invalid_choice"}',
        ),
        (
            "filter[inserted_at]=zzz",
            400,
            '{"detail":"Enter a valid date.","status":"400","source":{"pointer":"/data/attributes/inserted_at"},'
            '"code":"invalid"}',
        ),
        (
            "filter[completed_at]=x&filter[status]=y",
            400,
            '{"detail":"Enter a valid date.","status":"400","source":{"pointer":"/data/attributes/completed_at"},'
            '"code":"invalid"},'
            '{"detail":"Select a valid choice. y is not one of the available choices.","status":"400",'
            '"source":{"pointer":"/data/attributes/status"},"code":"invalid_choice"}',
        ),
    ],
)
def test_a_query_that_cannot_be_obeyed_is_refused(reader: httpx.Client, query: str, status: int, body: str) -> None:
    answer = reader.get(f"{PATH}?{query}")

    assert (answer.status_code, answer.text) == (status, error(body))
    assert answer.headers["content-type"] == MEDIA_TYPE


@pytest.mark.parametrize(
    ("header", "body"),
    [
        (None, NO_CREDENTIALS),
        ("Token x", NO_CREDENTIALS),
        ("Api-Key", NO_CREDENTIALS),
        ("Api-Key pk_aaaaaaaa.wrong", unauthorized("Invalid API Key.")),
        (
            "Bearer x",
            '{"detail":"Token is invalid","status":"401","code":"token_not_valid"},'
            + unauthorized("Given token not valid for any token type", "token_not_valid")
            + ","
            + unauthorized("token_not_valid", "token_not_valid"),
        ),
        (
            "Bearer x y",
            unauthorized("Authorization header must contain two space-delimited values")
            + ","
            + unauthorized("bad_authorization_header"),
        ),
    ],
)
def test_a_request_without_a_good_key_gets_401(full: Sandbox, header: str | None, body: str) -> None:
    answer = httpx.get(full.url + PATH, headers={} if header is None else {"Authorization": header})

    assert (answer.status_code, answer.text) == (401, error(body))


def test_the_form_of_the_key_matters_to_the_letter(full: Sandbox) -> None:
    key = full.access.prowler.api_key.reveal()

    answer = httpx.get(full.url + PATH, headers={"Authorization": f"api-key {key}"})

    assert (answer.status_code, answer.text) == (401, error(NO_CREDENTIALS))


def test_a_revoked_key_is_told_so_from_the_next_request_on(sandbox: Sandbox, client: httpx.Client) -> None:
    assert client.get(PATH).status_code == 200

    sandbox.prowler.keys.revoke(sandbox.access.prowler.api_key)

    answer = client.get(PATH)
    assert (answer.status_code, answer.text) == (401, error(unauthorized("This API Key has been revoked.")))


def test_a_key_is_good_until_it_expires(tmp_path: Path) -> None:
    key = Secret("pk_aaaaaaaa.one")
    with standing(tmp_path) as stand:
        stand.intake.keys.add(key, Permission.MANAGE_INGESTIONS, stand.clock.now + timedelta(days=365))
        stand.client.headers["Authorization"] = f"Api-Key {key.reveal()}"
        stand.clock.move(days=364, hours=23)
        before = stand.client.get(PATH)
        stand.clock.move(hours=1)
        after = stand.client.get(PATH)

    assert before.status_code == 200
    assert (after.status_code, after.text) == (401, error(unauthorized("API Key has already expired.")))
    assert after.headers["www-authenticate"] == 'Bearer realm="api"'


def test_a_key_whose_entry_is_gone_is_told_so_even_if_it_was_revoked(sandbox: Sandbox, client: httpx.Client) -> None:
    for end in (sandbox.prowler.keys.revoke, sandbox.prowler.keys.delete):
        end(sandbox.access.prowler.api_key)

    answer = client.get(PATH)

    assert (answer.status_code, answer.text) == (401, error(unauthorized("No entity matching this api key.")))


@pytest.mark.parametrize("key", ["pk_\u00e9", "pk_" + "x" * 30_000, ".", " y"])
def test_a_key_of_any_form_is_compared_and_refused(full: Sandbox, key: str) -> None:
    answer = httpx.get(full.url + PATH, headers={b"Authorization": f"Api-Key x{key}".encode("latin-1")})

    assert (answer.status_code, answer.text) == (401, error(unauthorized("Invalid API Key.")))


@pytest.mark.parametrize("path", [PATH, JOB, JOB + "/errors"])
def test_a_key_without_the_permission_gets_403_everywhere(full: Sandbox, path: str) -> None:
    key = full.access.prowler.api_key_without_permission.reveal()

    answer = httpx.get(full.url + path, headers={"Authorization": f"Api-Key {key}"})

    assert (answer.status_code, answer.text) == (403, error(FORBIDDEN))


def test_the_key_is_looked_at_before_the_accept_header_and_that_before_the_permission(full: Sandbox) -> None:
    key = full.access.prowler.api_key_without_permission.reveal()
    plain = {"Accept": "application/json"}

    without_key = httpx.get(full.url + PATH, headers=plain)
    without_permission = httpx.get(full.url + PATH, headers={**plain, "Authorization": f"Api-Key {key}"})

    assert without_key.status_code == 401
    assert without_permission.status_code == 406


@pytest.mark.parametrize("accept", ["application/json", "text/html", "garbage", "*", ""])
def test_a_client_that_takes_no_json_api_gets_406(reader: httpx.Client, accept: str) -> None:
    answer = reader.get(PATH, headers={"Accept": accept})

    assert (answer.status_code, answer.text) == (406, error(NOT_ACCEPTABLE))


@pytest.mark.parametrize(
    "accept",
    ["*/*", "application/*", MEDIA_TYPE, f"{MEDIA_TYPE}; charset=utf-8", "application/json, */*;q=0.1"],
)
def test_a_client_that_takes_json_api_in_some_way_is_served(reader: httpx.Client, accept: str) -> None:
    assert reader.get(PATH, headers={"Accept": accept}).status_code == 200


def test_a_client_that_says_nothing_about_what_it_takes_is_served(reader: httpx.Client) -> None:
    del reader.headers["Accept"]

    assert reader.get(PATH).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", PATH, "GET, POST"),
        ("BREW", PATH, "GET, POST"),
        ("PUT", PATH, "GET, POST"),
        ("OPTIONS", PATH, "GET, POST"),
        ("DELETE", JOB, "GET"),
        ("POST", JOB, "GET"),
        ("PATCH", JOB + "/errors", "GET"),
    ],
)
def test_other_methods_get_405(reader: httpx.Client, method: str, path: str, allowed: str) -> None:
    answer = reader.request(method, path)

    assert (answer.status_code, answer.text) == (405, error(not_allowed(method)))
    assert answer.headers["allow"] == allowed


@pytest.mark.parametrize("rest", ["", "/errors"])
def test_a_job_that_is_not_there_gets_404_without_a_source(reader: httpx.Client, rest: str) -> None:
    answer = reader.get(f"{PATH}/{UUID(int=99)}{rest}")

    assert answer.status_code == 404
    assert answer.text == error('{"detail":"No Ingestion matches the given query.","status":"404","code":"not_found"}')


@pytest.mark.parametrize("rest", ["", "/errors"])
def test_an_id_that_is_no_uuid_gets_the_bare_404(reader: httpx.Client, rest: str) -> None:
    answer = reader.get(f"{PATH}/nope{rest}")

    assert answer.status_code == 404
    assert answer.text == error('{"detail":"Not found.","status":"404","code":"not_found"}')


@pytest.mark.parametrize("path", ["/", "/api/v1/ingestions/", "/api/v1/ingestions/a.b", JOB + "/", "/api/v1/scans"])
def test_a_path_that_is_not_the_services_gets_a_page(full: Sandbox, path: str) -> None:
    answer = httpx.get(full.url + path)

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.text == (
        '\n<!doctype html>\n<html lang="en">\n<head>\n  <title>Not Found</title>\n</head>\n<body>\n'
        "  <h1>Not Found</h1><p>The requested resource was not found on this server.</p>\n</body>\n</html>\n"
    )


@pytest.mark.parametrize("path", ["/", PATH, JOB])
def test_every_answer_has_an_own_transaction_id(full: Sandbox, path: str) -> None:
    ids = {httpx.get(full.url + path).headers["transaction-id"] for _ in range(2)}

    assert len(ids) == 2
    assert all(UUID(found).hex == found for found in ids)


def test_a_clients_own_transaction_id_is_kept_only_when_it_is_one(full: Sandbox) -> None:
    mine = str(UUID(int=7))

    kept = httpx.get(full.url, headers={"Transaction-ID": mine})
    replaced = httpx.get(full.url, headers={"Transaction-ID": "mine"})

    assert kept.headers["transaction-id"] == mine
    assert replaced.headers["transaction-id"] != "mine"


def test_a_path_that_is_not_the_services_reads_the_body_out(full: Sandbox) -> None:
    with httpx.Client() as anyone:
        assert anyone.post(full.url + "/api/v1/scans", content=b"x" * 3_000_000).status_code == 404
        assert anyone.get(full.url + PATH).status_code == 401


@pytest.mark.parametrize(
    "kind", ["application/json", "application/x-www-form-urlencoded", "multipart/mixed; boundary=B"]
)
def test_a_body_of_another_kind_gets_415(reader: httpx.Client, kind: str) -> None:
    answer = reader.post(PATH, content=b"[]", headers={"Content-Type": kind})

    detail = rf"Unsupported media type \"{kind}\" in request."
    assert answer.status_code == 415
    assert answer.text == error(
        f'{{"detail":"{detail}","status":"415","source":{{"pointer":"/data"}},"code":"unsupported_media_type"}}'
    )


def test_a_form_without_a_file_gets_400_required(reader: httpx.Client) -> None:
    answer = reader.post(PATH, files={"other": ("a.json", b"[]")})

    assert (answer.status_code, answer.text) == (400, error(NO_FILE))


def test_a_request_without_a_body_gets_400_required(reader: httpx.Client) -> None:
    answer = reader.post(PATH)

    assert (answer.status_code, answer.text) == (400, error(NO_FILE))


def test_an_empty_file_gets_400_empty(reader: httpx.Client) -> None:
    answer = submit(reader, b"")

    assert answer.status_code == 400
    assert answer.text == error(
        '{"detail":"The submitted file is empty.","status":"400","source":{"pointer":"/data/attributes/file"},'
        '"code":"empty"}'
    )


def test_a_text_field_in_the_place_of_the_file_gets_400_invalid(reader: httpx.Client) -> None:
    body = b'--B\r\nContent-Disposition: form-data; name="file"\r\n\r\n[]\r\n--B--\r\n'

    answer = reader.post(PATH, content=body, headers=MULTIPART)

    assert answer.status_code == 400
    assert answer.text == error(
        '{"detail":"The submitted data was not a file. Check the encoding type on the form.","status":"400",'
        '"source":{"pointer":"/data/attributes/file"},"code":"invalid"}'
    )


@pytest.mark.parametrize(("kind", "shown"), [("multipart/form-data", "None"), ("multipart/form-data; boundary=", "")])
def test_a_multipart_body_without_a_boundary_gets_400_parse_error(reader: httpx.Client, kind: str, shown: str) -> None:
    answer = reader.post(PATH, content=b"abc", headers={"Content-Type": kind})

    detail = f"Multipart form parse error - Invalid boundary in multipart: {shown}"
    assert (answer.status_code, answer.text) == (400, error(bad_query(detail, "parse_error")))


def test_an_upload_may_not_ask_for_included_resources(reader: httpx.Client) -> None:
    answer = reader.post(PATH + "?include=provider", files={"file": ("a.json", b"[]")})

    detail = "This endpoint does not support the include parameter"
    assert (answer.status_code, answer.text) == (400, error(bad_query(detail, "parse_error")))
