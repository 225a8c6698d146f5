"""The runs that every report has to cope with."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from muster.journal.events import Event, EventKind
from tests.unit.report.small_plan import VMS, graph, plan_raw
from tests.unit.report.stretches import GROUP, NETWORK, REFERENCE, Writer
from tests.unit.report.writer import START

__all__ = ["GROUP", "NETWORK", "REFERENCE", "START", "VMS", "Writer", "graph", "plan_raw"]

REST_OF_WEB = (
    "test-failover:web1",
    "boot:web1",
    "test-failover:web2",
    "boot:web2",
    "checks:web.web1",
    "checks:web.web2",
    "checks:plan.web1",
)


def ready(**overrides: Any) -> Writer:
    return Writer().open(**overrides).wait(1).preflight().points().isolate().wait(1)


def passed_drill(**overrides: Any) -> list[Event]:
    run = ready(**overrides).database().wait(1).web_up().web_checks("web1", "web2").plan_checks()
    return run.clean(*VMS).close().events


def failed_check() -> list[Event]:
    run = ready().database().web_up().web_checks("web1", "web2", failing="web2")
    run.skip("checks:web.web2 failed", "checks:plan.web1")
    return run.clean(*VMS).close().events


ASR_ERROR = {
    "code": "150172",
    "message": "The test virtual machine could not be created: quota of cores exceeded",
    "causes": "The subscription has no more cores in westus2.",
    "action": "Raise the quota of Standard_D2s_v5 in westus2.",
}


def failed_job() -> list[Event]:
    run = ready().database().web_up(errors=[ASR_ERROR]).web_checks("web1")
    run.skip("test-failover:web2 failed", "boot:web2", "checks:web.web2", "checks:plan.web1")
    return run.clean(*VMS).close().events


def optional_vm_failed() -> list[Event]:
    plan = plan_raw(web2_critical=False)
    nodes = graph()
    for node in nodes:
        if node["id"] in ("test-failover:web2", "boot:web2", "checks:web.web2", "cleanup:web2"):
            node["critical"] = False
    run = ready(plan=plan, graph=nodes).database().web_up(errors=[ASR_ERROR]).web_checks("web1")
    run.skip("test-failover:web2 failed", "boot:web2", "checks:web.web2").plan_checks()
    return run.clean(*VMS).close().events


def crashed() -> list[Event]:
    """The worker died while the web group was coming up: open, nothing cleaned."""
    return ready().database().failover_sent("web1").failover_sent("web2").wait(80).events


def crashed_then_cleaned() -> list[Event]:
    """Three hours later another machine cleans it up and closes it."""
    run = Writer(events=crashed())
    run.now = run.events[-1].at + timedelta(hours=3)
    run.process = "worker-b:7"
    run.add(EventKind.OWNER, epoch=2, host="worker-b", pid=7, why="the flow run crashed")
    run.add(EventKind.NOTED, what="request", text="cleanup: the flow run crashed")
    return run.clean(*VMS).close().events


def preflight_failed() -> list[Event]:
    run = Writer().open().wait(1).preflight(fails=True)
    skipped = [node["id"] for node in graph() if not node["finaliser"]][1:]
    return run.skip("preflight failed", *skipped).clean(network=False).close().events


def isolation_unknown() -> list[Event]:
    run = Writer().open().wait(1).preflight().points().isolate("unknown")
    skipped = [node["id"] for node in graph() if not node["finaliser"]][3:]
    return run.skip("isolate failed", *skipped).clean().close().events


def aborted() -> list[Event]:
    run = ready().database(answer="abort")
    run.skip("answered abort", "checks:database.db1", *REST_OF_WEB)
    return run.clean(*VMS).close().events


def interrupted() -> list[Event]:
    """Ctrl-C twice in the middle: open, with the command that goes on."""
    run = ready().database().failover_sent("web1").wait(20)
    run.skip("stopped by SIGINT", *REST_OF_WEB[2:])
    run.add(
        EventKind.INTERRUPTED, signal="SIGINT", go_on="muster cleanup small-drill-000000000001"
    )
    return run.events


def interrupted_then_cleaned() -> list[Event]:
    run = Writer(events=interrupted())
    run.now = run.events[-1].at + timedelta(minutes=4)
    run.process = "worker-a:202"
    run.add(EventKind.OWNER, epoch=2, host="worker-a", pid=202, why="asked for")
    return run.clean(*VMS).close().events


def left_overs() -> list[Event]:
    left = [
        {
            "id": f"{GROUP}/Microsoft.Compute/disks/web1-osdisk",
            "kind": "disk",
            "why": "still there",
        }
    ]
    run = ready().database().web_up().web_checks("web1", "web2").plan_checks()
    return run.clean(*VMS, left=left).close().events


def opened_only() -> list[Event]:
    return Writer().open().events


EVERY_RUN = (
    passed_drill,
    failed_check,
    failed_job,
    optional_vm_failed,
    crashed,
    crashed_then_cleaned,
    preflight_failed,
    isolation_unknown,
    aborted,
    interrupted,
    interrupted_then_cleaned,
    left_overs,
    opened_only,
)
