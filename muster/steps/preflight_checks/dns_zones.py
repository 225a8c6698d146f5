"""Are the private DNS zones that serve the source linked to the target network, too?"""

from __future__ import annotations

from muster.checks.verdict import Verdict
from muster.gateway.ids import key_of, parse_id
from muster.steps.preflight_checks.check import each
from muster.steps.preflight_checks.facts import Facts, NotRead
from muster.steps.preflight_checks.telling import by_name
from muster.steps.preflight_checks.told import listed_or_none, part, text

NOT_LISTED = (
    "a network there is peered with the source's, and this caller sees nothing of it: its private "
    "DNS zones are not known"
)


def zones_are_linked(facts: Facts) -> Verdict:
    """Those of every subscription that the caller sees: a network does not tell its own links.

    Where a hub stands in a subscription that the caller does not see, its zones may serve the
    source all the same.
    """
    source, target = key_of(facts.source_network_id), key_of(facts.target_network_id)

    def problem(linked: tuple[str, ...] | str) -> str | None:
        if isinstance(linked, str):
            raise NotRead(linked)
        if "" in linked:
            raise NotRead("one of its links does not tell its network")
        is_missing = source in linked and target not in linked
        return "linked to the source network, not to the target's" if is_missing else None

    found: dict[str, tuple[str, ...] | str] = {**by_name(facts.zones.items()), **_unknown(facts)}
    where = ", ".join(facts.zones_looked_in)
    fine = (
        f"every private DNS zone of the source is linked to the target, too: of those in {where}"
    )
    none = f"no private DNS zone is in {where}: all subscriptions that this caller sees"
    return each(found, problem, fine, if_none=none)


def _unknown(facts: Facts) -> dict[str, str]:
    """What of the zones could not be looked at, each with the reason."""
    found = {"what else there is": facts.unread["zones"]} if "zones" in facts.unread else {}
    looked_in = {one.casefold() for one in facts.zones_looked_in}
    if facts.source_network is None:
        return found
    for peering in listed_or_none(facts.source_network.properties, "virtualNetworkPeerings"):
        remote = text(part(part(peering, "properties"), "remoteVirtualNetwork"), "id")
        subscription = parse_id(remote).subscription or remote
        if subscription.casefold() not in looked_in:
            found[f"subscription {subscription}"] = NOT_LISTED
    return found
