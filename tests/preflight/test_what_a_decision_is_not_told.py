"""What a replication is decided by, taken from Azure's answers: the checks of it pass no more."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from muster.clock import ScaledClock
from muster.simulator.exchange import Request, Response
from tests.in_process.road import Latency
from tests.preflight.bending import SOURCE_NET, source, vm_of
from tests.preflight.everything_to_replicate import rich_to_replicate
from tests.preflight.looking import Found, look_at
from tests.preflight.one_of_everything import TABLE, WALL
from tests.preflight.watching import GONE, Path, at, spoilt

GROUP, ROUTES, VM = source(WALL, "nsg"), source(TABLE, "rt"), vm_of("sql1")
RULES = ("properties", "securityRules")
ROUTE = ("properties", "routes", 0, "properties")
STORAGE = ("properties", "storageProfile")
OF_RULE = (
    *("priority", "direction", "access", "protocol"),
    *("sourceAddressPrefix", "destinationAddressPrefix", "destinationPortRange"),
)
WEB = ("properties", "subnets", 2, "properties")
"""The subnet with a group and a table."""
ABSENT_IS_NONE = frozenset({"networkSecurityGroup", "routeTable"})
"""Azure leaves these out where there is nothing: what is away is known not to be."""
DECIDING: tuple[tuple[str, str, Path], ...] = (
    *(("PRE-067", GROUP, RULES[:length]) for length in (1, 2)),
    *(("PRE-067", GROUP, (*RULES, number, "properties")) for number in (0, 4)),
    *(("PRE-067", GROUP, (*RULES, number, "properties", key))
      for number in (0, 4) for key in OF_RULE),
    *(("PRE-067", SOURCE_NET, WEB[:length]) for length in (1, 2, 4)),
    *(("PRE-067", SOURCE_NET, (*WEB, key)) for key in sorted(ABSENT_IS_NONE)),
    *(("PRE-068", ROUTES, ROUTE[:length]) for length in (1, 2, 4)),
    *(("PRE-068", ROUTES, (*ROUTE, key)) for key in ("addressPrefix", "nextHopType")),
    *(("PRE-142", VM, path) for path in (
        ("properties",), STORAGE, (*STORAGE, "dataDisks"), (*STORAGE, "osDisk"),
        (*STORAGE, "osDisk", "managedDisk"), (*STORAGE, "dataDisks", 0, "managedDisk"),
        ("properties", "networkProfile"), ("location",))),
)  # fmt: skip
"""Check, whose answer, and what in it decides: a spoilt one of a rule may be of any rule."""


class Telling(Latency):
    """Answers of one thing with a value in them spoilt; they have to have it."""

    def __init__(self, clock: ScaledClock, arm_id: str, path: Path, value: Any) -> None:
        super().__init__(clock, 0)
        self._arm_id, self._path, self._value = arm_id, path, value

    async def back(self, request: Request, response: Response) -> Response:
        told = await super().back(request, response)
        if request.path.casefold() != self._arm_id.casefold():
            return told
        body = json.loads(told.body)
        assert at(body, self._path) is not GONE
        return replace(told, body=json.dumps(spoilt(body, self._path, self._value)).encode())


def ways_to_spoil(path: Path) -> Iterator[tuple[str, Any]]:
    """What is null is read as what is away."""
    if path[-1] not in ABSENT_IS_NONE:
        yield "away", GONE
    yield "garbled", [7]


def _look(arm_id: str, path: Path, value: Any) -> Found:
    case = rich_to_replicate(lambda facts: None, is_network_there=False)
    return look_at(replace(case, weather=lambda clock: Telling(clock, arm_id, path, value)))


@pytest.mark.parametrize(
    ("check", "arm_id", "path", "value"),
    [
        pytest.param(check, arm_id, path, value,
                     id=f"{check}-{arm_id.rpartition('/')[2]}.{'.'.join(map(str, path))}-{how}")
        for check, arm_id, path in DECIDING
        for how, value in ways_to_spoil(path)
    ],
)  # fmt: skip
def test_what_decides_and_is_not_told_lets_no_check_pass(check, arm_id, path, value):
    assert check in _look(arm_id, path, value).not_passed


def test_the_way_out_tells_what_azure_does_not():
    of_group = _look(GROUP, (*RULES, 4, "properties", "priority"), None)
    assert of_group.words["PRE-067"] == "not evidenced"
    assert "security group nsg: Azure does not tell `priority` of" in of_group.why("PRE-067")
    of_table = _look(ROUTES, ROUTE[:2], GONE)
    assert of_table.words["PRE-068"] == "not evidenced"
    assert "route table rt: Azure does not tell its `routes`" in of_table.why("PRE-068")
