"""Rules about regions: that Azure has them, that two of them are a pair, and that zones are there.

What follows from the tables alone is refused here, with its line; what only Azure knows is told or
refused when `muster replicate` has read it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from muster.plan.findings import Findings
from muster.plan.lines import Mapping, Node, Scalar, child, items
from muster.plan.outline import Name, Outline, name_of
from muster.plan.pairs import Residency, judge_pair, shown_choices
from muster.plan.regions import CONTINENTS, meant_region, regions
from muster.plan.replication import REGION_NAME


def judge_regions(outline: Outline, findings: Findings) -> None:
    """Note regions that are none, two that are no pair, and zones where a region has none."""
    root = outline.root
    source, target = (name_of(child(root, side, "region")) for side in ("source", "target"))
    named = [("source.region", source), ("target.region", target)]
    named.append(("vault.region", name_of(child(root, "vault", "region"))))
    listed = items(child(root, "replication", "data_residency"))
    named += [("replication.data_residency", name_of(one)) for one in listed]
    for path, name in named:
        if name and re.fullmatch(REGION_NAME, name.text) and name.text not in regions():
            close = findings.asked_for(meant_region(name.text))
            message = f"`{path}: {name.shown}` is no region that Muster knows{close}"
            findings.problem(name.line, "PLAN-080", message)
    if source and target and {source.text, target.text} <= set(regions()):
        _judge_pair(root, source, target, findings)
        _judge_zones(outline, target, findings)


def _judge_pair(root: Mapping, source: Name, target: Name, findings: Findings) -> None:
    """The pair as such; what the residency forbids is another rule's, and bounds the choices."""
    if judge_pair(source.text, target.text).is_possible:
        return
    pair = judge_pair(source.text, target.text, _residency(root))
    why = judge_pair(source.text, target.text).why
    choices = shown_choices(pair)
    possible = f"{source.shown} replicates to {choices}" if choices else (
        f"nothing can be replicated from {source.shown}")  # fmt: skip
    message = f"`target.region: {target.shown}`: {why.removesuffix('.')}; {possible}"
    findings.problem(target.line, "PLAN-081", message)


def _residency(root: Mapping) -> Residency:
    node = child(root, "replication", "data_residency")
    word = name_of(node)
    if word is not None:
        return word.text if word.text in CONTINENTS else None
    return tuple(one.text for one in map(name_of, items(node)) if one) or None


def _judge_zones(outline: Outline, target: Name, findings: Findings) -> None:
    known = regions()[target.text]
    if known.zones or not known.is_certain:
        return
    for path, node in _zones(outline):
        if isinstance(node, Scalar) and node.value is not None:
            message = f"`{path}: {node.shown}`: {known.name} has no availability zones"
            findings.problem(node.line, "PLAN-082", message)


def _zones(outline: Outline) -> Iterator[tuple[str, Node | None]]:
    yield (
        "replication.availability.zone",
        child(outline.root, "replication", "availability", "zone"),
    )
    lists = [child(outline.root, "support", "vms")]
    lists += [child(group.node, "vms") for group in outline.groups]
    for vm in (one for vms in lists for one in items(vms)):
        yield "zone", child(vm, "zone")
