"""What the name of a VM's size tells: the one table for `muster check` and for replication."""

from __future__ import annotations

import re

_ARM_SIZE = re.compile(r"standard_[a-z]+\d+(-\d+)?[a-oq-z]*p[a-z]*(_|$)", re.IGNORECASE)
"""Sizes whose features have a `p` are of Arm64 (learn.microsoft.com …/vm-naming-conventions)."""

OF_ARM = "is of the ARM64 architecture, and Site Recovery replicates VMs of x64 only"
WRITE_X64 = "Write a size of x64: without `p` among the letters behind its number."


def is_arm(size: str, told: str | None = None) -> bool:
    """Whether a size is of the ARM64 architecture: as Compute tells it, else by its name.

    Args:
        size: `Standard_D4ps_v5`.
        told: The architecture that Azure told of it; None where nobody asked.
    """
    return told.casefold() == "arm64" if told else _ARM_SIZE.match(size) is not None
