"""Whether source networks are those that the plan names, and their mirrors still like them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from muster.gateway.ids import key_of, lies_in, parse_id, same_id
from muster.plan.model import RecoveryPlan
from muster.replication.change import Act, Change, Kind
from muster.replication.found import Found, FoundNetwork, FoundVm
from muster.replication.judgement import Judgement
from muster.replication.naming import named_id
from muster.replication.setting import Setting
from muster.replication.target_networks import NETWORK, TargetNetworks


def refused_source(plan: RecoveryPlan, found: Found, vms: tuple[FoundVm, ...]) -> Iterator[Change]:
    """A `source.network` that none of the VMs stands in: its target would be another network's.

    A drill keeps away from the network that the plan names, so that it has to be the right one.
    """
    own, group = _own_network(plan, found), Setting(plan, found).source_group_id
    standing = Counter(key_of(vm.network_id) for vm in vms if vm.network_id)
    if not standing or key_of(own) in standing:
        return
    ids = [one.id for key, _ in standing.most_common() if (one := found.network(key))]
    names = [parse_id(one).name if lies_in(one, group) else one for one in ids or standing]
    yield Change(
        Act.REFUSE,
        Kind.RESOURCE,
        parse_id(own).name,
        own,
        f"no VM of the plan stands in `source.network`; they stand in {', '.join(names)}",
        remedy=f"Write `source.network: {names[0]}`, or look whether the VMs are the right ones.",
    )


def told_of_mirrors(
    plan: RecoveryPlan, found: Found, vms: tuple[FoundVm, ...]
) -> Iterator[tuple[str, Judgement]]:
    """What was changed at a source network since its mirror was made, which stays as it is.

    A target network that the plan names is whoever's made it, and need not be like the source.
    """
    networks = TargetNetworks(Setting(plan, found), vms)
    own = _own_network(plan, found)
    for source_id in {
        key_of(vm.network_id): vm.network_id for vm in vms if vm.network_id
    }.values():
        source, target = found.network(source_id), found.network(networks.target_of(source_id))
        is_named = plan.target.network is not None and same_id(source_id, own)
        if source is None or target is None or is_named or same_id(source.id, target.id):
            continue
        if why := "; ".join(_missing(source, target)):
            remedy = f"Add it to {target.name}: Muster never changes a network that is there."
            yield target.name, Judgement("mirror", "tell", why, remedy, "")


def _missing(source: FoundNetwork, target: FoundNetwork) -> Iterator[str]:
    """Subnets that the mirror lacks or has with other ranges, and ranges that it lacks."""
    has = {one.name.casefold(): one for one in target.subnets}
    for subnet in source.subnets:
        ranges = ", ".join(subnet.prefixes)
        mirrored = has.get(subnet.name.casefold())
        if mirrored is None:
            yield f"it lacks subnet {subnet.name} ({ranges}), which {source.name} has"
        elif set(mirrored.prefixes) != set(subnet.prefixes):
            theirs = ", ".join(mirrored.prefixes)
            yield f"its subnet {subnet.name} has {theirs}, that of {source.name} {ranges}"
    lacks = [one for one in source.address_space if one not in target.address_space]
    if lacks:
        yield f"it lacks the range {', '.join(lacks)}, which {source.name} has"


def _own_network(plan: RecoveryPlan, found: Found) -> str:
    return named_id(plan.source.network, Setting(plan, found).source_group_id, NETWORK)
