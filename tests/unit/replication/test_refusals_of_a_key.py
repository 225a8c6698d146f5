"""A key of the plan that was changed refuses every VM: told once, with the key before the rest."""

from __future__ import annotations

import pytest

from muster.replication.change import Act, Change
from muster.replication.decided import decide_on
from muster.replication.rendering import lines_of
from muster.replication.told_apart import told_apart
from tests.unit.replication.comparing import a_settled
from tests.unit.replication.source_world import small_plan

GROUP = "/subscriptions/{}/resourceGroups/{}"


def refused(**changed: object) -> list[Change]:
    """What is refused of a settled world when the plan says something else."""
    found = a_settled()
    plan = small_plan()
    said = plan.model_copy(update=changed)
    return [one for one in decide_on(said, found).changes if one.act is Act.REFUSE]


def with_cache(name: str) -> dict[str, object]:
    replication = small_plan().replication.model_copy(update={"cache_storage": name})
    return {"replication": replication}


def test_another_subscription_of_the_target_is_named_as_the_key_that_it_is() -> None:
    other = "00000000-1111-2222-3333-444444444444"
    target = small_plan().target.model_copy(update={"subscription": other})
    vms = [one for one in refused(target=target) if one.fields and "resource group" in one.why]
    assert len(vms) > 1
    assert all("`target.subscription`" in one.why for one in vms)
    assert all(str(one.fields[0].after).endswith(other) for one in vms)


def test_another_cache_is_told_once_for_all_vms_and_the_plan_comes_before_the_loss() -> None:
    vms = [one for one in refused(**with_cache("stnobodyhas")) if one.fields]
    assert len(vms) > 1
    lines = [line.text for line in lines_of(vms)]
    told = [line for line in lines if line.startswith("! protected item")]
    assert len(told) == 1
    assert all(vm.name in told[0] for vm in vms)
    (remedy,) = [line for line in lines if line.startswith("    do: ")]
    assert remedy.index("`replication.cache_storage`") < remedy.index("recovery points are lost")


@pytest.mark.parametrize(("before", "after", "told"), [
    (GROUP.format("a", "rg-x"), GROUP.format("a", "rg-y"), ("rg-x", "rg-y")),
    (GROUP.format("a", "rg"), GROUP.format("b", "rg"),
     ("rg of subscription a", "rg of subscription b")),
    (GROUP.format("a", "rg-1") + "/providers/M.R/vaults/v",
     GROUP.format("a", "rg-2") + "/providers/M.R/vaults/v", ("v in rg-1", "v in rg-2")),
])  # fmt: skip
def test_names_that_are_alike_are_told_apart(before, after, told) -> None:
    assert told_apart(before, after) == told


def test_a_settled_world_refuses_nothing() -> None:
    found = a_settled()
    assert {one.act for one in decide_on(small_plan(), found).changes} == {Act.LEAVE}
