"""Is the vault there, where should it be, and does it protect every VM?"""

from __future__ import annotations

from datetime import timedelta

from muster.checks.verdict import Verdict
from muster.gateway.ids import key_of
from muster.gateway.values import Json, ProtectedItem, Resource
from muster.plan.actions import Operation
from muster.plan.durations import format_duration
from muster.steps.preflight_checks.check import (
    Area,
    N,
    S,
    T,
    does_not_apply,
    each,
    each_item,
    failed,
    none_of,
    passed,
    rows_of,
    unknown,
)
from muster.steps.preflight_checks.facts import Facts, NotRead
from muster.steps.preflight_checks.mapped_ways import Way, mapped, networks_lead_both_ways
from muster.steps.preflight_checks.raw import properties_of
from muster.steps.preflight_checks.told import count, known, part, text

FINE = "succeeded"


def vault_exists(facts: Facts) -> Verdict:
    facts.need("vault")
    if facts.vault is None:
        return failed(f"there is no vault {facts.vault_ref.id}")
    return passed(f"{facts.vault.id} in {facts.vault.location or 'a region that is not told'}")


def vault_outside_source(facts: Facts) -> Verdict:
    if is_zonal(facts):
        return does_not_apply(
            "from zone to zone it may stand there: such a plan saves from the loss of a zone, of "
            "the region it does not"
        )
    where, said = _vault_region(facts)
    if region(where) == region(facts.plan.source.region):
        return failed(f"{said}, the region that may be lost")
    return passed(said)


def _vault_region(facts: Facts) -> tuple[str, str]:
    """Where the vault is, or is to be made by a replication, and the same as a sentence.

    Raises:
        NotRead: It is not told.
    """
    facts.need("vault")
    if facts.vault is None and facts.operation is Operation.REPLICATE:
        where = facts.decided.wanted.vault.region
        return where, f"the vault is yet to be made, in {where}"
    where = known(_vault(facts).location, "the vault's region")
    return where, f"the vault is in {where}"


def every_vm_protected(facts: Facts) -> Verdict:
    facts.need("items")
    missing = [vm.name for vm in facts.plan.all_vms if vm.name not in facts.items]
    problems = {vm: not_protected(facts, facts.source_ids.get(vm, "")) for vm in missing}
    return none_of(problems, f"{len(facts.items)} VMs are protected")


def not_protected(facts: Facts, vm_id: str) -> str:
    """That the plan's vault protects no such VM; with the vault that does, where one was found."""
    other = facts.elsewhere.get(key_of(vm_id))
    if other is None:
        return "the vault protects no such VM"
    return (
        f"vault {other} protects it, so `muster replicate` leaves it out: end its replication "
        "there first, or take it out of the plan"
    )


def regions_match(facts: Facts) -> Verdict:
    source, target = facts.plan.source.region, facts.plan.target.region

    def problem(_: str, item: ProtectedItem) -> str | None:
        here = known(item.primary_fabric_location, "the region it replicates from")
        there = known(item.recovery_fabric_location, "the region it replicates to")
        if (region(here), region(there)) == (region(source), region(target)):
            return None
        return f"{here} to {there}"

    return each_item(facts, problem, f"all replicate from {source} to {target}")


def region(name: str | None) -> str:
    """`East US` and `eastus` are the same region."""
    return (name or "").replace(" ", "").casefold()


def vault_in_target(facts: Facts) -> Verdict:
    where, said = _vault_region(facts)
    if region(where) == region(facts.plan.target.region):
        return passed(said)
    return failed(f"{said}, not in {facts.plan.target.region}")


def vault_is_whole(facts: Facts) -> Verdict:
    facts.need("vault")
    if facts.vault is None and facts.operation is Operation.REPLICATE:
        return does_not_apply("the vault is yet to be made")
    vault = _vault(facts)
    state = text(vault.properties, "provisioningState")
    return passed("it is provisioned") if state.casefold() == FINE else failed(f"it is {state}")


def _vault(facts: Facts) -> Resource:
    facts.need("vault")
    if facts.vault is None:
        raise NotRead(f"there is no vault {facts.vault_ref.name} to read")
    return facts.vault


def containers_are_mapped(facts: Facts) -> Verdict:
    """Those that the items stand in and replicate to: others may link the same regions."""
    facts.need("items", "container_mappings")
    ends = [_containers_of(item) for item in facts.items.values()]

    def way(row: Json) -> Way:
        target = text(part(row, "properties"), "targetProtectionContainerId")
        return _container_in(text(row, "id")), key_of(target)

    return mapped(facts.container_mappings, way, ends, "protection container")


