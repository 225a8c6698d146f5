"""The digest names what a plan means: each spelling has the same, each other meaning another."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from muster.plan.actions import PlanModel
from muster.plan.digest import canonical_form, digest_of
from muster.plan.durations import format_duration, parse_duration
from muster.plan.loader import load_plan
from muster.plan.machines import Nic, Vm
from muster.plan.model import RecoveryPlan, Vault
from muster.plan.replication import Policy, Replication
from tests.builders import plan_data

PLANS = [Path("recovery_plans/contoso-erp.yaml"), Path("recovery_plans/fabrikam-shop.yaml")]


def digest(data: dict[str, Any]) -> str:
    return digest_of(canonical_form(RecoveryPlan.model_validate(data), {}))


def raw(path: Path) -> dict[str, Any]:
    data: dict[str, Any] = YAML(typ="safe", pure=True).load(path.read_text())
    data.get("drill", {}).get("schedule", {}).pop("not_on", None)
    return data


def test_the_form_of_a_digest() -> None:
    found = digest(plan_data())
    assert found.startswith("sha256:")
    assert len(found) == len("sha256:") + 64


def test_the_digest_of_a_plan_does_not_change_between_versions() -> None:
    # Journals name plans by it. If this has to change, FORMAT in digest.py has to change too.
    assert digest(plan_data()) == PINNED


def test_the_digests_of_the_committed_plans_do_not_change_between_versions() -> None:
    assert [load_plan(path).digest[7:19] for path in PLANS] == ["1016e821e676", "3701d9fb85c7"]


PINNED = "sha256:dd0d8112e1096f4041583b9581ebccc79bf403b18b8dff06251adaea7c567811"


def shuffled(value: Any, pick: Callable[[list[Any]], list[Any]]) -> Any:
    """The same mappings with their keys in another order; lists stay as they are."""
    if isinstance(value, dict):
        return {key: shuffled(value[key], pick) for key in pick(list(value))}
    if isinstance(value, list):
        return [shuffled(one, pick) for one in value]
    return value


@pytest.mark.parametrize("path", PLANS, ids=lambda path: path.stem)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_the_order_of_keys_does_not_matter(path: Path, data: st.DataObject) -> None:
    plan = raw(path)
    other = shuffled(plan, lambda keys: data.draw(st.permutations(keys)))
    assert digest(other) == digest(plan)


@given(
    days=st.integers(0, 3), hours=st.integers(0, 30), minutes=st.integers(0, 90),
    seconds=st.integers(0, 90),
)  # fmt: skip
def test_the_spelling_of_a_duration_does_not_matter(
    days: int, hours: int, minutes: int, seconds: int
) -> None:
    spelt = f"{days}d{hours}h{minutes}m{seconds}s"
    span = parse_duration(spelt)
    whole = f"{int(span.total_seconds())}s"
    assert parse_duration(whole) == parse_duration(format_duration(span)) == span
    told = [digest(plan_data(objectives={"rto": one, "rpo": "15m"})) for one in (spelt, whole)]
    assert told[0] == told[1]


def test_the_short_form_of_a_vm_does_not_matter() -> None:
    short, long = plan_data(), plan_data()
    long["groups"][0]["vms"] = [{"name": "db1", "critical": True, "nics": []}]
    assert digest(long) == digest(short)


def test_comments_blank_lines_quotes_and_flow_style_do_not_matter(tmp_path: Path) -> None:
    data = plan_data()
    plain = tmp_path / "small.yaml"
    plain.write_text(json.dumps(data))  # JSON is YAML
    first = load_plan(plain).digest
    text = StringIO()
    YAML().dump(data, text)
    commented = "# a comment\n\n" + text.getvalue().replace("\n", "  # another\n\n")
    plain.write_text(commented)
    assert load_plan(plain).digest == first


def test_a_changed_script_changes_the_digest(tmp_path: Path) -> None:
    data = plan_data()
    data["groups"][0]["after"] = [{"run_command": {"vm": "db1", "file": "a.sh"}}]
    path = tmp_path / "small.yaml"
    path.write_text(json.dumps(data))
    (tmp_path / "a.sh").write_text("echo one\n")
    first = load_plan(path).digest
    (tmp_path / "a.sh").write_text("echo two\n")
    assert load_plan(path).digest != first


def test_what_a_variable_holds_is_part_of_the_digest(tmp_path: Path) -> None:
    path = tmp_path / "small.yaml"
    path.write_text(json.dumps(plan_data(owner="${WHO}")))
    assert load_plan(path, {"WHO": "a"}).digest != load_plan(path, {"WHO": "b"}).digest


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict):
        for key, one in value.items():
            yield from leaves(one, (*path, key))
    elif isinstance(value, list):
        yield path
        for number, one in enumerate(value):
            yield from leaves(one, (*path, number))
    else:
        yield path


def changed(value: Any) -> Any:
    """Another value of the same kind; a list loses its first item, or gains one."""
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case str():
            return f"{value}x"
        case None:
            return "something"
        case [_, *rest]:
            return rest
        case _:
            return ["something"]


@pytest.mark.parametrize("path", PLANS, ids=lambda path: path.stem)
def test_any_other_value_anywhere_is_another_digest(path: Path) -> None:
    form = load_plan(path).canonical
    places = list(leaves(form))
    assert len(places) > 300
    told = {digest_of(form)}
    for place in places:
        other = copy.deepcopy(form)
        parent = other
        for part in place[:-1]:
            parent = parent[part]
        parent[place[-1]] = changed(parent[place[-1]])
        told.add(digest_of(other))
    assert len(told) == len(places) + 1 - _twins(form, places)


def _twins(form: dict[str, Any], places: list[tuple[Any, ...]]) -> int:
    """Changes that come out the same: taking the first of two equal items is taking the second."""
    outcomes = []
    for place in places:
        other = copy.deepcopy(form)
        parent = other
        for part in place[:-1]:
            parent = parent[part]
        parent[place[-1]] = changed(parent[place[-1]])
        outcomes.append(json.dumps(other, sort_keys=True))
    return len(outcomes) - len(set(outcomes))


LATER = {
    "RecoveryPlan": {"formerly": ["erp-old"]},
    "Vault": {"region": "westus2"},
    "Policy": {"name": "ours"},
    "Replication": {
        "select": {"tags": {"dr": "yes-please"}},
        "data_residency": "north-america",
        "cache_storage": "stcache",
        "suffix": "-dr",
        "availability": {"mirror": False},
        "disks": {"type": "Standard_LRS"},
    },
    "Vm": {
        "resource_group": "rg-other",
        "zone": "2",
        "availability_set": "avset",
        "proximity_group": "ppg",
        "capacity_reservation": "crg",
        "disks": {"exclude": ["scratch"]},
        "kernel": "5.15.0-1064-azure",
    },
    "Nic": {
        "public_ip_address": "pip",
        "backend_pools": ["lb/pool"],
        "accelerated": True,
        "test": {"subnet": "data"},
    },
}
"""Keys that came later, by model, with a value that differs from the default."""


def with_later(model: str, key: str, value: Any) -> dict[str, Any]:
    data = plan_data(replication={"policy": {}})
    vm: dict[str, Any] = {"name": "db1", "nics": [{}]}
    data["groups"][0]["vms"] = [vm]
    places = {
        "Vault": data["vault"],
        "Policy": data["replication"]["policy"],
        "RecoveryPlan": data,
        "Replication": data["replication"],
        "Vm": vm,
        "Nic": vm["nics"][0],
    }
    if key:
        places[model][key] = value
    return data


@pytest.mark.parametrize(
    ("model", "key"), [(model, key) for model, keys in LATER.items() for key in keys]
)
def test_a_later_key_changes_the_digest_only_if_it_says_something(model: str, key: str) -> None:
    without = digest(with_later(model, "", None))
    assert digest(with_later(model, key, LATER[model][key])) != without
    default = MODELS[model].model_fields[key].get_default()
    kept = default.model_dump() if isinstance(default, PlanModel) else default
    assert digest(with_later(model, key, kept)) == without


MODELS: dict[str, type[PlanModel]] = {
    "RecoveryPlan": RecoveryPlan, "Vault": Vault, "Policy": Policy, "Replication": Replication,
    "Vm": Vm, "Nic": Nic,
}  # fmt: skip


def test_every_field_of_the_model_reaches_the_digest() -> None:
    """Nothing that a plan can say may be left out of what names it."""
    schema = RecoveryPlan.model_json_schema()
    written = json.dumps(load_plan(PLANS[0]).canonical["plan"])
    top = json.loads(written)
    assert set(top) == set(schema["properties"]) - set(LATER["RecoveryPlan"])
    for name in ("Drill", "VmGroup", "Vm", "Nic", "Source", "Target", "Vault", "Objectives",
                 "Replication", "Policy"):  # fmt: skip
        for key in schema["$defs"][name]["properties"]:
            if key not in LATER.get(name, {}):
                assert f'"{key}":' in written, f"{name}.{key} is missing"
