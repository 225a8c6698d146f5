"""In any order of requests, plans, items and jobs never contradict each other.

What may be at work on what is worked out here from the jobs alone, and held against what items
and plans say of themselves: two statements of the same rules.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from .bench import Bench
from .conftest import ITEMS, TARGET
from .planning import PLAN, drill_body, entry, failover_body, group, manual, plan_body, runbook
from .test_job_verbs import COMMENTS, ITEM_DRILL, ITEM_FAILOVER, JOBS
from .test_plan_drills import CLEANUP

COPIES = f"{TARGET}/Microsoft.Compute/virtualMachines"
PLANS = (PLAN, f"{PLAN}-2")
GROUPS = (
    (group("Sql1", end=[runbook("Broken")]), group("web1", start=[manual()])),
    (group("web1", "bad1"),),
)
ITEM_VERBS = {
    "testFailover": ITEM_DRILL,
    "testFailoverCleanup": CLEANUP,
    "unplannedFailover": ITEM_FAILOVER,
    "failoverCommit": None,
    "failoverCancel": None,
}
PLAN_VERBS = {
    "testFailover": drill_body(),
    "testFailoverCleanup": CLEANUP,
    "unplannedFailover": failover_body(),
    "failoverCommit": None,
    "failoverCancel": None,
}
WORDS = {
    "testFailover": "TestFailover",
    "testFailoverCleanup": "TestFailoverCleanup",
    "unplannedFailover": "UnplannedFailover",
    "failoverCommit": "Commit",
    "failoverCancel": "CancelFailover",
}
WORKS = {
    *("TestFailover", "TestFailoverCleanup", "UnplannedFailover", "CommitFailover"),
    "CancelFailover",
}
AT_WORK = ("NotStarted", "InProgress", "Cancelling")
VMS = ("Sql1", "web1", "bad1")


class PlansAndJobs(RuleBasedStateMachine):
    """Two plans that share a machine, its items by themselves, and whoever handles their jobs."""

    @initialize(
        machine=st.sampled_from(("stops_plan", "goes_on")),
        runs=st.sampled_from(("goes_on", "fails_plan")),
        ends=st.sampled_from(("succeeded", "suspended")),
    )
    def begin(self, machine: str, runs: str, ends: str) -> None:
        self.bench = Bench(
            refusal="conflict",
            failed_machine=machine,
            failed_runbook=runs,
            failover_test_job_ends=ends,
        )
        for path, groups in zip(PLANS, GROUPS, strict=True):
            self.bench.done("PUT", path, plan_body(*groups))

    # -- what may be asked --------------------------------------------------------------------

    @rule(seconds=st.sampled_from((1.0, 7.0, 45.0, 130.0, 400.0)))
    def wait(self, seconds: float) -> None:
        self.bench.pass_(seconds)

    @rule()
    def wait_for_the_next_thing(self) -> None:
        self.bench.still.next_thing()

    @rule(vm=st.sampled_from(VMS), verb=st.sampled_from(sorted(ITEM_VERBS)))
    def ask_an_item(self, vm: str, verb: str) -> None:
        self.bench.ask("POST", f"{entry(vm)['id']}/{verb}", ITEM_VERBS[verb])

    @rule(plan=st.sampled_from(PLANS), verb=st.sampled_from(sorted(PLAN_VERBS)))
    def ask_a_plan(self, plan: str, verb: str) -> None:
        """A plan takes what it lists (a cancel of a failover also unlisted), and nothing else."""
        allowed = self.plan(plan)["allowedOperations"]
        status, told, _ = self.bench.ask("POST", f"{plan}/{verb}", PLAN_VERBS[verb])
        if WORDS[verb] != "CancelFailover":
            assert (status == 202) == (WORDS[verb] in allowed), told
        if status == 202:
            assert self.plan(plan)["allowedOperations"] == []

    @rule(plan=st.sampled_from(PLANS), data=st.data())
    def ask_a_plan_for_what_it_lists(self, plan: str, data: st.DataObject) -> None:
        allowed = self.plan(plan)["allowedOperations"]
        if verbs := [verb for verb, word in WORDS.items() if word in allowed]:
            self.ask_a_plan(plan, data.draw(st.sampled_from(verbs)))

    @rule(verb=st.sampled_from(("cancel", "resume", "restart")), which=st.integers(0, 200))
    def handle_a_job(self, verb: str, which: int) -> None:
        """A job takes what it lists; a restart only if nothing has changed since."""
        found = self.bench.get(JOBS)["value"]
        if found:
            self.handle(verb, found[which % len(found)])

    @rule(which=st.integers(0, 20))
    def handle_a_job_as_it_lists(self, which: int) -> None:
        jobs = self.bench.get(JOBS)["value"]
        acts = [(verb, job) for job in jobs for verb in job["properties"]["allowedActions"]]
        if acts:
            verb, job = acts[which % len(acts)]
            self.handle(verb.lower(), job)

    def handle(self, verb: str, job: Any) -> None:
        body = COMMENTS if verb == "resume" else None
        listed = verb.capitalize() in job["properties"]["allowedActions"]
        status, told, _ = self.bench.ask("POST", f"{job['id']}/{verb}", body)
        assert status == (202 if listed else 409) or (listed and verb == "restart"), told

    @precondition(lambda self: not self.running())
    @rule(which=st.sampled_from((0, 1)))
    def write_a_plan_anew(self, which: int) -> None:
        self.bench.send("PUT", PLANS[which], plan_body(*GROUPS[which]))

    # -- what holds always --------------------------------------------------------------------

    @invariant()
    def no_two_running_jobs_touch_one_item(self) -> None:
        touched = Counter(key for job in self.running() for key in touched_by(job))
        assert [key for key, count in touched.items() if count > 1] == []

    @invariant()
    def an_item_is_busy_exactly_while_a_job_touches_it(self) -> None:
        busy = {key for job in self.running() for key in touched_by(job)}
        for vm in VMS:
            told = self.bench.item(vm)
            assert (told["allowedOperations"] == []) == (entry(vm)["id"].lower() in busy), vm

    @invariant()
    def a_plan_agrees_with_its_items(self) -> None:
        for path, groups in zip(PLANS, GROUPS, strict=True):
            plan, items = self.plan(path), [self.bench.item(vm) for vm in vms_of(groups)]
            allowed = plan["allowedOperations"]
            each = [item["allowedOperations"] for item in items]
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

    @invariant()
    def nothing_is_made_that_belongs_to_nobody(self) -> None:
        items = list(self.bench.world.items.values())
        owned = {str(item[of]["vm"]).lower() for item in items for of in ("test", "failover")}
        there = {vm["id"].lower() for vm in self.bench.get(COPIES)["value"]}
        assert there <= owned
        assert owned - {"none"} <= there | gone_in_a_cleanup(items)
        busy = {key for job in self.running() for key in touched_by(job)}
        for item in items:
            if item["id"].lower() not in busy:
                assert item["test"]["phase"] in ("none", "waiting", "settling")
                for of in ("test", "failover"):
                    vm = self.bench.world.resource(item[of]["vm"] or "")
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
        left = [self.bench.get(f"{JOBS}/{job['id']}")["properties"] for job in self.running()]
        assert {job["stateDescription"] for job in left} <= {"WaitingForManualAction"}
        self.no_two_running_jobs_touch_one_item()
        self.a_plan_agrees_with_its_items()
        self.nothing_is_made_that_belongs_to_nobody()

    # -- looking at it ------------------------------------------------------------------------

    def plan(self, path: str) -> Any:
        return self.bench.get(path)["properties"]

    def running(self) -> list[Any]:
        """Jobs that work on items now, as the world keeps them; parts of a plan's count as it."""
        return [
            job
            for job in self.bench.world.table("jobs").values()
            if job["scenario"] in WORKS and not job["of"] and not job["parent"]
            if self.state(job) in AT_WORK or job["waits"]
        ]

    def state(self, job: Any) -> str:
        return str(self.bench.get(f"{JOBS}/{job['id']}")["properties"]["state"])


def touched_by(job: Any) -> Iterator[str]:
    """Keys of the items a job works on."""
    if "run" in job:
        yield from (one["item"] for one in job["run"]["machines"])
    else:
        yield str(job["item"])


def vms_of(groups: Any) -> list[str]:
    names = {name: vm for vm, name in ITEMS.items()}
    ids = [one["id"] for each in groups for one in each["replicationProtectedItems"]]
    return [names[one.rpartition("/")[2]] for one in ids]


def gone_in_a_cleanup(items: list[Any]) -> set[str]:
    """Copies whose VM is gone and whose other parts still wait to be taken away."""
    tests = [item["test"] for item in items]
    return {
        str(test["vm"]).lower()
        for test in tests
        if test["vm"] and test["phase"] in ("cleaning", "waiting")
    }


TestPlansAndJobs = PlansAndJobs.TestCase
TestPlansAndJobs.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
