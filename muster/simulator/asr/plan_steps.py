"""What the job of a recovery plan does one after the other, with the task each step is told by."""

from __future__ import annotations

from collections.abc import Sequence

from muster.simulator.asr import plan_trees
from muster.simulator.asr.plan_actions import runs_in
from muster.simulator.json_types import Json
from muster.simulator.world import World

ALL_AT_ONCE = {
    "TestFailoverCleanup": ("cleanup", "Cleanup", "Recovery plan test failover cleanup"),
    "CommitFailover": ("commit", "Commit", "Recovery plan commit"),
    "CancelFailover": ("cancel", "CancelFailover", "Recovery plan cancel failover"),
    "ReverseReplication": ("reprotect", "Reprotect", "Recovery plan reprotect"),
}
"""Scenario -> phase, id and title of its middle task, where all machines are worked on; ours."""


def lay_out(world: World, job: Json, groups: Sequence[Json], *, shutdown: bool) -> None:
    """Give a plan's job its tasks and steps: shutdown, failover, then the groups in sequence.

    A step is {"do": what, "at": where its task is: [top] or [top, child], ...}. Order and tasks as
    recorded [PS-RP]; sets of actions stand around their group, as the portal shows them
    [DOC:create-recovery-plans], which is UNCERTAIN of the tree. Without a shutdown (in a test; not
    required) its task is left out: inferred.
    """
    layout = _Layout(world, job)
    layout.plain("check", plan_trees.check(world, job))
    if job["scenario"] in ALL_AT_ONCE:
        phase, name, title = ALL_AT_ONCE[job["scenario"]]
        title = f"{title} ({len(job['run']['machines'])})"
        layout.machines(phase, f"{name}AllActionGroup", title, phase.title())
    else:
        _failover(layout, groups, shutdown=shutdown)
    layout.plain("end", plan_trees.end(world, job))


def _failover(layout: _Layout, groups: Sequence[Json], *, shutdown: bool) -> None:
    """Shutdown, failover and boot, each group with its actions around it."""
    front = {group["groupType"]: group for group in groups}
    boot = [group for group in groups if group["groupType"] == "Boot"]
    name, title = "ShutdownAllActionGroup", "All groups shutdown"
    layout.actions(front["Shutdown"], name, title, before=True)
    if shutdown:
        layout.shutdown(name, title, len(boot))
    layout.actions(front["Shutdown"], name, title, before=False)
    name, title = "FailoverAllActionGroup", "Recovery plan failover"
    layout.actions(front["Failover"], name, title, before=True)
    layout.machines("failover", name, title, "RpFailoverTask")
    layout.actions(front["Failover"], name, title, before=False)
    for n, group in enumerate(boot, start=1):
        name, title = f"Group{n}", f"Group {n}"
        layout.actions(group, name, title, before=True, n=n)
        shown = f"{title}: Start ({len(layout.of_group(n))})"
        layout.machines("boot", name, shown, "BootGroup", only=n)
        layout.actions(group, name, title, before=False, n=n)


class _Layout:
    """Steps and tasks of one job, put one behind the other."""

    def __init__(self, world: World, job: Json) -> None:
        self.world, self.job = world, job
        self.tasks: list[Json] = job["tasks"]
        self.steps: list[Json] = job["run"]["steps"]

    def of_group(self, n: int | None) -> list[Json]:
        """The machines of a group; None: all."""
        machines: list[Json] = self.job["run"]["machines"]
        return [one for one in machines if n in (None, one["group"])]

    def plain(self, do: str, task: Json) -> None:
        self.steps.append({"do": do, "at": [len(self.tasks)]})
        self.tasks.append(task)

    def machines(
        self, phase: str, name: str, title: str, kind: str, only: int | None = None
    ) -> None:
        """A phase of all machines, or of those of one group."""
        nodes = [
            plan_trees.machine(self.world, self.job, one, phase) for one in self.of_group(only)
        ]
        self.steps.append({"do": phase, "at": [len(self.tasks)], "only": only})
        self.tasks.append(plan_trees.group(name, title, kind, nodes))

    def shutdown(self, name: str, title: str, groups: int) -> None:
        """The shutdown: a group in it for each group of the plan [PS-RP]."""
        inner = []
        for n in range(1, groups + 1):
            mine = self.of_group(n)
            nodes = [plan_trees.machine(self.world, self.job, one, "shutdown") for one in mine]
            shown = f"Shutdown: Group {n} ({len(mine)})"
            inner.append(plan_trees.group(f"Group{n}", shown, "Shutdown", nodes))
        title = f"{title} ({len(self.of_group(None))})"
        self.steps.append({"do": "shutdown", "at": [len(self.tasks)], "only": None})
        self.tasks.append(plan_trees.group(name, title, "Shutdown", inner, plan_trees.SHUTDOWN))

    def actions(
        self, group: Json, name: str, title: str, *, before: bool, n: int | None = None
    ) -> None:
        """The actions in front of a group or behind it that have their turn; none: no task."""
        direction = self.job["run"]["direction"]
        wanted = [
            action
            for action in group["startGroupActions" if before else "endGroupActions"]
            if runs_in(action, self.job["scenario"], direction)
        ]
        name = f"{name}{'Pre' if before else 'Post'}Steps"
        nodes = [
            plan_trees.action(self.world, self.job, name, k, action)
            for k, action in enumerate(wanted)
        ]
        for k, action in enumerate(wanted):
            step = {"do": "action", "at": [len(self.tasks), k], "action": action}
            self.steps.append(step | {"group": n, "after": not before})
        if nodes:
            title = f"{title}: {'Pre' if before else 'Post'}-steps"
            kind = "PreActionGroup" if before else "PostActionGroup"
            self.tasks.append(plan_trees.group(name, title, kind, nodes))


def node_of(job: Json, step: Json) -> Json:
    """The task a step is told by."""
    node: Json = job["tasks"][step["at"][0]]
    for child in step["at"][1:]:
        node = node["group"]["childTasks"][child]
    return node
