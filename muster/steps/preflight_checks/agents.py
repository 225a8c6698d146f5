"""Are agents and certificates good for a while, and would each VM land as the plan says?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from muster.checks.verdict import Verdict
from muster.gateway.ids import same_id
from muster.gateway.parse import instant, rows, text_of
from muster.gateway.values import ProtectedItem
from muster.plan.machines import Nic
from muster.steps.preflight_checks.check import Area, N, S, T, none_of, rows_of
from muster.steps.preflight_checks.facts import Facts
from muster.steps.preflight_checks.raw import details_of, named_by

AHEAD = timedelta(days=30)
"""How far ahead an end is told: a month to plan the update in."""
MACHINE = "microsoft.compute/virtualmachines"


def _each(facts: Facts, problem: Callable[[ProtectedItem], str | None], fine: str) -> Verdict:
    facts.need("items")
    found = {vm: what for vm, item in facts.items.items() if (what := problem(item))}
    return none_of(found, fine)


def agents_stay_supported(facts: Facts) -> Verdict:
    return _ends_later(facts, "agentExpiryDate", "its mobility agent")


def certificates_stay_valid(facts: Facts) -> Verdict:
    return _ends_later(facts, "agentCertificateExpiryDate", "its agent's certificate")


def _ends_later(facts: Facts, key: str, what: str) -> Verdict:
    """An end that Azure does not tell, or tells as the year 9999, is none."""

    def problem(item: ProtectedItem) -> str | None:
        end = instant(details_of(item).get(key))
        if end is None or end - facts.now > AHEAD:
            return None
        verb = "expired" if end <= facts.now else "expires"
        return f"{what} {verb} on {end:%Y-%m-%d}"

    return _each(facts, problem, f"none ends within {AHEAD.days} days")


def agents_are_current(facts: Facts) -> Verdict:
    keys = {
        "isReplicationAgentUpdateRequired": "the agent has to be updated",
        "isReplicationAgentCertificateUpdateRequired": "the certificate has to be renewed",
    }

    def problem(item: ProtectedItem) -> str | None:
        details = details_of(item)
        return "; ".join(said for key, said in keys.items() if details.get(key) is True) or None

    return _each(facts, problem, "no agent waits for an update")


def systems_are_the_plans(facts: Facts) -> Verdict:
    facts.need("items")
    problems = {
        vm: f"the plan says {facts.plan.vm(vm).os}, Azure {item.os}"
        for vm, item in facts.items.items()
        if item.os and item.os.casefold() != facts.plan.vm(vm).os
    }
    return none_of(problems, "every VM runs the system that the plan says")


def recovers_into_the_network(facts: Facts) -> Verdict:
    def problem(item: ProtectedItem) -> str | None:
        if same_id(item.recovery_network_id, facts.target_network_id):
            return None
        return f"recovers into {item.recovery_network_id or 'no network'}"

    return _each(facts, problem, f"all recover into {facts.target_network_id}")


def lands_as_the_plan_says(facts: Facts) -> Verdict:
    facts.need("items")
    problems = {
        vm: "; ".join(said)
        for vm, item in facts.items.items()
        if (said := _landing(item, facts.plan.vm(vm).nics))
    }
    return none_of(problems, "every card lands in the plan's subnet and at its address")


def _landing(item: ProtectedItem, wanted: tuple[Nic, ...]) -> list[str]:
    """Where a real failover would put a VM's cards elsewhere than the plan says."""
    cards = rows(details_of(item).get("vmNics"))
    found: list[str] = []
    for nic, card in zip(wanted, cards, strict=False):
        for config in rows(card.get("ipConfigs")):
            if not config.get("isPrimary"):
                continue
            subnet = text_of(config.get("recoverySubnetName"))
            address = text_of(config.get("recoveryStaticIPAddress"))
            if nic.subnet and subnet.casefold() != nic.subnet.casefold():
                found.append(f"into subnet {subnet or 'none'}, not {nic.subnet}")
            if nic.private_ip and address != nic.private_ip:
                found.append(f"at {address or 'any address'}, not {nic.private_ip}")
    return found


def names_are_free(facts: Facts) -> Verdict:
    facts.need("items", "in_target_group")
    taken = {
        one.name.casefold() for one in facts.in_target_group if one.type.casefold() == MACHINE
    }
    problems = {
        vm: f"there is a VM {item.recovery_vm_name} already"
        for vm, item in facts.items.items()
        if item.recovery_vm_name.casefold() in taken
    }
    return none_of(problems, "no VM bears a name that a failover gives")


def what_items_name_is_there(facts: Facts) -> Verdict:
    facts.need("items", "named")
    problems = {
        vm: f"there is no {', '.join(missing)}"
        for vm, item in facts.items.items()
        if (missing := [one for one in named_by(item) if not facts.named.get(one)])
    }
    return none_of(problems, "whatever items name in the target is there")


CHECKS = rows_of(
    Area.ITEMS,
    ("PRE-048", "no mobility agent expires soon", T, T,
     "Update the mobility agent of the VMs named, or let Azure do it by itself.",
     agents_stay_supported),
    ("PRE-049", "no agent's certificate expires soon", T, T,
     "Renew the certificate: after its end nothing is replicated any more.",
     certificates_stay_valid),
    ("PRE-050", "no agent waits for an update", T, T,
     "Update the mobility agent of the VMs named before Azure stops supporting it.",
     agents_are_current),
    ("PRE-051", "every VM runs the system that the plan says", T, T,
     "Correct `os` in the plan: it chooses between bash and PowerShell.",
     systems_are_the_plans),
    ("PRE-052", "every item recovers into the plan's network", T, S,
     "Correct the item's target network, or `target.network` in the plan.",
     recovers_into_the_network),
    ("PRE-053", "every card lands as the plan says", N, T,
     "Correct the item's network settings, or `nics` in the plan.", lands_as_the_plan_says),
    ("PRE-054", "no VM in the target bears a name that a failover gives", N, S,
     "Rename or remove the VM named; a failover cannot make a second one.", names_are_free),
    ("PRE-055", "whatever items name in the target is there", S, S,
     "Make it again, or choose another one in the item's settings.", what_items_name_is_there),
)  # fmt: skip
