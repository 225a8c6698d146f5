"""Within a region a VM replicates into another zone and another group, or not at all."""

from __future__ import annotations

from typing import Any

import pytest

from muster.simulator.asr.protection_input import Unfit
from muster.simulator.asr.zonal import demand_apart

GROUPS = "/subscriptions/S/resourceGroups"
VM = f"{GROUPS}/rg-app/providers/Microsoft.Compute/virtualMachines/web1"


def item(zone: str | None, target: str | None, group: str = "rg-app-asr") -> dict[str, Any]:
    return {
        "vm": VM, "vm_name": "web1", "zone": zone, "target": {"zone": target},
        "recovery_group": f"{GROUPS}/{group}",
    }  # fmt: skip


@pytest.mark.parametrize("zone", ["1", None])
def test_into_another_zone_is_followed(zone: str | None) -> None:
    demand_apart(item(zone, "2"))


@pytest.mark.parametrize(("given", "says"), [
    (item("1", None), "recoveryAvailabilityZone is required"),
    (item("2", "2"), "is in zone 2 already"),
    (item("1", "2", "RG-App"), "another group than 'RG-App'"),
])  # fmt: skip
def test_into_its_own_zone_or_group_is_refused(given: dict[str, Any], says: str) -> None:
    with pytest.raises(Unfit, match=says):
        demand_apart(given)
