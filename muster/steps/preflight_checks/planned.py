"""Is what the plan wants for its VMs in the target there, also where no item names it (yet)?

`muster replicate` sets items to it, and refuses to where it is gone. What items name themselves
is looked at by checks of its own, and what those fail for is not told again here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from muster.checks.verdict import Verdict
from muster.gateway.ids import key_of, parse_id
from muster.gateway.values import Resource, VirtualMachine
from muster.plan.actions import Operation
from muster.replication.nouns import noun_of
from muster.replication.planned import Planned, Use, planned_of
from muster.replication.standing import SET
from muster.replication.terms import terms_of_entry
from muster.replication.working_cards import BALANCER
from muster.replication.working_out import ENCRYPTION_SET
from muster.steps.preflight_checks.check import (
    NO_SOURCE,
    Area,
    N,
    S,
    T,
    does_not_apply,
    none_of_or_unknown,
    rows_of,
)
from muster.steps.preflight_checks.facts import Facts, NotRead, unread_name
from muster.steps.preflight_checks.raw import bare, disk_ids_of, subnets_of
from muster.steps.preflight_checks.told import known, listed, part, text
from muster.steps.preflight_checks.vault import region

CUSTOMERS = "customerkey"
"""In the type of a disk's encryption, where it is under a key of the customer's."""
FOR_MANAGED_DISKS = "Aligned"
"""The only kind of availability set that takes VMs with managed disks."""
MOST_NAMED = 4
Asking = Callable[[], str | None]
"""Says what is wrong; raises NotRead where nobody knows."""


@dataclass(frozen=True, slots=True)
class Thing:
    """What the plan names, with the VMs that are to use it."""

    planned: Planned
    users: tuple[str, ...]
    unclear: str = ""  # why it is not known of a VM whether it is to use it

    @property
    def said(self) -> str:
        """What it is, in words."""
        one = self.planned
        pool = f", pool {one.pool}" if one.pool else ""
        return f"{noun_of(one.id, one.arm_type)} {parse_id(one.id).name}{pool}"


def what_tests_use_is_there(facts: Facts) -> Verdict:
    return _judged(facts, Use.TEST, "the plan names nothing for the copies of a test alone")


def what_all_use_is_there(facts: Facts) -> Verdict:
    return _judged(facts, Use.ALWAYS, "the plan names nothing that VMs are to stand in or under")


def what_a_failover_uses_is_there(facts: Facts) -> Verdict:
    return _judged(
        facts, Use.FAILOVER, "the plan names nothing that cards use after a failover only"
    )


def _judged(facts: Facts, use: Use, if_none: str) -> Verdict:
    things = _things(facts, use)
    asked: dict[str, Asking] = {
        label: partial(_problem, facts, thing) for label, thing in things.items()
    }
    asked |= _other_subnets(facts) if use is Use.FAILOVER else {}
    if not asked:
        return does_not_apply(if_none)
    problems: dict[str, str] = {}
    unclear: dict[str, str] = {}
    elsewhere: list[str] = []
    for label, ask in asked.items():
        try:
            said = ask()
        except NotRead as err:
            unclear[label] = str(err)
            continue
        if said and label in things and _is_told_of_items(facts, things[label].planned):
            elsewhere.append(label)
        elif said:
            problems[label] = said
    made = [label for label, thing in things.items() if _is_yet_to_be_made(facts, thing.planned)]
    count = len(asked) - len(elsewhere) - len(made)
    fine = [
        "the one that the plan names is there" if count == 1 else f"{count} of them are there",
        *(f"a check of items tells of {label}, which items name as well" for label in elsewhere),
        *(f"`muster replicate` makes {label}" for label in made),
    ]
    if not count:
        return does_not_apply("; ".join(fine[1:]))
    return none_of_or_unknown(problems, unclear, "; ".join(fine))


def _things(facts: Facts, use: Use) -> Mapping[str, Thing]:
    """What the plan names for a use, each thing once, by what it is called.

    What tests use, too, is told of them in a drill: one cause, one check.
    """
    every = list(planned_of(facts.plan, facts.target_group_id))
    told = {key_of(one.whole_id) for one in every if one.use is Use.TEST and _is_drill(facts)}
    by_key: dict[str, list[Planned]] = {}
    for one in every:
        key = key_of(one.whole_id)
        if one.use is use and not (use is Use.FAILOVER and key in told):
            by_key.setdefault(key, []).append(one)
    things = [thing for some in by_key.values() if (thing := _thing(facts, some))]
    bearers = Counter(thing.said.casefold() for thing in things)
    return {
        thing.said if bearers[thing.said.casefold()] == 1 else thing.planned.whole_id: thing
        for thing in things
    }


def _thing(facts: Facts, some: list[Planned]) -> Thing | None:
    """A thing with its users; None where it has none: a disk encryption set serves some disks."""
    users: list[str] = []
    unclear: list[str] = []
    for one in some:
        try:
            is_user = one.arm_type != ENCRYPTION_SET or _has_a_key_of_its_own(facts, one.vm)
        except NotRead as err:
            unclear.append(f"whether {one.vm} is to use it is not known: {err}")
            continue
        if is_user:
            users.append(one.vm)
    if not users and not unclear:
        return None
    one = next((one for one in some if one.is_made), some[0])
    return Thing(one, tuple(dict.fromkeys(users)), "; ".join(unclear[:MOST_NAMED]))


def _has_a_key_of_its_own(facts: Facts, vm: str) -> bool:
    """Whether a disk that is replicated is under a customer's key: only such a one gets the set.

    Raises:
        NotRead: Azure does not tell it of one of them.
    """
    facts.need("sources", "source_disks")
    source = facts.sources.get(vm)
    if source is None:
        raise NotRead(NO_SOURCE)
    return CUSTOMERS in " ".join(_encryption(facts, one) for one in _replicated(facts, vm, source))


def _replicated(facts: Facts, vm: str, source: VirtualMachine) -> list[str]:
    """Ids of a VM's disks but those that the plan excludes; its system's is replicated always."""
    system, *data = disk_ids_of(source)
    excluded = terms_of_entry(facts.plan, facts.plan.vm(vm)).excluded
    return [system, *(one for one in data if parse_id(one).name.casefold() not in excluded)]


def _encryption(facts: Facts, disk: str) -> str:
    """Of a source disk, in small letters; raises NotRead."""
    body = known(facts.source_disks.get(key_of(disk)), f"the source disk {parse_id(disk).name}")
    return text(part(part(body, "properties"), "encryption"), "type").casefold()


def _problem(facts: Facts, thing: Thing) -> str | None:
    """What is wrong with a thing; raises NotRead."""
    said = _wrong(facts, thing.planned)
    if said and thing.users:
        verb = "is" if len(thing.users) == 1 else "are"
        return f"{said}, and {_counted(thing.users)} {verb} to use it"
    if thing.unclear:
        raise NotRead(thing.unclear)
    return None


def _wrong(facts: Facts, one: Planned) -> str | None:
    found = _found(facts, one)
    if found is None:
        return None if one.is_made else f"it is not in {parse_id(one.id).group_id}"
    where = known(found.location, "its region")
    if region(where) != region(facts.plan.target.region):
        return f"it is in {where}, not in {facts.plan.target.region}"
    if one.arm_type == BALANCER:
        return _no_pool(found, one)
    return _of_another_kind(found) if one.arm_type == SET else None


def _found(facts: Facts, one: Planned) -> Resource | None:
    facts.need("planned")
    if key_of(one.id) not in facts.planned:
        raise NotRead(facts.unread.get(unread_name(one.id), f"{one.id} was not looked at"))
    return facts.planned[key_of(one.id)]


def _no_pool(balancer: Resource, one: Planned) -> str | None:
    names = [text(row, "name") for row in listed(balancer.properties, "backendAddressPools")]
    if (one.pool or "").casefold() in {name.casefold() for name in names}:
        return None
    return f"the balancer is there, without that pool: it has {', '.join(names) or 'none'}"


def _of_another_kind(availability_set: Resource) -> str | None:
    """https://learn.microsoft.com/rest/api/compute/availability-sets/get: `sku`."""
    kind = text(part(availability_set.raw, "sku"), "name")
    is_right = kind.casefold() == FOR_MANAGED_DISKS.casefold()
    return None if is_right else f"it is {kind}, which takes no VM with managed disks"


