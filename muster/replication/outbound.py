"""Whether VMs reach what their replication needs, and the exact rule to add where they do not.

What security groups and route tables say is judged; what a firewall or an appliance behind a route
lets through is not known here, and is told as such.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from muster.gateway.ids import same_id
from muster.gateway.parse import mapping
from muster.plan.model import RecoveryPlan
from muster.plan.regions import regions
from muster.replication.found import Found, FoundSecurityGroup, FoundSubnet, FoundVm
from muster.replication.outbound_advice import Need, RulesToAdd, command_of, command_of_route
from muster.replication.outbound_rules import Answer, Wish, judge_rules
from muster.replication.tables import source_of, table

Severity = Literal["blocked", "unknown"]


@dataclass(frozen=True, slots=True)
class OutboundFinding:
    """One thing that a VM cannot reach, or of which it is not known.

    `rule` is what to add, as ARM takes it in `securityRules`; `command` the same for people. Both
    are empty where no rule of a security group would help.
    """

    vm: str
    need: str  # the row's name: storage, entra …
    severity: Severity
    why: str
    where_id: str  # security group, route table or subnet
    remedy: str
    rests: str
    rule: Mapping[str, Any] | None = None
    command: str = ""


def judge_outbound(
    plan: RecoveryPlan, found: Found, vms: tuple[FoundVm, ...]
) -> tuple[OutboundFinding, ...]:
    """What stands between VMs and what their replication needs.

    Looks at the security groups of the primary card and its subnet, and at the subnet's routes.
    A VM whose subnet was not read gives one finding of severity `unknown`.
    """
    advice = RulesToAdd()
    findings: list[OutboundFinding] = []
    for vm in vms:
        subnet = found.subnet(vm.subnet_id)
        if subnet is None:
            findings.append(_unread(vm, vm.subnet_id or vm.id, "its subnet was not read"))
            continue
        if subnet.untold:
            findings.append(_unread(vm, subnet.id, f"subnet {subnet.name}: {subnet.untold}"))
            continue
        findings += _way_out(vm, subnet)
        for need in _needs(plan, vm):
            findings += _of_groups(vm, need, subnet, found, advice)
            findings += _of_routes(vm, need, subnet, found)
    # What was not read is the same for every need.
    return tuple({(one.vm, one.need, one.where_id): one for one in findings}.values())


def _needs(plan: RecoveryPlan, vm: FoundVm) -> Iterator[Need]:
    """The rows that count for a VM."""
    is_encrypted = any(disk.is_guest_encrypted for disk in vm.disks)
    return needs_between(plan.source.region, plan.target.region, is_encrypted=is_encrypted)


def needs_between(source: str, target: str, *, is_encrypted: bool = False) -> Iterator[Need]:
    """What has to be reached from one region to be replicated to another, with tags filled in.

    Args:
        source: ARM location of the VMs.
        target: The same, of where they are replicated to.
        is_encrypted: Whether a disk is under Azure Disk Encryption.
    """
    holds = {
        "always": True,
        "disk-encryption": is_encrypted,
        "agent-updates": False,  # Muster maps containers with the agent's own updates off
    }
    regional = {"source": _for_tags(source), "target": _for_tags(target)}
    for name, row in table("outbound")["rows"].items():
        if holds[row["when"]]:
            tag = row["tag"].format(**regional)
            rests = source_of("outbound", row["rests"])
            yield Need(name, tag, row["what"], row["port"], row["why"], rests)


def _for_tags(region: str) -> str:
    """A region as service tags write it: EastUS2."""
    known = regions().get(region)
    return known.name.replace(" ", "") if known else region


def _of_groups(
    vm: FoundVm, need: Need, subnet: FoundSubnet, found: Found, advice: RulesToAdd
) -> Iterator[OutboundFinding]:
    """Each group of card and subnet has to let the VM out: both are asked."""
    cards = [card for card in vm.cards if any(same_id(ip.subnet_id, subnet.id) for ip in card.ips)]
    ids = dict.fromkeys(
        one for one in (*(c.security_group_id for c in cards), subnet.security_group_id) if one
    )
    addresses = tuple(ip.address for card in cards for ip in card.ips if ip.address)
    for group_id in ids:
        group = next((g for g in found.security_groups if same_id(g.id, group_id)), None)
        if group is None:
            yield _unread(vm, group_id, "the security group was not read")
            continue
        if group.untold:
            yield _unread(vm, group_id, f"security group {group.name}: {group.untold}")
            continue
        answer = judge_rules(group.rules, Wish(addresses, need.tag, need.port))
        if answer.allowed is not True:
            yield _denied(vm, need, group, answer, advice)


def _denied(
    vm: FoundVm, need: Need, group: FoundSecurityGroup, answer: Answer, advice: RulesToAdd
) -> OutboundFinding:
    is_blocked = answer.allowed is False
    verdict = "denied" if is_blocked else "perhaps denied"
    rule = advice.rule(need, group, answer)
    return OutboundFinding(
        vm=vm.name,
        need=need.name,
        severity="blocked" if is_blocked else "unknown",
        why=f"{need.what} ({need.tag}, port {need.port}) is {verdict} by rule {answer.by} of"
        f" {group.name}: {need.why}",
        where_id=group.id,
        remedy=f"Add the rule {rule['name']} to {group.name}.",
        rests=need.rests,
        rule=rule,
        command=command_of(rule, group),
    )


def _of_routes(
    vm: FoundVm, need: Need, subnet: FoundSubnet, found: Found
) -> Iterator[OutboundFinding]:
    """A route that drops everything, or leads through something that may not let it pass."""
    if subnet.route_table_id is None:
        return
    routes = next((t for t in found.route_tables if same_id(t.id, subnet.route_table_id)), None)
    if routes is None:
        yield _unread(vm, subnet.route_table_id, "the route table was not read")
        return
    if routes.untold:
        yield _unread(vm, routes.id, f"route table {routes.name}: {routes.untold}")
        return
    if need.name == "storage" and "microsoft.storage" in map(
        str.casefold, subnet.service_endpoints
    ):
        return  # a service endpoint's route is more specific than any of these
    prefixes = {route.prefix.casefold(): route for route in routes.routes}
    own = prefixes.get(need.tag.casefold()) or prefixes.get(need.tag.partition(".")[0].casefold())
    route = own or prefixes.get("0.0.0.0/0")
    if route is None or route.next_hop.casefold() == "internet":
        return
    drops = route.next_hop.casefold() == "none"
    hop = " ".join(filter(None, (route.next_hop, route.next_hop_address)))
    yield OutboundFinding(
        vm=vm.name,
        need=need.name,
        severity="blocked" if drops else "unknown",
        why=f"{need.what} ({need.tag}, port {need.port}) "
        + ("is dropped" if drops else f"goes to {hop}, which may or may not let it pass,")
        + f" by route {route.name} of {routes.name}: {need.why}",
        where_id=routes.id,
        remedy=_route_remedy(need, routes.name),
        rests=need.rests,
        command=command_of_route(need, routes, subnet),
    )


def _way_out(vm: FoundVm, subnet: FoundSubnet) -> Iterator[OutboundFinding]:
    """A subnet without default outbound access needs some other way out."""
    properties = mapping(subnet.raw.get("properties"))
    if properties.get("defaultOutboundAccess") is not False:
        return
    ips = [ip for card in vm.cards for ip in card.ips]
    has_way = (
        mapping(properties.get("natGateway")).get("id")
        or subnet.route_table_id
        or any(ip.public_ip_id or ip.backend_pool_ids for ip in ips)
    )
    if not has_way:
        yield OutboundFinding(
            vm=vm.name,
            need="all",
            severity="blocked",
            why=f"subnet {subnet.name} has default outbound access off, and {vm.name} has no NAT"
            " gateway, route, public address or balancer to leave by",
            where_id=subnet.id,
            remedy=f"Add a NAT gateway to subnet {subnet.name}.",
            rests="",
        )


def _route_remedy(need: Need, table_name: str) -> str:
    if need.name == "storage":
        return (
            "Add the service endpoint Microsoft.Storage to the subnet, so that replication traffic"
            " stays on Azure's own network."
        )
    rows = table("outbound")["rows"]
    names = ", ".join(rows[need.name]["fqdns"])
    return (
        f"Add a route for {need.tag} with next hop Internet to {table_name}, or have the appliance"
        f" permit {names} on port {need.port}."
    )


def _unread(vm: FoundVm, where: str, why: str) -> OutboundFinding:
    remedy = "Let Muster read it, and run this again: what was not seen is not known."
    return OutboundFinding(vm.name, "all", "unknown", why, where, remedy, "")
