"""The seven safety rules, each with attempts to break it (DESIGN §12)."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from muster.compile.graph import Step, StepKind
from muster.errors import LeftOvers, NotOwned
from muster.gateway.port import Gateway
from muster.gateway.values import Permission
from muster.journal.events import EventKind, Observed
from muster.journal.scrub import forget_secrets, register_secret
from muster.steps.catalog import STEP_FOR
from muster.steps.commands import run_script
from muster.steps.deadline import Deadline
from muster.steps.guard import own_copy, require_own_copy
from tests.builders import a_plan, group_data
from tests.fakes.world import a_resource
from tests.unit.steps.drilling import Drill, minutes

MUTATING = {
    "start_test_failover", "start_cleanup", "start_command", "delete_command", "start_runbook",
    "put_resource", "delete_resource",
}  # fmt: skip


# --- 1: nothing but test failover and its cleanup; run-command only into our own copies ----------
def test_rule_1_the_port_itself_knows_no_failover():
    acting = {name for name in vars(Gateway) if name.startswith(("start_", "put_", "delete_"))}
    assert acting == MUTATING


async def test_rule_1_run_command_never_goes_to_a_source_vm():
    drill = await Drill.begin()
    await drill.up_to("test-failover:db1")
    source = drill.vm_id("db1")
    with pytest.raises(NotOwned):
        require_own_copy(drill.run, source)


async def test_rule_1_run_command_never_goes_to_a_vm_that_nobody_recorded():
    drill = await Drill.begin()
    await drill.up_to("test-failover:db1")
    stranger = drill.vm_id("db1-test").replace("db1-test", "web1-test")
    with pytest.raises(NotOwned):
        require_own_copy(drill.run, stranger)
    require_own_copy(drill.run, drill.vm_id("db1-test").upper())


async def test_rule_1_not_even_if_the_journal_named_a_source_vm_as_a_copy():
    drill = await Drill.begin()
    source = drill.vm_id("db1")
    data = {"what": "owned", "vm": "db1", "ids": [source], "vm_id": source, "nic_ids": []}
    await drill.run.journal.append(EventKind.OBSERVED, data)
    with pytest.raises(NotOwned):
        own_copy(drill.run, "db1")


async def test_rule_1_run_command_never_goes_to_a_copy_that_this_run_did_not_make():
    drill = await Drill.begin()
    with pytest.raises(NotOwned):
        await run_script(
            drill.run, drill.step("checks:database.db1"), "db1", "rm -rf /", part="x",
            expected=minutes(1), timeout=minutes(1),
            deadline=Deadline.after(drill.clock, minutes(1)),
        )  # fmt: skip
    assert drill.kinds() == []


async def test_rule_1_an_old_copy_of_the_same_name_is_not_taken_for_ours():
    drill = await Drill.begin()
    await drill.up_to()
    drill.world.failing_failovers["db1"] = "No capacity."
    group = drill.world.group_id("rg-small-asr")
    old_id = f"{group}/providers/Microsoft.Compute/virtualMachines/db1-test"
    source = drill.world.vms[drill.vm_id("db1").casefold()]
    drill.world.vms[old_id.casefold()] = replace(source, id=old_id, name="db1-test")
    await drill.do("test-failover:db1", "cleanup:db1")
    assert drill.observed(Observed.OWNED) == []


async def test_rule_1_what_stood_there_before_is_not_ours_though_nobody_knows_its_age():
    drill = await Drill.begin()
    group = drill.world.group_id("rg-small-asr")
    old_id = f"{group}/providers/Microsoft.Compute/virtualMachines/db1-test"
    source = drill.world.vms[drill.vm_id("db1").casefold()]
    old = replace(source, id=old_id, name="db1-test", created_at=None)
    drill.world.vms[old_id.casefold()] = old
    await drill.do("preflight", "recovery-points", "isolate")
    drill.world.failing_failovers["db1"] = "The name is taken."
    await drill.do("test-failover:db1", "cleanup:db1")
    assert drill.observed(Observed.OWNED) == []


# --- 2: never into a network that reaches production ---------------------------------------------
async def test_rule_2_nothing_is_sent_into_a_network_that_was_not_proven():
    drill = await Drill.begin()
    await drill.do("preflight", "recovery-points")
    network = (
        drill.world.group_id("rg-small-asr") + "/providers/Microsoft.Network/virtualNetworks/x"
    )
    data = {"what": "network", "network_id": network, "made": False, "owned": []}
    await drill.run.journal.append(EventKind.OBSERVED, data)
    outcome = await drill.do("test-failover:db1")
    assert outcome.error["code"] == "ISO-001"
    assert drill.kinds() == []


async def test_rule_2_the_proof_of_another_network_does_not_count():
    drill = await Drill.begin()
    await drill.up_to()
    network = (
        drill.world.group_id("rg-small-asr") + "/providers/Microsoft.Network/virtualNetworks/x"
    )
    data = {"what": "network", "network_id": network, "made": False, "owned": []}
    await drill.run.journal.append(EventKind.OBSERVED, data)
    outcome = await drill.do("test-failover:db1")
    assert outcome.error["code"] == "ISO-001"
    assert "start_test_failover" not in drill.kinds()


# --- 3: a source VM is never stopped or deleted --------------------------------------------------
async def test_rule_3_a_whole_drill_touches_no_source_resource():
    drill = await Drill.begin()
    await drill.walk()
    source = drill.world.group_id("rg-small").casefold()
    touched = [act.subject.casefold() for act in drill.gateway.acts]
    assert touched
    assert not [one for one in touched if one.startswith(source + "/")]
    assert drill.vm_id("db1")
    assert drill.vm_id("web1")


async def test_rule_3_a_network_that_lost_our_tag_is_not_deleted():
    drill = await Drill.begin()
    await drill.up_to()
    for key, found in drill.world.resources.items():
        if key.endswith("/vnet-small-drill"):
            drill.world.resources[key] = replace(found, tags={})
    outcome = await drill.do("remove-network")
    assert outcome.error["code"] == LeftOvers.code
    assert drill.network_is_there()


async def test_rule_3_foreign_cards_in_the_drill_network_keep_it_from_being_removed():
    drill = await Drill.begin()
    await drill.up_to()
    network = drill.observed(Observed.NETWORK)[0]["network_id"]
    group = drill.world.group_id("rg-small-asr")
    kind = "Microsoft.Network/networkInterfaces"
    config = {"properties": {"subnet": {"id": f"{network}/subnets/default"}}}
    drill.world.add(
        a_resource(f"{group}/providers/{kind}/foreign", kind, ipConfigurations=[config])
    )
    outcome = await drill.do("remove-network")
    assert outcome.error["code"] == LeftOvers.code
    assert "foreign" in outcome.error["message"]
    assert "delete_resource" not in drill.kinds()


async def test_rule_3_somebody_elses_test_failover_is_never_cleaned():
    drill = await Drill.begin()
    await drill.up_to()
    # Ours fails; then somebody starts one of the same VM in another network, which is now pending.
    drill.world.failing_failovers["db1"] = "No capacity."
    await drill.do("test-failover:db1")
    drill.world.failing_failovers.clear()
    item = drill.world.items["db1"]
    await drill.gateway.start_test_failover(item.id, item.recovery_network_id, None)
    await drill.clock.sleep(minutes(10))
    outcome = await drill.do("cleanup:db1")
    assert outcome.error["code"] == "CLEAN-012"
    assert "start_cleanup" not in drill.kinds()
    assert drill.copies() == ["db1-test"]


async def test_rule_3_a_run_that_sent_nothing_cleans_nothing():
    drill = await Drill.begin()
    item = drill.world.items["db1"]
    await drill.gateway.start_test_failover(item.id, item.recovery_network_id, None)
    await drill.clock.sleep(minutes(10))
    assert (await drill.do("cleanup:db1")).is_ok
    assert drill.kinds() == ["start_test_failover"]  # the other one's


# --- 4: clean is what the inventory says ---------------------------------------------------------
async def test_rule_4_a_cleanup_without_an_error_that_left_the_vm_is_not_clean():
    drill = await Drill.begin()
    drill.world.left_overs.add("web1")
    await drill.up_to("test-failover:web1")
    await drill.do("cleanup:web1", "remove-network")
    outcome = await drill.do("prove-clean")
    assert outcome.error["code"] == LeftOvers.code
    assert drill.observed(Observed.INVENTORY)[-1]["clean"] is False


async def test_rule_4_what_was_read_as_gone_before_is_read_again():
    drill = await Drill.begin()
    await drill.up_to("test-failover:db1")
    kept = dict(drill.world.vms)
    await drill.do("cleanup:db1", "remove-network")
    drill.world.vms.update(kept)  # it comes back behind our back
    assert (await drill.do("prove-clean")).error["code"] == LeftOvers.code


# --- 5: no secret in the journal -----------------------------------------------------------------
async def test_rule_5_a_secret_that_a_script_prints_does_not_reach_the_journal():
    action = {"run_command": {"vm": "db1", "file": "scripts/promote.sh"}}
    plan = a_plan(groups=[group_data("database", ["db1"], after=[action])])
    drill = await Drill.begin(plan, scripts={"scripts/promote.sh": b"echo"})
    drill.world.answer = lambda vm, name, script: (0, "password=hunter2hunter2", "s3cr3t-value")
    register_secret("s3cr3t-value")
    try:
        await drill.up_to("test-failover:db1", "boot:db1", "action:database.after.1")
    finally:
        forget_secrets()
    text = json.dumps([event.as_json() for event in drill.events])
    assert "hunter2hunter2" not in text
    assert "s3cr3t-value" not in text
    assert drill.observed(Observed.SCRIPT)


# --- 6: every wait ends --------------------------------------------------------------------------
@pytest.mark.parametrize("step_id", ["test-failover:db1", "boot:db1", "checks:database.db1"])
async def test_rule_6_no_step_waits_longer_than_its_timeout(step_id):
    drill = await Drill.begin()
    before = ["test-failover:db1", "boot:db1", "checks:database.db1"]
    await drill.up_to(*before[: before.index(step_id)])
    drill.world.jobs_that_hang.add("db1")
    drill.world.never_boots.add("db1")
    drill.world.silent_commands.add("db1")
    began = drill.clock.now()
    assert not (await drill.do(step_id)).is_ok
    assert drill.clock.now() - began <= drill.step(step_id).timeout + minutes(1)


def test_rule_6_every_kind_of_step_is_done_by_something():
    assert set(STEP_FOR) == set(StepKind)


# --- 7: production is never touched in a drill ---------------------------------------------------
@pytest.mark.parametrize(
    "action",
    [
        {"runbook": {"account": "aa", "name": "Switch-Traffic"}, "touches": "production"},
        {"runbook": {"account": "aa", "name": "Switch-Traffic"}},
        {"wait": {"for": "1s", "why": "because"}, "only": ["failover"]},
    ],
    ids=["production", "undeclared", "only in a failover"],
)
async def test_rule_7_an_action_that_got_into_the_graph_all_the_same_is_refused(action):
    drill = await Drill.begin(a_plan(groups=[group_data("database", ["db1"], before=[action])]))
    params = {"group": "database", "side": "before", "index": 0}
    smuggled = Step("action:database.before.1", StepKind.ACTION, "x", "database", params=params)
    drill.graph = replace(drill.graph, steps=(smuggled,))
    outcome = await drill.do("action:database.before.1")
    assert outcome.error["code"] == "SAFE-002"
    assert drill.kinds() == []


async def test_rule_1_preflight_warns_about_a_caller_that_could_fail_over():
    drill = await Drill.begin()
    drill.world.permissions = (Permission(("*",), ()),)
    await drill.do("preflight")
    checked = {data["check"]: data["verdict"] for data in drill.of(EventKind.CHECKED)}
    assert checked["PRE-023"] == "failed"
