"""What others made is never written over, whatever a read says and whoever was faster."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from muster.gateway.port import Gateway
from muster.replication.decision import Decision
from muster.steps.replicating.deciding import decide
from tests.in_process.replicating import Bench, Replicated, fault, replicated
from tests.in_process.test_replicating import VMS, made, states
from tests.in_process.test_replicating_plans import from_nothing

HOUR = timedelta(hours=1)
NETWORKS = "get Microsoft.Network/virtualNetworks"
MISSED = {"answer": {"status": 404, "code": "ResourceNotFound", "message": "not found"}}
UNLISTED = fault("list *resourceGroups/resources", "1-", change={"set": {"value": []}})
MIRROR = "virtualNetworks vnet-erp-asr"


def body(prefix: str = "10.1", region: str = "westus2") -> dict[str, Any]:
    names = ("data", "app", "web", "others")
    return {
        "location": region,
        "tags": {"owner": "team2"},
        "properties": {
            "addressSpace": {"addressPrefixes": [f"{prefix}.0.0/16"]},
            "subnets": [
                {"name": name, "properties": {"addressPrefix": f"{prefix}.{number}.0/24"}}
                for number, name in enumerate(names)
            ],
        },
    }


def upon(of: dict[str, Any], *faults: Any) -> Replicated:
    """Replicated where somebody had made the target network before."""

    async def make(gateway: Gateway, decision: Decision) -> None:
        network = decision.wanted.vms[0].recovery_network_id
        group = network.partition("/providers/")[0]
        await gateway.put_resource(group, {"location": "westus2"}, within=HOUR)
        await gateway.put_resource(network, of, within=HOUR)

    async def script(bench: Bench) -> None:
        bench.decide = decide
        await bench.by_hand(make)
        await bench.replicate()

    return replicated(from_nothing(), script, faults)


def network(came: Replicated) -> tuple[dict[str, str], list[str]]:
    (one,) = [
        one
        for one in came.azure.world.of_type("Microsoft.Network/virtualNetworks")
        if one["name"] == "vnet-erp-asr"
    ]
    return one["tags"], [subnet["name"] for subnet in one["properties"]["subnets"]]


@pytest.mark.parametrize("faults", [(), (UNLISTED,)], ids=["listed", "not listed"])
def test_a_network_that_two_reads_missed_keeps_its_subnets_and_tags(faults):
    came = upon(body(), fault(NETWORKS, "4-9", **MISSED), *faults)
    assert network(came) == ({"owner": "team2"}, ["data", "app", "web", "others"])
    assert [(one.outcome, one.causes) for one in came.results] == [("passed", [])]
    puts = [one.status for one in came.wire if one.method == "PUT" and "vnet-erp-asr" in one.path]
    how = made(came, came.results[0].run)[MIRROR]
    expected = ([412], "found under way") if faults else ([], "left alone")
    assert ([one for one in puts if one == 412], how) == expected


@pytest.mark.parametrize(
    ("of", "says"),
    [
        (body("10.99"), "`private_ip: 10.1.0.4` is no address of data (10.99"),
        (body(region="centralus"), "it is in centralus, not in westus2"),
    ],
)
def test_a_network_that_cannot_take_the_vms_is_refused_before_anything_is_made(of, says):
    came = upon(of)
    assert [one["code"] for one in came.results[0].causes] == ["PRE-141"]
    assert says in came.results[0].causes[0]["message"]
    assert came.sent() == []
    assert states(came) == {}


def test_a_network_that_somebody_removed_in_the_middle_is_made_again():
    async def remove(gateway: Gateway, decision: Decision) -> None:
        await gateway.delete_resource(decision.wanted.vms[0].recovery_network_id, within=HOUR)

    async def script(bench: Bench) -> None:
        bench.decide = decide
        await bench.replicate(killed_after=170.0)
        await bench.by_hand(remove)
        await bench.replicate()

    came = replicated(from_nothing(), script)
    assert [(one.outcome, one.causes) for one in came.results] == [("passed", [])]
    assert states(came) == dict.fromkeys(VMS, "Protected")


def test_a_network_that_came_since_and_lacks_a_subnet_keeps_every_vm_from_being_enabled():
    of = body()
    of["properties"]["subnets"] = [
        one for one in of["properties"]["subnets"] if one["name"] != "web"
    ]
    came = upon(of, fault(NETWORKS, "4-9", **MISSED))
    causes = {one["step"]: one for one in came.results[0].causes}
    (cause,) = [one for one in causes.values() if one["code"] == "STEP-044"]
    assert "cannot take web1, web2, web3: vnet-erp-asr lacks subnet web" in cause["message"]
    assert [path for _, path in came.sent() if "replicationProtectedItems" in path] == []
    assert network(came) == ({"owner": "team2"}, ["data", "app", "others"])


def test_a_group_that_reads_missed_keeps_its_tags():
    """A PUT of a group without tags takes those of others away, and Azure refuses none."""

    async def make(gateway: Gateway, decision: Decision) -> None:
        group = decision.wanted.vms[0].recovery_group_id
        tagged = {"location": "westus2", "tags": {"owner": "team2"}}
        await gateway.put_resource(group, tagged, within=HOUR)

    async def script(bench: Bench) -> None:
        bench.decide = decide
        await bench.by_hand(make)
        await bench.replicate()

    missed = fault("get *resourceGroups", "3-9", **MISSED)
    came = replicated(from_nothing(), script, (missed,))
    assert [(one.outcome, one.causes) for one in came.results] == [("passed", [])]
    group = next(
        one
        for one in came.azure.world.of_type("Microsoft.Resources/resourceGroups")
        if one["name"] == "rg-erp-asr"
    )
    assert group["tags"] == {"owner": "team2"}
    puts = [one for one in came.wire if one.method == "PUT" and one.path.endswith("/rg-erp-asr")]
    assert puts == []
    assert made(came, came.results[0].run)["resourceGroups rg-erp-asr"] == "left alone"
