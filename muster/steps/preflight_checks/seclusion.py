"""May isolation be taken for granted: a given network's peers, and canaries that can tell?"""

from __future__ import annotations

from ipaddress import ip_address

from muster.checks.verdict import Verdict
from muster.gateway.ids import key_of
from muster.steps.preflight_checks.check import (
    Area,
    N,
    T,
    does_not_apply,
    each,
    failed,
    none_of,
    rows_of,
    unknown,
)
from muster.steps.preflight_checks.facts import Facts
from muster.steps.preflight_checks.not_set_up import no_target_network
from muster.steps.preflight_checks.told import (
    known,
    listed_or_none,
    network,
    overlap,
    part,
    text,
    texts_of,
)


def given_network_is_alone(facts: Facts) -> Verdict:
    """What is peered with a given network is named in `may_reach`.

    Told only: the proof of isolation, next and before any act, refuses with every hop it found.
    """
    if not facts.plan.drill.network.use:
        return does_not_apply("the drill makes a network of its own")
    facts.need("drill_network")
    if facts.drill_network is None:
        return failed(f"there is no network {facts.drill_network_id}")
    allowed = {name.rpartition("/")[2].casefold() for name in facts.plan.drill.network.may_reach}
    peers = [
        text(part(part(one, "properties"), "remoteVirtualNetwork"), "id")
        for one in listed_or_none(facts.drill_network.properties, "virtualNetworkPeerings")
    ]
    never = {key_of(facts.source_network_id), key_of(facts.target_network_id)}
    problems = {
        peer.rpartition("/")[2]: "it is peered with the drill network"
        for peer in peers
        if key_of(peer) in never or peer.rpartition("/")[2].casefold() not in allowed
    }
    return none_of(problems, "it is peered with nothing that `may_reach` does not name")


def canaries_can_tell(facts: Facts) -> Verdict:
    """In a mirror a copy bears its source's address: a canary there would meet a copy."""
    facts.need("target_network")
    checks = [*facts.plan.checks, *(one for group in facts.plan.groups for one in group.checks)]
    hosts = {check.unreachable.host for check in checks if check.unreachable}
    if facts.target_network is None:
        return unknown(no_target_network(facts))
    spaces = texts_of(part(facts.target_network.properties, "addressSpace"), "addressPrefixes")
    known(spaces or None, "the ranges of the target network")

    def problem(host: str) -> str | None:
        if not _is_address(host):
            return None  # a name is looked up inside, where it has to lead elsewhere
        inside = [one for one in spaces if overlap(network(host), network(one))]
        return f"it lies in {inside[0]}, which the drill network has, too" if inside else None

    fine = "every canary lies outside the drill network's own ranges"
    return each({one: one for one in hosts}, problem, fine, if_none="the plan has no canary")


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


CHECKS = rows_of(
    Area.ISOLATION,
    ("PRE-086", "a drill network that is given is peered with nothing else", T, N, N,
     "Remove the peering, name it in `may_reach`, or let Muster make a network: `create: NAME`.",
     given_network_is_alone),
    ("PRE-087", "every canary lies outside the copies' own ranges", T, N, N,
     "Name a host of another network: there a test copy may bear the very address.",
     canaries_can_tell),
)  # fmt: skip
