"""Resource groups, vault, networks, accounts and what else is outside of the vault, compared."""

from __future__ import annotations

from collections.abc import Iterator

from muster.gateway.ids import key_of, lies_in, parse_id, same_id
from muster.plan.pairs import judge_pair, judge_vault_region, shown_choices
from muster.replication.change import Act, Change, FieldChange, Kind
from muster.replication.found import Found, FoundVault
from muster.replication.serving import held_against
from muster.replication.support import account_problems
from muster.replication.wanted import Needed, ResourceWanted, Wanted


def compare_places(wanted: Wanted, found: Found) -> Iterator[Change]:
    """Regions, groups, vault, resources, and what the plan names and has to be there."""
    yield from _pair(wanted)
    yield from _own_group(wanted)
    for group in wanted.groups:
        yield _known(group, found, Kind.GROUP) or _made(group, Kind.GROUP)
    yield _vault(wanted, found)
    for resource in wanted.resources:
        there = _known(resource, found, Kind.RESOURCE)
        yield _judged(resource, wanted, found) or there or _made(resource, Kind.RESOURCE)
    yield from _needed(wanted, found)
    yield from _unmirrored(wanted, found)


def _pair(wanted: Wanted) -> Iterator[Change]:
    """The regions themselves: nothing is made for a pair that Azure does not replicate."""
    source, target = wanted.source.region, wanted.target.region
    pair = judge_pair(source, target, wanted.residency)
    if pair.is_possible:
        return
    choices = shown_choices(pair)
    yield Change(
        Act.REFUSE,
        Kind.FABRIC,
        f"{source} to {target}",
        None,
        f"{pair.why} ({pair.rests})",
        remedy=f"Set `target.region` to one that {source} replicates to: {choices}."
        if choices
        else f"Move the application out of {source}, or widen `replication.data_residency`.",
    )


def _own_group(wanted: Wanted) -> Iterator[Change]:
    """VMs that would recover into the group they are in: their names are taken there.

    From zone to zone Microsoft's page says so too (…-zone-to-zone-disaster-recovery, 2022-03).
    """
    own = [vm for vm in wanted.vms if lies_in(vm.source_vm_id, vm.recovery_group_id)]
    if own:
        group = parse_id(own[0].recovery_group_id).name
        names = ", ".join(vm.name for vm in own)
        why = f"{names} would recover into the group that they are in"
        remedy = "Name another group: `target: {resource_group: NAME}`."
        yield Change(Act.REFUSE, Kind.GROUP, group, None, why, remedy=remedy)


def _vault(wanted: Wanted, found: Found) -> Change:
    vault = wanted.vault
    refusal, _ = judge_vault_region(vault.region, wanted.source.region, wanted.target.region)
    name, arm_id = vault.ref.name, vault.ref.id
    if found.vault is None:
        if moved := _moved(wanted, found):
            return moved
        if refusal:
            remedy = "Leave `vault.region` out: it is made in the target region."
            return Change(Act.REFUSE, Kind.VAULT, name, arm_id, refusal, remedy=remedy)
        why = f"it is not there; it is made in {vault.region}"
        return Change(Act.CREATE, Kind.VAULT, name, arm_id, why, wanted=vault)
    if found.vault.region.casefold() != vault.region:
        fields = (FieldChange("region", found.vault.region, vault.region),)
        why = "it is in another region than the plan says, and a vault cannot be moved"
        remedy = f"Write `vault.region: {found.vault.region}`, or name another vault."
        return Change(Act.REFUSE, Kind.VAULT, name, arm_id, why, fields, remedy)
    if refusal:
        remedy = "Name another vault, which is then made in the target region."
        return Change(Act.REFUSE, Kind.VAULT, name, arm_id, refusal, remedy=remedy)
    return Change(Act.LEAVE, Kind.VAULT, name, arm_id, "it is there", wanted=vault)


def _moved(wanted: Wanted, found: Found) -> Change | None:
    """A vault of that name in another group: it was moved, or the plan's group is wrong."""
    ref = wanted.vault.ref
    others = [one for one in found.vaults_of_that_name if not same_id(one.id, ref.id)]
    if not others:
        return None
    other = others[0]
    groups = ", ".join(_group_of(one) for one in others)
    fields = (FieldChange("resource group", _group_of(other), ref.resource_group),)
    return Change(
        Act.REFUSE,
        Kind.VAULT,
        ref.name,
        ref.id,
        f"a vault of that name is in {groups}: it was moved, or the plan names a wrong group",
        fields,
        f"Write `vault: {{resource_group: {_group_of(other)}, name: {ref.name}}}`, or name"
        " another vault.",
    )


