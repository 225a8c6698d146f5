"""What a plan from zone to zone asks of mappings and of the vault's place; second networks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from muster.gateway.ids import key_of
from muster.plan.actions import Operation
from muster.steps.preflight_checks.catalog import CHECKS
from muster.steps.preflight_checks.facts import Facts
from tests.preflight.bending import GROUPS, SOURCE_NET, TARGET_NET
from tests.preflight.looking import seen_facts

SECOND = f"{GROUPS}/rg-erp/providers/Microsoft.Network/virtualNetworks/vnet-pay"
MIRROR = TARGET_NET.replace("vnet-erp-asr", "vnet-pay-asr")


def verdict(facts: Facts, check: str) -> tuple[str, str]:
    found = next(one for one in CHECKS if one.id == check).verdict(facts)
    return found.word, found.why


@pytest.mark.parametrize("operation", [Operation.DRILL, Operation.FAILOVER])
def test_from_zone_to_zone_nothing_is_mapped_and_the_vault_may_stand_in_the_region(operation):
    facts = seen_facts(operation)
    assert facts.vault is not None
    plan = facts.plan
    facts.vault = replace(facts.vault, location=plan.source.region)
    facts.network_mappings = ()
    assert [verdict(facts, one)[0] for one in ("PRE-002", "PRE-046")] == ["failed", "failed"]
    target = plan.target.model_copy(update={"region": plan.source.region})
    facts.plan = plan.model_copy(update={"target": target})
    for check in ("PRE-002", "PRE-046"):
        word, why = verdict(facts, check)
        assert (word, "from zone to zone" in why) == ("does not apply", True)


def row(here: str, there: str, state: str = "Paired") -> dict[str, Any]:
    told = {"primaryNetworkId": here, "recoveryNetworkId": there, "state": state}
    return {"properties": told}


@pytest.mark.parametrize(
    ("rows", "word", "said"),
    [
        ((), "failed", "vnet-pay: no network mapping"),
        ((row(SECOND, MIRROR),), "failed", "vnet-pay-asr to vnet-pay: no network mapping"),
        ((row(SECOND, MIRROR), row(MIRROR, SECOND)), "passed", "networks are mapped both ways"),
        ((row(SECOND, MIRROR), row(MIRROR, SECOND, "Unpaired")), "failed",
         "vnet-pay-asr to vnet-pay: its mapping is Unpaired"),
        (({"properties": {}},), "not evidenced", "vnet-pay: a mapping does not read"),
    ],
)  # fmt: skip
def test_each_network_that_a_source_vm_stands_in_is_mapped_there_and_back(rows, word, said):
    facts = seen_facts()
    facts.source_networks = {**facts.source_networks, "web3": (SECOND.upper(),)}
    facts.network_mappings = (*facts.network_mappings, *rows)
    found, why = verdict(facts, "PRE-046")
    assert (found, said in why.replace(key_of(SECOND), "vnet-pay")) == (word, True), why


def test_where_the_networks_of_the_source_are_not_known_only_what_is_wrong_is_told():
    facts = seen_facts()
    facts.unread["source_networks"] = "403 AuthorizationFailed"
    word, why = verdict(facts, "PRE-046")
    assert (word, why) == ("not evidenced", "other networks: 403 AuthorizationFailed")
    facts.network_mappings = (row(SOURCE_NET, TARGET_NET),)
    assert verdict(facts, "PRE-046")[0] == "failed"
