"""Rules about how VMs are replicated: regions, the vault's place, policy, sets and zones."""

from __future__ import annotations

from datetime import timedelta

from muster.plan.findings import Findings
from muster.plan.lines import Mapping, Node, Scalar, child, items
from muster.plan.outline import Outline, name_of
from muster.plan.regions import CONTINENTS, within
from muster.plan.replication import Policy
from muster.plan.rules_of_deeds import duration_at

LONGEST_HISTORY = timedelta(days=15)
"""The portal's bound for managed disks (azure-to-azure-common-questions, 2025-07)."""
APP_CONSISTENT = (timedelta(hours=1), timedelta(hours=12))
"""At most hourly (same page; 15040 else, azure-docs #21295); seldomer than 12 h is UNCERTAIN."""
REFUSED_SPAN = timedelta(hours=24)
"""Azure refused it with 150261 (azurerm #7479), and so anything longer."""
_MINUTE = timedelta(minutes=1)
LARGEST_GROUP = 16


def judge_replication(outline: Outline, findings: Findings) -> None:
    """Note what Azure would refuse, or what the plan itself rules out, in its replication."""
    root = outline.root
    _judge_residency(root, findings)
    _judge_vault(root, findings)
    _judge_policy(root, findings)
    _judge_terms(root, findings)
    _judge_group(outline, findings)
    _judge_availability(child(root, "replication", "availability"), findings)
    lists: list[Node | None] = [child(root, "support", "vms")]
    lists += [child(group.node, "vms") for group in outline.groups]
    for vm in (one for vms in lists for one in items(vms)):
        _judge_availability(vm, findings)


def _judge_residency(root: Mapping, findings: Findings) -> None:
    node = child(root, "replication", "data_residency")
    word = name_of(node)
    listed = tuple(one.text for one in map(name_of, items(node)) if one)
    if word is None and not listed:
        return  # left out, or what the model reports
    if word is not None and word.text not in CONTINENTS:
        return  # the model reports it
    shown = word.shown if word else ", ".join(listed)
    for side in ("source", "target"):
        region = name_of(child(root, side, "region"))
        if region and within(region.text, word.text if word else listed) is False:
            message = f"`{side}.region: {region.shown}` is not in {shown}"
            findings.problem(region.line, "PLAN-072", message)


def _judge_vault(root: Mapping, findings: Findings) -> None:
    vault = name_of(child(root, "vault", "region"))
    source = name_of(child(root, "source", "region"))
    target = name_of(child(root, "target", "region"))
    if not vault or not source or not target or target.text == source.text:
        return  # zone to zone: the vault may stay in the region that everything is in
    if vault.text == source.text:
        message = f"`vault.region: {vault.shown}` is where the application runs"
        findings.problem(vault.line, "PLAN-074", message)


def _judge_policy(root: Mapping, findings: Findings) -> None:
    """Terms that Azure is known to refuse are errors; those that it may refuse, a warning."""
    kept = child(root, "replication", "policy", "keep_recovery_points")
    span = duration_at(kept)
    if kept and span is not None and span > LONGEST_HISTORY:
        message = "`keep_recovery_points` is longer than 15d, and Azure refuses that"
        findings.problem(kept.line, "PLAN-076", message)
    every = child(root, "replication", "policy", "app_consistent_every")
    span = duration_at(every)
    least, most = APP_CONSISTENT
    if not every or not span or span % _MINUTE:
        return  # none are asked for, or `_judge_terms` tells it
    if span < least or span >= REFUSED_SPAN:
        bound = "shorter than 1h" if span < least else "24h or longer"
        message = f"`app_consistent_every` is {bound}, and Azure refuses that"
        findings.problem(every.line, "PLAN-076", message)
    elif span > most:
        findings.warn(every.line, "PLAN-108", "`app_consistent_every` is longer than 12h")


def _judge_terms(root: Mapping, findings: Findings) -> None:
    """Terms that no policy can have: Azure counts in minutes, and keeps at least something."""
    nodes = {
        key: child(root, "replication", "policy", key)
        for key in ("keep_recovery_points", "app_consistent_every")
    }
    spans = {key: duration_at(node) for key, node in nodes.items()}
    for key, node in nodes.items():
        span = spans[key]
        if node and span and span % _MINUTE:
            findings.problem(node.line, "PLAN-076", f"`{key}` is no whole number of minutes")
    kept, every = spans["keep_recovery_points"], spans["app_consistent_every"]
    node = nodes["keep_recovery_points"]
    if node and kept is not None and not kept:
        findings.problem(node.line, "PLAN-076", "`keep_recovery_points` keeps none")
        return
    kept = Policy().keep_recovery_points if node is None else kept
    node = nodes["app_consistent_every"] or node
    if node is None or kept is None:
        return
    every = every if nodes["app_consistent_every"] else Policy().app_consistent_every
    if every and every > kept:
        message = "`app_consistent_every` is longer than recovery points are kept"
        findings.problem(node.line, "PLAN-076", message)


def _judge_group(outline: Outline, findings: Findings) -> None:
    group = name_of(child(outline.root, "replication", "consistency_group"))
    if group and len(outline.vms) > LARGEST_GROUP:
        message = f"consistency group '{group.shown}' would have {len(outline.vms)} VMs"
        findings.problem(group.line, "PLAN-075", message)


def _judge_availability(node: Node | None, findings: Findings) -> None:
    zone = child(node, "zone")
    group = name_of(child(node, "availability_set"))
    if isinstance(zone, Scalar) and zone.value is not None and group:
        message = f"zone {zone.shown} and availability set '{group.shown}' are both given"
        findings.problem(group.line, "PLAN-073", message)
