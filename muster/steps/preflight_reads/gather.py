"""Everything that preflight judges, read once: lists where Azure has them, ten calls at a time."""

from __future__ import annotations

import asyncio

from muster.plan.actions import Operation
from muster.steps.isolation.places import (
    drill_network_id,
    source_network_id,
    target_network_id,
)
from muster.steps.preflight_checks.facts import Facts
from muster.steps.preflight_reads.caches import CACHES, read_caches
from muster.steps.preflight_reads.capacity import OF_CAPACITY, read_capacity
from muster.steps.preflight_reads.named import NAMED, read_what_is_named
from muster.steps.preflight_reads.other_vaults import ELSEWHERE, read_other_vaults
from muster.steps.preflight_reads.ours import OURS, read_ours
from muster.steps.preflight_reads.reader import Reader
from muster.steps.preflight_reads.replicating import read_for_replicate
from muster.steps.preflight_reads.rules import OF_RULES, read_rules
from muster.steps.preflight_reads.scene import Scene
from muster.steps.preflight_reads.source import OF_SOURCE, read_source
from muster.steps.preflight_reads.started import STARTED, read_started
from muster.steps.preflight_reads.target import OF_TARGET, read_target
from muster.steps.preflight_reads.vault import INSIDE, read_vault


async def gather(scene: Scene) -> Facts:
    """Read everything the checks judge; what cannot be read is kept with its reason.

    Raises:
        GatewayError: There is no way into Azure at all.
        IsolationRefused: The plan names as a network what is none.
    """
    facts = _begun(scene)
    reader = Reader(scene, facts)
    if scene.operation is Operation.REPLICATE:
        await read_for_replicate(reader)
        return facts
    # The vault alone first: without a way in, one call finds that out instead of dozens.
    await reader.whole(("vault", *INSIDE), read_vault(reader))
    await asyncio.gather(
        reader.whole(OF_SOURCE, read_source(reader)),
        reader.whole((CACHES,), read_caches(reader)),
        reader.whole(OF_TARGET, read_target(reader)),
        reader.whole(OF_CAPACITY, read_capacity(reader)),
        reader.whole(NAMED, read_what_is_named(reader)),
        reader.whole(OF_RULES, read_rules(reader)),
        reader.whole(STARTED, read_started(reader)),
    )
    await reader.whole((ELSEWHERE,), read_other_vaults(reader))
    await reader.whole((OURS,), read_ours(reader))
    return facts


def _begun(scene: Scene) -> Facts:
    """Facts with nothing read yet; a replication has no use for where a drill's copies go."""
    is_replicating = scene.operation is Operation.REPLICATE
    return Facts(
        plan=scene.plan,
        run_id=scene.run_id,
        now=scene.clock.now(),
        vault_ref=scene.vault,
        target_group_id=scene.target_group_id,
        target_network_id="" if is_replicating else target_network_id(scene),
        drill_network_id="" if is_replicating else drill_network_id(scene),
        source_network_id="" if is_replicating else source_network_id(scene),
        operation=scene.operation,
        digest=scene.digest,
        scripts=scene.scripts,
    )
