"""A proxy's page or half a body is read again; a write is never sent again for it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from muster.errors import GatewayError
from muster.gateway.kinds import BadAnswer
from muster.gateway.open import open_gateway
from tests.unit.gateway.stub import ITEM, NETWORK, Answer, Stub, running_stub

THERE = {"id": NETWORK, "name": "drill", "type": "x/y", "location": "l", "properties": {}}


@pytest.fixture
async def stub(tmp_path: Path) -> AsyncIterator[Stub]:
    async with running_stub(tmp_path) as running:
        yield running


def says(text: str, kind: str = "application/json", status: int = 200) -> Answer:
    return lambda request: web.Response(text=text, content_type=kind, status=status)


def network(request: web.Request) -> web.Response:
    return web.json_response(THERE)


class Broken(web.Response):
    """Announces more than it sends."""

    async def write_eof(self, data: bytes = b"") -> None:
        assert self._req is not None
        transport = self._req.transport
        await super().write_eof(data)
        if transport is not None:
            transport.close()


def breaks_off(request: web.Request) -> web.StreamResponse:
    answer = Broken(text='{"id": "/subscr', content_type="application/json")
    answer.headers["Content-Length"] = "500"
    return answer


UNREADABLE = [
    says("<html>502 Bad Gateway</html>", "text/html"),
    says("<html>502 Bad Gateway</html>"),
    says(""),
    says('{"id": '),
    breaks_off,
]


@pytest.mark.parametrize("answer", UNREADABLE)
async def test_a_read_is_repeated_until_it_can_be_read(stub: Stub, answer: Answer) -> None:
    stub.then(network, answer, answer, network)
    async with open_gateway(stub.settings()) as gateway:
        for _ in range(2):
            found = await gateway.resource(NETWORK)
            assert found is not None
            assert found.id == NETWORK
    assert len(stub.asked) == 4


async def test_what_can_never_be_read_is_told_in_the_end(stub: Stub) -> None:
    stub.then(network, says("<html>", "text/html"))
    async with open_gateway(stub.settings()) as gateway:
        await gateway.resource(NETWORK)
        with pytest.raises(BadAnswer):
            await gateway.resource(NETWORK)
    assert 4 <= len(stub.asked) <= 8


@pytest.mark.parametrize("answer", [says("<html>", "text/html", 202), breaks_off])
async def test_an_act_is_not_sent_again_for_an_unreadable_answer(
    stub: Stub, answer: Answer
) -> None:
    stub.then(network, answer)
    async with open_gateway(stub.settings()) as gateway:
        await gateway.resource(NETWORK)
        with pytest.raises(GatewayError) as caught:
            await gateway.start_test_failover(ITEM, NETWORK, None)
    assert getattr(caught.value, "maybe_accepted", True)
    assert [method for method, _ in stub.asked] == ["GET", "POST"]
