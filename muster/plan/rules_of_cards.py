"""Rules about the addresses that cards want: none is wanted twice in one subnet."""

from __future__ import annotations

from collections.abc import Iterator

from muster.plan.findings import Findings
from muster.plan.lines import Node, child, items
from muster.plan.outline import Name, Outline, name_of


def judge_cards(outline: Outline, findings: Findings) -> None:
    """Note addresses that two cards want, after a failover or in a test, in one subnet."""
    for is_test in (False, True):
        seen: dict[tuple[str, str], tuple[str, int]] = {}
        for vm, subnet, address in _wanted(outline, is_test=is_test):
            key = subnet.text.rpartition("/")[2].casefold(), address.text
            if key in seen:
                whose, line = seen[key]
                message = (
                    f"'{address.shown}' in subnet '{subnet.shown}' is wanted for {vm}, and for"
                    f" {whose} already (line {line})"
                )
                findings.problem(address.line, "PLAN-077", message)
            seen.setdefault(key, (vm, address.line))


def _wanted(outline: Outline, *, is_test: bool) -> Iterator[tuple[str, Name, Name]]:
    """VM, subnet and address of every card that names both."""
    lists: list[Node | None] = [child(outline.root, "support", "vms")]
    lists += [child(group.node, "vms") for group in outline.groups]
    for vm in (one for vms in lists for one in items(vms)):
        named = name_of(child(vm, "name"))
        for nic in items(child(vm, "nics")):
            said = child(nic, "test") if is_test else nic
            subnet = name_of(child(said, "subnet")) or name_of(child(nic, "subnet"))
            address = name_of(child(said, "private_ip"))
            if subnet and address:
                yield named.shown if named else "?", subnet, address
