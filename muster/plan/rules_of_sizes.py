"""Rules about the sizes that copies are to have: what their names tell before Azure is asked."""

from __future__ import annotations

from muster.plan.findings import Findings
from muster.plan.lines import Node, child, items
from muster.plan.outline import Outline, name_of
from muster.plan.sizes import OF_ARM, is_arm


def judge_sizes(outline: Outline, findings: Findings) -> None:
    """Warn of sizes of ARM64: replication refuses their VMs, unless Azure tells otherwise."""
    lists: list[Node | None] = [child(outline.root, "support", "vms")]
    lists += [child(group.node, "vms") for group in outline.groups]
    for vm in (one for vms in lists for one in items(vms)):
        size = name_of(child(vm, "size"))
        if size and is_arm(size.text):
            message = f"by its name `size: {size.shown}` {OF_ARM}"
            findings.warn(size.line, "PLAN-116", message)
