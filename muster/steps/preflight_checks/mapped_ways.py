"""Do mappings of Site Recovery lead both ways, between containers and between networks?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from muster.checks.verdict import Verdict
from muster.gateway.ids import key_of
from muster.gateway.values import Json
from muster.steps.preflight_checks.check import each
from muster.steps.preflight_checks.facts import Facts, NotRead
from muster.steps.preflight_checks.told import part, text

PAIRED = "paired"

Way = tuple[str, str]
"""Keys of what a mapping leads from, and to."""
NOWHERE = ""
"""The end of a way that is wanted, wherever it leads."""


def networks_lead_both_ways(facts: Facts) -> Verdict:
    """The plan's pair; and each other network that source VMs stand in, wherever it is mapped to.

    `muster replicate` maps those to mirrors of them; somebody else's mapping is as good.
    """
    facts.need("network_mappings")
    source, target = key_of(facts.source_network_id), key_of(facts.target_network_id)
    others = _others(facts, source)
    leads_to = dict(_ways(facts.network_mappings))
    ends = [(source, target), *((one, leads_to.get(one, NOWHERE)) for one in others)]
    unknown = facts.unread.get("source_networks")
    return mapped(facts.network_mappings, _way, ends, "network", unknown)


def mapped(
    mappings: Sequence[Json],
    way_of: Callable[[Json], Way],
    ends: Sequence[Way],
    what: str,
    others: str | None = None,
) -> Verdict:
    """Whether mappings lead each way and are paired; one that cannot be read may be the one.

    Args:
        mappings: As Azure lists them.
        way_of: What one leads from and to; raises NotRead.
        ends: Pairs that have to be mapped there and back; the other may be `NOWHERE`.
        what: What is mapped, for people.
        others: Why it is not known which others there are; None: there are none.
    """
    rows: dict[Way, list[Json]] = {}
    garbled = ""
    for row in mappings:
        try:
            rows.setdefault(way_of(row), []).append(part(row, "properties"))
        except NotRead as err:
            garbled = str(err)

    def problem(way: Way) -> str | None:
        if way[0] == NOWHERE:
            raise NotRead(others or "")
        if way not in rows:
            if garbled:
                raise NotRead(f"a mapping does not read: {garbled}")
            return f"no {what} mapping"
        states = [text(row, "state") for row in rows[way]]
        return next((f"its mapping is {one}" for one in states if one.casefold() != PAIRED), None)

    found = _by_name(ends)
    if others is not None:
        found[f"other {what}s"] = (NOWHERE, NOWHERE)
    return each(found, problem, f"{what}s are mapped both ways")


def _by_name(ends: Sequence[Way]) -> dict[str, Way]:
    """Each way, there and back, by what people call it; nothing leads back from nowhere."""
    both = (way for pair in ends for way in (pair, pair[::-1]) if way[0] != NOWHERE)
    ways = dict.fromkeys(both)
    names = Counter(map(_named, ways))
    return {_named(way) if names[_named(way)] == 1 else " to ".join(way): way for way in ways}


def _named(way: Way) -> str:
    return " to ".join(end.rpartition("/")[2] for end in way if end != NOWHERE)


def _way(row: Json) -> Way:
    told = part(row, "properties")
    return key_of(text(told, "primaryNetworkId")), key_of(text(told, "recoveryNetworkId"))


def _ways(mappings: Sequence[Json]) -> Iterator[Way]:
    for row in mappings:
        try:
            yield _way(row)
        except NotRead:  # told of by `mapped`, where it may be the one that is missing
            continue


def _others(facts: Facts, source: str) -> list[str]:
    """Keys of the networks that source VMs stand in, besides the plan's."""
    networks: Mapping[str, tuple[str, ...]] = facts.source_networks
    found = dict.fromkeys(key_of(one) for of_vm in networks.values() for one in of_vm)
    return [one for one in found if one != source]
