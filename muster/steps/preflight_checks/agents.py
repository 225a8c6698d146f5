"""Are agents and certificates good for a while, and would each VM land as the plan says?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from muster.checks.verdict import Verdict
from muster.gateway.ids import key_of, same_id
from muster.gateway.values import ProtectedItem
from muster.plan.machines import Nic
from muster.replication.planned import holder_and_pool
from muster.steps.preflight_checks.check import NO_SOURCE, Area, N, S, T, each_item, rows_of
from muster.steps.preflight_checks.facts import Facts, NotRead, unread_name
from muster.steps.preflight_checks.raw import cards_of, details_of, in_target, named_by, primary_of
from muster.steps.preflight_checks.told import end, flag, known, maybe, some, text

AHEAD = timedelta(days=30)
"""How far ahead an end is told: a month to plan the update in."""
_ADDRESS = "recoveryStaticIPAddress"
MACHINE = "microsoft.compute/virtualmachines"


def agents_stay_supported(facts: Facts) -> Verdict:
    return _ends_later(facts, "agentExpiryDate", "its mobility agent")


def certificates_stay_valid(facts: Facts) -> Verdict:
    return _ends_later(facts, "agentCertificateExpiryDate", "its agent's certificate")


def _ends_later(facts: Facts, key: str, what: str) -> Verdict:
    """The year 9999 is Azure's way to say that there is no end."""

    def problem(_: str, item: ProtectedItem) -> str | None:
        ends = end(details_of(item), key)
        if ends is None or ends - facts.now > AHEAD:
            return None
        verb = "expired" if ends <= facts.now else "expires"
        return f"{what} {verb} on {ends:%Y-%m-%d}"

    return each_item(facts, problem, f"none ends within {AHEAD.days} days")


def agents_are_current(facts: Facts) -> Verdict:
    keys = {
        "isReplicationAgentUpdateRequired": "the agent has to be updated",
        "isReplicationAgentCertificateUpdateRequired": "the certificate has to be renewed",
    }

    def problem(_: str, item: ProtectedItem) -> str | None:
        details = details_of(item)
        return "; ".join(said for key, said in keys.items() if flag(details, key)) or None

    return each_item(facts, problem, "no agent waits for an update")


def systems_are_the_plans(facts: Facts) -> Verdict:
    def problem(vm: str, item: ProtectedItem) -> str | None:
        wanted, told = facts.plan.vm(vm).os, known(item.os, "its system")
        return None if told.casefold() == wanted else f"the plan says {wanted}, Azure {told}"

    return each_item(facts, problem, "every VM runs the system that the plan says")


def recovers_into_the_network(facts: Facts) -> Verdict:
    def problem(_: str, item: ProtectedItem) -> str | None:
        network = known(item.recovery_network_id, "the network it recovers into")
        return None if same_id(network, facts.target_network_id) else f"recovers into {network}"

    return each_item(facts, problem, f"all recover into {facts.target_network_id}")


def lands_as_the_plan_says(facts: Facts) -> Verdict:
    def problem(vm: str, item: ProtectedItem) -> str | None:
        said = _landing(item, facts.plan.vm(vm).nics)
        return "; ".join([*said, *_moved(item, facts.plan.vm(vm).nics, facts, vm)]) or None

    fine = "every card lands in its subnet and at its address, as the plan or the source says"
    return each_item(facts, problem, fine)


def _moved(item: ProtectedItem, wanted: tuple[Nic, ...], facts: Facts, vm: str) -> Iterator[str]:
    """Cards of which the plan says nothing, and that would stand elsewhere than at the source.

    Only what the item names is held against the source: what is left to Azure is no drift.
    """
    for number, card in enumerate(cards_of(item)):
        said = wanted[number] if number < len(wanted) else Nic()
        if said.subnet:
            continue
        facts.need("sources", "source_networks")
        if facts.sources.get(vm) is None:
            raise NotRead(NO_SOURCE)
        own = text(card, "sourceNicArmId")
        source = next(
            (one for one in facts.source_cards.get(vm, ()) if same_id(one.id, own)), None
        )
        if source is None:
            continue  # it was taken off the VM since
        here = primary_of(source)
        for config in (one for one in some(card, "ipConfigs") if flag(one, "isPrimary")):
            subnet, address = config.get("recoverySubnetName"), config.get(_ADDRESS)
            if subnet and here.subnet and subnet.casefold() != here.subnet.casefold():
                yield f"into subnet {subnet}, not {here.subnet} as at the source"
            elif address and here.address and not said.private_ip and address != here.address:
                yield f"at {address}, not {here.address} as at the source"


