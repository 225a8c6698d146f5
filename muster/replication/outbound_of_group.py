"""The rules that one security group needs, whichever VM is behind it: those of `--plan-only`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from muster.gateway.values import Json
from muster.replication.outbound import needs_between
from muster.replication.outbound_advice import RulesToAdd
from muster.replication.outbound_rules import Wish, judge_rules
from muster.replication.reading_places import read_security_group


def rules_to_add(wall: Json, source: str, target: str) -> Iterator[Mapping[str, Any]]:
    """What to add to a group so that replication gets out, as ARM takes it.

    Args:
        wall: The security group as ARM shows it.
        source: Region whose VMs stand behind it.
        target: Region that they are replicated to.
    """
    group, advice = read_security_group(wall), RulesToAdd()
    for need in needs_between(source, target):
        answer = judge_rules(group.rules, Wish((), need.tag, need.port))
        if answer.allowed is not True:
            yield advice.rule(need, group, answer)


def shown_rule(rule: Mapping[str, Any]) -> str:
    """A rule as a person adds it in the portal."""
    said = rule["properties"]
    return (
        f"{rule['name']} (priority {said['priority']}, Outbound, Allow, TCP, from "
        f"{said['sourceAddressPrefix']} to {said['destinationAddressPrefix']}, port "
        f"{said['destinationPortRange']})"
    )
