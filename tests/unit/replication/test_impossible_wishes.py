"""A size or an address of the plan that the target does not have is refused, of that VM alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from muster.replication.change import Act, Kind
from muster.replication.decided import decide_on
from muster.replication.found import Found, FoundIp, FoundSize
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


@pytest.mark.parametrize(
    ("size", "told", "is_refused"),
    [
        ("Standard_D4ps_v5", None, True),  # by its name
        ("Standard_D4ps_v5", "Arm64", True),
        ("Standard_D4s_v5", "Arm64", True),
        ("Standard_D4s_v5", "x64", False),
        ("Standard_D4s_v5", None, False),
    ],
)
def test_a_size_of_another_architecture_than_the_sources_is_refused(
    size: str, told: str | None, is_refused: bool
) -> None:
    sizes = {size.casefold(): FoundSize(size, architecture=told)}
    found = refused(a_found(target_sizes=sizes), size=size)
    assert list(found) == (["db1"] if is_refused else [])
    if is_refused:
        assert "ARM64" in found["db1"][0]


def test_an_arm_size_is_refused_though_no_sizes_were_read() -> None:
    assert "ARM64" in refused(a_found(), size="Standard_D4ps_v5")["db1"][0]


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


@pytest.mark.parametrize(
    ("test", "why"),
    [
        ({"subnet": "nope"}, "is no subnet of the network that a drill's copies come up in"),
        ({"private_ip": "192.168.1.1"}, "is no address of data (10.1.0.0/24)"),
        ({"private_ip": "10.1.0.2"}, "is no address of data (10.1.0.0/24)"),
        ({"subnet": "web", "private_ip": "10.1.0.9"}, "is no address of web (10.1.1.0/24)"),
    ],
)
def test_a_test_that_the_drill_network_cannot_give_is_refused(test, why) -> None:
    own = {"nics": [{"subnet": "data", "test": test}]}
    made = settled(work_out(small_plan(), a_found()), a_found())
    for found in (a_found(), replace(made, setup=a_found().setup)):  # to be made, or there
        told = refused(found, **own)
        assert list(told) == ["db1"]
        assert why in told["db1"][0]
        assert list(test)[-1] in told["db1"][0]


def test_a_test_that_the_drill_network_gives_is_taken() -> None:
    for test in ({"subnet": "WEB", "private_ip": "10.1.1.9"}, {"private_ip": "10.1.0.77"}):
        assert refused(a_found(), nics=[{"subnet": "data", "test": test}]) == {}


def test_a_given_drill_network_that_was_not_read_refuses_nothing() -> None:
    given = small_plan({"name": "db1", "nics": [{"test": {"subnet": "lab"}}]}, "web1",
                       drill={"network": {"use": "vnet-lab"}})  # fmt: skip
    assert [one for one in decide_on(given, a_found()).changes if one.act is Act.REFUSE] == []


def static(found: Found, name: str, address: str) -> Found:
    """The world with a VM's own address, which is static."""

    def ip(one: FoundIp) -> FoundIp:
        return replace(one, address=address, is_static=True)

    vms = tuple(
        replace(vm, cards=tuple(replace(card, ips=tuple(map(ip, card.ips))) for card in vm.cards))
        if vm.name == name else vm
        for vm in found.vms
    )  # fmt: skip
    return replace(found, vms=vms)


def test_an_address_that_another_vm_keeps_from_its_source_is_refused() -> None:
    found = static(a_found(), "web1", "10.1.0.77")
    told = refused(found, nics=[{"subnet": "data", "private_ip": "10.1.0.77"}])
    assert list(told) == ["db1"]  # web1 keeps its own
    why, remedy = told["db1"]
    assert why == "10.1.0.77 in data is to be that of web1 too"
    assert "another address" in remedy


def test_an_address_beside_it_is_taken() -> None:
    found = static(a_found(), "web1", "10.1.0.77")
    assert refused(found, nics=[{"subnet": "data", "private_ip": "10.1.0.78"}]) == {}


def test_an_address_that_two_vms_would_have_in_a_test_is_refused() -> None:
    found = static(a_found(), "web1", "10.1.0.77")
    test = {"subnet": "data", "private_ip": "10.1.0.77"}
    told = refused(found, nics=[{"subnet": "data", "test": test}])
    assert {name: why for name, (why, _) in told.items()} == {
        "db1": "10.1.0.77 in data is to be that of web1 too in a test"
    }
