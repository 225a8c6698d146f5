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

    def __init__(self, bodies: Bodies, exemptions: tuple[Json, ...] = ()) -> None:
        self.bodies, self.exemptions = bodies, exemptions

    async def collection(self, path: str) -> tuple[Json, ...]:
        kind = path.removeprefix(f"{TARGET}/providers/Microsoft.Authorization/")
        if kind == "policyExemptions?$filter=atScope()":
            return self.exemptions
        assert kind == "policyAssignments?$filter=atScope()"
        return (self.bodies[ASSIGNMENT] | {"id": ASSIGNMENT},)

    async def resource(self, arm_id: str) -> SimpleNamespace | None:
        body = self.bodies.get(arm_id)
        return None if body is None else SimpleNamespace(raw=body)


def judged(bodies: Bodies, *exemptions: Json) -> tuple[str, str]:
    """What PRE-094 says of policies, as they are read."""
    facts = seen_facts()
    reader: Any = Reader(SimpleNamespace(gateway=Policies(bodies, exemptions)), facts)
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
        (initiative({}, {}, override(kind="resourceLocation", notIn=["x"])), "passed"),
        (initiative({}, {}, override(kind="resourceLocation", **{"in": ["East US"]})), "failed"),
        (initiative({}, {}, override(kind="resourceLocation", **{"in": ["West US 2"]})), "passed"),
        (initiative({}, {}, override(kind="userPrincipalId", notIn=["x"])), "not evidenced"),
        (initiative({"parameters": {"effect": {"value": "[concat('De','ny')]"}}}, {}), "failed"),
        (initiative({"parameters": {"effect": {"value": "[utcNow()]"}}}, {}), "not evidenced"),
        (initiative({"policyDefinitionId": f"{POLICY}/policyDefinitions/gone"}, {}),
         "not evidenced"),
        (initiative({}, {}, {"enforcementMode": "DoNotEnforce"}), "passed"),
        (initiative({}, {}, {"enforcementMode": "Enroll"}), "not evidenced"),
        (initiative({}, {}, {"notScopes": [TARGET.upper()]}), "passed"),
        (initiative({}, {}, {"notScopes": [f"{TARGET}-other"]}), "failed"),
        (initiative({}, {}, {"notScopes": [
            "/providers/Microsoft.Management/managementGroups/lab"]}), "not evidenced"),
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


def selecting(**selector: Any) -> Raw:
    return {"resourceSelectors": [{"name": "some", "selectors": [selector]}]}


VMS = "Microsoft.Compute/virtualMachines"


@pytest.mark.parametrize(
    ("selectors", "word"),
    [
        (selecting(kind="resourceLocation", **{"in": ["eastus"]}), "passed"),
        (selecting(kind="resourceLocation", **{"in": ["eastus", "West US 2"]}), "failed"),
        (selecting(kind="resourceLocation", notIn=["westus2"]), "passed"),
        (selecting(kind="resourceType", **{"in": ["Microsoft.Compute/disks"]}), "passed"),
        (selecting(kind="resourceType", **{"in": [VMS.lower()]}), "failed"),
        (selecting(kind="resourceWithoutLocation", **{"in": ["subscriptionLevelResources"]}),
         "passed"),
        (selecting(kind="somethingNew", **{"in": ["x"]}), "not evidenced"),
        (selecting(kind="resourceLocation"), "not evidenced"),
        ({"resourceSelectors": "garbage"}, "not evidenced"),
        ({"resourceSelectors": []}, "failed"),
        ({"resourceSelectors": [  # any of them, of which all selectors
            {"selectors": [{"kind": "resourceLocation", "in": ["eastus"]}]},
            {"selectors": [{"kind": "resourceLocation", "in": ["westus2"]},
                           {"kind": "resourceType", "in": [VMS]}]}]}, "failed"),
        ({"resourceSelectors": [
            {"selectors": [{"kind": "resourceLocation", "in": ["westus2"]},
                           {"kind": "resourceType", "notIn": [VMS]}]}]}, "passed"),
    ],
)  # fmt: skip
def test_an_assignment_reaches_what_its_selectors_take_in(selectors, word):
    told, why = judged(initiative({}, {}, selectors))
    assert told == word, why


def exemption(scope: str = TARGET, **properties: Any) -> Raw:
    named = f"{scope}/providers/Microsoft.Authorization/policyExemptions/drills"
    told = {"policyAssignmentId": ASSIGNMENT.upper(), "exemptionCategory": "Waiver", **properties}
    return {"id": named, "name": "drills", "properties": told}


@pytest.mark.parametrize(
    ("exempt", "word"),
    [
        (exemption(), "passed"),
        (exemption(exemptionCategory="mitigated"), "passed"),
        (exemption(f"/subscriptions/{SUBSCRIPTION}"), "passed"),
        (exemption("/providers/Microsoft.Management/managementGroups/root"), "passed"),
        (exemption(f"{TARGET}-other"), "failed"),
        (exemption(policyAssignmentId=f"{ASSIGNMENT}-other"), "failed"),
        (exemption(policyDefinitionReferenceIds=["VMs"]), "passed"),
        (exemption(policyDefinitionReferenceIds=["others"]), "failed"),
        (exemption(expiresOn="2020-01-01T00:00:00Z"), "failed"),
        (exemption(expiresOn="2999-01-01T00:00:00.0000000Z"), "passed"),
        (exemption(expiresOn="soon"), "not evidenced"),
        (exemption(expiresOn=None, policyDefinitionReferenceIds=[]), "passed"),
        (exemption(exemptionCategory="Unheard"), "not evidenced"),
        (exemption(**selecting(kind="resourceLocation", **{"in": ["eastus"]})), "failed"),
        (exemption(**selecting(kind="resourceType", **{"in": [VMS]})), "passed"),
    ],
)  # fmt: skip
def test_an_exemption_frees_from_what_it_is_about_as_long_as_it_lasts(exempt, word):
    told, why = judged(initiative({}, {}), exempt)
    assert told == word, why


def test_where_exemptions_cannot_be_read_a_denial_is_not_evidenced_and_no_other_is_hidden():
    facts = seen_facts()
    audit = initiative({"parameters": {"effect": {"value": "audit"}}}, {})
    for bodies, word in ((initiative({}, {}), "not evidenced"), (audit, "passed")):
        facts.assignments = ({"id": ASSIGNMENT, **bodies[ASSIGNMENT]},)
        facts.definitions = {DEFINITION: bodies[DEFINITION], SET: bodies[SET]}
        facts.unread["exemptions"] = "403 AuthorizationFailed"
        verdict = next(one for one in CHECKS if one.id == "PRE-094").verdict(facts)
        assert verdict.word == word
        if word != "passed":
            assert "unless an exemption frees it: that could not be read: 403" in verdict.why
