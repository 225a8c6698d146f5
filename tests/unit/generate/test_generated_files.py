"""What is generated: plans that check, a world that loads, the same bytes every time."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from muster.generate.figures import Figures, FiguresRefused, read_figures
from muster.generate.fleet import Fleet, fleet_of
from muster.generate.plan_text import plan_text
from muster.generate.world_text import world_text
from muster.generate.writing import Schemas, Written, write_fleet
from muster.plan.loader import read_plan
from muster.plan.model import RecoveryPlan
from muster.plan.schema import plan_schema
from muster.simulator.worlds.composer import compose
from muster.simulator.worlds.file import load_world
from muster.simulator.worlds.lines import plain
from muster.simulator.worlds.model import WorldFacts
from muster.simulator.worlds.schema import world_schema

SCHEMAS = Schemas("{}\n", "{}\n")


def fleet(text: str) -> Fleet:
    return fleet_of(read_figures(text))


def loaded(written: Written) -> tuple[WorldFacts, list[RecoveryPlan]]:
    """World and plans, by the readers that users meet."""
    plans = []
    for path in written.plans:
        reading = read_plan(written.folder / path, {})
        assert [str(one) for one in (*reading.problems, *reading.warnings)] == []
        assert reading.loaded is not None
        plans.append(reading.loaded.plan)
    return load_world(written.folder / written.world)[0], plans


@st.composite
def sizes(draw: st.DrawFn) -> Figures:
    vaults = draw(st.integers(1, 4))
    groups = draw(st.integers(vaults, 13))
    return Figures(draw(st.integers(groups, 60)), groups, vaults, draw(st.sampled_from("abc")))


@settings(max_examples=25)
@given(figures=sizes())
def test_whatever_is_generated_checks_and_loads(
    figures: Figures, tmp_path_factory: pytest.TempPathFactory
) -> None:
    written = write_fleet(fleet_of(figures), tmp_path_factory.mktemp("fleet"), SCHEMAS)
    world, plans = loaded(written)
    assert len(plans) == len(world.vaults) == figures.vaults
    assert sum(len(plan.groups) for plan in plans) == figures.groups
    assert sum(len(vault.items) for vault in world.vaults) == figures.vms
    for plan, vault in zip(plans, world.vaults, strict=True):
        assert (plan.vault.name, plan.vault.resource_group) == (vault.name, vault.group)
        assert sorted(vm.name for vm in plan.all_vms) == sorted(one.vm for one in vault.items)
        assert {check.kind for check in plan.checks} == {"data_loss", "unreachable"}
        assert all(group.checks for group in plan.groups)
    _places_are_as_planned(world, plans)
    for text, schema in ((written.world, world_schema()), (written.plans[0], plan_schema())):
        root, problems = compose((written.folder / text).read_text())
        assert root is not None
        assert problems == []
        assert list(Draft202012Validator(schema).iter_errors(plain(root))) == []


def _places_are_as_planned(world: WorldFacts, plans: list[RecoveryPlan]) -> None:
    """Copies bear the addresses of their sources, which the target's equal ranges allow."""
    vms = {vm.name: vm for vm in world.vms}
    networks = {network.name: network for network in world.networks}
    for plan in plans:
        source, target = networks[plan.source.network], networks[plan.target_network]
        assert (source.ranges, source.subnets) == (target.ranges, target.subnets)
        assert source.security_groups.keys() == source.subnets.keys()
        for vm in plan.all_vms:
            (nic,) = vm.nics
            assert (nic.subnet, nic.private_ip) == (vms[vm.name].subnet, str(vms[vm.name].address))


def test_a_thousand_vms_have_all_that_a_drill_meets(tmp_path: Path) -> None:
    written = write_fleet(fleet("vms=1000,groups=10,vaults=3"), tmp_path, SCHEMAS)
    world, plans = loaded(written)
    assert [len(plan.all_vms) for plan in plans] == [334, 333, 333]
    assert [len(plan.groups) for plan in plans] == [4, 3, 3]
    assert [plan.groups[0].needs for plan in plans] == [(), None, None]  # a DAG, and two in order
    assert [group.needs for group in plans[0].groups] == [(), ("data-1",), ("app-1",), ()]
    assert all(len(plan.support.vms) == 1 for plan in plans)
    assert all(any(not vm.critical for vm in plan.group_vms) for plan in plans)
    assert {action.kind for plan in plans for _, _, _, action in plan.actions()} == {
        "runbook", "run_command",
    }  # fmt: skip
    walls = [one for one in world.resources if one.type.endswith("/networkSecurityGroups")]
    assert len(walls) == 2 * (10 + 3)
    assert len([vm for vm in world.vms if vm.data_disks]) > 300
    assert {vault.target.location for vault in world.vaults} == {"westus2", "westeurope", "ukwest"}
    limits = {quota.location: quota.limits for quota in world.quotas}
    assert limits["westus2"]["virtualMachines"] >= 334
    assert max(path.stat().st_size for path in tmp_path.rglob("fleet-*.yaml")) < 256 * 1024


