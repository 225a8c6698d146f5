"""Which checks a drill rests on: those about a critical VM, wherever they run."""

from __future__ import annotations

from typing import Any

import pytest

from muster.plan.checks import Check, decides
from muster.plan.loader import read_plan
from tests.unit.plan.broken_plans import VALID, WritePlan

OPTIONAL = {"opt1", "opt2"}
FILE = "scripts/promote.sh"


def is_critical(vm: str) -> bool:
    return vm not in OPTIONAL


@pytest.mark.parametrize(
    ("check", "targets", "is_deciding"),
    [
        ({"tcp": {"vm": "db1", "port": 1}}, ("db1",), True),
        ({"tcp": {"vm": "db1", "port": 1, "from": "opt1"}}, ("db1",), True),
        ({"tcp": {"vm": "opt1", "port": 1, "from": "db1"}}, ("opt1",), False),
        ({"http": {"url": "http://{db1}/"}}, ("db1",), True),
        ({"http": {"url": "http://{opt1}/{db1}"}}, ("opt1", "db1"), True),
        ({"http": {"url": "http://{opt1}/{opt2}"}}, ("opt1", "opt2"), False),
        ({"http": {"url": "http://10.0.0.4/", "from": "opt1"}}, (), True),
        ({"run_command": {"vm": "db1", "file": FILE}}, ("db1",), True),
        ({"run_command": {"vm": "opt1", "file": FILE}}, ("opt1",), False),
        ({"data_loss": {"url": "http://{db1}/", "at_most": "5m", "from": "opt1"}}, ("db1",), True),
        ({"unreachable": {"from": "opt1", "host": "10.9.0.9", "port": 443}}, (), True),
    ],
)
def test_a_check_decides_by_its_targets_and_never_by_where_it_runs(
    check: dict[str, Any], targets: tuple[str, ...], is_deciding: bool
) -> None:
    found = Check.model_validate(check)
    assert found.targets == targets
    assert decides(found, is_critical) is is_deciding
    optional = Check.model_validate({**check, "required": False})
    assert not decides(optional, is_critical)


TWO = VALID.replace("vms: [web1]", "vms: [web1, {name: opt1, critical: false}]")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('http: {url: "http://{web1}:8080/health"', "tcp: {vm: web1, from: opt1, port: 80}", [27]),
        ('http: {url: "http://{web1}:8080/health"', "tcp: {vm: opt1, from: web1, port: 80}", []),
        ("from: web1, host", "from: opt1, host", [30]),
        ("at_most: 15m", "at_most: 15m, from: opt1", [29]),
        ("at_most: 15m}", "at_most: 15m, from: opt1}\n    required: false", []),
    ],
)
def test_a_deciding_check_that_runs_from_an_optional_vm_is_warned_of(
    old: str, new: str, expected: list[int], write_plan: WritePlan
) -> None:
    text = TWO
    if old.startswith("http"):
        old += ", contains: healthy}"
    assert text.count(old) == 1
    loaded, problems, warnings = read_plan(write_plan(text.replace(old, new)))
    assert problems == ()
    assert loaded is not None
    assert [one.line for one in warnings if one.code == "PLAN-105"] == expected
    assert all("'opt1'" in one.message for one in warnings)
