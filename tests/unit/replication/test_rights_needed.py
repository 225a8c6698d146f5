"""Which rights the decided changes take, and where it is asked whether they are there."""

from __future__ import annotations

from muster.replication.changes import compare
from muster.replication.decided import decide_on
from muster.replication.decision import Decision
from muster.replication.found import Found
from muster.replication.rendering import as_data, lines_of
from muster.replication.rights import rights_needed, told_of_rights
from muster.replication.working_out import work_out
from tests.unit.replication.settled_world import settled
from tests.unit.replication.source_world import SUB, a_found, arm_id, group_id, small_plan

SOURCE = group_id("rg-small")


def needed(found: Found) -> dict[str, tuple[str, ...]]:
    return dict(rights_needed(compare(work_out(small_plan(), found), found), found))


SUBSCRIPTION = f"/subscriptions/{SUB}"
ITEMS = (
    "Microsoft.RecoveryServices/vaults/replicationFabrics/replicationProtectionContainers"
    "/replicationProtectedItems/write"
)
VM_WRITE = "Microsoft.Compute/virtualMachines/write"
JOIN = "Microsoft.Network/virtualNetworks/subnets/join/action"


def test_of_what_is_in_no_group_yet_it_is_asked_of_the_subscription() -> None:
    asked = needed(a_found())
    at_source = [one for one in asked if one != SUBSCRIPTION]
    assert set(asked[SUBSCRIPTION]) >= {
        "Microsoft.Resources/subscriptions/resourceGroups/write",
        "Microsoft.RecoveryServices/vaults/write",
        "Microsoft.Network/virtualNetworks/write",
        JOIN,
        VM_WRITE,
        ITEMS,
    }
    vms = {arm_id("Microsoft.Compute/virtualMachines", name) for name in ("db1", "web1")}
    assert set(at_source) == {SOURCE, *vms}
    assert asked[SOURCE] == ("Microsoft.Storage/storageAccounts/write",)
    assert {asked[one] for one in vms} == {(VM_WRITE,)}


def test_to_enable_a_vm_takes_rights_at_the_vm_its_network_and_its_target_group() -> None:
    one = settled(work_out(small_plan("db1"), a_found()), a_found())
    (vm,) = [vm for vm in work_out(small_plan(), one).vms if vm.name == "web1"]
    asked = needed(one)
    assert asked[vm.source_vm_id] == (VM_WRITE,)
    assert asked[vm.recovery_group_id] == (VM_WRITE,)
    assert asked[vm.recovery_network_id] == (JOIN,)


def test_what_is_left_alone_takes_no_right() -> None:
    assert needed(settled(work_out(small_plan(), a_found()), a_found())) == {}


def test_in_a_vault_that_is_there_it_is_asked_at_the_vault() -> None:
    one = settled(work_out(small_plan("db1"), a_found()), a_found())
    assert one.vault is not None
    asked = needed(one)  # web1 is not protected yet
    assert [actions for scope, actions in asked.items() if scope == one.vault.id] == [(ITEMS,)]


def test_what_is_missing_is_told_with_where_it_was_asked() -> None:
    ((name, judgement),) = told_of_rights({SOURCE: ("Microsoft.Network/virtualNetworks/write",)})
    assert name == "rights"
    assert "not allowed Microsoft.Network/virtualNetworks/write" in judgement.why
    assert SOURCE in judgement.why
    assert "yet to be made" not in judgement.why


def test_what_is_missing_of_many_is_told_once_and_of_the_subscription_with_the_reason() -> None:
    vms = {arm_id("Microsoft.Compute/virtualMachines", f"vm{n}"): (VM_WRITE,) for n in range(5)}
    one, two = (said for _, said in told_of_rights({**vms, SUBSCRIPTION: (JOIN,)}))
    assert "virtualMachines/vm2 and 2 more" in one.why
    assert f"needed at {SUBSCRIPTION} (for a group that is yet to be made)" in two.why


def test_missing_rights_are_told_with_the_roles_and_no_run_is_possible() -> None:
    plan = small_plan()
    made = decide_on(plan, a_found())
    lacking = tuple(told_of_rights({SOURCE: ("Microsoft.Network/virtualNetworks/write",)}))
    for told, is_possible in ((), True), (lacking, False):
        decision = Decision(made.wanted, made.changes, made.left, told)
        assert decision.is_possible(plan) is is_possible
        lines = [line.text for line in lines_of(made.changes, told=told)]
        assert any("do: Give it Contributor where" in one for one in lines) is not is_possible
        assert lines[-1].endswith("rights are missing for it.") is not is_possible
        assert as_data(made.changes, told=told)["lacks_rights"] is not is_possible
