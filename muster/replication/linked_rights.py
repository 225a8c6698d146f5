"""What enabling a VM demands beside the right to write its item: rights at what the item names.

Microsoft names the permissions (site-recovery-role-based-linked-access-control, and
azure-to-azure-common-questions for the extension); Azure checks them when a VM is enabled, after
everything else was made. docs/how-to/replicate.md lists the same table.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from muster.replication.wanted import VmWanted


@dataclass(frozen=True, slots=True)
class Linked:
    """An action that is needed at a thing that is not written itself; `id_of` a VM names it."""

    action: str
    at: str  # as people call it
    why: str
    id_of: Callable[[VmWanted], str]


TO_ENABLE = (
    Linked(
        "Microsoft.Compute/virtualMachines/write",
        "each source VM",
        "Site Recovery installs its extension in it",
        lambda vm: vm.source_vm_id,
    ),
    Linked(
        "Microsoft.Compute/virtualMachines/write",
        "the target group",
        "the copies are made there",
        lambda vm: vm.recovery_group_id,
    ),
    Linked(
        "Microsoft.Network/virtualNetworks/subnets/join/action",
        "the target network",
        "the copies' cards stand in its subnets",
        lambda vm: vm.recovery_network_id,
    ),
)
