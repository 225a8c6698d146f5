"""What an operation makes, as far as a policy may ask of it beforehand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from muster.gateway.ids import key_of
from muster.gateway.parse import mapping
from muster.gateway.values import ProtectedItem
from muster.plan.actions import Operation
from muster.steps.isolation.mirror import TAG
from muster.steps.preflight_checks.facts import Facts
from muster.steps.preflight_checks.policy_rules import Made
from muster.steps.preflight_checks.raw import details_of, disks_of
from muster.steps.preflight_checks.told import text

MACHINE = "Microsoft.Compute/virtualMachines"
Tags = Mapping[str, str]


def things_made(facts: Facts) -> Iterator[Made]:
    """One of each kind that the operation makes, with the tags that it will bear.

    A copied VM bears its source's (recorded). Of cards and disks the documents say that each
    bears those of its own source, renewed once in 24 hours; no recording shows that they do not
    bear their VM's. They are judged as both, and where that makes a difference nobody knows:
    https://learn.microsoft.com/azure/site-recovery/azure-to-azure-support-matrix
    """
    where, is_drill = facts.plan.target.region, facts.operation is Operation.DRILL
    one = partial(Made, location=where, is_removed=is_drill)
    for vm, item in facts.items.items():
        source = facts.sources.get(vm)
        tags = dict(source.tags) if source else None
        name = text(details_of(item), "tfoAzureVMName" if is_drill else "recoveryAzureVMName")
        yield one(MACHINE, name, tags=tags)
        for of_card in _of_cards(facts, vm):
            yield one("Microsoft.Network/networkInterfaces", None, tags=tags, or_tags=of_card)
        yield from _disks(facts, item, one, tags) if is_drill else ()
    if _looks_inside(facts):
        yield one(f"{MACHINE}/runCommands", None)
    if is_drill and (network := facts.plan.drill.network.create):
        for kind in ("virtualNetworks", "networkSecurityGroups", "routeTables"):
            yield one(f"Microsoft.Network/{kind}", network, tags={TAG: facts.run_id})


def called(made: Made) -> str:
    """What people call it: its kind, and its name where it has one already."""
    kind = made.type.rpartition("/")[2]
    return f"{kind} {made.name}" if made.name else kind


def _of_cards(facts: Facts, vm: str) -> list[Tags | None]:
    """The tags of each card of a source VM; one that nobody knows where no card was found."""
    return [dict(card.tags) for card in facts.source_cards.get(vm, ())] or [None]


def _disks(
    facts: Facts, item: ProtectedItem, one: partial[Made], tags: Tags | None
) -> Iterator[Made]:
    for disk in disks_of(item):
        body = facts.source_disks.get(key_of(text(disk, "diskId")))
        own = None if body is None else dict(mapping(body.get("tags")))
        name = text(disk, "tfoDiskName")
        yield one("Microsoft.Compute/disks", name, tags=tags, or_tags=own)


def _looks_inside(facts: Facts) -> bool:
    """Whether something runs inside a copy: a check, or a script of the plan's."""
    plan = facts.plan
    return bool(
        plan.checks
        or any(group.checks for group in plan.groups)
        or any(action.run_command for *_, action in plan.actions())
    )
