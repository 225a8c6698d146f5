"""What was changed by hand and is no wish of the plan's is told, and left as it is."""

from __future__ import annotations

from dataclasses import replace

from muster.replication.change import Act
from muster.replication.decided import Decided, decide_on
from muster.replication.found import Found
from muster.replication.rendering import lines_of
from tests.unit.replication.comparing import a_settled, with_details, with_setup
from tests.unit.replication.source_world import a_found, a_vm, small_plan


def rules_told(found: Found) -> dict[str, str]:
    return {judgement.rule: name for name, judgement in decide_on(small_plan(), found).told}


def shown(decided: Decided) -> str:
    return "\n".join(one.text for one in lines_of(decided.changes, told=decided.told))


def test_a_settled_world_tells_no_drift() -> None:
    assert {"renamed", "resized", "multi-vm-sync"} & rules_told(a_settled()).keys() == set()


def test_a_name_that_somebody_gave_is_told_with_what_to_do_and_not_changed() -> None:
    found = with_details(a_settled(), recoveryAzureVMName="other-name")
    decided = decide_on(small_plan(), found)
    assert "renamed" in rules_told(found)
    assert "it is called other-name" in shown(decided)
    assert "    do: If that is not meant, call it " in shown(decided)
    assert {one.act for one in decided.changes} == {Act.LEAVE}


def test_multi_vm_consistency_that_the_plan_does_not_ask_for_is_told() -> None:
    settled = a_settled()
    policies = tuple(replace(one, multi_vm_sync=True) for one in settled.setup.policies)
    found = with_setup(settled, policies=policies)
    assert rules_told(found)["multi-vm-sync"] == policies[0].name
    assert {one.act for one in decide_on(small_plan(), found).changes} == {Act.LEAVE}


def test_a_source_that_was_resized_is_told_where_the_plan_pins_the_copys_size() -> None:
    plan = small_plan({"name": "web1", "size": "Standard_D2s_v5"}, "db1")
    grown = a_found(a_vm("db1", size="Standard_D4s_v5"), a_vm("web1", size="Standard_D4s_v5"))
    decided = decide_on(plan, a_settled(plan, grown))
    (told,) = [one for one in decided.told if one[1].rule == "resized"]
    assert told[0] == "web1"
    assert told[1].why == (
        "the source is Standard_D4s_v5 now, the plan wants Standard_D2s_v5 for the copy"
    )
    assert "i web1: the source is Standard_D4s_v5 now" in shown(decided)
    as_before = decide_on(plan, a_settled(plan, a_found(a_vm("db1"), a_vm("web1"))))
    assert "resized" not in {judgement.rule for _, judgement in as_before.told}
