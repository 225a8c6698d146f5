"""Each preflight check fails for what it is there for, and for nothing in a healthy world."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from muster.gateway.kinds import CredentialRefused
from muster.gateway.values import Permission
from muster.journal.events import EventKind, Observed
from muster.steps.preflight_checks.catalog import CHECKS
from muster.steps.preflight_checks.check import Severity
from muster.steps.preflight_checks.permissions import (
    FOR_A_NETWORK,
    IN_ACCOUNT,
    IN_TARGET,
    IN_VAULT,
    TOO_MUCH,
    is_allowed,
)
from tests.builders import a_plan, group_data
from tests.fakes.world import FakeWorld, a_resource
from tests.unit.steps.drilling import Drill

LAB = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/lab"


def item(**changes: object) -> Callable[[FakeWorld], None]:
    def bend(world: FakeWorld) -> None:
        world.items["db1"] = replace(world.items["db1"], **changes)

    return bend


def told_subnet(key: str) -> Callable[[FakeWorld], None]:
    """A subnet that is not there, as the body of the item tells it."""

    def bend(world: FakeWorld) -> None:
        raw = copy.deepcopy(dict(world.items["db1"].raw))
        card = raw["properties"]["providerSpecificDetails"]["vmNics"][0]
        card["ipConfigs"][0][key] = "nowhere"
        item(raw=raw)(world)

    return bend


def nic(**changes: object) -> Callable[[FakeWorld], None]:
    def bend(world: FakeWorld) -> None:
        card = world.items["db1"].nics[0]
        config = replace(card.ip_configs[0], **changes)
        item(nics=(replace(card, ip_configs=(config,)),))(world)

    return bend


def without(ending: str) -> Callable[[FakeWorld], None]:
    def bend(world: FakeWorld) -> None:
        for table in (world.resources, world.vms):
            for key in [key for key in table if key.endswith(ending)]:
                del table[key]

    return bend


def with_machine(world: FakeWorld) -> None:
    kind = "Microsoft.Compute/virtualMachines"
    world.add(a_resource(f"{world.group_id('RG-small-ASR')}/providers/{kind}/DB1-test", kind))


def with_a_card_that_stands_nowhere(world: FakeWorld) -> None:
    card = next(one for key, one in world.resources.items() if key.endswith("/db1-nic"))
    world.add(replace(card, properties={}))


def into_the_drill_network(world: FakeWorld) -> None:
    target = world.items["db1"].recovery_network_id or ""
    item(recovery_network_id=target.replace("vnet-small-asr", "VNET-small-drill"))(world)


def with_network(world: FakeWorld) -> None:
    kind = "Microsoft.Network/virtualNetworks"
    group = world.group_id("rg-small-asr")
    world.add(a_resource(f"{group}/providers/{kind}/vnet-small-drill", kind))


def only(*actions: str) -> Callable[[FakeWorld], None]:
    return lambda world: setattr(world, "permissions", (Permission(actions, ()),))


def also(action: str) -> Callable[[FakeWorld], None]:
    more = Permission((action,), ())
    return lambda world: setattr(world, "permissions", (*world.permissions, more))


def all_but(action: str) -> Callable[[FakeWorld], None]:
    return lambda world: setattr(world, "permissions", (Permission(("*",), (action,)),))


OLD = timedelta(hours=2)
NEEDED = (*IN_VAULT, *IN_TARGET, *FOR_A_NETWORK, *IN_ACCOUNT)
BENT: dict[str, list[Callable[[FakeWorld], None]]] = {
    "PRE-001": [lambda w: setattr(w, "vault_there", False)],
    "PRE-003": [lambda w: w.items.pop("db1"), item(source_vm_id="/subscriptions/s/x")],
    "PRE-004": [item(protection_state="InitialReplicationInProgress")],
    "PRE-005": [item(active_location="Recovery")],
    "PRE-006": [item(allowed_operations=("TestFailoverCleanup",)), item(allowed_operations=())],
    "PRE-007": [item(test_failover_state="WaitingForCompletion")],
    "PRE-008": [item(current_job_id="/v/replicationJobs/busy")],
    "PRE-009": [item(rpo=OLD)],
    "PRE-010": [lambda w: item(rpo_at=w.items["db1"].rpo_at - OLD)(w)],
    "PRE-011": [lambda w: item(last_heartbeat=w.items["db1"].rpo_at - OLD)(w)],
    "PRE-012": [item(test_network_id=LAB)],
    "PRE-013": [nic(test_public_ip_id="/subscriptions/s/ip")],
    "PRE-014": [item(recovery_resource_group_id="/subscriptions/s/resourceGroups/other")],
    "PRE-015": [item(multi_vm_group_name="erp")],
    "PRE-016": [without("/vnet-small-asr")],
    "PRE-017": [told_subnet("recoverySubnetName"), told_subnet("tfoSubnetName")],
    "PRE-018": [with_network],
    "PRE-019": [with_machine],
    "PRE-020": [lambda w: w.runbooks.clear()],
    "PRE-022": [only("*/read"), only(*IN_VAULT), *map(all_but, NEEDED)],
    "PRE-023": [only("*"), *map(also, TOO_MUCH)],
    "PRE-024": [
        without("/resourcegroups/rg-small/providers/microsoft.compute/virtualmachines/db1")
    ],
    "PRE-025": [item(recovery_size="Standard_B1s")],
    "PRE-027": [item(health_errors=({"errorCode": "153007"},))],
    "PRE-028": [item(recovery_fabric_location="northeurope")],
    "PRE-029": [item(rpo=timedelta(minutes=20))],
    "PRE-030": [without("/vnet-small")],
    "PRE-031": [with_a_card_that_stands_nowhere],
    "PRE-032": [into_the_drill_network],
    "PRE-033": [item(source_disk_ids=())],
}
LITTLE_PLAN = {"PRE-035", "PRE-036", "PRE-037", "PRE-038", "PRE-039"}
"""What a plan of one VM without checks, owner and schedule is told."""
MADE_BY_THE_PLAN = {"PRE-002", "PRE-021", "PRE-026"}


def a_plan_with_a_runbook(**changes: object):
    runbook = {"runbook": {"account": "aa", "name": "Register"}, "touches": "test"}
    return a_plan(groups=[group_data("database", ["db1"], after=[runbook])], **changes)


async def verdicts(drill: Drill) -> dict[str, str]:
    await drill.do("preflight")
    return {data["check"]: data["verdict"] for data in drill.of(EventKind.CHECKED)}


def healthy(world: FakeWorld) -> None:
    actions = ("*/read", *IN_VAULT, *IN_TARGET, "Microsoft.Network/*", "Microsoft.Automation/*")
    world.permissions = (Permission(actions, ()),)


async def test_a_healthy_world_passes_every_check_and_shows_every_item():
    drill = await Drill.begin(a_plan_with_a_runbook(target={"region": "centralus"}))
    for name, found in drill.world.items.items():
        drill.world.items[name] = replace(found, recovery_fabric_location="Central US")
    drill.world.vault_location = "Central US"
    healthy(drill.world)
    found = await verdicts(drill)
    open_ones = {check for check, word in found.items() if word in ("failed", "not evidenced")}
    assert open_ones == LITTLE_PLAN
    assert len(found) == len([check for check in CHECKS if check.drill is not Severity.NONE])
    assert [data["vm"] for data in drill.observed(Observed.ITEM)] == ["db1"]
    assert drill.outcomes["preflight"].is_ok


@pytest.mark.parametrize(
    ("check", "bend"), [(check, bend) for check, bends in BENT.items() for bend in bends]
)
async def test_a_check_fails_for_what_it_is_there_for(check, bend):
    drill = await Drill.begin(a_plan_with_a_runbook())
    healthy(drill.world)
    bend(drill.world)
    assert (await verdicts(drill))[check] == "failed"
    severity = next(one.drill for one in CHECKS if one.id == check)
    assert drill.outcomes["preflight"].is_ok is (severity is Severity.TOLD)


@pytest.mark.parametrize(
    ("check", "field"),
    [("PRE-009", "rpo"), ("PRE-010", "rpo_at"), ("PRE-011", "last_heartbeat")],
)
async def test_what_azure_does_not_tell_is_not_evidenced(check, field):
    drill = await Drill.begin()
    item(**{field: None})(drill.world)
    assert (await verdicts(drill))[check] == "not evidenced"


async def test_the_plan_itself_can_fail_the_others():
    elsewhere = "/subscriptions/other/resourceGroups/g/providers/Microsoft.Automation"
    runbook = {"account": f"{elsewhere}/automationAccounts/aa"}
    action = {"runbook": {**runbook, "name": "Register"}, "touches": "test"}
    script = {"run_command": {"vm": "db1", "file": "scripts/missing.sh"}}
    group = group_data("database", ["db1"], after=[action, script])
    source = {"region": "westus2", "resource_group": "rg-small", "network": "vnet-small"}
    target = {"region": "centralus"}  # the vault stays where the source is
    drill = await Drill.begin(a_plan(groups=[group], source=source, target=target))
    found = await verdicts(drill)
    assert {check: found[check] for check in MADE_BY_THE_PLAN} == dict.fromkeys(
        MADE_BY_THE_PLAN, "failed"
    )


def test_each_of_the_first_checks_is_bent_by_some_test():
    """The corpus of broken worlds (tests/preflight) holds all of them."""
    assert {check.id for check in CHECKS if check.id < "PRE-034"} == set(BENT) | MADE_BY_THE_PLAN


async def test_the_health_word_alone_changes_nothing():
    drill = await Drill.begin()
    item(replication_health="Critical", failover_health="Critical")(drill.world)
    await drill.do("preflight")
    assert drill.outcomes["preflight"].is_ok


async def test_an_item_that_was_never_tested_is_no_reason():
    drill = await Drill.begin()
    item(health_errors=({"errorCode": "161011"},))(drill.world)
    assert (await verdicts(drill))["PRE-027"] == "passed"


async def test_a_job_of_the_vm_that_the_vault_lists_counts_though_the_item_shows_none():
    drill = await Drill.begin()
    found = drill.world.items["db1"]
    await drill.gateway.start_test_failover(found.id, found.recovery_network_id, None)
    drill.world.items["db1"] = found
    assert (await verdicts(drill))["PRE-008"] == "failed"


async def test_what_may_not_be_read_is_not_evidenced_and_fails():
    drill = await Drill.begin()
    drill.world.forbidden.add(f"{drill.world.group_id('rg-small-asr')}".casefold())
    found = await verdicts(drill)
    assert found["PRE-019"] == "not evidenced"
    assert drill.outcomes["preflight"].error["code"] == "PRE-000"
    assert "PRE-019" in drill.outcomes["preflight"].error["message"]


async def test_a_wrong_credential_is_one_sentence_and_no_list_of_checks():
    drill = await Drill.begin()

    async def refused(_: object) -> None:
        raise CredentialRefused("Entra refused the client secret")

    drill.gateway.vault = refused  # type: ignore[method-assign,assignment]
    await drill.do("preflight")
    assert drill.outcomes["preflight"].error["code"] == "AZ-401"
    assert drill.of(EventKind.CHECKED) == []


async def test_every_problem_is_told_at_once_with_its_remedy():
    drill = await Drill.begin()
    item(active_location="Recovery", rpo=OLD)(drill.world)
    await drill.do("preflight")
    message = drill.outcomes["preflight"].error["message"]
    assert "PRE-005" in message
    assert "PRE-009" in message
    assert "failed back" in message


def test_ids_are_stable_unique_and_each_has_a_remedy():
    ids = [check.id for check in CHECKS]
    assert len(set(ids)) == len(ids) >= 18
    assert all(re.fullmatch(r"PRE-\d{3}", one) for one in ids)
    assert all(check.remedy.endswith(".") and check.title for check in CHECKS)


@pytest.mark.parametrize(
    ("actions", "not_actions", "allowed"),
    [
        (("*",), (), True),
        (("Microsoft.RecoveryServices/*",), (), True),
        (("*",), ("Microsoft.RecoveryServices/*/unplannedFailover/action",), False),
        (("*/read",), (), False),
        ((TOO_MUCH[0].upper(),), (), True),
    ],
)
def test_roles_allow_by_pattern_without_case_and_take_away(actions, not_actions, allowed):
    assert is_allowed((Permission(actions, not_actions),), TOO_MUCH[0]) is allowed


def test_what_one_role_takes_away_another_may_give():
    roles = (Permission(("*",), (TOO_MUCH[0],)), Permission((TOO_MUCH[0],), ()))
    assert is_allowed(roles, TOO_MUCH[0])


async def whys(*bends: Callable[[FakeWorld], None]) -> dict[str, str]:
    drill = await Drill.begin()
    for bend in bends:
        bend(drill.world)
    await drill.do("preflight")
    return {data["check"]: data["why"] for data in drill.of(EventKind.CHECKED)}


async def test_dozens_of_rights_are_told_by_a_few_and_kept_in_the_evidence():
    why = (await whys(only("*")))["PRE-023"]
    assert why.startswith("on vault ")
    assert re.search(r"may do what no drill needs: .*, .*, .*, .* and \d+ more$", why)
    assert len(why) < 400


async def test_a_health_error_is_told_in_azures_words():
    error = {"errorCode": "153039", "errorMessage": "Data of the disk was not moved for 4 h."}
    why = (await whys(item(health_errors=(error,))))["PRE-027"]
    assert "153039 (Data of the disk was not moved for 4 h.)" in why


async def test_disks_that_are_not_replicated_are_told_as_that():
    assert "1 of 1 disks not replicated: " in (await whys(item(source_disk_ids=())))["PRE-033"]
