"""In any order of requests, plans, items and jobs never contradict each other.

What is at work on what is worked out here from the jobs alone, and held against what items and
plans say of themselves: two statements of the same rules.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from .bench import Bench
from .benched_plans import CLEANUP
from .conftest import ITEMS
from .job_verbs import COMMENTS, ITEM_DRILL, ITEM_FAILOVER, JOBS
from .planning import PLAN, drill_body, failover_body, group, manual, plan_body, runbook

PLANS = {
    PLAN: (group("Sql1", end=[runbook("Broken")]), group("web1", start=[manual()])),
    f"{PLAN}-2": (group("web1", "bad1"),),
}
MEMBERS = {PLAN: ("Sql1", "web1"), f"{PLAN}-2": ("web1", "bad1")}
VMS = ("Sql1", "web1", "bad1")
BODIES = {
    "testFailover": ITEM_DRILL,
    "testFailoverCleanup": CLEANUP,
    "unplannedFailover": ITEM_FAILOVER,
}
PLAN_BODIES = {
    "testFailover": drill_body(),
    "testFailoverCleanup": CLEANUP,
    "unplannedFailover": failover_body(),
}
WORDS = {
    "testFailover": "TestFailover",
    "testFailoverCleanup": "TestFailoverCleanup",
    "unplannedFailover": "UnplannedFailover",
    "failoverCommit": "Commit",
    "failoverCancel": "CancelFailover",
    "reProtect": "ReverseReplicate",
}
WORKS = {
    *("TestFailover", "TestFailoverCleanup", "UnplannedFailover", "CommitFailover"),
    *("CancelFailover", "ReverseReplication", "SecondaryIrCompletion"),
}
AT_WORK = ("NotStarted", "InProgress", "Cancelling")
verbs = st.sampled_from(sorted(WORDS))


class PlansAndJobs(RuleBasedStateMachine):
    """Two plans that share a machine, its items by themselves, and whoever handles their jobs."""

    @initialize(
        failed_machine=st.sampled_from(("stops_plan", "goes_on")),
        failed_runbook=st.sampled_from(("goes_on", "fails_plan")),
        failover_test_job_ends=st.sampled_from(("succeeded", "suspended")),
        item_reprotect=st.sampled_from(("works", "fails")),
    )
    def begin(self, **chosen: str) -> None:
        self.bench = Bench(refusal="conflict", **chosen)
        self.at_first = self.vms()
        for path, groups in PLANS.items():
            self.bench.done("PUT", path, plan_body(*groups))

    # -- what may be asked --------------------------------------------------------------------

    @rule(seconds=st.sampled_from((1.0, 7.0, 45.0, 130.0, 400.0, 4000.0)))
    def wait(self, seconds: float) -> None:
        self.bench.pass_(seconds)

    @rule()
    def wait_for_the_next_thing(self) -> None:
        self.bench.still.next_thing()

    @rule(vm=st.sampled_from(VMS), verb=verbs)
    def ask_an_item(self, vm: str, verb: str) -> None:
        if verb != "reProtect":  # takes an item only with a body of its own
            self.bench.ask("POST", f"{self.kept(vm)['id']}/{verb}", BODIES.get(verb))

    @rule(plan=st.sampled_from(sorted(PLANS)), verb=verbs)
    def ask_a_plan(self, plan: str, verb: str) -> None:
        """A plan takes what it lists (a cancel of a failover also unlisted), and nothing else."""
        allowed = self.plan(plan)["allowedOperations"]
        status, told, _ = self.bench.ask("POST", f"{plan}/{verb}", PLAN_BODIES.get(verb))
        if verb != "failoverCancel":
            assert (status == 202) == (WORDS[verb] in allowed), told
        if status == 202:
            assert self.plan(plan)["allowedOperations"] == []

    @rule(plan=st.sampled_from(sorted(PLANS)), data=st.data())
    def ask_a_plan_for_what_it_lists(self, plan: str, data: st.DataObject) -> None:
        allowed = self.plan(plan)["allowedOperations"]
        if listed := [verb for verb, word in WORDS.items() if word in allowed]:
            self.ask_a_plan(plan, data.draw(st.sampled_from(listed)))

    @rule(verb=st.sampled_from(("cancel", "resume", "restart")), which=st.integers(0, 200))
    def handle_a_job(self, verb: str, which: int) -> None:
        if found := self.bench.get(JOBS)["value"]:
            self.handle(verb, found[which % len(found)])

    @rule(which=st.integers(0, 20))
    def handle_a_job_as_it_lists(self, which: int) -> None:
        jobs = self.bench.get(JOBS)["value"]
        acts = [(verb, job) for job in jobs for verb in job["properties"]["allowedActions"]]
        if acts:
            verb, job = acts[which % len(acts)]
            self.handle(verb.lower(), job)

    def handle(self, verb: str, job: Any) -> None:
        """A job takes what it lists; a restart only if nothing has changed since."""
        body = COMMENTS if verb == "resume" else None
        listed = verb.capitalize() in job["properties"]["allowedActions"]
        status, told, _ = self.bench.ask("POST", f"{job['id']}/{verb}", body)
        assert status == (202 if listed else 409) or (listed and verb == "restart"), told

    @precondition(lambda self: not self.running())
    @rule(plan=st.sampled_from(sorted(PLANS)))
    def write_a_plan_as_it_is(self, plan: str) -> None:
        told = self.plan(plan)
        self.bench.send("PATCH", plan, {"properties": {"groups": told["groups"]}})

    # -- what holds always --------------------------------------------------------------------

    @invariant()
    def no_two_running_jobs_touch_one_item(self) -> None:
        touched = Counter(vm for job in self.running() for vm in touched_by(job))
        assert [vm for vm, count in touched.items() if count > 1] == []

    @invariant()
    def an_item_is_busy_exactly_while_a_job_touches_it(self) -> None:
        busy = self.busy()
        for vm in VMS:
            operations = self.item(vm)["allowedOperations"]
            assert (operations == []) == (ITEMS[vm] in busy), vm

    @invariant()
    def a_plan_agrees_with_its_items(self) -> None:
        for path, members in MEMBERS.items():
            plan = self.plan(path)
            allowed = plan["allowedOperations"]
            each = [self.item(vm)["allowedOperations"] for vm in members]
            if [] in each:
                assert allowed == []
            elif allowed == ["TestFailoverCleanup"]:
                assert ["TestFailoverCleanup"] in each
            else:
                wanted = {"UnplannedFailover", "TestFailover", "Commit", "ReverseReplicate"}
                listed = {name for one in each for name in one}
                if "SwitchProtection" in listed:
                    listed.add("ReverseReplicate")
                assert set(allowed) == listed & wanted
            if plan["currentScenarioStatus"] in AT_WORK:
                assert allowed == []
            held = [
                one["id"].lower()
                for each in plan["groups"]
                for one in each["replicationProtectedItems"]
            ]
            assert held == [self.kept(vm)["id"].lower() for vm in members]

    @invariant()
    def nothing_is_made_that_belongs_to_nobody(self) -> None:
        items, there, busy = [self.kept(vm) for vm in VMS], self.vms(), self.busy()
        owned = {
            str(vm).lower()
            for item in items
            for vm in (item["vm"], item["test"]["vm"], item["failover"]["vm"])
        }
        assert there - self.at_first <= owned
        for item in items:
            if item["name"] in busy:
                continue
            assert item["test"]["phase"] in ("none", "waiting", "settling")
            for vm_id in (item["test"]["vm"], item["failover"]["vm"]):
                vm = self.bench.world.resource(vm_id or "")
                assert vm is None or vm["properties"]["provisioningState"] == "Succeeded"

    @invariant()
    def a_job_tells_of_its_end_only_when_it_has_ended(self) -> None:
        for row in self.bench.get(JOBS)["value"]:
            told = row["properties"]
            over = told["state"] in ("Succeeded", "Failed", "Cancelled")
            assert ("endTime" in told) == over
            assert bool(told["errors"]) == (told["state"] == "Failed")

    def teardown(self) -> None:
        """Left alone, all work ends, but for what waits for a person."""
        if not hasattr(self, "bench"):
            return
        self.bench.until_quiet()
        left = [self.bench.job(job["id"])["stateDescription"] for job in self.running()]
        assert set(left) <= {"WaitingForManualAction"}
        self.no_two_running_jobs_touch_one_item()
        self.an_item_is_busy_exactly_while_a_job_touches_it()
        self.a_plan_agrees_with_its_items()
        self.nothing_is_made_that_belongs_to_nobody()

    # -- looking at it ------------------------------------------------------------------------

    def plan(self, path: str) -> Any:
        return self.bench.get(path)["properties"]

    def kept(self, vm: str) -> Any:
        """An item as the world keeps it, wherever it lies now."""
        items = self.bench.world.items.values()
        return next(item for item in items if item["name"] == ITEMS[vm])

    def item(self, vm: str) -> Any:
        return self.bench.get(self.kept(vm)["id"])["properties"]

    def vms(self) -> set[str]:
        found = self.bench.world.of_type("Microsoft.Compute/virtualMachines")
        return {vm["id"].lower() for vm in found}

    def running(self) -> list[Any]:
        """Jobs that work on items now, as the world keeps them; parts of a plan's count as it."""
        return [
            job
            for job in self.bench.world.table("jobs").values()
            if job["scenario"] in WORKS and not job["of"] and not job["parent"]
            if job["waits"] or self.bench.job(job["id"])["state"] in AT_WORK
        ]

    def busy(self) -> set[str]:
        return {vm for job in self.running() for vm in touched_by(job)}


def touched_by(job: Any) -> list[str]:
    """Names of the items a job works on."""
    machines = job["run"]["machines"] if "run" in job else [job]
    names = {name.lower(): name for name in ITEMS.values()}
    return [names[one["item"].rpartition("/")[2]] for one in machines]


TestPlansAndJobs = PlansAndJobs.TestCase
TestPlansAndJobs.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
