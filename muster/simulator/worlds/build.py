"""From a world file's facts to the state on the first day."""

from __future__ import annotations

import copy
from collections.abc import Mapping

from muster.simulator.arm import bodies, networks
from muster.simulator.arm import groups as arm_groups
from muster.simulator.automation.accounts import identity_of
from muster.simulator.azure_time import AzureTime
from muster.simulator.durations import DAY
from muster.simulator.json_types import Json
from muster.simulator.store import FORMAT
from muster.simulator.world import Effect, World
from muster.simulator.worlds import rules_build, vault_build
from muster.simulator.worlds.lines import Loc
from muster.simulator.worlds.model import (
    AccountFacts,
    NetworkFacts,
    OtherResource,
    VmFacts,
    WorldFacts,
)
from muster.simulator.worlds.places import Places

OLD = 40 * DAY  # what the world starts with is so old
VM, DISK = "Microsoft.Compute/virtualMachines", "Microsoft.Compute/disks"
ACCOUNT = "Microsoft.Automation/automationAccounts"
NSG = networks.GROUP


def problems_of(facts: WorldFacts) -> list[tuple[Loc, str]]:
    """What of well-written facts makes no world: (place in the file, sentence)."""
    return _built(facts, "", AzureTime(0.0, 1.0), {}).problems


def new_state(
    facts: WorldFacts, digest: str, clock: AzureTime, effects: Mapping[str, Effect]
) -> Json:
    """The state of a new world, its resources made some weeks before `clock.epoch`."""
    return _built(facts, digest, clock, effects).world.state


def _built(
    facts: WorldFacts, digest: str, clock: AzureTime, effects: Mapping[str, Effect]
) -> Places:
    tables = ("resources", "machines", "items", "jobs", "operations", "asr", "commands")
    state: Json = {
        "format": FORMAT,
        "world": facts.world,
        "digest": digest,
        "seed": facts.seed,
        "clock": clock.as_kept(),
        "serial": 0,
        "events": [],
        "subscription": facts.subscription.id,
        "tenant": facts.tenant,
        "guest": rules_build.new_guest(facts),
        "subscriptions": {facts.subscription.id: facts.subscription.name},
        **{name: {} for name in (*tables, "automation_jobs", "runbooks")},
    }
    world = World(state, facts.settings, clock, effects)
    world.now = clock.epoch - OLD
    places = Places(world, facts)
    _groups(places)
    rest = _walls(places)  # before the subnets that they stand at
    _networks(places)
    for n, vm in enumerate(facts.vms):
        _vm(places, n, vm)
    for vault in facts.vaults:
        vault_build.build(places, vault, clock.epoch - vault_build.PROTECTED_FOR)
    for n, account in enumerate(facts.automation):
        _account(places, n, account)
    _others(places, rest)
    rules_build.build(places)
    return places


def _groups(places: Places) -> None:
    world, facts = places.world, places.facts
    for group in facts.groups:
        subscription = group.subscription or facts.subscription.id
        world.state["subscriptions"].setdefault(subscription, "Another subscription")
        body = arm_groups.made_group(
            subscription, group.name, group.location, group.tags, world.now
        )
        world.put(body)
        places.group_ids[group.name], places.locations[group.name] = body["id"], group.location


def _networks(places: Places) -> None:
    world, facts = places.world, places.facts
    for network in facts.networks:
        arm_id = places.arm_id(network.group, networks.NETWORK, network.name)
        places.network_ids[network.name] = arm_id
    peers: dict[str, list[str]] = {name: [] for name in places.network_ids}
    for network in facts.networks:
        for peer in network.peered_with:
            peers[network.name].append(places.network_ids.get(peer, peer))
            if peer in peers:
                peers[peer].append(places.network_ids[network.name])
    for n, network in enumerate(facts.networks):
        body = bodies.resource(
            world,
            places.network_ids[network.name],
            networks.NETWORK,
            places.locations[network.group],
            _network_properties(places, network, peers[network.name]),
            etag=world.etag(),
        )
        places.put(("networks", n), body, adopted=True)