def _landing(item: ProtectedItem, wanted: tuple[Nic, ...]) -> list[str]:
    """Where a real failover would put a VM's cards elsewhere than the plan says."""
    cards = cards_of(item)
    if len(cards) < len(wanted):
        raise NotRead(f"Azure tells {len(cards)} cards, the plan {len(wanted)}")
    found: list[str] = []
    for nic, card in zip(wanted, cards, strict=False):
        first = [one for one in some(card, "ipConfigs") if flag(one, "isPrimary")]
        for config in known(first or None, "the first address of a card"):
            subnet = maybe(config, "recoverySubnetName")
            address = maybe(config, "recoveryStaticIPAddress")
            if nic.subnet and (subnet or "").casefold() != nic.subnet.casefold():
                found.append(f"into subnet {subnet or 'none'}, not {nic.subnet}")
            if nic.private_ip and address != nic.private_ip:
                found.append(f"at {address or 'any address'}, not {nic.private_ip}")
    return found


def names_are_free(facts: Facts) -> Verdict:
    """Neither what is there bears a name that is given, nor the VM of another item."""
    facts.need("items")
    taken = in_target(facts, MACHINE)
    given: dict[tuple[str, str], str] = {}

    def problem(vm: str, item: ProtectedItem) -> str | None:
        text(details_of(item), "recoveryAzureVMName")
        group = known(item.recovery_resource_group_id, "the group it recovers into")
        name = item.recovery_vm_name.casefold()
        if name in taken:
            return f"there is a VM {item.recovery_vm_name} already"
        other = given.setdefault((key_of(group), name), vm)
        return None if other == vm else f"it is to be named {item.recovery_vm_name}, as {other} is"

    return each_item(facts, problem, "no VM bears a name that a failover gives")


def what_items_name_is_there(facts: Facts) -> Verdict:
    facts.need("items", "named")

    def problem(_: str, item: ProtectedItem) -> str | None:
        named = {one: facts.named.get(one) for one in named_by(item, facts.operation)}
        if missing := [one for one, is_there in named.items() if is_there is False]:
            return f"there is no {', '.join(missing)}"
        if unasked := [one for one, is_there in named.items() if is_there is None]:
            why = facts.unread.get(unread_name(holder_and_pool(unasked[0])[0]))
            raise NotRead(f"{unasked[0]}: {why}" if why else f"{unasked[0]} was not looked at")
        return None

    return each_item(facts, problem, "whatever items name in the target is there")


CHECKS = rows_of(
    Area.ITEMS,
    ("PRE-048", "no mobility agent expires soon", T, T, N,
     "Update the mobility agent of the VMs named, or let Azure do it by itself.",
     agents_stay_supported),
    ("PRE-049", "no agent's certificate expires soon", T, T, N,
     "Renew the certificate: after its end nothing is replicated any more.",
     certificates_stay_valid),
    ("PRE-050", "no agent waits for an update", T, T, N,
     "Update the mobility agent of the VMs named before Azure stops supporting it.",
     agents_are_current),
    ("PRE-051", "every VM runs the system that the plan says", T, T, N,
     "Correct `os` in the plan: it chooses between bash and PowerShell.",
     systems_are_the_plans),
    ("PRE-052", "every item recovers into the plan's network", T, S, N,
     "Correct the item's target network, or `target.network` in the plan.",
     recovers_into_the_network),
    ("PRE-053", "every card lands as the plan says", T, T, N,
     "`muster replicate PLAN` sets the cards of the item right; or correct `nics` in the plan.",
     lands_as_the_plan_says),
    ("PRE-054", "no VM in the target bears a name that a failover gives", N, S, N,
     "Rename or remove the VM named; a failover cannot make a second one.", names_are_free),
    ("PRE-055", "whatever items name in the target is there", S, S, N,
     "Make it again, or choose another one in the item's settings.", what_items_name_is_there),
)  # fmt: skip
