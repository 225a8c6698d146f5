"""The exact rules to add to security groups, which do not get into each other's way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from muster.gateway.ids import key_of, parse_id
from muster.replication.found import FoundRouteTable, FoundSecurityGroup, FoundSubnet
from muster.replication.outbound_rules import Answer

_FIRST_PRIORITY, _LAST_PRIORITY = 100, 4096
_STEP = 10


@dataclass(frozen=True, slots=True)
class Need:
    """A row of the table that counts for a VM, with its regions filled in."""

    name: str
    tag: str
    what: str
    port: int
    why: str
    rests: str


class RulesToAdd:
    """Gives each need of a group one rule, with a priority that nothing else has."""

    def __init__(self) -> None:
        self._rules: dict[tuple[str, str], Mapping[str, Any]] = {}
        self._taken: dict[str, set[int]] = {}

    def rule(self, need: Need, group: FoundSecurityGroup, answer: Answer) -> Mapping[str, Any]:
        """The rule that lets a need out, in front of the one that does not; as ARM takes it.

        Where no priority in front of it is free, the first of all is taken, and the rule that has
        it is to be moved.
        """
        key = (key_of(group.id), need.tag)
        if key not in self._rules:
            self._rules[key] = _rule(need, self._priority(group, answer))
        return self._rules[key]

    def _priority(self, group: FoundSecurityGroup, answer: Answer) -> int:
        own = {rule.priority for rule in group.rules if rule.is_outbound}
        taken = self._taken.setdefault(key_of(group.id), own)
        end = min(answer.priority or _LAST_PRIORITY + 1, _LAST_PRIORITY + 1)
        free = [number for number in range(_FIRST_PRIORITY, end) if number not in taken]
        tens = [number for number in free if number % _STEP == 0]
        chosen = (tens or free or [_FIRST_PRIORITY])[-1]
        taken.add(chosen)
        return chosen


def _rule(need: Need, priority: int) -> Mapping[str, Any]:
    return {
        "name": f"AllowSiteRecovery-{need.name}",
        "properties": {
            "priority": priority,
            "direction": "Outbound",
            "access": "Allow",
            "protocol": "Tcp",
            "sourceAddressPrefix": "*",
            "sourcePortRange": "*",
            "destinationAddressPrefix": need.tag,
            "destinationPortRange": str(need.port),
            "description": f"Azure Site Recovery: {need.why}.",
        },
    }


def command_of(rule: Mapping[str, Any], group: FoundSecurityGroup) -> str:
    """The same rule as a command of the Azure CLI."""
    place, said = parse_id(group.id), rule["properties"]
    return (
        f"az network nsg rule create --subscription {place.subscription}"
        f" --resource-group {place.resource_group} --nsg-name {group.name}"
        f" --name {rule['name']} --priority {said['priority']} --direction Outbound"
        f" --access Allow --protocol Tcp --source-address-prefixes '*' --source-port-ranges '*'"
        f" --destination-address-prefixes {said['destinationAddressPrefix']}"
        f" --destination-port-ranges {said['destinationPortRange']}"
    )


def command_of_route(need: Need, table: FoundRouteTable, subnet: FoundSubnet) -> str:
    """What leads a need past the routes of a table, as a command of the Azure CLI: for storage the
    subnet's service endpoint, beside those that it has; for all else a route of its own.
    """
    if need.name == "storage":
        endpoints = " ".join((*subnet.service_endpoints, "Microsoft.Storage"))
        return f"az network vnet subnet update --ids {subnet.id} --service-endpoints {endpoints}"
    place = parse_id(table.id)
    return (
        f"az network route-table route create --subscription {place.subscription}"
        f" --resource-group {place.resource_group} --route-table-name {table.name}"
        f" --name AllowSiteRecovery-{need.name} --address-prefix {need.tag}"
        " --next-hop-type Internet"
    )
