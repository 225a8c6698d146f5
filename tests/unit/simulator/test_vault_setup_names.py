"""Names of vaults, and of what is put into them."""

from __future__ import annotations

import pytest

from .conftest import SUBSCRIPTION, VAULT
from .still_world import StillWorld

VAULTS = f"{SUBSCRIPTION}/resourceGroups/rg-dr/providers/Microsoft.RecoveryServices/vaults"
FABRIC = {"customDetails": {"instanceType": "Azure", "location": "eastus2"}}


@pytest.mark.parametrize("name", ["a", "1vault", "va_ult", "v" * 51, "väult", "-vault"])
def test_a_vaults_name_is_2_to_50_letters_digits_and_hyphens(name: str) -> None:
    world = StillWorld()
    body = {"location": "westus2", "sku": {"name": "Standard"}, "properties": {}}
    answer = world.answer("PUT", f"{VAULTS}/{name}", body)
    assert (answer.status, (answer.body or {})["error"]["code"]) == (400, "InvalidResourceName")
    for good in ("ab", "rsv-2", "v" * 50):
        assert world.answer("PUT", f"{VAULTS}/{good}", body).status == 201


@pytest.mark.parametrize("name", ["bäd", "\udcff\udcfe", "f" * 261, " f", "f.", "f|g"], ids=ascii)
@pytest.mark.parametrize("kind", ["replicationFabrics", "replicationPolicies"])
def test_what_no_id_can_hold_is_no_name_in_a_vault(kind: str, name: str) -> None:
    world = StillWorld()
    answer = world.ask("PUT", f"{VAULT}/{kind}/{name}", FABRIC)
    assert (answer.status, (answer.body or {})["error"]["code"]) == (400, "InvalidResourceName")


@pytest.mark.parametrize("name", ["asr-a2a-default-eastus2", "Fabric 2 (west)", "f", "_f-"])
def test_usual_names_are_taken(name: str) -> None:
    assert StillWorld().ask("PUT", f"{VAULT}/replicationFabrics/{name}", FABRIC).status == 202
