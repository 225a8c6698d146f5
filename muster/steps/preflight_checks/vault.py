"""Is the vault there, where should it be, and does it protect every VM?"""

from __future__ import annotations

from muster.checks.verdict import Verdict
from muster.steps.preflight_checks.check import failed, none_of, passed
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
