"""A size or an address of the plan that the target does not have is refused, of that VM alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from muster.replication.change import Act, Kind
from muster.replication.decided import decide_on
from muster.replication.found import Found, FoundSize
from muster.replication.working_out import work_out
from tests.unit.replication.settled_world import settled
from tests.unit.replication.source_world import a_found, small_plan

SIZES = {
    one.casefold(): FoundSize(one)
    for one in ("Standard_D2s_v5", "Standard_D4s_v5", "Standard_B1s")
}


def refused(found: Found, **own: object) -> dict[str, tuple[str, str]]:
    plan = small_plan({"name": "db1", **own}, "web1")
    changes = [one for one in decide_on(plan, found).changes if one.act is Act.REFUSE]
    assert {one.kind for one in changes} <= {Kind.VM}
    return {one.name: (one.why, one.remedy) for one in changes}


def test_a_size_that_the_target_has_not_is_refused_with_one_that_it_has() -> None:
    found = a_found(target_sizes=SIZES)
    why, remedy = refused(found, size="Standard_D4_v5")["db1"]
    assert why == "`size: Standard_D4_v5` is no size that westus2 offers this subscription"
    assert "Did you mean Standard_D4s_v5" in remedy
    _, remedy = refused(found, size="Standard_Z9")["db1"]
    assert "Did you mean" not in remedy
    assert list(refused(found, size="Standard_Z9")) == ["db1"]


@pytest.mark.parametrize("size", ["standard_d4S_v5", None])
def test_a_size_that_it_has_or_that_the_plan_leaves_open_is_taken(size: str | None) -> None:
    sized = {} if size is None else {"size": size}
    assert refused(a_found(target_sizes=SIZES), **sized) == {}


def test_sizes_that_were_not_read_refuse_nothing() -> None:
    assert refused(a_found(), size="Standard_Z9") == {}


@pytest.mark.parametrize("address", ["10.1.1.1", "10.1.0.3", "10.1.0.255", "192.168.0.9"])
def test_an_address_that_is_not_of_the_subnet_is_refused(address: str) -> None:
    own = {"nics": [{"subnet": "data", "private_ip": address}]}
    made = settled(work_out(small_plan(), a_found()), a_found())
    for found in (a_found(), replace(made, setup=a_found().setup)):  # to be made, or there
        why, remedy = refused(found, **own)["db1"]
        assert why == f"`private_ip: {address}` is no address of data (10.1.0.0/24)"
        assert "another subnet" in remedy


def test_an_address_of_the_subnet_is_taken() -> None:
    assert refused(a_found(), nics=[{"subnet": "web", "private_ip": "10.1.1.9"}]) == {}
