"""In any order of requests items and jobs keep Azure's rules, told here a second time."""

from __future__ import annotations

import os
from collections import Counter

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from .item_machine import ItemsAtWork
from .item_rules import ALLOWED, BODIES, VERBS, answer_of, state_of, switch_input
from .life import CONTAINER_ID, ITEMS, RECOVERY_ID, VAULT, VM

VMS = ("web1", "Sql1", "bad1")
LIVELY = tuple(verb for verb in VERBS if verb not in ("remove", "delete", "patch"))
FORWARD = {
    "protected": "unplannedFailover",
    "failed over": "failoverCommit",
    "committed": "switchprotection",
    "waiting": "testFailoverCleanup",
}
DISK = "Microsoft.Compute/disks"
NIC = "Microsoft.Network/networkInterfaces"


class Items(ItemsAtWork):
    """Any verbs, at any time, on any item; jobs cancelled; time passing or standing still."""

    # -- what people do ---------------------------------------------------------------------

    @rule(vm=st.sampled_from(VMS), verb=st.sampled_from(VERBS))
    def ask(self, vm: str, verb: str) -> None:
        """A verb is followed exactly where the table says so, and never refused where listed."""
        item = self.item(vm)
        if item is None:
            return
        before, listed = state_of(item), self.listed(vm)
        operation, body = BODIES[verb]
        took = answer_of(self.still, vm, verb, body(self.still, item))
        may = operation in ALLOWED[before]
        if operation == "CancelFailover":
            may = may and self.cancel != "refused"
        if self.alone:
            assert took == may, (verb, before, took)
            assert operation not in (listed or ()) or took, (verb, before, listed)
        else:
            assert may or not took, (verb, before)

    @rule(vm=st.sampled_from(VMS), data=st.data(), ends=st.booleans())
    def follow(self, vm: str, data: st.DataObject, ends: bool) -> None:
        """One of the verbs that the table allows, so that long ways are gone too."""
        item = self.item(vm)
        allowed = ALLOWED[state_of(item)] if item else ()
        verbs = [verb for verb in LIVELY if BODIES[verb][0] in allowed]
        if verbs:
            self.ask(vm, data.draw(st.sampled_from(verbs)))
            if ends:
                self.still.settle()

    @rule(vm=st.sampled_from(VMS), share=st.sampled_from([0.0, 0.4, 0.9]), data=st.data())
    def begin_and_cancel(self, vm: str, share: float, data: st.DataObject) -> None:
        """A job is cancelled early, in the middle or late."""
        self.follow(vm, data, ends=False)
        for job in self.unfinished(vm)[:1]:
            self.still.pass_by(share * (job["ends"] - self.still.world.now))
            self.cancel_job(vm)

    @rule(vm=st.sampled_from(VMS), steps=st.integers(1, 6))
    def go_the_long_way(self, vm: str, steps: int) -> None:
        """Over there, and back: each step when the one before has ended."""
        for _ in range(steps):
            self.still.settle()
            item = self.item(vm)
            verb = FORWARD.get(state_of(item)) if item else None
            if verb:
                self.ask(vm, verb)

    @rule(vm=st.sampled_from(VMS))
    def enable_again(self, vm: str) -> None:
        """Where the item is gone, its VM can be protected anew, if it still stands alone."""
        path = f"{CONTAINER_ID}/replicationProtectedItems/{ITEMS[vm]}"
        there = self.item(vm) is not None
        answer = self.still.ask("PUT", path, switch_input(self.still, vm, back=False))
        if there:
            assert answer.status in (400, 409) or self.still.job_of(answer)["fails"]

    @rule(vm=st.sampled_from(VMS))
    def cancel_job(self, vm: str) -> None:
        """As the cancel of a job does it: what it planned is dropped, its `undo` clears up."""
        world, item = self.still.world, self.item(vm)
        job = next((job for job in self.unfinished(vm) if job.get("undo")), None)
        if item is None or job is None:
            return
        world.forget([job["id"]])
        job |= {"cancelled": world.now, "ends": None}
        world.effects[job["undo"]](world, {"job": job["id"]})

    @rule(seconds=st.sampled_from([0.5, 5.0, 60.0, 700.0]))
    def time_passes(self, seconds: float) -> None:
        self.still.pass_by(seconds)

    @rule()
    def the_next_thing_happens(self) -> None:
        self.still.next_thing()

    @rule()
    def all_that_was_begun_ends(self) -> None:
        self.still.settle()

    # -- what must never be -----------------------------------------------------------------

    @invariant()
    def one_job_at_a_time_works_on_an_item(self) -> None:
        for vm in VMS if hasattr(self, "still") else ():
            unfinished = [job["scenario"] for job in self.unfinished(vm)]
            assert len(unfinished) <= 1, (vm, unfinished)

    @invariant()
    def an_item_is_busy_exactly_while_a_job_runs(self) -> None:
        for vm in VMS if hasattr(self, "still") else ():
            item = self.item(vm)
            if item is None:
                continue
            busy = state_of(item) == "busy"
            assert busy == bool(self.unfinished(vm)), (vm, item["busy"], item["test"])
            scenario = self.body(vm)["currentScenario"]["scenarioName"]
            assert (scenario != "None") == (busy or item["test"]["phase"] == "waiting")

    @invariant()
    def the_table_says_what_an_item_lists(self) -> None:
        for vm in VMS if hasattr(self, "still") else ():
            listed = self.listed(vm)
            if listed is None:
                continue
            state = state_of(self.item(vm))
            known = set(ALLOWED[state]) - (
                {"CancelFailover"} if self.cancel != "listed" else set()
            )
            assert set(listed) == known - {"Update", "Purge"}, (vm, state, listed)

    @invariant()
    def every_test_copy_has_an_item_that_waits_for_it(self) -> None:
        if not hasattr(self, "still"):
            return
        held = set()
        for item in self.still.world.items.values():
            test = item["test"]
            held |= {str(part).lower() for part in (test["vm"], *test["parts"])}
            if test["vm"] is not None:
                assert test["phase"] in ("starting", "waiting", "cleaning")
        for key, body in self.still.world.resources.items():
            if body["name"].endswith("-test") or body["name"].endswith("-ASRtest"):
                assert key in held, key

    @invariant()
    def a_recovered_vm_is_there_exactly_after_a_failover(self) -> None:
        for item in self.items() if self.alone else ():
            state, vm = item["protection_state"], item["failover"]["vm"]
            if state.startswith("UnplannedFailover") and state_of(item) != "busy":
                assert self.still.world.resource(vm), (item["name"], state)
            if state in ("Protected", "InitialReplicationInProgress") and vm is not None:
                assert state_of(item) == "busy"

    @invariant()
    def recovery_points_and_replicas_end_with_the_commit(self) -> None:
        for item in self.items():
            state = item["protection_state"]
            path = f"{item['id']}/recoveryPoints"
            if state_of(item) == "busy" or not self.is_new(item["name"], (path, state)):
                continue
            points = self.still.get(path)["value"]
            assert bool(points) == (state in ALLOWED_POINTS), (state, len(points))
            replicas = {
                body["name"].removesuffix("-ASRReplica").lower()
                for body in self.still.world.of_type(DISK, item["recovery_group"])
                if body["name"].endswith("-ASRReplica")
            }
            mine = {disk["name"].lower() for disk in item["disks"]}
            expected = mine if state != "UnplannedFailoverCommitted" else set()
            assert mine & replicas == expected, (state, mine, replicas)

    @invariant()
    def no_address_is_given_twice(self) -> None:
        if not hasattr(self, "still"):
            return
        given = Counter(
            (placed["subnet"]["id"].lower(), placed["privateIPAddress"])
            for nic in self.still.world.of_type(NIC)
            for placed in [nic["properties"]["ipConfigurations"][0]["properties"]]
        )
        assert [place for place, count in given.items() if count > 1] == []

    @invariant()
    def every_vm_has_a_machine_a_nic_and_disks(self) -> None:
        if not hasattr(self, "still") or not self.alone:
            return
        world = self.still.world
        vms = {vm["id"].lower(): vm for vm in world.of_type(VM)}
        assert set(world.machines) == set(vms)
        for vm in vms.values():
            profile = vm["properties"]["storageProfile"]
            nics = [nic["id"] for nic in vm["properties"]["networkProfile"]["networkInterfaces"]]
            disks = [profile["osDisk"], *profile["dataDisks"]]
            parts = [*nics, *(disk["managedDisk"]["id"] for disk in disks)]
            assert all(world.resource(part) for part in parts), vm["name"]

    @invariant()
    def an_item_is_told_at_one_place(self) -> None:
        told = [(item["id"], item["protection_state"]) for item in self.items()]
        if not told or not self.is_new("told", told):
            return
        whole = self.still.get(f"{VAULT}/replicationProtectedItems")["value"]
        parts = [
            one["id"]
            for container in (CONTAINER_ID, RECOVERY_ID)
            for one in self.still.get(f"{container}/replicationProtectedItems")["value"]
        ]
        assert sorted(one["id"] for one in whole) == sorted(parts)
        assert len({one.rpartition("/")[2] for one in parts}) == len(parts)


ALLOWED_POINTS = ("Protected", "UnplannedFailoverCommitPendingStatesBegin")


class ItemsAndVandals(Items):
    """The same while somebody deletes machines; acts may fail, but no state comes out broken."""

    alone = False

    @rule(vm=st.sampled_from(VMS), which=st.sampled_from(["source", "copy", "recovered"]))
    def somebody_deletes(self, vm: str, which: str) -> None:
        item = self.item(vm)
        if item is None:
            return
        victim = {
            "source": item["vm"],
            "copy": item["test"]["vm"],
            "recovered": item["failover"]["vm"],
        }[which]
        if victim:
            self.still.ask("DELETE", victim)


EXAMPLES = int(os.environ.get("ITEM_EXAMPLES", "20"))
AS_IN_CI = settings(
    max_examples=EXAMPLES,
    stateful_step_count=30,
    deadline=None,
    derandomize="ITEM_EXAMPLES" not in os.environ,
    suppress_health_check=list(HealthCheck),
)
TestItems = Items.TestCase
TestItems.settings = AS_IN_CI
TestItemsAndVandals = ItemsAndVandals.TestCase
TestItemsAndVandals.settings = AS_IN_CI
