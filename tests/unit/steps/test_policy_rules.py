"""What a deny policy would say of a copy: yes, no, or nobody can tell beforehand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from muster.steps.preflight_checks.policy_rules import Made, effect_of, holds, keeps

VM = Made("Microsoft.Compute/virtualMachines", "web1-test", "westus2", {"Tier": "web"})
CARD = Made("Microsoft.Network/networkInterfaces", None, "westus2")
IS_VM = {"field": "type", "equals": "microsoft.compute/virtualmachines"}
SKU = {"field": "Microsoft.Compute/virtualMachines/sku.name", "equals": "Standard_B1s"}
TAG = "[concat('tags[', parameters('tag'), ']')]"
QUOTED = "[concat('tags[''', parameters('other'), ''']')]"
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
        ({"allOf": []}, VM, None),
        ({"anyOf": ["x"]}, VM, None),
        ({"field": "location", "equals": "West US 2"}, VM, True),
        ({"field": TAG, "exists": "false"}, VM, False),
        ({"field": TAG, "exists": "false"}, CARD, True),
        ({"field": QUOTED, "exists": "false"}, VM, True),
        ({"field": "[concat('tags[', parameters('none'), ']')]", "exists": "false"}, VM, None),
        (UNTAGGED, replace(VM, tags=None), None),
        ({"field": "tags", "containsKey": "TIER"}, VM, True),
        ({"field": "tags", "notContainsKey": "cost"}, VM, True),
        ({"field": "tags", "exists": True}, CARD, None),
        ({"field": "[toLower('LOCATION')]", "notEquals": "[resourceGroup().location]"}, VM, False),
        ({"value": "[resourceGroup().tags[parameters('tag')]]", "equals": "all"}, VM, True),
        ({"value": "[field('type')]", "equals": "Microsoft.Compute/virtualMachines"}, VM, True),
        ({"value": f"[empty(field({TAG[1:-1]}))]", "equals": "true"}, VM, False),
        ({"value": "[subscription().displayName]", "equals": "x"}, VM, None),
        ({"field": "tags.tier", "in": ["[parameters('first')]", "other"]}, VM, True),
        ({"field": "tags.tier", "in": "web"}, VM, None),
        ({"field": "tags.tier", "equals": "[[web]"}, VM, False),
        ({"field": "name", "like": "we[b]*"}, VM, False),
        ({"field": "name", "like": "web?-test"}, VM, False),
        ({"field": "name", "notLike": "web?-*"}, VM, True),
        ({"field": "name", "like": "w*b*t"}, VM, None),
        ({"field": "name", "match": "???#-test"}, VM, True),
        ({"field": "name", "match": "Web#-test"}, VM, False),
        ({"field": "name", "matchInsensitively": "Web#-test"}, VM, True),
        ({"field": "name", "notMatch": "...#-????"}, VM, False),
        ({"field": "name", "notMatchInsensitively": "WEB.-TEST"}, VM, False),
    ],
)
def test_a_rule_holds_does_not_or_cannot_be_told(rule, made, said):
    parameters = {"where": ["westus2"], "tag": "tier", "other": "cost", "first": "web"}
    group = {"location": "westus2", "tags": {"tier": "all"}}
    assert holds(rule, made, parameters, group) is said


def test_of_a_group_that_is_not_known_nobody_can_tell():
    assert holds({"value": "[resourceGroup().location]", "equals": "x"}, VM, {}) is None


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
