"""How many things are to be created, changed, left …: a VM and its disks count once. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from muster.replication.change import OF_ONE_VM, Act, Change
from muster.replication.judgement import Judgement
from muster.replication.outbound import OutboundFinding
from muster.replication.rights import lacks_rights
from muster.replication.wanted import Left

_GRAVEST = (Act.REFUSE, Act.CREATE, Act.CHANGE, Act.WAIT, Act.LEAVE)
_WORDS = (
    (Act.CREATE, "to create"),
    (Act.CHANGE, "to change"),
    (Act.WAIT, "under way"),
    (Act.LEAVE, "as wanted"),
    (Act.REFUSE, "refused"),
)


def counted_acts(changes: Sequence[Change]) -> Counter[Act]:
    """Things by what is done with them, as the run that follows will count them."""
    found: dict[object, Act] = {}
    for change in changes:
        key: object = change.name if change.kind in OF_ONE_VM else id(change)
        known = found.get(key, Act.LEAVE)
        found[key] = min(known, change.act, key=_GRAVEST.index)
    return Counter(found.values())


def blocked_vms(outbound: Sequence[OutboundFinding]) -> tuple[str, ...]:
    """VMs that cannot reach something that replication needs."""
    return tuple(dict.fromkeys(one.vm for one in outbound if one.severity == "blocked"))


def summary(
    changes: Sequence[Change],
    left: Sequence[Left] = (),
    outbound: Sequence[OutboundFinding] = (),
    told: Sequence[tuple[str, Judgement]] = (),
) -> str:
    """One sentence: how many of each, and whether there is anything to do."""
    counts = counted_acts(changes)
    said = [f"{counts[act]} {words}" for act, words in _WORDS if counts[act]]
    if not (counts[Act.CREATE] or counts[Act.CHANGE]):
        said.insert(0, "nothing to create or change")
    if left:
        said.append(f"{_vms(len(left))} left out")
    if blocked := blocked_vms(outbound):
        said.append(f"{_vms(len(blocked))} blocked on the way out")
    if lacks_rights(told):
        said.append("rights are missing for it")
    return ", ".join(said) + "."


def _vms(count: int) -> str:
    return f"{count} VM{'s' if count != 1 else ''}"
