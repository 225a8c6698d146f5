"""What a group's list lacks that stood there before: an empty list alone is no evidence."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from muster.gateway.ids import key_of, lies_in, same_id
from muster.gateway.values import ProtectedItem, Resource
from muster.steps.context import Run
from muster.steps.copies import is_there

MOST_READS = 20
"""So many are read one by one; if more are missing, somebody has to look."""
NAMED = 3


async def missing_from(
    run: Run,
    before: Collection[str],
    listed: Iterable[Resource],
    items: Iterable[ProtectedItem],
) -> list[str]:
    """Sentences about what is not in the target group's list and should be; none: it is whole.

    Site Recovery's replica disks stay between drills, so one that is missing means that the list
    does, or that somebody took the replication apart. Other things may have been deleted by their
    owners meanwhile: they count only if they are there when read by themselves.

    Args:
        run: The run.
        before: Ids of what stood in the group before the first act.
        listed: What its list shows now.
        items: The protected items this run touched, as read now.

    Raises:
        GatewayError: One of them cannot be read.
    """
    shown = {key_of(resource.id) for resource in listed}
    replicas = _replicas_in(run.target_group_id, items)
    expected = {key_of(one): one for one in (*before, *(() if shown else replicas))}
    lacks = [one for key, one in expected.items() if key not in shown]
    disks = [one for one in lacks if _is_one_of(one, replicas)]
    if disks:
        return [_sentence(disks, "replica disks of Site Recovery, which stay between drills")]
    if len(lacks) > MOST_READS:
        return [_sentence(lacks, "which stood there before the drill")]
    there = [one for one in lacks if await is_there(run, one)]
    return [_sentence(there, "which are there when asked for")] if there else []


def _replicas_in(group_id: str, items: Iterable[ProtectedItem]) -> list[str]:
    return [one for item in items for one in item.replica_disk_ids if lies_in(one, group_id)]


def _is_one_of(arm_id: str, replicas: Iterable[str]) -> bool:
    is_named = arm_id.casefold().endswith("-asrreplica")
    return is_named or any(same_id(arm_id, one) for one in replicas)


def _sentence(ids: Sequence[str], what: str) -> str:
    named = [*ids[:NAMED], *(["…"] if len(ids) > NAMED else [])]
    return f"the group's list lacks {len(ids)} things, {what}: {', '.join(named)}"
