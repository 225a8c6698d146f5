"""What has to be created, changed or left alone, so that all is as wanted. Pure."""

from __future__ import annotations

from muster.replication.change import Act, Change, Kind
from muster.replication.comparing_items import compare_items
from muster.replication.comparing_places import compare_places
from muster.replication.comparing_vault import compare_vault
from muster.replication.found import Found
from muster.replication.wanted import Wanted


def compare(wanted: Wanted, found: Found) -> tuple[Change, ...]:
    """One change for each thing that is wanted, in the order of making.

    Drift is repaired where Azure permits it (a policy changed by hand, a mapping that is missing,
    a disk added since, a VM resized), and refused with the reason and the remedy where it does
    not. On a world as this run leaves it, every change is "leave alone".
    """
    changes = (
        *compare_places(wanted, found),
        *compare_vault(wanted, found),
        *compare_items(wanted, found),
    )
    order = list(Kind)
    refused = [one for one in changes if one.act is Act.REFUSE and one.id is None]
    rest = [one for one in changes if one not in refused]
    return (*refused, *sorted(rest, key=lambda one: order.index(one.kind)))