def _is_yet_to_be_made(facts: Facts, one: Planned) -> bool:
    """Whether a thing is known not to be there, and that this is no fault."""
    return one.is_made and facts.planned.get(key_of(one.id), one) is None


def _is_told_of_items(facts: Facts, one: Planned) -> bool:
    """Whether an item names the same thing, and a check of items fails for what is wrong with it:
    that of what they name, if it is gone; that of reservations, also for its region.
    """
    gone = {key_of(arm_id) for arm_id, is_there in facts.named.items() if not is_there}
    return key_of(one.whole_id) in gone or key_of(one.id) in facts.reserved


def _other_subnets(facts: Facts) -> dict[str, Asking]:
    """Subnets of a failover that a drill comes up in none of, so that no other check looks at
    them: its copies go into those for tests, or into a network of their own.
    """
    if not _is_drill(facts):
        return {}
    is_elsewhere = facts.comes_up_in == "drill_network"
    users: dict[str, list[str]] = {}
    for vm in facts.plan.all_vms:
        for nic in vm.nics:
            goes = nic.test.subnet or nic.subnet
            if nic.subnet and (is_elsewhere or bare(goes) != bare(nic.subnet)):
                users.setdefault(bare(nic.subnet), []).append(vm.name)
    return {
        f"subnet {name}": partial(_missing_subnet, facts, name, vms) for name, vms in users.items()
    }


def _missing_subnet(facts: Facts, name: str, vms: Sequence[str]) -> str | None:
    facts.need("target_network")
    network = facts.target_network
    if network is None:
        raise NotRead(f"there is no network {facts.target_network_id}")
    if name in subnets_of(network):
        return None
    verb = "comes" if len(set(vms)) == 1 else "come"
    return f"it is not in {network.id}, and {_counted(vms)} {verb} up in it after a failover"


def _counted(vms: Sequence[str]) -> str:
    """Names of VMs, and how many more."""
    names = list(dict.fromkeys(vms))
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more


def _is_drill(facts: Facts) -> bool:
    return facts.operation is Operation.DRILL


CHECKS = rows_of(
    Area.NETWORK,
    ("PRE-122", "whatever the plan wants for the copies of a test is there", S, N, N,
     "Make it in the target region, then run `muster replicate PLAN`; or correct `nics: [{test: "
     "…}]` of the VMs named.", what_tests_use_is_there),
    ("PRE-123", "all that the plan wants VMs to stand in, or disks to use, is there", S, S, N,
     "Make it in the target region, then run `muster replicate PLAN`; or correct "
     "`availability_set`, `proximity_group`, `capacity_reservation` or `encryption_set` in the "
     "plan.", what_all_use_is_there),
    ("PRE-124", "whatever the plan wants for the cards of a failover is there", T, S, N,
     "Make it in the target region, then run `muster replicate PLAN`; or correct `subnet`, "
     "`network_security_group`, `public_ip_address` or `backend_pools` of the VMs named.",
     what_a_failover_uses_is_there),
)  # fmt: skip