def _group_of(vault: FoundVault) -> str:
    return parse_id(vault.id).resource_group or ""


def _known(wanted: ResourceWanted, found: Found, kind: Kind) -> Change | None:
    """A resource that is there, or of which nobody could see whether it is; None: it is not."""
    name = parse_id(wanted.id).name
    unread = next((one.why for one in found.unread if same_id(one.what, wanted.id)), None)
    if unread is not None:
        why = f"whether it is there could not be read: {unread}"
        remedy = "Permit reading it, and run this again."
        return Change(Act.REFUSE, kind, name, wanted.id, why, remedy=remedy)
    if key_of(wanted.id) not in found.known_ids():
        return None
    return Change(Act.LEAVE, kind, name, wanted.id, "it is there", wanted=wanted)


def _made(wanted: ResourceWanted, kind: Kind) -> Change:
    return Change(Act.CREATE, kind, parse_id(wanted.id).name, wanted.id, wanted.why, wanted=wanted)


def _judged(resource: ResourceWanted, wanted: Wanted, found: Found) -> Change | None:
    """Why something that is there cannot serve; None if it can, or is not there."""
    name = parse_id(resource.id).name
    region = str(resource.body.get("location") or "")
    if (network := found.network(resource.id)) and (held := held_against(network, region)):
        why = f"it is there, and {held[0]}; one that is there is never changed"
        return Change(Act.REFUSE, Kind.RESOURCE, name, resource.id, why, remedy=held[1])
    return _account(resource.id, wanted, found)


def _account(arm_id: str, wanted: Wanted, found: Found) -> Change | None:
    account = found.account(arm_id)
    if account is None:
        return None
    against = [
        one for one in account_problems(wanted.source.region, account) if one.verdict == "refuse"
    ]
    if not against:
        return None
    why = "; ".join(one.why for one in against)
    remedy = " ".join(one.remedy for one in against)
    return Change(Act.REFUSE, Kind.RESOURCE, account.name, arm_id, why, remedy=remedy)


def _needed(wanted: Wanted, found: Found) -> Iterator[Change]:
    known = found.known_ids()
    unread = {key_of(one.what): one.why for one in found.unread}
    for needed in wanted.needed:
        name, key = parse_id(needed.id).name, key_of(needed.id)
        if key in known:
            there = Change(Act.LEAVE, Kind.RESOURCE, name, needed.id, f"it is there: {needed.why}")
            yield (
                _wrong_network(needed, wanted, found)
                or _account(needed.id, wanted, found)
                or there
            )
            continue
        why = f"{needed.why}, and it could not be read: {unread[key]}" if key in unread else (
            f"{needed.why}, and it is not there"
        )  # fmt: skip
        remedy = f"Make {name} first, or correct the plan."
        yield Change(Act.REFUSE, Kind.RESOURCE, name, needed.id, why, remedy=remedy)


def _wrong_network(needed: Needed, wanted: Wanted, found: Found) -> Change | None:
    """A network that the plan names by its id, and that cannot take its VMs."""
    network = found.network(needed.id)
    held = held_against(network, wanted.target.region) if network else None
    if network is None or held is None:
        return None
    why = f"{needed.why}, and {held[0]}"
    return Change(Act.REFUSE, Kind.RESOURCE, network.name, needed.id, why, remedy=held[1])


def _unmirrored(wanted: Wanted, found: Found) -> Iterator[Change]:
    """Networks that VMs are to recover into and that nobody could make: what they would be the
    mirror of was not read.
    """
    made = {key_of(one.id) for one in wanted.resources}
    made |= {key_of(one.id) for one in wanted.needed}
    pairs = {
        key_of(vm.recovery_network_id): (vm.recovery_network_id, vm.source_vm_id)
        for vm in wanted.vms
        if key_of(vm.recovery_network_id) not in made | found.known_ids()
    }
    for target, vm_id in pairs.values():
        source = next((one.network_id for one in found.vms if same_id(one.id, vm_id)), None) or ""
        unread = (one.why for one in found.unread if same_id(one.what, source))
        why = f"it is not there, and its source {source.rpartition('/')[2]} was not read: " + next(
            unread, "Azure says that it is not there"
        )
        remedy = "Permit reading the source network, or make the target network first."
        name = parse_id(target).name
        yield Change(Act.REFUSE, Kind.RESOURCE, name, target, why, remedy=remedy)
