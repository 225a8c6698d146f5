"""ARM's token buckets: who draws from which, what a refusal says, and who gets along with it."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError
from azure.mgmt.recoveryservicessiterecovery.aio import SiteRecoveryManagementClient

from muster.gateway.budget import Budget
from muster.gateway.connections import Connections
from muster.settings import settings_from
from muster.simulator.arm.meter import Meter
from muster.simulator.errors import SimulatorError
from muster.simulator.worlds.file import load_world
from muster.simulator.worlds.identities import Bucket, Throttling

from .conftest import DRILL_NETWORK, VAULT, Azure, running
from .people import object_id, role, sign_in, with_secret, world_with

ONE = "11111111-2222-4333-8444-555555555555"
SMALL = "{throttling: {reads: {size: 5, refill: 0.5}, writes: {size: 3, refill: 0.1}, wait: 60s}}"


def passes(meter: Meter, count: int, now: float, method: str = "GET", who: str = "me") -> int:
    """How many of so many requests at one instant get through."""
    return sum(meter.take(who, method, ONE, now).wait is None for _ in range(count))


# -- the buckets -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "size", "refill"),
    [("GET", 250, 25), ("HEAD", 250, 25), ("PUT", 200, 10), ("PATCH", 200, 10), ("POST", 200, 10),
     ("DELETE", 200, 10)],
)  # fmt: skip
def test_a_bucket_holds_what_microsoft_says_and_fills_in_azure_time(
    method: str, size: int, refill: int
) -> None:
    meter = Meter()
    assert passes(meter, size + 50, 0.0, method) == size
    assert passes(meter, 1, 9.9, method) == 0
    meter = Meter()
    passes(meter, size, 0.0, method)
    assert passes(meter, size, 2.0, method) == 2 * refill


def test_kinds_principals_and_subscriptions_have_buckets_of_their_own() -> None:
    meter = Meter()
    passes(meter, 300, 0.0)
    assert passes(meter, 1, 0.0, "PUT") == 1
    assert passes(meter, 1, 0.0, "DELETE") == 1
    assert passes(meter, 1, 0.0, who="somebody else") == 1
    assert meter.take("me", "GET", "another subscription", 0.0).wait is None
    assert meter.take("me", "GET", "", 0.0).wait is None  # the tenant's


def test_whoever_sends_before_the_wait_is_over_begins_it_anew() -> None:
    meter = Meter()
    passes(meter, 250, 0.0)
    assert meter.take("me", "GET", ONE, 0.0).wait == 10
    assert meter.take("me", "GET", ONE, 9.0).wait == 10  # there would be tokens by now
    assert meter.take("me", "GET", ONE, 18.9).wait == 10
    assert meter.take("me", "GET", ONE, 28.9).wait is None


def test_all_principals_together_have_fifteen_times_as_much() -> None:
    meter = Meter()
    through = sum(passes(meter, 250, 0.0, who=f"principal {n}") for n in range(20))
    assert through == 15 * 250
    reading = meter.take("another", "GET", ONE, 0.0)
    assert reading.wait == 10
    assert reading.headers["x-ms-ratelimit-remaining-subscription-reads"] == "0"
    assert reading.headers["x-ms-ratelimit-remaining-subscription-global-reads"] == "0"


@pytest.mark.parametrize("back", [0.5, 30.0, 20_000.0])
def test_a_clock_that_is_put_back_takes_nothing_away(back: float) -> None:
    meter, now = Meter(), 1_000_000.0
    assert passes(meter, 100, now) == 100
    reading = meter.take("me", "GET", ONE, now - back)
    assert reading.wait is None
    assert set(reading.headers.values()) == {"149", "3649"}
    assert passes(meter, 300, now - back) == 149  # and the wait begins
    assert passes(meter, 1, now - back + 10.0) == 1


def test_a_meter_that_is_off_counts_nothing_down() -> None:
    meter = Meter(Throttling(enabled=False))
    assert passes(meter, 300, 0.0) == 300
    assert set(meter.take("me", "GET", ONE, 0.0).headers.values()) == {"250", "3750"}


async def test_subscriptions_that_are_not_there_draw_on_the_tenants_bucket(
    tmp_path: Path,
) -> None:
    slow = "{throttling: {reads: {size: 5, refill: 0.00001}}}"
    async with running(tmp_path / "state", world_with(tmp_path, settings=slow)) as azure:
        left = []
        for n in range(3):
            path = f"/subscriptions/{n}1111111-2222-4333-8444-55555555555{n}/resourceGroups"
            _, _, headers = await azure.ask("GET", path)
            left.append(int(headers["x-ms-ratelimit-remaining-tenant-reads"]))
    assert left == [4, 3, 2]


def test_a_refused_request_takes_nothing() -> None:
    meter = Meter(Throttling(reads=Bucket(size=10, refill=2), wait=1.0))
    assert passes(meter, 11, 0.0) == 10
    assert passes(meter, 1, 0.9) == 0  # too early, with nearly two there
    assert passes(meter, 9, 1.9) == 3


# -- on the wire -----------------------------------------------------------------------------


async def test_the_headers_tell_what_is_left_of_both_buckets(tmp_path: Path) -> None:
    async with running(tmp_path / "state", speed=1.0) as azure:
        expected = {"GET": "reads", "PUT": "writes", "DELETE": "deletes"}
        for method, kind in expected.items():
            _, _, headers = await azure.ask(method, f"{DRILL_NETWORK}/subnets/none", {})
            size = 249 if kind == "reads" else 199
            assert headers[f"x-ms-ratelimit-remaining-subscription-{kind}"] == str(size)
            shared = headers[f"x-ms-ratelimit-remaining-subscription-global-{kind}"]
            assert shared == str(15 * (size + 1) - 1)
        _, _, headers = await azure.ask("GET", "/subscriptions")
        assert headers["x-ms-ratelimit-remaining-tenant-reads"] == "249"
        assert "x-ms-ratelimit-remaining-subscription-reads" not in headers


async def test_a_refused_token_is_not_counted(azure: Azure) -> None:
    _, _, headers = await azure.ask("GET", VAULT, token="not.a.token")
    assert [name for name in headers if "ratelimit" in name.lower()] == []


async def hammer(azure: Azure, count: int, path: str = VAULT) -> tuple[Counter[int], list[Any]]:
    """So many reads at once: how often which status, and the refusals."""
    token = await azure.as_("drill")
    answers = await asyncio.gather(*(azure.ask("GET", path, token=token) for _ in range(count)))
    return Counter(answer[0] for answer in answers), [a for a in answers if a[0] == 429]


async def test_bare_http_that_hammers_gets_what_the_bucket_holds_and_429_for_the_rest(
    tmp_path: Path,
) -> None:
    async with running(tmp_path / "state", speed=1.0) as azure:
        began = time.monotonic()
        statuses, refused = await hammer(azure, 500)
        took = time.monotonic() - began
        assert set(statuses) == {200, 429}
        assert 250 <= statuses[200] <= 250 + 25 * took + 1
        _, body, headers = refused[0]
        assert headers["Retry-After"] == "10"
        assert headers["x-ms-ratelimit-remaining-subscription-reads"] == "0"
        assert body == {
            "error": {
                "code": "SubscriptionRequestsThrottled",
                "message": f"Number of 'read' requests for subscription '{ONE}' actor "
                f"'{object_id('a')}' exceeded. Please try again after '10' seconds after "
                "additional tokens are available. Refer to https://aka.ms/arm-throttling for "
                "additional information.",
            }
        }
        assert (await azure.ask("PUT", f"{VAULT}/x/y", {}))[0] != 429  # another kind
        operator = await azure.as_("operator")
        assert (await azure.ask("GET", VAULT, token=operator))[0] == 200  # another principal


@pytest.mark.parametrize(("speed", "told"), [(1.0, "60"), (60.0, "1"), (600.0, "1")])
async def test_the_wait_is_told_in_whole_seconds_of_the_clients_clock(
    tmp_path: Path, speed: float, told: str
) -> None:
    settings = SMALL.replace("0.5", "0.001")
    world = world_with(tmp_path, settings=settings)
    async with running(tmp_path / "state", world, speed=speed) as azure:
        _, refused = await hammer(azure, 20)
        assert {headers["Retry-After"] for _, _, headers in refused} == {told}


async def test_the_sdk_waits_as_it_is_told_and_gets_through(tmp_path: Path) -> None:
    world = world_with(tmp_path, settings=SMALL.replace("0.5", "0.05"))
    async with running(tmp_path / "state", world, speed=60.0) as azure:
        client, paused = await azure.site_recovery(), time.monotonic()
        for _ in range(12):
            item = [each async for each in client.replication_policies.list("rg-dr", "rsv")]
            assert item
        assert time.monotonic() - paused >= 1.0  # it was told to wait at least once
        statuses = await statuses_of(azure, "list Microsoft.RecoveryServices/vaults")
        assert statuses["429"] >= 1
        assert statuses["200"] == 12


async def test_an_sdk_that_may_not_retry_hears_the_refusal(tmp_path: Path) -> None:
    world = world_with(tmp_path, settings=SMALL)
    async with running(tmp_path / "state", world, speed=1.0) as azure:
        await hammer(azure, 10)
        client = await azure.client(SiteRecoveryManagementClient, retry_total=0)
        with pytest.raises(HttpResponseError) as caught:
            await client.replication_jobs.get("rg-dr", "rsv", "job")
        assert caught.value.status_code == 429
        assert caught.value.error.code == "SubscriptionRequestsThrottled"  # type: ignore[union-attr]


async def test_writes_are_refused_before_they_do_anything(tmp_path: Path) -> None:
    world = world_with(tmp_path, settings=SMALL)
    async with running(tmp_path / "state", world, speed=1.0) as azure:
        made = []
        for n in range(5):
            path = f"{DRILL_NETWORK}/subnets/s{n}"
            body = {"properties": {"addressPrefix": f"10.1.{20 + n}.0/24"}}
            made.append((await azure.ask("PUT", path, body))[0])
        assert made == [201, 201, 201, 429, 429]
        operator = await azure.as_("operator")
        _, body, _ = await azure.ask("GET", f"{DRILL_NETWORK}/subnets", token=operator)
        assert {row["name"] for row in body["value"]} == {"alpha", "data", "s0", "s1", "s2"}


async def test_throttling_can_be_switched_off(tmp_path: Path) -> None:
    off = SMALL.replace("{throttling: {", "{throttling: {enabled: false, ")
    async with running(tmp_path / "state", world_with(tmp_path, settings=off)) as azure:
        statuses, _ = await hammer(azure, 60)
        assert statuses == {200: 60}
        _, _, headers = await azure.ask("GET", VAULT)
        assert int(headers["x-ms-ratelimit-remaining-subscription-reads"]) <= 5


async def test_one_principal_does_not_use_up_what_another_has(tmp_path: Path) -> None:
    world = world_with(tmp_path, with_secret("c", role("Reader")), settings=SMALL)
    async with running(tmp_path / "state", world, speed=1.0) as azure:
        statuses, _ = await hammer(azure, 20)
        assert statuses[429] > 0
        token = await sign_in(azure, "c")
        assert (await azure.ask("GET", VAULT, token=token))[0] == 200


@asynccontextmanager
async def gateway_to(azure: Azure) -> AsyncIterator[Connections]:
    """Muster's own connections, with its budget and its retries."""
    settings = settings_from(azure.settings)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in azure.settings.items():
            patch.setenv(name, value)
        async with Connections(settings, Budget(settings.clock)) as connections:
            yield connections


