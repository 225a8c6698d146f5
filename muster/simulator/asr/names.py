"""Which names Site Recovery takes: of what is set up in a vault, and of what a failover makes.

A VM's are Compute's own rule, as its refusals quote it; a vault's are Microsoft's naming page. For
the rest of a vault none is documented: what cannot stand in an ARM id is refused (ours).
"""

from __future__ import annotations

import re

from muster.simulator.arm.errors import bad_request
from muster.simulator.asr.protection_input import Unfit
from muster.simulator.call import Call

VM_RULE = r"^[^_\W][\w\-._]{0,79}(?<![-.])$"
_VM = re.compile(VM_RULE, re.ASCII)
_LONGEST_VM = 64
_NETWORK = re.compile(r"[A-Za-z0-9]([\w.-]{0,78}\w)?", re.ASCII)  # NICs and disks
_VAULT = re.compile(r"[A-Za-z][A-Za-z0-9-]{1,49}")
_SETUP = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9 _.()-]{0,258}[A-Za-z0-9_()-])?")


def demand_vault_name(call: Call) -> None:
    """2 to 50 letters, digits and hyphens, a letter first. Raises: AzureError (code: inferred)."""
    if not _VAULT.fullmatch(call.target.name):
        raise bad_request(
            "InvalidResourceName",
            f"The vault name '{call.target.name}' is invalid: it has to be 2 to 50 characters "
            "long, begin with a letter, and hold letters, digits and hyphens only.",
        )


def demand_setup_name(call: Call) -> None:
    """What is put into a vault bears a name that an id can hold. Raises: AzureError (ours)."""
    if not _SETUP.fullmatch(call.target.name):
        raise bad_request(
            "InvalidResourceName",
            f"The name '{call.target.name[:80]}' of a resource of type '{call.target.type}' is "
            "invalid: it may have 260 letters, digits, spaces, '.', '_', '-', '(' and ')', and "
            "neither begins nor ends with a space or a full stop.",
        )


def demand_vm_name(name: str) -> None:
    """The name that a failover or a test gives a VM. Raises: Unfit."""
    if len(name) > _LONGEST_VM or not _VM.fullmatch(name):
        raise Unfit(
            f"The entity name '{name}' is invalid according to its validation rule: {VM_RULE} "
            f"(at most {_LONGEST_VM} characters)."
        )


def demand_part_name(name: str) -> None:
    """The name that a NIC or a disk gets. Raises: Unfit."""
    if not _NETWORK.fullmatch(name):
        raise Unfit(
            f"The resource name '{name}' is invalid: it has to be 1 to 80 letters, digits, '_', "
            "'.' and '-', begin with a letter or digit and end with one or '_'."
        )