def _containers_of(item: ProtectedItem) -> Way:
    return _container_in(item.id), key_of(text(properties_of(item), "recoveryContainerId"))


def _container_in(arm_id: str) -> str:
    """The key of the container that something of Site Recovery's stands in."""
    return key_of(arm_id).rsplit("/", 2)[0]


def networks_are_mapped(facts: Facts) -> Verdict:
    """From zone to zone there is one fabric, and mappings lead from one fabric to another."""
    if is_zonal(facts):
        return does_not_apply(
            "from zone to zone nothing is mapped: each VM's network is named as it is protected"
        )
    return networks_lead_both_ways(facts)


def is_zonal(facts: Facts) -> bool:
    """Whether the plan replicates into another zone of the same region."""
    return region(facts.plan.source.region) == region(facts.plan.target.region)


def policy_is_the_plans(facts: Facts) -> Verdict:
    """The policy that each item is under; and the one that a VM protected later would get."""
    facts.need("items", "policies", "container_mappings")
    policies = {key_of(text(row, "id")): _properties(row) for row in facts.policies}
    way = region(facts.plan.source.region), region(facts.plan.target.region)
    under = {vm: text(properties_of(item), "policyId") for vm, item in facts.items.items()}
    later = [
        text(one, "policyId")
        for one in map(_properties, facts.container_mappings)
        if (
            region(text(one, "sourceFabricFriendlyName")),
            region(text(one, "targetFabricFriendlyName")),
        )
        == way
    ]
    if not under or not later:
        return unknown("no item, or no container mapping, tells a policy")
    wanted = facts.plan.replication.policy

    def problem(policy_id: str) -> str | None:
        policy = policies.get(key_of(policy_id))
        if policy is None:
            raise NotRead("the vault lists no such policy")
        return _differs(policy, wanted.app_consistent_every, wanted.keep_recovery_points)

    named = {key_of(one).rpartition("/")[2]: one for one in (*under.values(), *later)}
    return each(named, problem, "points are made and kept as `replication.policy` says")


def _differs(policy: Json, every: timedelta, keep: timedelta) -> str | None:
    terms = part(policy, "providerSpecificDetails")
    told = {
        "app-consistent every": (count(terms, "appConsistentFrequencyInMinutes"), every),
        "points kept for": (count(terms, "recoveryPointHistory"), keep),
    }
    said = [
        f"{what} {found} min, the plan says {format_duration(wanted)}"
        for what, (found, wanted) in told.items()
        if timedelta(minutes=found) != wanted
    ]
    return "; ".join(said) or None


def _properties(row: Json) -> Json:
    return part(row, "properties")


CHECKS = rows_of(
    Area.VAULT,
    ("PRE-001", "the vault exists", S, S, N,
     "Correct `vault` in the plan: its name, resource group and subscription. One that is "
     "not there yet is made by `muster replicate PLAN`.", vault_exists),
    ("PRE-002", "the vault is outside the source region", T, T, T,
     "A vault in the source region is lost with it: move the replication to one in the "
     "target region.", vault_outside_source),
    ("PRE-003", "every VM of the plan is protected", S, S, N,
     "`muster replicate PLAN` protects the VMs named; or correct their names, or "
     "`source.resource_group`.", every_vm_protected),
    ("PRE-028", "every item replicates between the plan's regions", S, S, N,
     "Correct `source.region` and `target.region` in the plan.", regions_match),
    ("PRE-043", "the vault is in the target region", T, T, T,
     "A vault in a third region is one more region that has to be up: make one in the target.",
     vault_in_target),
    ("PRE-044", "the vault is provisioned", S, S, S,
     "Look at the vault in the portal: something holds it up.", vault_is_whole),
    ("PRE-045", "protection containers are mapped both ways", T, T, N,
     "`muster replicate PLAN` makes the mapping that is missing: without the way back no VM "
     "can be reprotected.",
     containers_are_mapped),
    ("PRE-046", "source and target network are mapped both ways", T, T, N,
     "`muster replicate PLAN` makes the mapping that is missing: without it a VM protected "
     "later, or reprotected, goes into another network.", networks_are_mapped),
    ("PRE-047", "points are made and kept as the plan says", T, T, N,
     "`muster replicate PLAN` gives the policy the plan's terms; or correct "
     "`replication.policy` in the plan.",
     policy_is_the_plans),
)  # fmt: skip
