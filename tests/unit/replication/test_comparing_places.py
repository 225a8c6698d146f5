"""What recovery rests on around the VMs: the pair, groups, networks, accounts in its way."""

from __future__ import annotations

from dataclasses import replace

from muster.replication.change import Act, Kind
from muster.replication.changes import compare
from muster.replication.found import Unread
from muster.replication.working_out import work_out
from tests.unit.replication.comparing import a_settled, changed
from tests.unit.replication.source_world import a_found, a_vm, small_plan


def test_a_pair_that_azure_does_not_replicate_comes_first_with_those_that_it_does() -> None:
    plan = small_plan(target={"region": "switzerlandwest"})
    found = a_found()
    first = compare(work_out(plan, found), found)[0]
    assert (first.act, first.name) == (Act.REFUSE, "eastus to switzerlandwest")
    assert "reserved" in first.why
    assert "westus" in first.remedy


def test_vms_do_not_recover_into_their_own_group() -> None:
    plan = small_plan(target={"region": "westus2", "resource_group": "RG-small"})
    (refused,) = [one for one in changed(plan, a_found()) if one.act is Act.REFUSE]
    assert (refused.kind, refused.name) == (Kind.GROUP, "RG-small")
    assert "db1, web1" in refused.why


def test_a_target_network_that_lacks_a_subnet_is_refused_not_changed() -> None:
    found = a_settled()
    networks = tuple(
        replace(one, subnets=one.subnets[1:]) if one.name == "vnet-small-asr" else one
        for one in found.networks
    )
    plan = small_plan("db1", {"name": "web1", "nics": [{"subnet": "web"}]})
    lacking = replace(a_settled(plan), networks=networks)
    (change,) = changed(plan, lacking)  # web1 stands elsewhere, and is not kept from anything
    assert (change.act, change.kind, change.name) == (Act.REFUSE, Kind.VM, "db1")
    assert "vnet-small-asr lacks subnet data" in change.why
    assert change.remedy.startswith("Add subnet data to vnet-small-asr")
    empty = replace(a_found(), networks=networks)
    acts = {one.name: one.act for one in compare(work_out(plan, empty), empty)
            if one.kind is Kind.VM}  # fmt: skip
    assert acts == {"db1": Act.REFUSE, "web1": Act.CREATE}


def test_a_cache_account_without_shared_keys_is_refused() -> None:
    found = a_settled()
    shut = tuple(replace(one, allows_shared_key=False) for one in found.storage)
    (change,) = changed(small_plan(), replace(found, storage=shut))
    assert (change.act, change.kind) == (Act.REFUSE, Kind.RESOURCE)
    assert "shared key" in change.why


def test_what_the_plan_names_and_is_not_there_is_refused_and_unread_said_so() -> None:
    plan = small_plan({"name": "db1", "capacity_reservation": "crg"})
    found = a_found(a_vm("db1"))
    wanted = work_out(plan, found)
    refused = [one for one in compare(wanted, found) if one.act is Act.REFUSE]
    assert [one.name for one in refused] == ["crg"]
    assert "not there" in refused[0].why
    unread = replace(found, unread=(Unread(wanted.needed[0].id, "403"),))
    refused = [one for one in compare(wanted, unread) if one.act is Act.REFUSE]
    assert "could not be read: 403" in refused[0].why
