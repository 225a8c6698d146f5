"""An item as each of its NICs has it: what is asked of one NIC is asked of its face.

`vmNics` is a list in every recording, and PATCH names a NIC by its GUID [CLI][PS-NIC]. That a copy
has as many NICs as its source, each placed by its own settings, is inferred from that. Of each NIC
the first IP configuration is kept.
"""

from __future__ import annotations

from muster.simulator.json_types import Json


def faces(item: Json) -> list[Json]:
    """One for each NIC, the primary one first: `nic`, `landing` and `own` differ.

    The network of a test belongs to the whole item. The first face is the item itself.
    """
    network = {"network": item["own"]["network"]}
    return [item, *(item | one | {"own": one["own"] | network} for one in others(item))]


def others(item: Json) -> list[Json]:
    """What is kept of each NIC but the first; an item of an older state file has none."""
    found: list[Json] = item.get("more_nics", [])
    return found


def in_order(vm: Json) -> list[str]:
    """Ids of a VM's NICs, the primary one first; a single one need not say that it is it."""
    listed = vm["properties"]["networkProfile"]["networkInterfaces"]
    is_other = [not (one.get("properties") or {}).get("primary") for one in listed]
    return [str(listed[number]["id"]) for number in sorted(range(len(listed)),
            key=is_other.__getitem__)]  # fmt: skip
