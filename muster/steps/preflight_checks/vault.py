"""Is the vault there, where should it be, and does it protect every VM?"""

from __future__ import annotations

from datetime import timedelta

from muster.checks.verdict import Verdict
from muster.gateway.ids import key_of
from muster.gateway.parse import mapping
from muster.gateway.values import Json
from muster.plan.durations import format_duration
from muster.steps.preflight_checks.check import Area, S, T, failed, none_of, passed, rows_of
from muster.steps.preflight_checks.facts import Facts, NotRead


def vault_exists(facts: Facts) -> Verdict:
    facts.need("vault")
    if facts.vault is None:
        return failed(f"there is no vault {facts.vault_ref.id}")
    return passed(f"{facts.vault.id} in {facts.vault.location}")


def vault_outside_source(facts: Facts) -> Verdict:
    facts.need("vault")
    if facts.vault is None:
        raise NotRead(f"there is no vault {facts.vault_ref.name} to read")
    if region(facts.vault.location) == region(facts.plan.source.region):
        return failed(f"the vault is in {facts.vault.location}, the region that may be lost")
    return passed(f"the vault is in {facts.vault.location}")


def every_vm_protected(facts: Facts) -> Verdict:
    facts.need("items")
    missing = [vm.name for vm in facts.plan.all_vms if vm.name not in facts.items]
    problems = dict.fromkeys(missing, "the vault replicates no such VM")
    return none_of(problems, f"{len(facts.items)} VMs are protected")


def regions_match(facts: Facts) -> Verdict:
    facts.need("items")
    source, target = facts.plan.source.region, facts.plan.target.region
    problems = {
        vm: f"{item.primary_fabric_location} to {item.recovery_fabric_location}"
        for vm, item in facts.items.items()
        if (region(item.primary_fabric_location), region(item.recovery_fabric_location))
        != (region(source), region(target))
    }
    return none_of(problems, f"all replicate from {source} to {target}")


def region(name: str | None) -> str:
    """`East US` and `eastus` are the same region."""
    return (name or "").replace(" ", "").casefold()


def vault_in_target(facts: Facts) -> Verdict:
    facts.need("vault")
    if facts.vault is None:
        raise NotRead(f"there is no vault {facts.vault_ref.name} to read")
    if region(facts.vault.location) == region(facts.plan.target.region):
        return passed(f"the vault is in {facts.vault.location}")
    return failed(f"the vault is in {facts.vault.location}, not in {facts.plan.target.region}")


def vault_is_whole(facts: Facts) -> Verdict:
    facts.need("vault")
    if facts.vault is None:
        raise NotRead(f"there is no vault {facts.vault_ref.name} to read")
    state = str(facts.vault.properties.get("provisioningState") or "Succeeded")
    if state.casefold() == "succeeded":
        return passed("it is provisioned")
    return failed(f"it is {state}")


def containers_are_mapped(facts: Facts) -> Verdict:
    facts.need("container_mappings")
    found = {
        (region(one.get("sourceFabricFriendlyName")), region(one.get("targetFabricFriendlyName")))
        for one in map(_properties, facts.container_mappings)
        if str(one.get("state") or "Paired").casefold() == "paired"
    }
    source, target = region(facts.plan.source.region), region(facts.plan.target.region)
    problems = {
        f"{here} to {there}": "no protection container is mapped"
        for here, there in ((source, target), (target, source))
        if (here, there) not in found
    }
    return none_of(problems, "protection containers are mapped both ways")


def networks_are_mapped(facts: Facts) -> Verdict:
    facts.need("network_mappings")
    found = {
        (key_of(str(one.get("primaryNetworkId"))), key_of(str(one.get("recoveryNetworkId"))))
        for one in map(_properties, facts.network_mappings)
    }
    ids = facts.source_network_id, facts.target_network_id
    problems = {
        f"{here.rpartition('/')[2]} to {there.rpartition('/')[2]}": "no network mapping"
        for here, there in (ids, ids[::-1])
        if (key_of(here), key_of(there)) not in found
    }
    return none_of(problems, "source and target network are mapped both ways")


def policy_is_the_plans(facts: Facts) -> Verdict:
    facts.need("policies", "container_mappings")
    wanted = facts.plan.replication.policy
    policies = {key_of(str(row.get("id"))): _properties(row) for row in facts.policies}
    way = region(facts.plan.source.region), region(facts.plan.target.region)
    problems: dict[str, str] = {}
    for one in map(_properties, facts.container_mappings):
        here, there = one.get("sourceFabricFriendlyName"), one.get("targetFabricFriendlyName")
        policy = policies.get(key_of(str(one.get("policyId"))))
        if (region(here), region(there)) != way or policy is None:
            continue
        problems |= _differs(policy, wanted.app_consistent_every, wanted.keep_recovery_points)
    return none_of(problems, "points are made and kept as `replication.policy` says")


def _differs(policy: Json, every: timedelta, keep: timedelta) -> dict[str, str]:
    terms = mapping(policy.get("providerSpecificDetails"))
    name = str(policy.get("friendlyName"))
    told = {
        "app-consistent every": (terms.get("appConsistentFrequencyInMinutes"), every),
        "points kept for": (terms.get("recoveryPointHistory"), keep),
    }
    return {
        f"{name}, {what}": f"{found} min, the plan says {format_duration(wanted)}"
        for what, (found, wanted) in told.items()
        if timedelta(minutes=float(found or 0)) != wanted
    }


def _properties(row: Json) -> Json:
    return mapping(row.get("properties"))


CHECKS = rows_of(
    Area.VAULT,
    ("PRE-001", "the vault exists", S, S,
     "Correct `vault` in the plan: its name, resource group and subscription. One that is "
     "not there yet is made by `muster replicate PLAN`.", vault_exists),
    ("PRE-002", "the vault is outside the source region", T, T,
     "A vault in the source region is lost with it: move the replication to one in the "
     "target region.", vault_outside_source),
    ("PRE-003", "every VM of the plan is protected", S, S,
     "`muster replicate PLAN` protects the VMs named; or correct their names, or "
     "`source.resource_group`.", every_vm_protected),
    ("PRE-028", "every item replicates between the plan's regions", S, S,
     "Correct `source.region` and `target.region` in the plan.", regions_match),
    ("PRE-043", "the vault is in the target region", T, T,
     "A vault in a third region is one more region that has to be up: make one in the target.",
     vault_in_target),
    ("PRE-044", "the vault is provisioned", S, S,
     "Look at the vault in the portal: something holds it up.", vault_is_whole),
    ("PRE-045", "protection containers are mapped both ways", T, T,
     "`muster replicate PLAN` makes the mapping that is missing: without the way back no VM "
     "can be reprotected.",
     containers_are_mapped),
    ("PRE-046", "source and target network are mapped both ways", T, T,
     "`muster replicate PLAN` makes the mapping that is missing: without it a VM protected "
     "later, or reprotected, goes into another network.", networks_are_mapped),
    ("PRE-047", "points are made and kept as the plan says", T, T,
     "`muster replicate PLAN` gives the policy the plan's terms; or correct "
     "`replication.policy` in the plan.",
     policy_is_the_plans),
)  # fmt: skip
