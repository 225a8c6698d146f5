"""Rules that would never happen, or do nothing: each is a mistake, told with its line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from muster.simulator import routes
from muster.simulator.arm.ids import parse
from muster.simulator.errors import SimulatorError
from muster.simulator.faults.file import load
from muster.simulator.faults.fitting import demand_fitting
from muster.simulator.faults.places import NAMES, places
from muster.simulator.worlds.file import load_world
from tests.unit.simulator.conftest import WORLD, running
from tests.unit.simulator.still_world import StillWorld

CALL = {"call": "*"}
PUT = {"method": "PUT", "path": "{target_group}"}


def written(folder: Path, **rule: Any) -> Path:
    """A file with one rule, which begins on its line 4; JSON is YAML, too."""
    file = folder / "mine.yaml"
    file.write_text(f"faults: mine\ntitle: Mine\nrules:\n  - {json.dumps(rule)}\n")
    return file


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ({"on": {"job": "TestFailver"}, "do": {"job": {"takes": 2}}}, "mean TestFailover or"),
        ({"on": {"job": "Reboot"}, "do": {"job": {"takes": 2}}}, "there are TestFailover, "),
        ({"on": {"call": "get *vmz"}, "do": {"slow": "3s"}}, "rules.0.on.call: 'get *vmz' is no"),
        (
            {"on": {"call": "get Microsoft.Compute/virtualMachine"}, "do": {"slow": "3s"}},
            "did you mean get Microsoft.Compute/virtualMachines",
        ),
        ({"on": {"copy": "test"}, "do": {"copy": {}}}, "nothing would happen; name one or more"),
        ({"on": {"copy": "test"}, "do": {"copy": {"network": "/x"}}}, "there is no such key"),
        ({"on": CALL, "do": {"change": {"drop": []}}}, "of set, drop, shuffle, move, casing"),
        ({"on": {"cleanup": "test"}, "do": {"leave": []}}, "it is empty, and may not be"),
        ({"on": CALL, "do": {"somebody": []}}, "it is empty, and may not be"),
        ({"on": {"script": "*"}, "do": {"script": {"silent": False}}}, "nothing would happen"),
        ({"on": {"replication": "*"}, "do": {"replication": {}}}, "nothing would happen"),
        ({"on": {"runbook": "*"}, "do": {"runbook": {}}}, "nothing would happen"),
        ({"on": CALL, "later": "5m", "do": {"slow": "3s"}}, "only what somebody does can come"),
        (
            {"on": {"job": "*"}, "client": "own", "do": {"job": {"takes": 2}}},
            "client would mean nothing here: only a call has a client",
        ),
        (
            {"on": {"runbook": "*"}, "vm": "web1", "do": {"runbook": {"late": "1m"}}},
            "a runbook's job is of no VM",
        ),
        (
            {"on": {"time": "now"}, "chance": 0.5, "times": 2, "do": {"somebody": [PUT]}},
            "chance, times would mean nothing here: at a time it happens once",
        ),
        ({"on": CALL, "do": {"hang": "11m"}}, "less than or equal to 600"),
        ({"on": CALL, "do": {"somebody": [PUT | {"path": "a"}]}}, "a path begins with / or with"),
        (
            {"on": CALL, "do": {"somebody": [PUT | {"body": [{"of": "{vmid}"}]}]}},
            "do.somebody.0.body: there is no {vmid}; did you mean vm_id or vm?",
        ),
        (
            {"on": CALL, "do": {"somebody": [PUT | {"path": "{nowhere_at_all}"}]}},
            "there is no {nowhere_at_all}; there are vm, vm_id, ",
        ),
        (
            {"on": CALL, "do": {"answer": {"status": 500, "headers": {"a b": "c"}}}},
            "'a b' is no name of a header",
        ),
        (
            {"on": CALL, "do": {"answer": {"status": 500, "headers": {"A": "b\r\nC: d"}}}},
            "the value of A may hold printable ASCII only",
        ),
        (
            {"on": CALL, "do": {"answer": {"status": 500, "headers": {"content-LENGTH": "9"}}}},
            "content-LENGTH goes with the body",
        ),
    ],
)
def test_a_rule_that_would_do_nothing_is_a_mistake(
    rule: dict[str, Any], says: str, tmp_path: Path
) -> None:
    file = written(tmp_path, **rule)
    with pytest.raises(SimulatorError) as caught:
        load(file)
    (line,) = str(caught.value).splitlines()
    assert line.startswith(f"{file}:4: ")
    assert says in line


@pytest.mark.parametrize(
    "words", ["unknown", "* *", "GET *operationresults", "POST *virtualmach*"]
)
def test_operations_are_named_in_any_case_and_with_stars(words: str, tmp_path: Path) -> None:
    assert load(written(tmp_path, on={"call": words}, do={"slow": "3s"})).facts.rules


def test_the_known_operations_are_those_that_requests_are_counted_as() -> None:
    vault = "/subscriptions/s/resourceGroups/g/providers/Microsoft.RecoveryServices/vaults/v"
    for method, path in (
        ("GET", f"{vault}/replicationJobs"),
        ("GET", f"{vault}/replicationJobs/j"),
        ("GET", f"{vault}/replicationFabrics/f/operationresults/x"),
        ("POST", f"{vault}/replicationJobs/j/cancel"),
        ("PUT", "/subscriptions/s/resourceGroups/g"),
        ("PUT", "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/disks/d"),
        ("GET", "/nothing/at/all"),
    ):
        target = parse(path)
        assert routes.operation_of(routes.verb_of(method, target), target) in routes.OPERATIONS


def test_the_placeholders_are_those_that_are_filled() -> None:
    assert sorted(places(StillWorld().world, "web1", "")) == sorted(NAMES)


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ({"on": CALL, "vm": "web11", "do": {"slow": "3s"}}, "no VM 'web11'; did you mean web1?"),
        ({"on": CALL, "client": "drul*", "do": {"slow": "3s"}}, "no identity 'drul*'; did you"),
        (
            {"on": {"runbook": "Freeze"}, "do": {"runbook": {"late": "1m"}}},
            "this world has no runbook 'Freeze'",
        ),
    ],
)
async def test_what_the_world_does_not_have_is_told_at_the_start(
    rule: dict[str, Any], says: str, tmp_path: Path
) -> None:
    fault = load(written(tmp_path, **rule))
    with pytest.raises(SimulatorError) as caught:
        async with running(tmp_path / "state", faults=[fault]):
            pass
    (line,) = str(caught.value).splitlines()
    assert line.startswith(f"{tmp_path / 'mine.yaml'}:4: ")
    assert says in line


@pytest.mark.parametrize(
    "rule",
    [
        {"on": CALL, "vm": "SQL1", "client": "Drill", "do": {"slow": "3s"}},
        {"on": CALL, "vm": "later*", "client": "own", "do": {"slow": "3s"}},
        {"on": CALL, "vm": "any", "client": "*", "do": {"slow": "3s"}},
        {"on": {"runbook": "New*"}, "do": {"runbook": {"late": "1m"}}},
    ],
)
def test_what_the_world_has_or_may_get_is_no_mistake(rule: dict[str, Any], tmp_path: Path) -> None:
    demand_fitting(load_world(WORLD)[0], [load(written(tmp_path, **rule))])
