"""An assigned initiative denies what its definitions deny, by the parameters it hands on."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from muster.gateway.values import Json
from muster.steps.preflight_checks.catalog import CHECKS
from muster.steps.preflight_reads.reader import Reader
from muster.steps.preflight_reads.rules import MOST_OF_SETS, _policies
from tests.preflight.bending import SUBSCRIPTION, TARGET
from tests.preflight.looking import Raw, seen_facts

Bodies = dict[str, Any]
POLICY = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization"
DEFINITION = f"{POLICY}/policyDefinitions/no-machines"
SET = f"{POLICY}/policySetDefinitions/benchmark"
ASSIGNMENT = f"{TARGET}/providers/Microsoft.Authorization/policyAssignments/asb"
IS_VM = {"field": "type", "equals": "Microsoft.Compute/virtualMachines"}
EFFECT = {"effect": {"type": "String", "defaultValue": "Deny"}}
HANDED_ON = {"effect": {"value": "[parameters('vmEffect')]"}}
BY_DEFAULT = {"vmEffect": {"type": "String", "defaultValue": "Audit"}}


def initiative(member: Raw, of_set: Raw, assigned: Raw | None = None) -> Bodies:
    """A set of one policy about VMs, whose effect is a parameter, assigned at the target."""
    rule = {"if": IS_VM, "then": {"effect": "[parameters('effect')]"}}
    row = {"policyDefinitionId": DEFINITION, "policyDefinitionReferenceId": "vms", **member}
    return {
        DEFINITION: {"properties": {"parameters": EFFECT, "policyRule": rule}},
        SET: {"properties": {"parameters": of_set, "policyDefinitions": [row]}},
        ASSIGNMENT: {"properties": {
            "displayName": "Benchmark", "policyDefinitionId": SET, **(assigned or {})}},
    }  # fmt: skip


class Policies:
    """The part of Azure that holds them: an assignment, and bodies by id."""

    def __init__(self, bodies: Bodies) -> None:
        self.bodies = bodies

    async def collection(self, path: str) -> tuple[Json, ...]:
        assert path.startswith(f"{TARGET}/providers/Microsoft.Authorization/policyAssignments?")
        return (self.bodies[ASSIGNMENT],)

    async def resource(self, arm_id: str) -> SimpleNamespace | None:
        body = self.bodies.get(arm_id)
        return None if body is None else SimpleNamespace(raw=body)


def judged(bodies: Bodies) -> tuple[str, str]:
    """What PRE-094 says of policies, as they are read."""
    facts = seen_facts()
    reader: Any = Reader(SimpleNamespace(gateway=Policies(bodies)), facts)
    asyncio.run(_policies(reader))
    verdict = next(one for one in CHECKS if one.id == "PRE-094").verdict(facts)
    return verdict.word, verdict.why


def override(**selector: Any) -> Raw:
    kind = {"kind": "policyDefinitionReferenceId", **selector}
    return {"overrides": [{"kind": "policyEffect", "value": "Audit", "selectors": [kind]}]}


@pytest.mark.parametrize(
    ("bodies", "word"),
    [
        (initiative({"parameters": HANDED_ON}, BY_DEFAULT), "passed"),  # audit only
        (initiative({"parameters": {"effect": {"value": "auditIfNotExists"}}}, {}), "passed"),
        (initiative({}, {}), "failed"),  # the definition's own default
        (initiative({"parameters": HANDED_ON}, BY_DEFAULT,
                    {"parameters": {"vmEffect": {"value": "deny"}}}), "failed"),
        (initiative({}, {}, override(**{"in": ["VMs"]})), "passed"),
        (initiative({}, {}, override(**{"in": ["others"]})), "failed"),
        (initiative({}, {}, override(notIn=["vms"])), "failed"),
        (initiative({}, {}, override(kind="resourceLocation", notIn=["x"])), "not evidenced"),
        (initiative({"parameters": {"effect": {"value": "[concat('De','ny')]"}}}, {}),
         "not evidenced"),
        (initiative({"policyDefinitionId": f"{POLICY}/policyDefinitions/gone"}, {}),
         "not evidenced"),
        (initiative({}, {}, {"enforcementMode": "DoNotEnforce"}), "passed"),
    ],
)  # fmt: skip
def test_a_set_is_judged_by_its_definitions_as_it_applies_them(bodies, word):
    told, why = judged(bodies)
    assert told == word, why
    if word == "failed":
        assert why.startswith("Benchmark: it denies virtualMachines")


def test_what_of_a_set_cannot_be_read_is_named():
    gone = {"policyDefinitionId": f"{POLICY}/policyDefinitions/gone"}
    assert judged(initiative(gone, {}))[1] == "Benchmark: vms cannot be read from here"
    unread = initiative({}, {})
    del unread[SET]
    assert judged(unread)[1] == "Benchmark: its rules cannot be read from here"


def test_a_large_set_is_read_whole_and_too_large_a_one_is_said_so():
    for count, word in ((240, "failed"), (MOST_OF_SETS + 1, "not evidenced")):
        bodies = initiative({}, {})
        rows = [{"policyDefinitionId": f"{DEFINITION}-{number}"} for number in range(count)]
        rule = {"if": IS_VM, "then": {"effect": "audit"}}
        bodies |= {row["policyDefinitionId"]: {"properties": {"policyRule": rule}} for row in rows}
        bodies[f"{DEFINITION}-{count - 1}"]["properties"]["policyRule"]["then"]["effect"] = "deny"
        bodies[SET]["properties"]["policyDefinitions"] = rows
        assert judged(bodies)[0] == word
