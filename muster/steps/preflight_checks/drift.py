"""Has anybody changed by hand what a VM is called after a failover, or switched its source off?"""

from __future__ import annotations

from muster.checks.verdict import Verdict
from muster.gateway.ids import key_of
from muster.gateway.values import ProtectedItem, VirtualMachine
from muster.steps.preflight_checks.check import Area, N, T, each_item, each_source, rows_of
from muster.steps.preflight_checks.facts import Facts
from muster.steps.preflight_checks.raw import details_of
from muster.steps.preflight_checks.told import known, text

RUNNING = frozenset({"running", "starting"})


def names_are_kept(facts: Facts) -> Verdict:
    def problem(vm: str, item: ProtectedItem) -> str | None:
        named = text(details_of(item), "recoveryAzureVMName")
        is_kept = named.casefold() == vm.casefold()
        return None if is_kept else f"after a failover it is called {named}"

    return each_item(facts, problem, "every VM keeps its name in a failover")


def sources_run(facts: Facts) -> Verdict:
    """A VM that is switched off sends nothing: its newest point stays as old as it is."""
    facts.need("powers")

    def problem(_: str, found: VirtualMachine) -> str | None:
        power = known(facts.powers.get(key_of(found.id)), "whether it runs")
        return None if power.casefold() in RUNNING else f"it is {power}"

    return each_source(facts, problem, "every source VM runs")


CHECKS = rows_of(
    Area.ITEMS,
    ("PRE-120", "every VM keeps its name in a failover", T, T, N,
     "If the name is not meant, give the item's VM its own in the item's Compute settings: DNS "
     "and scripts may go by it.", names_are_kept),
    ("PRE-121", "every source VM runs", T, T, T,
     "Start the VM, or take it out of the plan: while it is off no new recovery points are made.",
     sources_run),
)  # fmt: skip
