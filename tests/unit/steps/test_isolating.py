"""The step `isolate`: a network made or taken, proven, and never somebody else's."""

from __future__ import annotations

from dataclasses import replace

import pytest

from muster.journal.events import EventKind, Observed
from tests.builders import a_plan
from tests.fakes.world import a_network, a_resource
from tests.unit.steps.drilling import Drill


def using(name: str, **more: object):
    return a_plan(drill={"network": {"use": name, **more}})


def put_network(drill: Drill, name: str, **changes: object):
    group = drill.world.group_id("rg-small-asr")
    network_id = f"{group}/providers/Microsoft.Network/virtualNetworks/{name}"
    found = a_network(network_id, "10.1.0.0/16", {"default": "10.1.255.0/24"}, "westus2")
    for subnet in found.properties["subnets"]:
        subnet["properties"]["defaultOutboundAccess"] = False
    properties = {**found.properties, **changes}
    return drill.world.add(replace(found, properties=properties))


async def isolated(drill: Drill):
    return await drill.do("preflight", "recovery-points", "isolate")


async def test_a_network_is_made_from_the_target_and_journalled_before_and_after():
    drill = await Drill.begin()
    assert (await isolated(drill)).is_ok
    (network,) = drill.observed(Observed.NETWORK)
    assert network["made"] is True
    assert len(network["owned"]) == 3
    assert network["holes"][0]["to"] == "AzureCloud.westus2"
    meant = [data["request"]["id"] for data in drill.of(EventKind.INTENDED)]
    assert meant == network["owned"]
    assert drill.observed(Observed.REACHABILITY)[0]["verdict"] == "isolated"


async def test_what_stood_there_before_is_taken_down_first():
    drill = await Drill.begin()
    await isolated(drill)
    baseline = next(e for e in drill.events if e.data.get("what") == "baseline")
    first_intent = next(e for e in drill.events if e.kind == EventKind.INTENDED)
    assert baseline.seq < first_intent.seq
    assert any(one.endswith("vnet-small-asr") for one in baseline.data["ids"])


async def test_a_given_network_is_verified_and_never_changed():
    drill = await Drill.begin(using("vnet-lab"))
    put_network(drill, "vnet-lab")
    assert (await isolated(drill)).is_ok
    assert drill.kinds() == []
    assert drill.observed(Observed.NETWORK)[0]["made"] is False
    await drill.do("remove-network")
    assert drill.kinds() == []


async def test_a_given_network_that_leads_to_the_source_is_refused_with_the_hop():
    drill = await Drill.begin(using("vnet-lab"))
    source = next(r.id for k, r in drill.world.resources.items() if k.endswith("/vnet-small"))
    link = {"name": "to-prod", "properties": {"remoteVirtualNetwork": {"id": source}}}
    put_network(drill, "vnet-lab", virtualNetworkPeerings=[link])
    outcome = await isolated(drill)
    assert outcome.error["code"] == "ISO-001"
    assert "to-prod" in outcome.error["message"]
    assert drill.observed(Observed.REACHABILITY)[0]["verdict"] == "reaches"
    assert not (await drill.do("test-failover:db1")).is_ok
    assert drill.kinds() == []


async def test_a_given_network_behind_which_something_cannot_be_read_is_refused():
    drill = await Drill.begin(using("vnet-lab", may_reach=["vnet-hub"]))
    hub = put_network(drill, "vnet-hub")
    link = {"name": "to-hub", "properties": {"remoteVirtualNetwork": {"id": hub.id}}}
    put_network(drill, "vnet-lab", virtualNetworkPeerings=[link])
    drill.world.forbidden.add(hub.id.casefold())
    outcome = await isolated(drill)
    assert outcome.error["code"] == "ISO-003"


async def test_a_linked_private_dns_zone_is_refused():
    drill = await Drill.begin(using("vnet-lab"))
    lab = put_network(drill, "vnet-lab")
    kind = "Microsoft.Network/privateDnsZones/virtualNetworkLinks"
    zone = f"{drill.world.group_id('rg-dns')}/providers/Microsoft.Network/privateDnsZones/corp"
    link = a_resource(f"{zone}/virtualNetworkLinks/l", kind, virtualNetwork={"id": lab.id.upper()})
    drill.world.add(link)
    outcome = await isolated(drill)
    assert outcome.error["code"] == "ISO-001"
    assert "DNS" in outcome.error["message"]


async def test_a_network_of_that_name_that_somebody_else_made_is_refused():
    drill = await Drill.begin()
    await drill.do("preflight", "recovery-points")
    put_network(drill, "vnet-small-drill")
    outcome = await drill.do("isolate")
    assert outcome.error["code"] == "ISO-002"
    assert drill.kinds() == []


@pytest.mark.parametrize("network", ["vnet-small-asr", "vnet-nowhere"])
async def test_the_target_network_or_none_at_all_is_no_drill_network(network):
    drill = await Drill.begin(using(network))
    outcome = await isolated(drill)
    assert outcome.error["code"] in {"ISO-001", "ISO-005"}
    assert drill.kinds() == []


async def test_a_target_network_that_went_after_preflight_is_not_mirrored():
    drill = await Drill.begin()
    await drill.do("preflight", "recovery-points")
    target = next(key for key in drill.world.resources if key.endswith("/vnet-small-asr"))
    del drill.world.resources[target]
    outcome = await drill.do("isolate")
    assert outcome.error["code"] == "ISO-006"
    assert "vnet-small-asr is not there" in outcome.error["message"]
    assert drill.kinds() == []