async def test_musters_own_gateway_keeps_to_the_limits(tmp_path: Path) -> None:
    """Its budget is ARM's, without a margin: what comes some milliseconds early is told so."""
    async with running(tmp_path / "state", speed=1.0) as azure:
        async with gateway_to(azure) as gateway:
            await asyncio.gather(*(gateway.get_json(VAULT, "2024-04-01") for _ in range(290)))
        statuses = await statuses_of(azure, "get Microsoft.RecoveryServices/vaults")
    assert statuses["200"] == 290
    assert statuses.get("429", 0) <= 14


async def test_musters_own_gateway_gets_through_limits_lower_than_its_own(tmp_path: Path) -> None:
    """It takes Retry-After for seconds of Azure time, and is not punished for it."""
    world = world_with(tmp_path, settings="{throttling: {reads: {size: 5, refill: 2}}}")
    async with running(tmp_path / "state", world, speed=10.0) as azure:
        async with gateway_to(azure) as gateway:
            for _ in range(20):
                assert (await gateway.get_json(VAULT, "2024-04-01"))["name"] == "rsv"
        statuses = await statuses_of(azure, "get Microsoft.RecoveryServices/vaults")
    assert statuses["200"] == 20
    assert statuses["429"] > 0


async def statuses_of(azure: Azure, operation: str) -> Mapping[str, int]:
    """How often the control port counted which answer to operations that begin so."""
    found: Counter[str] = Counter()
    async with azure.http.get(f"{azure.settings['MUSTER_SIMULATOR_CONTROL']}/counters") as got:
        for row in (await got.json())["counters"]:
            if row["operation"].startswith(operation):
                found.update(row["statuses"])
    return dict(found)


@pytest.mark.parametrize("setting", ["{reads: {size: 0, refill: 1}}", "{wait: 0s}", "{writes: 5}"])
def test_limits_that_cannot_be_are_mistakes_of_the_world(tmp_path: Path, setting: str) -> None:
    world = world_with(tmp_path, settings=f"{{throttling: {setting}}}")
    line = len(world.read_text().splitlines())
    with pytest.raises(SimulatorError, match=rf"{world}:{line}: settings\.throttling"):
        load_world(world)