def _network_properties(places: Places, network: NetworkFacts, peers: list[str]) -> Json:
    walls = {
        subnet: {
            "networkSecurityGroup": {"id": places.arm_id(network.group, networks.GROUP, wall)}
        }
        for subnet, wall in network.security_groups.items()
    }
    return {
        "addressSpace": {"addressPrefixes": [str(space) for space in network.ranges]},
        "subnets": [
            {"name": name, "properties": {"addressPrefix": str(space)} | walls.get(name, {})}
            for name, space in network.subnets.items()
        ],
        "virtualNetworkPeerings": [
            {
                "name": f"to-{peer.rpartition('/')[2]}",
                "properties": {"remoteVirtualNetwork": {"id": peer}},
            }
            for peer in dict.fromkeys(peers)
        ],
        "enableDdosProtection": False,
    }


def _vm(places: Places, n: int, vm: VmFacts) -> None:
    world, location = places.world, places.locations[vm.group]
    vm_id = places.arm_id(vm.group, VM, vm.name)
    nic = bodies.nic(
        world,
        places.arm_id(vm.group, networks.NIC, f"{vm.name}-nic"),
        location,
        f"ipconfig-{vm.name}",
        f"{places.network_ids[vm.network]}/subnets/{vm.subnet}",
        str(vm.address),
        static=True,
        vm_id=vm_id,
        tags=dict(vm.tags),
    )
    disks = _disks(places, vm, location, vm_id)
    guid = world.guid("vm", vm_id)
    body = bodies.vm(
        world, vm_id, location, vm.size, vm.os, disks, nic["id"], vm.tags, guid=guid, copied=False
    )
    if vm.zone:
        bodies.stand_in_zone(vm.zone, *disks, body)
    for resource in (nic, *disks, body):
        places.put(("vms", n), resource)
    world.machines[vm_id.lower()] = places.guest(vm) | {
        "os": vm.os,
        "data_as_of": None,
        "writer": vm.name,
        "power": vm.power,
        "booted_at": world.now,  # production is up, whatever `boot` says of its copies
        "starts": 1,
        "faults": vm.faults.model_dump(mode="json"),  # of jobs on items that protect it
    }


def _disks(places: Places, vm: VmFacts, location: str, vm_id: str) -> list[Json]:
    """Its disks, with the tags of the VM: so are they made in the portal."""
    return [
        bodies.disk(
            places.world,
            disk["id"],
            location,
            disk["gb"],
            vm.os if disk["os"] else None,
            vm_id=vm_id,
            tags=dict(vm.tags),
        )
        for disk in places.disks(vm)
    ]


def _account(places: Places, n: int, account: AccountFacts) -> None:
    world, location = places.world, places.locations[account.group]
    arm_id = places.arm_id(account.group, ACCOUNT, account.name)
    properties: Json = {"state": account.state, "sku": {"name": "Basic"}}
    own = {"identity": identity_of(world, arm_id)} if account.identity else {}
    body = bodies.resource(world, arm_id, ACCOUNT, location, properties, **own)
    places.put(("automation", n), body)
    for runbook in account.runbooks:
        runbook_id = f"{arm_id}/runbooks/{runbook.name}"
        properties = {
            "runbookType": "PowerShell72",
            "state": "Published",
            "jobCount": 0,
            "logVerbose": False,
            "logProgress": False,
            "parameters": {},
        }
        world.put(bodies.resource(world, runbook_id, f"{ACCOUNT}/runbooks", location, properties))
        world.table("runbooks")[runbook_id.lower()] = runbook.model_dump(mode="json")


def _walls(places: Places) -> list[tuple[int, OtherResource]]:
    """Make the security groups; answers the other resources, and those that wait for others."""
    rest: list[tuple[int, OtherResource]] = []
    for n, facts in enumerate(places.facts.resources):
        is_wall = facts.type.lower() == NSG.lower()
        if not is_wall or not _other(places, n, facts):
            rest.append((n, facts))
    places.problems.clear()  # whoever waited in vain is told of when it is tried again
    return rest


def _others(places: Places, waiting: list[tuple[int, OtherResource]]) -> None:
    """Those that name others come after them, in whatever order the file has them."""
    while waiting:
        seen = len(places.problems)
        left = [(n, facts) for n, facts in waiting if not _other(places, n, facts)]
        if len(left) == len(waiting):
            return
        if left:
            del places.problems[seen:]
        waiting = left


def _other(places: Places, n: int, facts: OtherResource) -> bool:
    body = bodies.resource(
        places.world,
        places.arm_id(facts.group, facts.type, facts.name),
        facts.type,
        facts.location or places.locations[facts.group],
        copy.deepcopy(facts.properties),
        tags=facts.tags,
        sku=facts.sku,
    )
    return places.put(("resources", n), body, adopted=True)
