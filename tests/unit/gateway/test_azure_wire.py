"""The SDKs on the wire: what is sent how often, and what a job is called."""

from __future__ import annotations

from datetime import timedelta

import pytest
from aiohttp import web

from muster.gateway.kinds import (
    AzureError,
    NoJobNamed,
    ServerError,
    Throttled,
    Unreachable,
)
from muster.gateway.open import open_gateway
from tests.unit.gateway.stub import (
    GUID,
    ITEM,
    NETWORK,
    VAULT,
    Stub,
    arm_error,
)
from tests.unit.gateway.wire_answers import accepted, location, says


def resets(request: web.Request) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def test_the_job_is_read_from_a_signed_location(stub: Stub) -> None:
    stub.then(location)
    async with open_gateway(stub.settings()) as gateway:
        told = await gateway.start_test_failover(ITEM, NETWORK, None)
    assert told.job_id == f"{VAULT.id}/replicationJobs/{GUID}"
    assert stub.asked == [("POST", f"{ITEM}/testFailover")]
    sent = stub.bodies[0]["properties"]
    assert sent["networkId"] == NETWORK
    assert "recoveryPointId" not in sent["providerSpecificDetails"]
    assert stub.agents[0].startswith("muster/")


async def test_a_recovery_point_is_passed_on_unchanged(stub: Stub) -> None:
    stub.then(location)
    point = f"{ITEM}/recoveryPoints/p1"
    async with open_gateway(stub.settings()) as gateway:
        await gateway.start_test_failover(ITEM, NETWORK, point)
    assert stub.bodies[0]["properties"]["providerSpecificDetails"]["recoveryPointId"] == point


async def test_without_location_the_request_id_names_the_job(stub: Stub) -> None:
    stub.then(accepted({"x-ms-request-id": f"{VAULT.id}/replicationJobs/{GUID}"}))
    async with open_gateway(stub.settings()) as gateway:
        told = await gateway.start_cleanup(ITEM, "done")
    assert told.job_id.endswith(f"/replicationJobs/{GUID}")
    assert stub.bodies[0] == {"properties": {"comments": "done"}}


async def test_an_accepted_write_that_names_no_job_is_an_error_that_says_it_may_run(
    stub: Stub,
) -> None:
    stub.then(accepted({"x-ms-request-id": GUID}))  # ARM's own id of the request, no job
    async with open_gateway(stub.settings()) as gateway:
        with pytest.raises(NoJobNamed) as caught:
            await gateway.start_cleanup(ITEM, "done")
    assert caught.value.maybe_accepted


@pytest.mark.parametrize("status", [500, 503, 408])
async def test_an_act_is_not_sent_again_after_a_server_error(stub: Stub, status: int) -> None:
    stub.then(lambda request: arm_error(status, "Oops", "went wrong"), location)
    async with open_gateway(stub.settings()) as gateway:
        with pytest.raises(AzureError) as caught:
            await gateway.start_test_failover(ITEM, NETWORK, None)
    assert len(stub.asked) == 1
    assert caught.value.maybe_accepted or status == 408


async def test_an_act_is_not_sent_again_after_a_reset_connection(stub: Stub) -> None:
    stub.then(resets, location)
    async with open_gateway(stub.settings()) as gateway:
        with pytest.raises(Unreachable) as caught:
            await gateway.start_test_failover(ITEM, NETWORK, None)
    assert len(stub.asked) == 1
    assert caught.value.maybe_accepted


async def test_an_act_is_sent_again_after_a_429_for_that_one_was_not_accepted(stub: Stub) -> None:
    stub.then(
        lambda request: web.json_response(
            {"error": {"code": "TooManyRequests", "message": "slow down"}},
            status=429,
            headers={"Retry-After": "3"},
        ),
        location,
    )
    settings = stub.settings(speed=600)
    began = settings.clock.monotonic()
    async with open_gateway(settings) as gateway:
        told = await gateway.start_test_failover(ITEM, NETWORK, None)
        assert gateway.usage().throttled == 1
        assert gateway.usage().writes == 2
    assert told.job_id.endswith(GUID)
    assert settings.clock.monotonic() - began >= timedelta(seconds=3)


async def test_an_act_is_held_up_by_a_429_no_longer_than_its_intent_holds(stub: Stub) -> None:
    stub.then(lambda r: web.Response(status=429, headers={"Retry-After": "120"}), location)
    async with open_gateway(stub.settings()) as gateway:
        with pytest.raises(Throttled):
            await gateway.start_test_failover(ITEM, NETWORK, None)
        assert len(stub.asked) == 1


async def test_a_read_is_repeated_until_it_works(stub: Stub) -> None:
    body = {"id": VAULT.id, "name": "rsv", "location": "westus2", "properties": {}}
    stub.then(
        lambda request: arm_error(503, "Busy", "later"),
        resets,
        lambda request: arm_error(429, "TooManyRequests", "later"),
        says(200, body),
    )
    async with open_gateway(stub.settings()) as gateway:
        vault = await gateway.vault(VAULT)
    assert len(stub.asked) == 4
    assert vault is not None
    assert vault.location == "westus2"


async def test_a_read_waits_a_storm_of_429_out_as_long_as_patience_lasts(stub: Stub) -> None:
    body = {"id": VAULT.id, "name": "rsv", "location": "westus2", "properties": {}}

    def later(_: web.Request) -> web.Response:
        return web.Response(status=429, headers={"Retry-After": "11"})

    stub.then(*[later] * 20, says(200, body), later)
    async with open_gateway(stub.settings(speed=600)) as gateway:
        assert await gateway.vault(VAULT) is not None
        assert len(stub.asked) == 21
        with pytest.raises(Throttled):
            await gateway.vault(VAULT)
        assert 20 < len(stub.asked) - 21 <= 300 // 11 + 1


async def test_a_read_is_not_repeated_for_ever(stub: Stub) -> None:
    stub.then(lambda request: arm_error(503, "Busy", "later"))
    async with open_gateway(stub.settings()) as gateway:
        with pytest.raises(ServerError, match="later"):
            await gateway.vault(VAULT)
    assert len(stub.asked) == 6
