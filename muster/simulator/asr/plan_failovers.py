"""The real failover of a recovery plan, its commit, its cancel and the way back, by machine."""

from __future__ import annotations

from muster.simulator.asr import commits, failovers, jobs, plan_points, recovered_vms, reprotects
from muster.simulator.asr.plan_children import adopt, asking
from muster.simulator.asr.protection_input import Unfit
from muster.simulator.json_types import Json
from muster.simulator.world import World

NO_WAY_BACK = "990012"  # ours


def shut_down(world: World, job: Json, _one: Json, item: Json) -> Json:
    """The shutdown of one machine's source; if it fails, the failover goes on [DOC]."""
    return _part(world, job, item, "shutdown")


def fail_over(world: World, job: Json, one: Json, item: Json) -> Json:
    """The failover phase: a recovery point is chosen, the disks get ready."""
    child = adopt(job, failovers.begun_failover(asking(world, job), item, part="failover"))
    if fault := plan_points.choose(world, job, one, item):
        jobs.fail(child, world.now + world.takes("refused_job"), 0, fault)
        return child
    child |= {"point": one["point"], "point_time": one["point_time"]}
    failovers.begin_failover(world, item, child)
    return child


def boot(world: World, job: Json, _one: Json, item: Json) -> Json:
    """The boot phase: the recovered VM appears, and gets power at its end."""
    return _part(world, job, item, "start")


def commit(world: World, job: Json, _one: Json, item: Json) -> Json:
    """The commit of one machine, as when it is asked of the item itself."""
    child = adopt(job, commits.begun_commit(asking(world, job), item))
    commits.begin_commit(world, item, child)
    return child


def cancel(world: World, job: Json, _one: Json, item: Json) -> Json:
    """The failover of one machine is taken back."""
    child = adopt(job, commits.begun_cancel(asking(world, job), item))
    commits.begin_cancel(world, item, child)
    return child


def reprotect(world: World, job: Json, _one: Json, item: Json) -> Json:
    """One machine is replicated back, all its disks, to where it came from (inferred)."""
    child = adopt(job, reprotects.begun_reprotect(asking(world, job), item))
    if world.settings.item_reprotect == "fails":
        jobs.fail(
            child,
            world.now + world.takes("refused_job"),
            reprotects.PROTECT_TASK,
            reprotects.NO_DISKS,
        )
        return child
    try:
        way = reprotects.way_home(world, item)
    except Unfit as reason:
        fault = {"code": NO_WAY_BACK, "message": str(reason), "causes": "", "action": ""}
        jobs.fail(child, world.now + world.takes("refused_job"), 0, fault)
        return child
    reprotects.begin_reprotect(world, item, child, way)
    return child


def settle(world: World, item: Json, *, cancelled: bool) -> None:
    """A plan ended between an item's failover and its boot, and nothing was made.

    All is as before, unless somebody cancelled it: then the item replicates no more.
    """
    if item["failover"]["stopped"] and item["failover"]["at"] is None:
        if cancelled:
            recovered_vms.stopped_for_good(world, item)
        else:
            recovered_vms.failed_over(world, item, power=False)


def _part(world: World, job: Json, item: Json, part: failovers.Part) -> Json:
    child = adopt(job, failovers.begun_failover(asking(world, job), item, part=part))
    failovers.begin_failover(world, item, child)
    return child


PHASES = {
    ("UnplannedFailover", "shutdown"): shut_down,
    ("UnplannedFailover", "failover"): fail_over,
    ("UnplannedFailover", "boot"): boot,
    ("CommitFailover", "commit"): commit,
    ("CancelFailover", "cancel"): cancel,
    ("ReverseReplication", "reprotect"): reprotect,
}