def test_the_largest_fleet_loads(tmp_path: Path) -> None:
    """At the limits: a plan's file holds a thousand VMs, each in a group of its own."""
    big = fleet("vms=1000,groups=1000,vaults=1")
    file = tmp_path / "fleet-1.yaml"
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "promote-fleet.sh").write_text("#!/bin/bash\n")
    file.write_text(plan_text(big, big.sites[0]))
    assert [str(problem) for problem in read_plan(file, {}).problems] == []
    assert len(list(fleet("vms=10000,groups=50,vaults=50").sites)) == 50


def texts(asked: Fleet) -> list[str]:
    return [world_text(asked), *(plan_text(asked, site) for site in asked.sites)]


def test_the_same_figures_give_the_same_bytes_and_another_seed_others() -> None:
    figures = "vms=40,groups=5,vaults=2"
    assert texts(fleet(figures)) == texts(fleet("vaults=2, vms=40,groups=5,seed=1"))
    world, *_ = texts(fleet(figures))
    other, *_ = texts(fleet(f"{figures},seed=2"))
    assert world.count("\n") == other.count("\n")
    ids = {line for line in world.splitlines() if "_id: " in line or "- {vm: " in line}
    assert ids.isdisjoint(other.splitlines())


@pytest.mark.parametrize(
    ("text", "hub", "last"),
    [
        ("vms=3,groups=3", "10.0.0.0/28", "10.1.0.0/16"),
        ("vms=3,groups=3,range=192.168.0.0/24", "192.168.0.0/28", "192.168.0.128/25"),
        ("vms=1,groups=1,range=10.7.0.0/27", "10.7.0.0/28", "10.7.0.16/28"),
        ("vms=900,groups=3,vaults=3,range=172.16.0.0/19", "172.16.0.0/28", "172.16.24.0/21"),
    ],
)
def test_addresses_come_from_the_range_that_is_given(text: str, hub: str, last: str) -> None:
    asked = fleet(text)
    assert (str(asked.hub), str(asked.sites[-1].range)) == (hub, last)
    for site in asked.sites:
        for vm in site.machines:
            inside = int(vm.address) - int(site.subnets[vm.subnet].network_address)
            assert 4 <= inside < site.subnets[vm.subnet].num_addresses - 1
        assert all(space.subnet_of(site.range) for space in site.subnets.values())


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("vms=1,groups=1,range=10.7.0.0/28", "a /27 does"),
        ("vms=900,groups=3,vaults=3,range=172.16.0.0/21", "a /20 does"),
    ],
)
def test_a_range_that_does_not_hold_so_many_is_refused_with_one_that_does(
    text: str, whole: str
) -> None:
    with pytest.raises(FiguresRefused, match=whole):
        fleet(text)
    space = text.partition("range=")[2].partition("/")[0]
    wider = ip_network(f"{space}/{whole.split('/')[1].split()[0]}", strict=False)
    assert fleet(f"{text.partition(',range=')[0]},range={wider}").sites


@pytest.mark.parametrize("there", ["recovery_plans/fleet-1.yaml",
                                   "deployments/rehearsal/fleet.world.yaml"])  # fmt: skip
def test_nothing_is_ever_overwritten_and_then_nothing_is_written(
    tmp_path: Path, there: str
) -> None:
    file = tmp_path / there
    file.parent.mkdir(parents=True)
    file.write_text("mine")
    with pytest.raises(FiguresRefused, match="is there already, and nothing is ever overwritten"):
        write_fleet(fleet("vms=4,groups=2,vaults=2"), tmp_path, SCHEMAS)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [file]
    assert file.read_text() == "mine"


def test_fleets_stand_beside_each_other_and_beside_what_a_checkout_has(tmp_path: Path) -> None:
    schema = tmp_path / "recovery_plans" / "schema.json"
    schema.parent.mkdir()
    schema.write_text("mine")
    first = write_fleet(fleet("vms=2,groups=1"), tmp_path, SCHEMAS)
    second = write_fleet(fleet("vms=2,groups=1,name=other"), tmp_path, SCHEMAS)
    assert schema.read_text() == "mine"
    for each in (first, second):
        loaded(each)


def test_a_write_that_fails_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = Path.open

    def full(path: Path, *args: Any, **more: Any) -> Any:
        if path.name == "fleet-2.yaml":
            raise OSError(28, "No space left on device", str(path))
        return opened(path, *args, **more)

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(OSError, match="No space left"):
        write_fleet(fleet("vms=4,groups=2,vaults=2"), tmp_path, SCHEMAS)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
