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
from tests.unit.replication.source_world import a_found, group_id, small_plan

SOURCE = group_id("rg-small")


def needed(found: Found) -> dict[str, tuple[str, ...]]:
    return dict(rights_needed(compare(work_out(small_plan(), found), found), found))


def test_of_what_is_not_there_it_is_asked_at_the_group_of_a_vm() -> None:
    ((scope, actions),) = needed(a_found()).items()
    assert scope == SOURCE
    assert "Microsoft.Resources/subscriptions/resourceGroups/write" in actions
    assert "Microsoft.RecoveryServices/vaults/write" in actions
    assert "Microsoft.Network/virtualNetworks/write" in actions
    assert "Microsoft.Storage/storageAccounts/write" in actions
    items = "replicationFabrics/replicationProtectionContainers/replicationProtectedItems/write"
    assert f"Microsoft.RecoveryServices/vaults/{items}" in actions


def test_what_is_left_alone_takes_no_right() -> None:
    assert needed(settled(work_out(small_plan(), a_found()), a_found())) == {}


def test_in_a_vault_that_is_there_it_is_asked_at_the_vault() -> None:
    one = settled(work_out(small_plan("db1"), a_found()), a_found())
    assert one.vault is not None
    asked = needed(one)  # web1 is not protected yet
    assert [actions for scope, actions in asked.items() if scope == one.vault.id] == [
        ("Microsoft.RecoveryServices/vaults/replicationFabrics/replicationProtectionContainers"
         "/replicationProtectedItems/write",)
    ]  # fmt: skip


def test_where_no_vm_is_in_the_subscription_nobody_can_tell() -> None:
    changes = compare(work_out(small_plan(), a_found()), a_found())
    assert rights_needed(changes, Found("other")) == {}


def test_what_is_missing_is_told_with_where_it_was_asked() -> None:
    ((name, judgement),) = told_of_rights({SOURCE: ("Microsoft.Network/virtualNetworks/write",)})
    assert name == "rights"
    assert "not allowed Microsoft.Network/virtualNetworks/write" in judgement.why
    assert SOURCE in judgement.why


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
