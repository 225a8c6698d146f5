"""Kinds of steps in words, for pictures."""

from __future__ import annotations

from muster.compile.graph import Graph, Step, StepKind

_WORDS = {
    StepKind.PREFLIGHT: "preflight",
    StepKind.RECOVERY_POINTS: "recovery points",
    StepKind.ISOLATE: "isolate",
    StepKind.TEST_FAILOVER: "test failover",
    StepKind.BOOT: "boot",
    StepKind.ACTION: "action",
    StepKind.CHECKS: "checks in",
    StepKind.HOLD: "hold",
    StepKind.CLEANUP: "clean up",
    StepKind.REMOVE_NETWORK: "remove network",
    StepKind.PROVE_CLEAN: "prove clean",
    StepKind.CLOSE: "close",
    StepKind.SURVEY: "survey",
    StepKind.RESOURCE_GROUPS: "resource groups",
    StepKind.VAULT: "vault",
    StepKind.TARGET_RESOURCES: "target resources",
    StepKind.FABRICS: "fabrics",
    StepKind.CONTAINERS: "containers",
    StepKind.POLICY: "policy",
    StepKind.CONTAINER_MAPPINGS: "container mappings",
    StepKind.NETWORK_MAPPINGS: "network mappings",
    StepKind.PROTECT: "protect",
    StepKind.SETTLE: "settle",
    StepKind.DISABLE: "disable",
}
_OF_ONE_VM_OR_ACTION = frozenset(
    {
        StepKind.TEST_FAILOVER,
        StepKind.BOOT,
        StepKind.ACTION,
        StepKind.CHECKS,
        StepKind.CLEANUP,
        StepKind.PROTECT,
        StepKind.SETTLE,
        StepKind.DISABLE,
    }
)


def words_for(step: Step) -> tuple[str, str]:
    """What a step does, and to what: (`test failover`, `sql1`); to the whole plan: empty."""
    return _WORDS[step.kind], step.subject if step.kind in _OF_ONE_VM_OR_ACTION else ""


def clusters(graph: Graph) -> dict[str, list[Step]]:
    """Steps by the box they are drawn in: opening, support, each group, application, finally."""
    found: dict[str, list[Step]] = {}
    for step in graph.steps:
        title = step.group or ("application" if step.kind is StepKind.CHECKS else "opening")
        if step.group:
            title = "support" if step.group == "support" else f"group {step.group}"
        found.setdefault(title, []).append(step)
    if graph.finalisers:
        found["finally, whatever happened"] = list(graph.finalisers)
    return found
