"""What goes wrong in Azure fails a step that says why, and the drill leaves nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from muster.journal.events import EventKind, Observed
from tests.builders import a_plan, group_data
from tests.fakes.world import FakeWorld, Placement, a_resource
from tests.unit.steps.drilling import Drill, probe_says


def says(**overrides):
    def answer(vm: str, name: str, script: str) -> tuple[int, str, str]:
        return 0, probe_says(script, **overrides), ""

    return answer


BAD_DAYS: dict[str, tuple[Callable[[FakeWorld], object], str, str]] = {
    "the job fails": (
        lambda w: w.failing_failovers.update(db1="Allocation failed."),
        "test-failover:db1",
        "STEP-020",
    ),
    "the VM never boots": (lambda w: w.never_boots.add("db1"), "boot:db1", "STEP-001"),
    "a check does not hold": (
        lambda w: setattr(w, "answer", says(**{"database.1": {"ok": False, "how": "refused"}})),
        "checks:database.db1",
        "CHECK-001",
    ),
    "a check has no line": (
        lambda w: setattr(w, "answer", says(**{"database.1": None})),
        "checks:database.db1",
        "CHECK-002",
    ),
    "the probe never ends": (
        lambda w: w.silent_commands.add("db1"),
        "checks:database.db1",
        "CHECK-002",
    ),
    "the copy has a public address": (
        lambda w: w.placements.update(db1=Placement(public_ip=True)),
        "test-failover:db1",
        "STEP-023",
    ),
    "the job succeeds and makes no copy": (
        lambda w: w.no_copies.add("db1"),
        "test-failover:db1",
        "STEP-021",
    ),
    "Azure refuses the test failover": (
        lambda w: w.forbidden_acts.add("start_test_failover"),
        "test-failover:db1",
        "AZ-403",
    ),
}


@pytest.mark.parametrize(("bend", "step", "code"), BAD_DAYS.values(), ids=BAD_DAYS.keys())
async def test_a_bad_day_fails_its_step_and_leaves_nothing(bend, step, code):
    drill = await Drill.begin()
    bend(drill.world)
    outcomes = await drill.walk()
    assert not outcomes[step].is_ok
    assert outcomes[step].error["code"] == code
    assert outcomes["checks:web.web1"].status == "skipped"
    assert drill.copies() == []
    assert not drill.network_is_there()
    assert drill.observed(Observed.INVENTORY)[-1]["clean"] is True
    assert drill.of(EventKind.CLOSED)[0]["outcome"] == "failed"


async def test_a_failed_job_carries_site_recoverys_own_words():
    drill = await Drill.begin()
    drill.world.failing_failovers["db1"] = "Allocation failed."
    await drill.up_to()
    outcome = await drill.do("test-failover:db1")
    assert "150000: Allocation failed. Unknown cause." in outcome.error["message"]
    assert outcome.error["hint"] == "Look at the item in the portal."


async def test_a_copy_in_another_network_is_cleaned_up_at_once():
    drill = await Drill.begin()
    await drill.up_to()
    elsewhere = next(key for key in drill.world.resources if key.endswith("/vnet-small-asr"))
    drill.world.placements["db1"] = Placement(network=drill.world.resources[elsewhere].id)
    outcome = await drill.do("test-failover:db1")
    assert outcome.error["code"] == "STEP-022"
    assert drill.copies() == []
    assert drill.kinds()[-2:] == ["start_test_failover", "start_cleanup"]


async def test_other_differences_are_deviations_and_no_failure():
    drill = await Drill.begin()
    drill.world.placements["db1"] = Placement(ip="10.1.255.99", size="Standard_D4s_v5")
    await drill.up_to("test-failover:db1")
    differences = drill.observed(Observed.PLACEMENT)[0]["differences"]
    assert [one["field"] for one in differences] == ["size", "nic 0 address"]
    assert not any(one["severe"] for one in differences)


NSGS = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/networkSecurityGroups"
OTHERS = NSGS.replace("/g/", "/other/")
MISPLACED: dict[str, tuple[list[dict[str, str]], Placement, list[tuple[str, str, str | None]]]] = {
    "another subnet": ([], Placement(subnet="app"), [("nic 0 subnet", "default", "app")]),
    "another subnet than the plan's": (
        [{"subnet": "data"}],
        Placement(subnet="app"),
        [("nic 0 subnet", "data", "app")],
    ),
    "no security group": (
        [{"network_security_group": "nsg-db"}],
        Placement(),
        [("nic 0 security group", "nsg-db", None)],
    ),
    "another security group": (
        [{"network_security_group": "nsg-db"}],
        Placement(nsg=f"{NSGS}/nsg-web"),
        [("nic 0 security group", "nsg-db", f"{NSGS}/nsg-web")],
    ),
    "the security group of the plan": (
        [{"network_security_group": "NSG-db"}],
        Placement(nsg=f"{NSGS}/nsg-DB"),
        [],
    ),
    "the security group of the plan, by its id": (
        [{"network_security_group": f"{NSGS}/NSG-db"}],
        Placement(nsg=f"{NSGS}/nsg-DB"),
        [],
    ),
    "one of the same name elsewhere": (
        [{"network_security_group": f"{NSGS}/nsg-db"}],
        Placement(nsg=f"{OTHERS}/nsg-db"),
        [("nic 0 security group", f"{NSGS}/nsg-db", f"{OTHERS}/nsg-db")],
    ),
    "a card is missing": (
        [{"subnet": "data"}, {"subnet": "data"}],
        Placement(),
        [("nics", "2", "1")],
    ),
}


@pytest.mark.parametrize(("nics", "placed", "different"), MISPLACED.values(), ids=MISPLACED.keys())
async def test_a_card_that_is_not_as_wanted_is_told_and_fails_no_drill(nics, placed, different):
    vm = {"name": "db1", "nics": nics}
    drill = await Drill.begin(a_plan(groups=[group_data("database", [vm])]))
    drill.world.placements["db1"] = placed
    await drill.up_to("test-failover:db1")
    (seen,) = drill.observed(Observed.PLACEMENT)
    found = [(one["field"], one["wanted"], one["found"]) for one in seen["differences"]]
    assert found == different
    assert not any(one["severe"] for one in seen["differences"])
    assert drill.outcomes["test-failover:db1"].facts["differences"] == len(different)


async def test_a_card_that_only_the_item_has_is_missed_too():
    drill = await Drill.begin()
    item = drill.world.items["db1"]
    second = replace(item.nics[0], source_nic_id=f"{item.nics[0].source_nic_id}-2")
    drill.world.items["db1"] = replace(item, nics=(*item.nics, second))
    await drill.up_to("test-failover:db1")
    (seen,) = drill.observed(Observed.PLACEMENT)
    assert [one["field"] for one in seen["differences"]] == ["nics"]


async def test_left_overs_are_named_by_id_and_nothing_is_called_clean():
    drill = await Drill.begin()
    drill.world.left_overs.add("db1")
    outcomes = await drill.walk()
    assert outcomes["cleanup:db1"].error["code"] == "CLEAN-001"
    assert outcomes["prove-clean"].error["code"] == "CLEAN-001"
    inventory = drill.observed(Observed.INVENTORY)[-1]
    assert inventory["clean"] is False
    names = {one["id"].rpartition("/")[2] for one in inventory["left"]}
    assert {"db1-test", "db1-nic-test", "db1-os-ASRtest", "vnet-small-drill"} <= names
    assert drill.network_is_there()  # cards stand in it, so it was left alone
    assert drill.run.journal.is_closed


async def test_a_cleanup_that_fails_is_tried_once_more_and_then_told():
    drill = await Drill.begin()
    drill.world.failing_cleanups["db1"] = "Lock on the resource group."
    await drill.up_to("test-failover:db1")
    outcome = await drill.do("cleanup:db1")
    assert outcome.error["code"] == "CLEAN-011"
    assert "Lock on the resource group." in outcome.error["message"]
    assert drill.kinds().count("start_cleanup") == 2


async def test_a_cleanup_that_succeeds_and_ends_nothing_is_tried_once_more_and_then_told():
    drill = await Drill.begin()
    drill.world.still_pending.add("db1")
    await drill.up_to("test-failover:db1")
    outcome = await drill.do("cleanup:db1")
    assert outcome.error["code"] == "CLEAN-010"
    assert "was tried 2 times and is still pending" in outcome.error["message"]
    assert drill.kinds().count("start_cleanup") == 2


async def test_a_later_cleanup_goes_on_where_the_failed_one_stopped():
    drill = await Drill.begin()
    drill.world.failing_cleanups["db1"] = "Lock on the resource group."
    await drill.up_to("test-failover:db1")
    await drill.do("cleanup:db1")
    drill.world.failing_cleanups.clear()
    again = await drill.crashed()
    assert (await again.do("cleanup:db1")).is_ok
    assert again.copies() == []


async def test_a_test_failover_that_hangs_is_waited_for_and_never_cancelled():
    drill = await Drill.begin()
    drill.world.jobs_that_hang.add("db1")
    await drill.up_to()
    began = drill.clock.now()
    outcome = await drill.do("test-failover:db1")
    assert outcome.error["code"] == "AZ-WAIT"
    assert drill.clock.now() - began <= drill.step("test-failover:db1").timeout + timedelta(
        minutes=1
    )
    assert not (await drill.do("cleanup:db1")).is_ok
    assert "start_cleanup" not in drill.kinds()


async def test_a_copy_that_somebody_removed_does_not_boot():
    drill = await Drill.begin()
    await drill.up_to("test-failover:db1")
    del drill.world.vms[drill.vm_id("db1-test").casefold()]
    began = drill.clock.now()
    outcome = await drill.do("boot:db1")
    assert outcome.error["code"] == "STEP-025"
    assert "The copy of db1 is no longer there" in outcome.error["message"]
    assert drill.clock.now() == began  # nobody waits for what cannot come


async def test_a_step_that_stumbles_over_a_mistake_of_ours_fails_with_a_sentence():
    drill = await Drill.begin()
    drill.world.points = None  # type: ignore[assignment]
    await drill.do("preflight")
    outcome = await drill.do("recovery-points")
    assert outcome.error["code"] == "RUN-001"
    finished = drill.of(EventKind.FINISHED)[-1]
    assert finished["status"] == "failed"
    assert "Traceback" not in finished["error"]["message"]


async def test_stopping_starts_no_further_test_failover():
    drill = await Drill.begin()
    await drill.up_to()
    drill.run.stop("stopped by SIGINT")
    outcome = await drill.do("test-failover:db1")
    assert outcome.error["code"] == "RUN-005"
    assert "start_test_failover" not in drill.kinds()


async def test_an_unreadable_inventory_is_not_clean():
    drill = await Drill.begin()
    await drill.up_to("test-failover:db1")
    await drill.do("cleanup:db1", "cleanup:web1", "remove-network")
    owned = drill.observed(Observed.OWNED)[0]["nic_ids"][0]
    drill.world.forbidden.add(owned.casefold())
    outcome = await drill.do("prove-clean")
    assert outcome.error["code"] == "CLEAN-002"
    assert drill.observed(Observed.INVENTORY)[-1]["clean"] is False


async def test_new_things_of_nobody_are_unattributed_and_left_alone():
    drill = await Drill.begin()
    await drill.up_to("test-failover:db1")
    group = drill.world.group_id("rg-small-asr")
    storage = "Microsoft.Storage/storageAccounts"
    drill.world.add(a_resource(f"{group}/providers/{storage}/someone", storage))
    await drill.do("cleanup:db1", "cleanup:web1", "remove-network")
    assert (await drill.do("prove-clean")).is_ok
    inventory = drill.observed(Observed.INVENTORY)[-1]
    assert [one["id"].rpartition("/")[2] for one in inventory["unattributed"]] == ["someone"]
    assert {one["id"].rpartition("-")[2] for one in inventory["expected"]} == {"ASRReplica"}


async def test_a_public_address_that_hangs_on_our_card_is_left_over_though_never_recorded():
    drill = await Drill.begin()
    await drill.up_to("test-failover:db1")
    nic = drill.observed(Observed.OWNED)[0]["nic_ids"][0]
    group = drill.world.group_id("rg-small-asr")
    kind = "Microsoft.Network/publicIPAddresses"
    config = {"id": f"{nic}/ipConfigurations/ipconfig1"}
    drill.world.add(a_resource(f"{group}/providers/{kind}/late", kind, ipConfiguration=config))
    await drill.do("cleanup:db1", "cleanup:web1", "remove-network")
    outcome = await drill.do("prove-clean")
    assert outcome.error["code"] == "CLEAN-001"
    assert "late" in outcome.error["message"]


async def test_points_that_are_too_old_fail_the_drill_and_name_the_vm():
    drill = await Drill.begin(
        a_plan(drill={"network": {"create": "vnet-x"}, "max_point_age": "3m"})
    )
    await drill.do("preflight")
    outcome = await drill.do("recovery-points")
    assert outcome.error["code"] == "STEP-026"
    assert "db1 is" in outcome.error["message"]


async def test_a_point_pruned_meanwhile_is_replaced_by_the_nearest_older_one():
    drill = await Drill.begin()
    await drill.up_to()
    item = drill.world.items["db1"]
    pinned = drill.observed(Observed.POINTS)[0]["points"][0]["point_id"]
    points = drill.world.points[item.id.casefold()]
    points.remove(next(point for point in points if point.id == pinned))
    assert (await drill.do("test-failover:db1")).is_ok
    used = drill.gateway.acts[-1].details["point"]
    assert used == max(points, key=lambda point: point.time).id
    (note,) = [data for data in drill.of(EventKind.NOTED) if data["what"] == "deviation"]
    assert (note["vm"], note["point_id"]) == ("db1", used)
