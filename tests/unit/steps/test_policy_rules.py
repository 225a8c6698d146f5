"""What a deny policy would say of a copy: yes, no, or nobody can tell beforehand."""

from __future__ import annotations

import pytest

from muster.steps.preflight_checks.policy_rules import Made, effect_of, holds, keeps

VM = Made("Microsoft.Compute/virtualMachines", "web1-test", "westus2", {"Tier": "web"})
CARD = Made("Microsoft.Network/networkInterfaces", None, "westus2")
IS_VM = {"field": "type", "equals": "microsoft.compute/virtualmachines"}
SKU = {"field": "Microsoft.Compute/virtualMachines/sku.name", "equals": "Standard_B1s"}
UNTAGGED = {"field": "tags['costCentre']", "exists": "false"}


@pytest.mark.parametrize(
    ("rule", "made", "said"),
    [
        (IS_VM, VM, True),
        (IS_VM, CARD, False),
        ({"not": IS_VM}, CARD, True),
        ({"field": "location", "notIn": ["eastus", "WestUS2"]}, VM, False),
        ({"field": "location", "in": "[parameters('where')]"}, VM, True),
        ({"field": "location", "in": "[parameters('unknown')]"}, VM, None),
        ({"field": "name", "like": "web*-test"}, VM, True),
        ({"field": "name", "like": "web*-test"}, CARD, None),  # Azure chooses a card's name
        (UNTAGGED, VM, True),
        ({"field": "tags.tier", "equals": "WEB"}, VM, True),
        (SKU, VM, None),
        ({"allOf": [IS_VM, SKU]}, CARD, False),  # one no is enough
        ({"allOf": [IS_VM, SKU]}, VM, None),
        ({"anyOf": [IS_VM, SKU]}, VM, True),  # one yes is enough
        ({"anyOf": [{"not": IS_VM}, SKU]}, VM, None),
        ({"not": SKU}, VM, None),
        ({"count": {}, "greater": 1}, VM, None),
    ],
)
def test_a_rule_holds_does_not_or_cannot_be_told(rule, made, said):
    assert holds(rule, made, {"where": ["westus2"]}) is said


def test_an_effect_may_come_from_a_parameter_or_be_unknown():
    rule = {"then": {"effect": "[parameters('effect')]"}}
    assert effect_of(rule, {"effect": "Deny"}) == "deny"
    assert effect_of(rule, {}) is None
    assert effect_of({"then": {"effect": "Audit"}}, {}) == "audit"


@pytest.mark.parametrize(
    ("details", "kept"),
    [
        ({"actionNames": ["Delete"]}, True),
        ({"actionNames": ["write"]}, False),
        ({}, True),  # what it does not tell is not the harmless one
    ],
)
def test_an_effect_that_denies_actions_keeps_from_deleting(details, kept):
    assert keeps({"then": {"effect": "denyAction", "details": details}}) is kept
