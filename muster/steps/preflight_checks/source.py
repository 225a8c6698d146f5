"""Is it known what the drill must not reach: the networks that the source really stands in?"""

from __future__ import annotations

from muster.checks.verdict import Verdict
from muster.gateway.ids import key_of, same_id
from muster.steps.preflight_checks.check import Area, N, S, T, failed, none_of, passed, rows_of
from muster.steps.preflight_checks.facts import Facts


def source_network_exists(facts: Facts) -> Verdict:
    facts.need("source_network")
    if facts.source_network is None:
        return failed(f"there is no network {facts.source_network_id}")
    return passed(facts.source_network.id)


def source_networks_are_known(facts: Facts) -> Verdict:
    facts.need("sources", "source_networks")
    problems = {
        vm: "no network card of it names a network"
        for vm, networks in facts.source_networks.items()
        if not networks
    }
    return none_of(problems, f"they stand in {', '.join(source_network_ids(facts)) or 'none'}")


def drill_network_is_not_productions(facts: Facts) -> Verdict:
    facts.need("source_networks", "items")
    drill = facts.drill_network_id
    problems = {
        vm: f"it stands in {drill}"
        for vm, networks in facts.source_networks.items()
        if any(same_id(one, drill) for one in networks)
    }
    problems |= {
        vm: f"its item recovers into {drill}"
        for vm, item in facts.items.items()
        if same_id(item.recovery_network_id, drill)
    }
    return none_of(problems, "no source VM stands in the drill network or recovers into it")


def disks_are_replicated(facts: Facts) -> Verdict:
    """A disk that was added after the VM was protected is not in any recovery point."""
    facts.need("sources", "items")
    problems: dict[str, str] = {}
    for vm, found in facts.sources.items():
        item = facts.items.get(vm)
        if found is None or item is None:
            continue
        known = {key_of(disk) for disk in item.source_disk_ids}
        if missing := [disk for disk in found.disk_ids if key_of(disk) not in known]:
            names = ", ".join(disk.rpartition("/")[2] for disk in missing)
            problems[vm] = f"{len(missing)} of {len(found.disk_ids)} disks not replicated: {names}"
    return none_of(problems, "every disk of every source VM is replicated")


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
    ("PRE-030", "the source network exists", S, N,
     "Correct `source.network` in the plan: a drill must not reach it, so it has to be "
     "known.", source_network_exists),
    ("PRE-031", "the networks that the source VMs stand in are known", S, N,
     "Let the caller read the source VMs' network cards (`Reader`).", source_networks_are_known),
    ("PRE-032", "the drill network is not one of production's", S, N,
     "Name a network of its own for drills, or let Muster make one: `create: NAME`.",
     drill_network_is_not_productions),
    ("PRE-033", "every disk of every source VM is replicated", T, T,
     "`muster replicate PLAN` replicates the disks named, or exclude them knowingly: "
     "`replication: {disks: {exclude: […]}}`.",
     disks_are_replicated),
)  # fmt: skip
