"""Bytes that are no text, in places where HTTP libraries of clients would never put any."""

from __future__ import annotations

import asyncio
import ssl
from urllib.parse import urlsplit

import pytest

from .conftest import TARGET, VAULT, Azure
from .test_control_port import ask

TABLE = f"{TARGET}/Microsoft.Network/routeTables/rt?api-version=2024-01-01"


async def sent(azure: Azure, head: bytes, *headers: bytes, body: bytes = b"") -> bytes:
    """The whole answer to a request as it is put together here, byte for byte."""
    host, port = azure.endpoint.removeprefix("https://").split(":")
    context = ssl.create_default_context(cafile=azure.ca)
    reader, writer = await asyncio.open_connection(host, int(port), ssl=context)
    length = b"Content-Length: %d" % len(body)
    lines = (head, b"Host: x", b"Connection: close", length, *headers, b"", body)
    writer.write(b"\r\n".join(lines))
    await writer.drain()
    answer = await reader.read()
    writer.close()
    return answer


@pytest.mark.parametrize("name", [b"x-ms-client-request-id", b"x-ms-correlation-request-id"])
@pytest.mark.parametrize("group", [b"rg-asr", b"rg-app"])  # it may write in one of them only
async def test_an_odd_id_of_a_request_is_told_without_what_is_odd(
    azure: Azure, name: bytes, group: bytes
) -> None:
    bearer = b"Authorization: Bearer " + (await azure.as_("drill")).encode()
    head = b"PUT " + TABLE.encode().replace(b"rg-asr", group) + b" HTTP/1.1"
    told = (bearer, b"Content-Type: application/json", name + b": a\xff\xc3\xbcb")
    answer = await sent(azure, head, *told, body=b'{"location":"westus2"}')
    assert answer.split()[1] == (b"201" if group == b"rg-asr" else b"403")
    assert b"\r\n" + name + b": a??b\r\n" in answer
    assert (await azure.get(VAULT))["name"] == "rsv"  # and the world can still be kept
    since = "eventTimestamp ge '2020-01-01T00:00:00Z'"
    events = f"{VAULT.partition('/resourceGroups')[0]}/providers/Microsoft.Insights/eventtypes"
    (event,) = (await azure.get(f"{events}/management/values", **{"$filter": since}))["value"]
    assert "a??b" in (event["correlationId"], event["httpRequest"]["clientRequestId"])
    assert (await ask(azure, "/health"))[1]["status"] == "running"


async def test_a_bearer_that_is_no_text_is_a_token_that_is_invalid(azure: Azure) -> None:
    answer = await sent(azure, f"GET {TABLE} HTTP/1.1".encode(), b"Authorization: Bearer \xff.a.b")
    assert answer.split()[1] == b"401"
    assert b"InvalidAuthenticationToken" in answer


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (b"application/x-www-form-urlencoded; charset=nope", b"client_id=a"),
        (b"application/x-www-form-urlencoded", b"\xff\xfe"),
        (b"application/x-www-form-urlencoded", b"client_id=%ff&client_secret=%ed%a0%80"),
        (b"multipart/form-data", b"--x\r\n\r\n"),
        (b"multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\na"),
        (b"application/json", b"{}"),
        (b"a/b/c", b"x"),
    ],
)
async def test_a_form_that_is_none_lacks_its_grant_type(
    azure: Azure, kind: bytes, body: bytes
) -> None:
    path = f"/{azure.settings['AZURE_TENANT_ID']}/oauth2/v2.0/token"
    told = (b"Content-Type: " + kind, b"Authorization: Basic \xff\xfe")
    answer = await sent(azure, f"POST {path} HTTP/1.1".encode(), *told, body=body)
    assert answer.split()[1] == b"400"
    assert b"AADSTS900144" in answer


@pytest.mark.parametrize(
    "odd", [b"GET / HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\n" + b"X: secret\r\n" * 3000 + b"\r\n"]
)
async def test_what_is_no_http_is_refused_and_leaves_no_trace(
    odd: bytes, azure: Azure, caplog: pytest.LogCaptureFixture
) -> None:
    port = urlsplit(azure.settings["MUSTER_SIMULATOR_CONTROL"]).port
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(odd)
    assert (await reader.readline()).split()[1] == b"400"
    writer.close()
    assert not [record for record in caplog.records if record.exc_info]
    assert (await ask(azure, "/health"))[1]["status"] == "running"
