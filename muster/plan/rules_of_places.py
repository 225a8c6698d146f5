"""Rules about networks, addresses, regions and spans of time."""

from __future__ import annotations

import ipaddress
import re

from muster.plan.findings import Findings
from muster.plan.lines import Mapping, Node, Scalar, Sequence, child, items
from muster.plan.outline import Name, Outline, name_of
from muster.plan.replication import SUFFIX
from muster.plan.rules_of_deeds import duration_at

_FOUR_NUMBERS = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3}){3}")
_NETWORK_ID = re.compile(
    r"/subscriptions/[0-9a-z-]+/resourceGroups/([\w().-]{0,89}[\w()-])"
    r"/providers/Microsoft\.Network/virtualNetworks/([a-z0-9](?:[\w.-]{0,78}\w)?)",
    re.IGNORECASE | re.ASCII,
)
MOST_ADDRESSES = {4: 2**24, 6: 2**96}
"""IP version -> how many addresses `drill.egress` may let out to in all: a /8, a /32."""


def judge_places(outline: Outline, findings: Findings) -> None:
    """Note networks that are production's, addresses that are none, and spans without a use."""
    root = outline.root
    _judge_objectives(root, findings)
    _judge_resuming(root, findings)
    _judge_regions(root, findings)
    _judge_network_ids(root, findings)
    _judge_networks(root, findings)
    _judge_egress(root, findings)
    _judge_addresses(outline, findings)
    _judge_consistency(root, findings)


def _judge_objectives(root: Mapping, findings: Findings) -> None:
    for key in ("rto", "rpo"):
        node = child(root, "objectives", key)
        span = duration_at(node)
        if node and span is not None and not span:
            findings.problem(node.line, "PLAN-023", f"`objectives.{key}` is zero")


def _judge_resuming(root: Mapping, findings: Findings) -> None:
    node = child(root, "drill", "resume_within")
    if node and duration_at(node):
        message = "`drill.resume_within` has no effect: there is no `muster resume` yet"
        findings.warn(node.line, "PLAN-107", message)


def _judge_regions(root: Mapping, findings: Findings) -> None:
    source = name_of(child(root, "source", "region"))
    target = name_of(child(root, "target", "region"))
    if source and target and source.text == target.text:
        message = f"source and target are both {target.shown}: zone to zone only"
        findings.warn(target.line, "PLAN-102", message)


def _judge_network_ids(root: Mapping, findings: Findings) -> None:
    """An id names a network and nothing else; one that is to be made has a name only."""
    drill = child(root, "drill", "network")
    nodes = [("source.network", child(root, "source", "network"))]
    nodes += [("target.network", child(root, "target", "network"))]
    nodes += [(f"drill.network.{key}", child(drill, key)) for key in ("create", "use")]
    nodes += [("drill.network.may_reach", one) for one in items(child(drill, "may_reach"))]
    for path, node in nodes:
        name = name_of(node)
        if name is None or not name.text.startswith("/subscriptions/"):
            continue  # a bare name, or what the model reports
        if path.endswith(".create"):
            message = f"`{path}: {name.shown}` is an id; a network is made in the target's group"
            findings.problem(name.line, "PLAN-071", message)
        elif not _NETWORK_ID.fullmatch(name.text):
            message = f"`{path}: {name.shown}` is not the id of a virtual network"
            findings.problem(name.line, "PLAN-071", message)


def _judge_networks(root: Mapping, findings: Findings) -> None:
    """The drill network is not the source's or target's, and reaches neither (safety rule 2)."""
    production = _production_networks(root)
    drill = child(root, "drill", "network")
    named = [(key, name_of(child(drill, key))) for key in ("create", "use")]
    named += [("may_reach", name_of(one)) for one in items(child(drill, "may_reach"))]
    for key, name in named:
        if name is None:
            continue
        for side, group, network in production:
            if _is_same(name, group, network):
                message = f"`{key}: {name.shown}` is the {side} network"
                findings.problem(name.line, "PLAN-039", message)


