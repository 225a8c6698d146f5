"""The stretches of a drill, as its steps journal them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from muster.journal.events import EventKind, instant_text
from muster.report.outcome import outcome_of
from tests.unit.report.small_plan import VMS
from tests.unit.report.writer import START, BareWriter

REFERENCE = START + timedelta(seconds=40)
SUB = "/subscriptions/7c0e0000-0000-0000-0000-000000000001"
GROUP = f"{SUB}/resourceGroups/rg-small-asr/providers"
NETWORK = f"{GROUP}/Microsoft.Network/virtualNetworks/vnet-small-drill"


class Writer(BareWriter):
    """A journal, written a stretch at a time."""

    def preflight(self, *, fails: bool = False) -> Writer:
        self.begin("preflight").observe(
            "caller", "preflight", object_id="o-1", app_id="a-1", tenant="t-1"
        )
        self.wait(8)
        for number, title in ((1, "the vault is there"), (2, "every VM is protected")):
            bad = fails and number == 2
            self.check(
                "preflight",
                f"PRE-00{number}",
                title,
                "preflight",
                vm=None,
                verdict="failed" if bad else "passed",
                why="web2 is not protected" if bad else "",
                remedy="Enable replication of web2." if bad else None,
            )
        self.wait(2)
        if fails:
            error = {"code": "PRE-000", "message": "1 check failed", "hint": "Mend it."}
            return self.end("preflight", "failed", error=error)
        return self.end("preflight", spent={"cloud": 8.0})

    def points(self, **changes: Any) -> Writer:
        self.begin("recovery-points").wait(30)
        points = [
            {
                "vm": vm,
                "choice": "latest-processed",
                "point_id": f"{SUB}/recoveryPoints/{vm}-p9",
                "point_time": instant_text(REFERENCE - timedelta(minutes=age)),
                "point_type": "CrashConsistent",
                "age_seconds": age * 60,
                "why": "newest processed",
            }
            | changes.get(vm, {})
            for vm, age in (("db1", 4), ("web1", 5), ("web2", 6))
        ]
        self.observe(
            "points",
            "recovery-points",
            reference=instant_text(REFERENCE),
            skew_seconds=120,
            points=points,
        )
        return self.end("recovery-points", spent={"cloud": 29.0})

    def isolate(self, verdict: str = "isolated") -> Writer:
        self.begin("isolate")
        self.act("create-network", NETWORK, "isolate")
        self.wait(60)
        self.observe(
            "network",
            "isolate",
            network_id=NETWORK,
            made=True,
            location="westus2",
            address_space=["10.1.0.0/16"],
            subnets=[{"name": "data", "prefix": "10.1.0.0/24"}],
            owned=[NETWORK],
            holes=[
                {"direction": "out", "to": "AzureCloud", "port": "443", "why": "egress: agent"}
            ],
        )
        hops = [
            {
                "from": "vnet-small-drill",
                "to": "subnet data",
                "via": "contains",
                "verdict": "isolated",
                "evidence": "no peering, no gateway",
            },
        ]
        why = (
            "nothing of production can be reached"
            if verdict == "isolated"
            else "a hop cannot be read"
        )
        self.observe(
            "reachability", "isolate", network_id=NETWORK, verdict=verdict, why=why, hops=hops
        )
        if verdict != "isolated":
            error = {
                "code": "ISO-001",
                "message": f"the network is {verdict}",
                "hint": "Remove it.",
            }
            return self.end("isolate", "failed", error=error)
        return self.end("isolate", spent={"cloud": 55.0})

    def act(self, act: str, subject: str, step: str, **request: Any) -> Writer:
        self.add(
            EventKind.INTENDED,
            step,
            act=act,
            subject=subject,
            attempt=1,
            request=request,
            not_after=instant_text(self.now + timedelta(seconds=60)),
        )
        self.add(
            EventKind.ACCEPTED,
            step,
            act=act,
            subject=subject,
            job_id=f"{SUB}/replicationJobs/{act}-{subject}",
            correlation_id="c-1",
            request_id="r-1",
            sent_at=instant_text(self.now),
            answered_at=instant_text(self.now),
        )
        return self

    def failover_sent(self, vm: str) -> Writer:
        step = f"test-failover:{vm}"
        point = f"{SUB}/recoveryPoints/{vm}-p9"
        return self.begin(step).act("test-failover", vm, step, recovery_point_id=point)

    def failover_done(self, vm: str, *, seconds: float, errors: Any = ()) -> Writer:
        step = f"test-failover:{vm}"
        failed = bool(errors)
        self.observe(
            "job",
            step,
            act="test-failover",
            vm=vm,
            job_id=f"{SUB}/replicationJobs/test-failover-{vm}",
            scenario="TestFailover",
            state="Failed" if failed else "Succeeded",
            started_at=instant_text(self.now - timedelta(seconds=seconds)),
            ended_at=instant_text(self.now),
            tasks=[
                {
                    "name": "Create test virtual machine",
                    "state": "Failed" if failed else "Succeeded",
                    "started_at": None,
                    "ended_at": None,
                }
            ],
            errors=list(errors),
            raw={"properties": {"state": "Failed" if failed else "Succeeded"}},
        )
        if failed:
            error = {
                "code": "ASR-FAILED",
                "message": errors[0]["message"],
                "hint": errors[0]["action"],
            }
            return self.end(step, "failed", error=error, spent={"cloud": seconds})
        vm_id = f"{GROUP}/Microsoft.Compute/virtualMachines/{vm}-test"
        nic_id = f"{GROUP}/Microsoft.Network/networkInterfaces/{vm}-test-nic"
        self.observe(
            "owned",
            step,
            vm=vm,
            ids=[vm_id, nic_id],
            vm_id=vm_id,
            nic_ids=[nic_id],
            disk_ids=[],
            public_ip_ids=[],
            created_at=instant_text(self.now),
        )
        found = {"size": "Standard_D2s_v5", "nics": [{"subnet": "data", "private_ip": "10.1.0.4"}]}
        self.observe("placement", step, vm=vm, wanted=found, found=found, differences=[])
        return self.end(step, spent={"cloud": seconds})

    def booted(self, vm: str, seconds: float = 60) -> Writer:
        self.begin(f"boot:{vm}").wait(seconds)
        self.observe(
            "up",
            f"boot:{vm}",
            vm=vm,
            power_state="running",
            agent="Ready",
            address="10.1.0.4",
            at=instant_text(self.now),
        )
        return self.end(f"boot:{vm}", spent={"cloud": seconds - 1})

    def database(self, *, answer: str = "continue") -> Writer:
        self.failover_sent("db1").wait(203).failover_done("db1", seconds=200).booted("db1")
        self.begin("action:database.after.1").wait(30)
        self.observe(
            "script",
            "action:database.after.1",
            action="promote.sh in db1",
            vm="db1",
            vm_id="…",
            file="scripts/promote.sh",
            sha256="ef" * 32,
            command="muster-1",
            state="Succeeded",
            exit_code=0,
            stdout="promoted\n",
            stderr="",
            started_at=None,
            ended_at=None,
            raw={},
        )
        self.end("action:database.after.1", spent={"script": 25.0, "cloud": 3.0})
        self.begin("action:database.after.2")
        self.add(
            EventKind.ASKED,
            "action:database.after.2",
            question="q-1",
            ask="Do the orders look right?",
            deadline=instant_text(self.now + timedelta(minutes=5)),
            otherwise="abort",
            answers=["continue", "abort"],
        )
        self.wait(45)
        self.add(
            EventKind.ANSWERED,
            "action:database.after.2",
            question="q-1",
            answer=answer,
            by="lead@small.example",
            via="inbox",
            at=instant_text(self.now),
        )
        if answer == "abort":
            error = {"code": "RUN-005", "message": "answered abort", "hint": "See the report."}
            return self.end(
                "action:database.after.2", "failed", error=error, spent={"human": 45.0}
            )
        self.end("action:database.after.2", spent={"human": 45.0})
        self.begin("checks:database.db1").wait(12)
        self.check(
            "checks:database.db1",
            "database.1",
            "tcp db1:5432",
            "tcp",
            group="database",
            evidence={"ok": True, "attempts": 1},
        )
        return self.end("checks:database.db1", spent={"check": 6.0, "cloud": 5.0})

    def web_up(self, *, errors: Any = ()) -> Writer:
        self.failover_sent("web1").failover_sent("web2").wait(190)
        self.failover_done("web1", seconds=188).wait(15).failover_done(
            "web2", seconds=200, errors=errors
        )
        self.booted("web1", 50)
        if not errors:
            self.booted("web2", 40)
        return self

    def web_checks(self, *vms: str, failing: str | None = None) -> Writer:
        for vm in vms:
            step = f"checks:web.{vm}"
            self.begin(step).wait(10)
            bad = vm == failing
            self.check(
                step,
                f"web.{vm[-1]}",
                f"http http://{{{vm}}}:8080/health",
                "http",
                group="web",
                verdict="failed" if bad else "passed",
                why="status 503, wanted 200" if bad else "",
                evidence={
                    "status": 503 if bad else 200,
                    "body": "<b>down</b>" if bad else "healthy",
                },
            )
            self.wait(1)
            if bad:
                error = {"code": "STEP-003", "message": "1 check failed", "hint": "Look."}
                self.end(step, "failed", error=error, spent={"check": 8.0})
            else:
                self.end(step, spent={"check": 8.0, "cloud": 2.0})
        return self

    def plan_checks(self, *, canary: str = "passed") -> Writer:
        step = "checks:plan.web1"
        self.begin(step).wait(10)
        written = REFERENCE - timedelta(seconds=200)
        self.check(
            step,
            "plan.1",
            "data loss http://{web1}:8080/heartbeat",
            "data_loss",
            evidence={
                "written_at": instant_text(written),
                "writer": "web-prod-1",
                "reference": instant_text(REFERENCE),
                "loss_seconds": 200.0,
            },
        )
        self.check(
            step,
            "plan.2",
            "unreachable 10.9.0.10:443 from web1",
            "unreachable",
            verdict=canary,
            why="" if canary == "passed" else "the target was not live from the worker",
            evidence={
                "inside": {"connected": False, "error": "timed out"},
                "control": {"from": "worker", "connected": canary == "passed"},
            },
        )
        self.wait(2)
        return self.end(step, spent={"check": 7.0, "cloud": 4.0})

    def clean(self, *vms: str, network: bool = True, left: Any = ()) -> Writer:
        for vm in vms:
            self.begin(f"cleanup:{vm}").act("cleanup", vm, f"cleanup:{vm}")
        self.wait(100)
        for vm in vms:
            step = f"cleanup:{vm}"
            self.observe(
                "job",
                step,
                act="cleanup",
                vm=vm,
                job_id=f"{SUB}/replicationJobs/cleanup-{vm}",
                scenario="TestFailoverCleanup",
                state="Succeeded",
                started_at=instant_text(self.now - timedelta(seconds=98)),
                ended_at=instant_text(self.now),
                tasks=[],
                errors=[],
                raw={},
            )
            self.observe(
                "gone", step, vm=vm, ids=[f"{GROUP}/Microsoft.Compute/virtualMachines/{vm}-test"]
            )
            self.end(step, spent={"cloud": 98.0})
        for vm in [vm for vm in VMS if vm not in vms]:
            self.begin(f"cleanup:{vm}").end(f"cleanup:{vm}", facts={"nothing": True})
        self.begin("remove-network").wait(20)
        if network:
            self.observe("gone", "remove-network", network_id=NETWORK, ids=[NETWORK])
        self.end("remove-network", spent={"cloud": 19.0})
        self.begin("prove-clean").wait(5)
        self.observe(
            "inventory",
            "prove-clean",
            looked_in=[f"{SUB}/resourceGroups/rg-small-asr"],
            left=list(left),
            unattributed=[],
            expected=[{"id": f"{GROUP}/Microsoft.Compute/disks/db1-replica", "kind": "disk"}],
            clean=not left,
        )
        if left:
            error = {"code": "CLEAN-001", "message": "1 thing is left", "hint": "Clean up again."}
            return self.end("prove-clean", "failed", error=error)
        return self.end("prove-clean")

    def close(self) -> Writer:
        """Close it as the close step does: by the report's own rule."""
        self.begin("close")
        ended = outcome_of(self.events)
        self.add(
            EventKind.CLOSED,
            "close",
            outcome=ended.outcome,
            causes=ended.causes,
            leftovers=ended.leftovers,
            exit_code=ended.exit_code,
        )
        return self
