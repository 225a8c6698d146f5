"""From one availability zone to another of the same region: one fabric, two containers [DOC].

[DOC] is azure-to-azure-how-to-enable-zone-to-zone-disaster-recovery. A VM that stands
in no zone is taken all the same, as an acceptance test of the Terraform provider shows
(`zone2zone`); the page asks for a zone.
"""

from __future__ import annotations

from muster.simulator.arm.ids import name_of
from muster.simulator.asr.protection_input import Unfit
from muster.simulator.json_types import Json


def demand_apart(item: Json) -> None:
    """Let an item pass that recovers into another zone, and another group, than its VM's.

    Raises: Unfit. The words are ours: no recording shows a refusal.
    """
    zone, target = item["zone"], item["target"]["zone"]
    if target is None:
        raise Unfit("recoveryAvailabilityZone is required to replicate within a region.")
    if zone == target:
        raise Unfit(f"The virtual machine '{item['vm_name']}' is in zone {target} already.")
    if item["vm"].lower().startswith(f"{item['recovery_group'].lower()}/"):
        group = name_of(item["recovery_group"])
        raise Unfit(f"The virtual machine has to recover into another group than '{group}'.")
