"""Is it known what the drill must not reach: the networks that the source really stands in?"""

from __future__ import annotations

from muster.checks.verdict import Verdict
from muster.gateway.ids import key_of, last_of, same_id
from muster.gateway.values import VirtualMachine
from muster.replication.terms import terms_of_entry
from muster.steps.copies import networks_of_card
from muster.steps.preflight_checks.check import (
    Area,
    N,
    S,
    T,
    each_source,
    failed,
    passed,
    rows_of,
)
from muster.steps.preflight_checks.facts import Facts, NotRead
from muster.steps.preflight_checks.raw import disk_ids_of, disks_of
from muster.steps.preflight_checks.told import known, text


def source_network_exists(facts: Facts) -> Verdict:
    facts.need("source_network")
    if facts.source_network is None:
        return failed(f"there is no network {facts.source_network_id}")
    return passed(facts.source_network.id)


def source_networks_are_known(facts: Facts) -> Verdict:
    facts.need("sources", "source_networks")

    def problem(vm: str, found: VirtualMachine) -> str | None:
        cards = facts.source_cards.get(vm, ())
        if not found.nic_ids or len(cards) < len(found.nic_ids):
            raise NotRead(f"{len(cards)} of its {len(found.nic_ids)} network cards were read")
        nowhere = [card.name for card in cards if not networks_of_card(card)]
        return f"card {', '.join(nowhere)} names no network" if nowhere else None

    return each_source(facts, problem, f"they stand in {', '.join(source_network_ids(facts))}")


def drill_network_is_not_productions(facts: Facts) -> Verdict:
    facts.need("source_networks", "items")
    drill = facts.drill_network_id

    def problem(vm: str, _: VirtualMachine) -> str | None:
        stands_in = facts.source_networks.get(vm, ())
        if any(same_id(one, drill) for one in stands_in):
            return f"it stands in {drill}"
        item = facts.items.get(vm)
        if item and same_id(item.recovery_network_id, drill):
            return f"its item recovers into {drill}"
        if item:
            known(item.recovery_network_id, "the network it recovers into")
        known(stands_in or None, "the networks that it stands in")
        return None

    fine = "no source VM stands in the drill network or recovers into it"
    return each_source(facts, problem, fine)


def disks_are_replicated(facts: Facts) -> Verdict:
    """A disk that was added after the VM was protected is not in any recovery point."""
    facts.need("items")

    def problem(vm: str, found: VirtualMachine) -> str | None:
        item = facts.items.get(vm)
        if item is None:
            return "it is not protected, so no disk of it is replicated"
        system, *data = disk_ids_of(found)
        excluded = terms_of_entry(facts.plan, facts.plan.vm(vm)).excluded
        disks = [system, *(one for one in data if last_of(one).casefold() not in excluded)]
        for disk in disks_of(item):
            text(disk, "diskId")
        replicated = {key_of(disk) for disk in item.source_disk_ids}
        missing = [last_of(disk) for disk in disks if key_of(disk) not in replicated]
        names = ", ".join(missing)
        return f"{len(missing)} of {len(disks)} disks not replicated: {names}" if missing else None

    return each_source(facts, problem, "every disk that the plan excludes nowhere is replicated")


def source_network_ids(facts: Facts) -> list[str]:
    """Ids of all networks that source VMs stand in, each once."""
    found = (one for networks in facts.source_networks.values() for one in networks)
    return list({key_of(one): one for one in found}.values())


def recovery_network_ids(facts: Facts) -> list[str]:
    """Ids of all networks that items recover into in a real failover, each once."""
    found = (item.recovery_network_id for item in facts.items.values())
    return list({key_of(one): one for one in found if one}.values())


CHECKS = rows_of(
    Area.ISOLATION,
    ("PRE-030", "the source network exists", S, N, N,
     "Correct `source.network` in the plan: a drill must not reach it, so it has to be "
     "known.", source_network_exists),
    ("PRE-031", "the networks that the source VMs stand in are known", S, N, N,
     "Let the caller read the source VMs' network cards (`Reader`).", source_networks_are_known),
    ("PRE-032", "the drill network is not one of production's", S, N, N,
     "Name a network of its own for drills, or let Muster make one: `create: NAME`.",
     drill_network_is_not_productions),
    ("PRE-033", "every disk of every source VM is replicated, or excluded in the plan", T, T, N,
     "`muster replicate PLAN` replicates the disks named, or exclude them knowingly: "
     "`replication: {disks: {exclude: […]}}`.",
     disks_are_replicated),
)  # fmt: skip
