"""Is the vault there, where should it be, and does it protect every VM?"""

from __future__ import annotations

from muster.checks.verdict import Verdict
from muster.steps.preflight_checks.check import Area, S, T, failed, none_of, passed, rows_of
from muster.steps.preflight_checks.facts import Facts


def vault_exists(facts: Facts) -> Verdict:
    facts.need("vault")
    if facts.vault is None:
        return failed(f"there is no vault {facts.vault_ref.id}")
    return passed(f"{facts.vault.id} in {facts.vault.location}")


def vault_outside_source(facts: Facts) -> Verdict:
    facts.need("vault")
    if facts.vault is None:
        return failed("there is no vault")
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


CHECKS = rows_of(
    Area.VAULT,
    ("PRE-001", "the vault exists", S, S,
     "Correct `vault` in the plan: its name, resource group and subscription.", vault_exists),
    ("PRE-002", "the vault is outside the source region", T, T,
     "A vault in the source region is lost with it: move the replication to one in the "
     "target region.", vault_outside_source),
    ("PRE-003", "every VM of the plan is protected", S, S,
     "Enable replication for the VMs named, or correct their names or "
     "`source.resource_group`.", every_vm_protected),
    ("PRE-028", "every item replicates between the plan's regions", S, S,
     "Correct `source.region` and `target.region` in the plan.", regions_match),
)  # fmt: skip
