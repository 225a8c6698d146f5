"""Is the target ready: networks, subnets, no copies of earlier drills in the way?"""

from __future__ import annotations

from dataclasses import replace

from muster.checks.verdict import Verdict
from muster.gateway.ids import key_of
from muster.gateway.values import ProtectedItem, VirtualMachine
from muster.plan.actions import Operation
from muster.plan.model import Vm
from muster.plan.sizes import is_arm
from muster.steps.isolation.mirror import TAG
from muster.steps.preflight_checks.check import (
    NO_SOURCE,
    Area,
    N,
    S,
    T,
    each,
    each_item,
    failed,
    passed,
    rows_of,
    runs_in,
)
from muster.steps.preflight_checks.facts import Facts, NotRead
from muster.steps.preflight_checks.raw import (
    bare,
    cards_of,
    details_of,
    in_target,
    subnet_of,
    subnets_of,
)
from muster.steps.preflight_checks.told import known, some, text

MACHINE = "microsoft.compute/virtualmachines"


def target_network_exists(facts: Facts) -> Verdict:
    facts.need("target_network")
    if facts.target_network is None:
        return failed(f"there is no network {facts.target_network_id}")
    return passed(facts.target_network.id)


def subnets_exist(facts: Facts) -> Verdict:
    facts.need("items")
    network = facts.landing
    if network is None:
        return failed(f"there is no network {facts.landing_id}")
    there = subnets_of(network)

    def problem(vm: Vm) -> str | None:
        missing = [name for name in subnets_of_vm(facts, vm) if name.casefold() not in there]
        return f"subnet {', '.join(missing)} is not in {network.name}" if missing else None

    fine = f"every subnet that a VM needs is in {network.name}"
    return each({vm.name: vm for vm in facts.plan.all_vms}, problem, fine)


def subnets_of_vm(facts: Facts, vm: Vm) -> list[str]:
    """Subnets a copy goes into, each once: as the plan says, and as its item is set.

    Only what the item is set to counts in Azure; every address of a card stands in a subnet.

    Raises:
        NotRead: Azure does not tell the item's cards, or where one of them goes; or tells no item.
    """
    if not facts.items:
        raise NotRead("no item of the plan was found, so where the copies go is not known")
    item, is_drill = facts.items.get(vm.name), facts.operation is Operation.DRILL
    found = [(is_drill and nic.test.subnet) or nic.subnet for nic in vm.nics]
    if item is not None:
        found += [
            subnet_of(config, is_test=is_drill)
            for card in cards_of(item)
            for config in some(card, "ipConfigs")
        ]
    return list({bare(name): name.rpartition("/")[2] for name in found if name}.values())


def drill_network_ready(facts: Facts) -> Verdict:
    facts.need("drill_network")
    found = facts.drill_network
    if facts.plan.drill.network.use:
        if found is None:
            return failed(f"there is no network {facts.drill_network_id}")
        return passed(f"{found.id} is there")
    if found is None:
        return passed(f"{facts.drill_network_id} is free")
    made_by = found.tags.get(TAG)
    if made_by == facts.run_id:
        return passed("it was made by this run")
    whose = f"left by run {made_by}" if made_by else "not made by a drill"
    said = failed(f"{found.id} exists already, {whose}", made_by=made_by)
    return replace(said, runs=runs_in([made_by] if made_by else []))


def no_copies_left(facts: Facts) -> Verdict:
    """Neither of an earlier test failover, nor of another item in this one."""
    facts.need("items")
    machines = in_target(facts, MACHINE)
    given: dict[tuple[str, str], str] = {}

    def problem(vm: str, item: ProtectedItem) -> str | None:
        text(details_of(item), "tfoAzureVMName")
        group = known(item.recovery_resource_group_id, "the group it recovers into")
        name = item.test_vm_name
        if found := machines.get(name.casefold()):
            return f"{found.id} is left from an earlier test failover"
        other = given.setdefault((key_of(group), name.casefold()), vm)
        return None if other == vm else f"its copy is to be named {name}, as that of {other} is"

    return each_item(facts, problem, "no copy of an earlier test failover is in the way")


def sources_exist(facts: Facts) -> Verdict:
    facts.need("sources")

    def problem(found: list[VirtualMachine | None]) -> str | None:
        return None if found[0] is not None else "the source VM is not there"

    found = {vm: [source] for vm, source in facts.sources.items()}
    return each(found, problem, "every source VM is there")


def sizes_match(facts: Facts) -> Verdict:
    facts.need("sources", "items")

    def problem(vm: str, item: ProtectedItem) -> str | None:
        source = facts.sources.get(vm)
        set_to = known(item.recovery_size, "the size that it is set to")
        if source is None and not facts.plan.vm(vm).size:
            raise NotRead(NO_SOURCE)
        wanted = facts.plan.vm(vm).size or (source.size if source else "")
        if known(wanted, "the size of its source VM").casefold() != set_to.casefold():
            return f"wanted {wanted}, the item is set to {set_to}"
        return f"{set_to} is of ARM64, where its disks are of x64" if is_arm(set_to) else None

    return each_item(facts, problem, "every item is set to the size that is wanted")


CHECKS = rows_of(
    Area.NETWORK,
    ("PRE-016", "the target network exists", S, S, N,
     "`muster replicate PLAN` makes a mirror of the source network; or correct "
     "`target.network` in the plan.", target_network_exists),
    ("PRE-017", "every subnet that a VM needs is in the network that it comes up in", S, S, N,
     "Make the subnet: without it Site Recovery takes the alphabetically first one.",
     subnets_exist),
    ("PRE-018", "the drill network is free to be made, or there to be used", S, N, N,
     "Clean up the run that left it (`muster cleanup RUN`), or choose another name.",
     drill_network_ready),
    ("PRE-019", "no copy of an earlier test failover, or of another item, is in the way", S, T, N,
     "Clean up the test failover it is left from, or remove it by hand: it holds the "
     "copy's address. Of two items whose copies are to bear one name, give one another name for "
     "tests in its Compute settings.", no_copies_left),
    ("PRE-024", "every source VM is there", S, T, T,
     "Correct the names in the plan; a source that was deleted cannot be drilled from.",
     sources_exist),
    ("PRE-025", "every item is set to the size that is wanted", T, T, N,
     "`muster replicate PLAN` sets the item's target size; or correct `size` in the plan.",
     sizes_match),
)  # fmt: skip
