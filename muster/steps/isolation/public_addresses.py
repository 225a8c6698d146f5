"""Whether the plan's own list of ways out covers a public address of production."""

from __future__ import annotations

from muster.errors import GatewayError
from muster.gateway.ids import key_of
from muster.steps.context import Run
from muster.steps.isolation.egress import overlapping, prefixes
from muster.steps.isolation.hops import Hop
from muster.steps.items import source_vm_id

KINDS = frozenset({"microsoft.network/publicipaddresses", "microsoft.network/publicipprefixes"})


async def public_addresses_let_out_to(run: Run, network_id: str) -> list[Hop]:
    """A hop for each public address of the source's and target's groups that `egress` covers.

    Groups that VMs of the plan have of their own are the source's too.

    An address outside these groups is not known to be production's.
    """
    if isinstance(run.plan.drill.egress, str):
        return []
    own = [source_vm_id(run, vm.name).partition("/providers/")[0] for vm in run.plan.all_vms]
    groups = {key_of(one): one for one in (run.source_group_id, *own, run.target_group_id)}
    return [hop for group in groups.values() for hop in await _of_group(run, network_id, group)]


async def _of_group(run: Run, network_id: str, group_id: str) -> list[Hop]:
    hops: list[Hop] = []
    try:
        listed = await run.gateway.resources_of_group(group_id)
        for one in (resource for resource in listed if resource.type.casefold() in KINDS):
            whole = await run.gateway.resource(one.id)
            addresses = prefixes(whole.properties if whole else {}, "ipAddress", "")
            addresses += prefixes(whole.properties if whole else {}, "ipPrefix", "")
            for to, address in overlapping(run.plan.drill.egress, addresses):
                why = f"the plan's `egress` covers {address}, which is {one.id}"
                hops.append(Hop(network_id, to, "egress", "reaches", why))
    except GatewayError as err:
        why = f"the public addresses of {group_id} cannot be read: {err.message}"
        hops.append(Hop(network_id, group_id, "egress", "unknown", why))
    return hops
