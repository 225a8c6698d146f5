"""The subnets that copies come up in, and which of them each needs; unknown where none tells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

from muster.checks.verdict import Verdict
from muster.gateway.values import Json
from muster.plan.actions import Operation
from muster.plan.model import Vm
from muster.steps.preflight_checks.check import each
from muster.steps.preflight_checks.facts import Facts, NotRead
from muster.steps.preflight_checks.raw import cards_of, subnets_of
from muster.steps.preflight_checks.target import subnets_of_vm
from muster.steps.preflight_checks.told import flag, known, maybe, some


def landing_subnets(facts: Facts) -> Mapping[str, Json]:
    """Those that copies come up in, by name; raises NotRead where there is no such network."""
    network = facts.landing
    if network is None:
        raise NotRead(f"there is no network {facts.landing_id}")
    return subnets_of(network)


def subnet_named(subnets: Mapping[str, Json], name: str) -> Json:
    """One of them; raises NotRead. That it is missing is told by the check for subnets."""
    found = subnets.get(name.casefold())
    if found is None:
        raise NotRead(f"there is no subnet {name}")
    return found


def each_subnet(facts: Facts, problem: Callable[[Json, int], str | None], fine: str) -> Verdict:
    """Judge each subnet that copies go into, by its properties and how many go there.

    Of a VM that is not protected, and whose plan names no subnet, nobody knows where it goes.
    """
    facts.need("items")
    subnets, copies = landing_subnets(facts), Counter[str]()
    places: dict[str, str | None] = {}
    for vm in facts.plan.all_vms:
        names = [name.casefold() for name in subnets_of_vm(facts, vm)]
        copies.update(names)
        places.update((name, name) for name in names)
        if not names:
            places[f"VM {vm.name}"] = None

    def judge(name: str | None) -> str | None:
        if name is None:
            raise NotRead("it is not protected, so where its copy goes is not known")
        return problem(subnet_named(subnets, name), copies[name])

    return each(places, judge, fine)


def subnet_of_card(facts: Facts, vm: Vm, number: int) -> str:
    """The subnet that a card of the plan's goes into, from 0; raises NotRead."""
    named = vm.nics[number].subnet
    if named:
        return named
    facts.need("items")
    item = facts.items.get(vm.name)
    if item is None or number >= len(item.nics):
        raise NotRead("neither plan nor item tells which subnet it goes into")
    for config in some(cards_of(item)[number], "ipConfigs"):
        flag(config, "isPrimary"), maybe(config, "tfoSubnetName")
    is_drill = facts.operation is Operation.DRILL
    found = [
        (config.test_subnet if is_drill else None) or config.subnet
        for config in item.nics[number].ip_configs
        if config.is_primary
    ]
    return known(found[0] if found else None, "the subnet of a card")
