"""Policies that would deny, and what keeps them from it: exemptions, and tags that come along."""

from __future__ import annotations

from collections.abc import Callable

from tests.in_process.simulated import Azure
from tests.preflight.bending import Raw, all_of, body_of, source
from tests.preflight.looking import Case

SCOPE = "/resourceGroups/rg-erp-asr"
KINDS = ["Microsoft.Compute/virtualMachines", "Microsoft.Compute/disks",
         "Microsoft.Network/networkInterfaces"]  # fmt: skip
TAG = "costCentre"


def _tagged(world: Raw) -> None:
    """Every VM of the world with the tag, and what stands in it with it."""
    for vm in world["vms"]:
        vm["tags"] = {**vm.get("tags", {}), TAG.upper(): "4711"}


def _wanted(**more: object) -> Callable[[Raw], object]:
    """A policy that wants the tag of all that a copy is made of."""
    untagged = {"field": f"tags['{TAG}']", "exists": False}
    rule = {"allOf": [{"field": "type", "in": KINDS}, untagged]}
    policy = {"name": "tagged", "display_name": "All bears a cost centre", "rule": rule, **more}
    return lambda world: world.update(policies=[policy])


def _without_tags(kind: str, name: str) -> Callable[[Azure], object]:
    return lambda azure: body_of(azure, source(kind, name)).update(tags={})


CASES = [
    Case("PRE-094", "a policy wants a tag that no source has", world=_wanted()),
    Case("PRE-094", "another group is exempt from a policy that denies",
         world=_wanted(exempt=["/resourceGroups/rg-erp"])),
    Case("PRE-094", "a disk lacks the tag that its VM has", result="not evidenced",
         world=all_of(_tagged, _wanted()),
         state=_without_tags("Microsoft.Compute/disks", "sql1-data")),
    Case("PRE-094", "a card lacks the tag that its VM has", result="not evidenced",
         world=all_of(_tagged, _wanted()),
         state=_without_tags("Microsoft.Network/networkInterfaces", "sql1-nic")),
]  # fmt: skip
HEALTHY = [
    Case("", "a policy denies, and the target's group is exempt", world=_wanted(exempt=[SCOPE])),
    Case("", "a policy wants a tag that all copies will bear", world=all_of(_tagged, _wanted())),
]
