"""A VM that another vault protects: the checks for protection name that vault."""

from __future__ import annotations

from typing import Any

import pytest

from tests.preflight.bending import Raw
from tests.preflight.looking import Case, look_at


def in_another_vault(name: str):
    """The VM's item is in `rsv-legacy`, and not in the plan's vault."""

    def bend(world: Raw) -> None:
        own = world["vaults"][0]
        moved: list[Any] = [one for one in own["items"] if one["vm"] == name]
        own["items"] = [one for one in own["items"] if one["vm"] != name]
        legacy = {key: value for key, value in own.items() if key != "items"}
        world["vaults"].append({**legacy, "name": "rsv-legacy", "items": moved})

    return bend


@pytest.mark.parametrize("check", ["PRE-003", "PRE-107"])
def test_the_vault_that_protects_it_is_named(check):
    def select(plan: Raw) -> None:
        plan.setdefault("replication", {})["select"] = {"resource_groups": ["rg-erp"]}

    found = look_at(Case("", "", plan=select, world=in_another_vault("web3")))
    assert found.words[check] == "failed"
    assert found.why(check).startswith("web3: vault rsv-legacy protects it")


def test_a_vm_that_nobody_protects_is_said_to_be_just_that():
    def unprotected(world: Raw) -> None:
        own = world["vaults"][0]
        own["items"] = [one for one in own["items"] if one["vm"] != "web3"]

    found = look_at(Case("", "", world=unprotected))
    assert found.why("PRE-003") == "web3: the vault protects no such VM"