def _production_networks(root: Mapping) -> list[tuple[str, str | None, str]]:
    """(side, resource group if known, network name) of source and target, folded."""
    found: list[tuple[str, str | None, str]] = []
    source = name_of(child(root, "source", "network"))
    source_group = name_of(child(root, "source", "resource_group"))
    target = name_of(child(root, "target", "network"))
    written = name_of(child(root, "replication", "suffix"))
    suffix = written.text.casefold() if written else SUFFIX
    target_group = name_of(child(root, "target", "resource_group"))
    if source:
        group, network = _split(source.text)
        home = group or (source_group.text.casefold() if source_group else None)
        found.append(("source", home, network))
    if target:
        group, network = _split(target.text)
    elif source and child(root, "target", "network") is None:
        group, network = _split(f"{source.text}{suffix}")
    else:
        return found
    default = f"{source_group.text.casefold()}{suffix}" if source_group else None
    home = group or (target_group.text.casefold() if target_group else default)
    found.append(("target", home, network))
    return found


def _split(text: str) -> tuple[str | None, str]:
    """Resource group (None for a bare name) and name of a network, folded."""
    if found := _NETWORK_ID.fullmatch(text):
        return found[1].casefold(), found[2].casefold()
    return None, text.casefold()


def _is_same(name: Name, group: str | None, network: str) -> bool:
    own_group, own = _split(name.text)
    # A bare name could be in either resource group, so equal names are enough to refuse.
    return own == network and (own_group is None or group is None or own_group == group)


def _judge_egress(root: Mapping, findings: Findings) -> None:
    node = child(root, "drill", "egress")
    if not isinstance(node, Sequence):
        return
    ranges: list[ipaddress.IPv4Network | ipaddress.IPv6Network] = []
    for one in node.items:
        name = name_of(one)
        if name is None:
            continue
        try:
            found = ipaddress.ip_network(name.text, strict=False)
        except ValueError:
            message = f"`drill.egress`: '{name.shown}' is not an address or a range"
            findings.problem(name.line, "PLAN-068", message)
            continue
        ranges.append(found)
        if found.num_addresses > MOST_ADDRESSES[found.version]:
            message = f"`drill.egress`: '{name.shown}' lets out to too much"
            findings.problem(name.line, "PLAN-070", message)
            return
    v4 = [one for one in ranges if isinstance(one, ipaddress.IPv4Network)]
    v6 = [one for one in ranges if isinstance(one, ipaddress.IPv6Network)]
    held = {
        4: sum(one.num_addresses for one in ipaddress.collapse_addresses(v4)),
        6: sum(one.num_addresses for one in ipaddress.collapse_addresses(v6)),
    }
    if any(held[version] > most for version, most in MOST_ADDRESSES.items()):
        message = "`drill.egress`: its entries together let out to too much"
        findings.problem(node.line, "PLAN-070", message)


def _judge_addresses(outline: Outline, findings: Findings) -> None:
    lists: list[Node | None] = [child(outline.root, "support", "vms")]
    lists += [child(group.node, "vms") for group in outline.groups]
    for vm in (one for vms in lists for one in items(vms)):
        for nic in items(child(vm, "nics")):
            _warn_of_public_ip(child(nic, "public_ip"), findings)
            for node in (child(nic, "private_ip"), child(nic, "test", "private_ip")):
                _judge_address(name_of(node), findings)


def _judge_address(address: Name | None, findings: Findings) -> None:
    if address and _FOUR_NUMBERS.fullmatch(address.text) and not _is_ipv4(address.text):
        findings.problem(address.line, "PLAN-067", f"'{address.shown}' is not an address")


def _warn_of_public_ip(node: Node | None, findings: Findings) -> None:
    if isinstance(node, Scalar) and node.value is True:
        findings.warn(node.line, "PLAN-106", "`public_ip` is for failovers only")


def _is_ipv4(text: str) -> bool:
    try:
        ipaddress.IPv4Address(text)
    except ValueError:
        return False
    return True


def _judge_consistency(root: Mapping, findings: Findings) -> None:
    group = name_of(child(root, "replication", "consistency_group"))
    mode = name_of(child(root, "mode"))
    if group and not (mode and mode.text == "native"):
        message = f"consistency group '{group.shown}' is given without `mode: native`"
        findings.problem(group.line, "PLAN-054", message)
    elif group and mode:
        message = f"`mode: native`, as consistency group '{group.shown}' needs it, is not drilled"
        findings.warn(mode.line, "PLAN-115", message)
