"""The vault, its policy and its mappings: made again, put back, or explained."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from muster.gateway.values_setup import ContainerMapping, NetworkMapping, VaultSetup
from muster.replication.change import Act, Change, Kind
from muster.replication.claiming import Claims, Enabled
from muster.replication.comparing_vault import others_under
from muster.replication.decided import decide_on
from muster.replication.decision import Decision
from muster.replication.found import Found, FoundVault
from muster.replication.item_details import policy_of
from muster.replication.others_items import policy_heeding_others
from muster.replication.wanted import Wanted
from muster.replication.working_out import work_out
from tests.unit.replication.comparing import a_settled, changed, with_setup
from tests.unit.replication.source_world import small_plan


def test_a_policy_that_was_changed_by_hand_is_put_back() -> None:
    found = a_settled()
    by_hand = replace(found.setup.policies[0], app_consistent_every=timedelta())
    (change,) = changed(small_plan(), with_setup(found, policies=(by_hand,)))
    assert (change.act, change.kind) == (Act.CHANGE, Kind.POLICY)
    assert [(one.name, one.before, one.after) for one in change.fields] == [
        ("app-consistent every", "off", "4h")
    ]


def test_a_policy_that_permits_groups_is_left_alone_and_one_that_must_is_changed() -> None:
    found = a_settled()
    permits = with_setup(found, policies=(replace(found.setup.policies[0], multi_vm_sync=True),))
    assert work_out(small_plan(), permits).policy.multi_vm_sync is True
    assert changed(small_plan(), permits) == []
    keys = {"mode": "native", "replication": {"consistency_group": "erp", "policy": {"name": "p"}}}
    plan = small_plan(**keys)
    later = a_settled(plan)
    off = with_setup(later, policies=(replace(later.setup.policies[0], multi_vm_sync=False),))
    (change,) = changed(plan, off)
    assert (change.act, change.kind) == (Act.CHANGE, Kind.POLICY)
    assert (change.fields[0].before, change.fields[0].after) == ("off", "on")


def test_a_policy_that_others_are_under_is_not_changed() -> None:
    (change,), _ = heeding(Claims())
    assert (change.act, change.kind) == (Act.REFUSE, Kind.POLICY)
    assert change.why.endswith("it holds for VMs that are not the plan's: theirs")
    assert "policy" in change.remedy


def test_a_policy_is_put_back_under_what_a_run_of_the_plan_enabled() -> None:
    item = with_another_item().setup.items[-1]
    own = Enabled(
        item.id, item.source_vm_id, policy_of(item), item.recovery_resource_group_id or "",
        "drill-1", "small", datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    (change,), wanted = heeding(Claims(own=(own,)))
    assert (change.act, change.kind) == (Act.CHANGE, Kind.POLICY)
    assert wanted.own_vms == (item.source_vm_id,)
    assert others_under(wanted, (item,), policy_of(item)) == ""


def with_another_item() -> Found:
    """A settled world in whose policy, that was changed by hand, one more VM is."""
    found = a_settled()
    other = replace(found.setup.items[0], source_vm_id="/subscriptions/x", friendly_name="theirs")
    by_hand = replace(found.setup.policies[0], keep_recovery_points=timedelta(days=3))
    return with_setup(found, policies=(by_hand,), items=(*found.setup.items, other))


def heeding(claims: Claims) -> tuple[list[Change], Wanted]:
    found = with_another_item()
    made = decide_on(small_plan(), found)
    decision = policy_heeding_others(
        Decision(made.wanted, made.changes, items=found.setup.items), claims
    )
    return [one for one in decision.changes if one.act is not Act.LEAVE], decision.wanted


@pytest.mark.parametrize(("part", "kind"), [
    ("mappings", Kind.MAPPING), ("network_mappings", Kind.NETWORK_MAPPING),
    ("policies", Kind.POLICY),
])  # fmt: skip
def test_what_is_missing_in_the_vault_is_made_again(part: str, kind: Kind) -> None:
    found = a_settled()
    changes = changed(small_plan(), with_setup(found, **{part: ()}))
    assert {(one.act, one.kind) for one in changes} == {(Act.CREATE, kind)}


def test_a_network_mapping_that_leads_elsewhere_is_changed() -> None:
    found = a_settled()
    first = found.setup.network_mappings[0]
    other = NetworkMapping(first.id, first.name, first.fabric, first.source_network_id,
                           "/subscriptions/x/other", "Paired", {})  # fmt: skip
    changes = changed(
        small_plan(),
        with_setup(found, network_mappings=(other, *found.setup.network_mappings[1:])),
    )
    assert [(one.act, one.kind) for one in changes] == [(Act.CHANGE, Kind.NETWORK_MAPPING)]
    assert changes[0].fields[0].name == "target network"


def test_a_container_mapping_of_that_name_that_leads_elsewhere_is_refused() -> None:
    found = a_settled()
    first = found.setup.mappings[0]
    other = ContainerMapping(first.id, first.name, first.container_id, "/elsewhere",
                             first.policy_id, "Paired", {})  # fmt: skip
    changes = changed(small_plan(), with_setup(found, mappings=(other, *found.setup.mappings[1:])))
    assert (Act.REFUSE, Kind.MAPPING) in {(one.act, one.kind) for one in changes}


@pytest.mark.parametrize("part", ["mappings", "network_mappings"])
def test_a_mapping_that_is_not_paired_is_refused(part: str) -> None:
    found = a_settled()
    first, *rest = getattr(found.setup, part)
    broken = (replace(first, state="PairingFailed"), *rest)
    (change,) = changed(small_plan(), with_setup(found, **{part: broken}))
    assert change.act is Act.REFUSE
    assert "PairingFailed" in change.why


def test_a_vault_that_was_moved_is_explained() -> None:
    found = a_settled()
    assert found.vault is not None
    other = FoundVault(found.vault.id.replace("rg-dr", "rg-new"), found.vault.name, "westus2")
    gone = replace(found, vault=None, setup=VaultSetup((), (), (), (), (), ()),
                   vaults_of_that_name=(other,))  # fmt: skip
    refused = [one for one in changed(small_plan(), gone) if one.act is Act.REFUSE]
    assert [one.kind for one in refused] == [Kind.VAULT]
    assert "rg-new" in refused[0].why
    assert refused[0].fields[0].before == "rg-new"


def test_a_vault_in_another_region_than_the_plan_says_cannot_be_moved() -> None:
    found = a_settled()
    plan = small_plan(
        vault={"resource_group": "rg-dr", "name": "rsv-small", "region": "centralus"}
    )
    (change,) = changed(plan, found)
    assert (change.act, change.kind) == (Act.REFUSE, Kind.VAULT)
    assert (change.fields[0].before, change.fields[0].after) == ("westus2", "centralus")


def test_a_vault_in_the_source_region_is_refused_and_elsewhere_told() -> None:
    found = a_settled()
    assert found.vault is not None
    here = replace(found, vault=replace(found.vault, region="eastus"))
    (change,) = changed(small_plan(), here)
    assert (change.act, change.kind) == (Act.REFUSE, Kind.VAULT)
    third = replace(found, vault=replace(found.vault, region="centralus"))
    assert changed(small_plan(), third) == []
    told = [one.why for _, one in decide_on(small_plan(), third).told]
    assert any("not in the target region" in why for why in told)
