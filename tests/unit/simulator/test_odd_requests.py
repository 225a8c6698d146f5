"""Whatever is sent, it is answered in ARM's words, and the world goes on and can be kept."""

from __future__ import annotations

import copy
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muster.simulator.arm.types import KINDS
from muster.simulator.store import packed
from muster.simulator.world import World

from .asked import NETWORK, nic
from .conftest import SUBSCRIPTION, VAULT
from .item_rules import WEB
from .life import failover_body
from .odd_requests import (
    UNREADABLE,
    WRONG,
    body_of,
    everything,
    path_of,
    places,
    send,
    with_text,
    writes,
)
from .planning import PLAN, drill_body, group, plan_body
from .still_world import StillWorld
from .test_taking_back import TEST

HUNTING = settings.get_current_profile_name() == "hunt"
STEPS: dict[str, Any] = {
    "at rest": (),
    "tested": (("POST", f"{WEB}/testFailover", {"properties": TEST}),),
    "failed over": (("POST", f"{WEB}/unplannedFailover", {"properties": failover_body()}),),
    "committed": (
        ("POST", f"{WEB}/unplannedFailover", {"properties": failover_body()}),
        ("POST", f"{WEB}/failoverCommit", {}),
    ),
    "drilled by its plan": (
        ("PUT", PLAN, plan_body(group("web1", "Sql1"))),
        ("POST", f"{PLAN}/testFailover", drill_body()),
    ),
}


def in_state(name: str) -> StillWorld:
    """A world with something of every type in it, in which a failover got so far."""
    still = StillWorld()
    still.answer("PUT", f"{NETWORK}/networkInterfaces/n", nic())
    for kind in sorted(KINDS):
        still.answer("PUT", path_of(kind, "put"), {"location": "westus2", "properties": {}})
    for method, path, body in STEPS[name]:
        still.settle()
        assert still.answer(method, path, body).status < 300
    still.settle()
    return still


def twin(still: StillWorld) -> StillWorld:
    """Another world in the same state."""
    other = StillWorld()
    other.clock.at[0] = still.clock.at[0]
    state = copy.deepcopy(still.world.state)
    other.world = World(state, still.world.settings, other.clock, still.world.effects)
    return other


def is_told(answer: Any) -> bool:
    """An answer of Azure's, or that the simulator does not do this."""
    return answer.status < 500 or answer.body["error"]["code"] == "NotImplemented"


def goes_on(still: StillWorld) -> None:
    """What was taken comes to its end, is shown, and can be written down."""
    still.settle()
    packed(still.world.state)
    for path in everything():
        assert still.ask("GET", path).status < 500


@pytest.mark.parametrize("part", range(4))
def test_a_wrong_type_at_any_place_of_any_write_is_answered(part: int) -> None:
    chance = random.Random(part)  # noqa: S311 - which odd values, not a secret
    first = in_state("at rest" if part % 2 else "drilled by its plan")
    still = twin(first)
    for kind, verb in writes()[part::4]:
        path, body = path_of(kind, verb), body_of(first, kind, verb)
        for place in places(body):
            for text in WRONG if HUNTING else chance.sample(WRONG, 3):
                sent = with_text(body, place, text)
                answer = send(still, verb.upper(), path, sent)
                assert is_told(answer), (path, sent, answer.body)
                if answer.status < 300:
                    goes_on(still)
                    still = twin(first)


@pytest.mark.parametrize("text", UNREADABLE)
def test_what_cannot_be_read_is_refused_at_any_place_of_any_write(text: str) -> None:
    still = in_state("at rest")
    for kind, verb in writes():
        path, body = path_of(kind, verb), body_of(still, kind, verb)
        for place in places(body):
            answer = send(still, verb.upper(), path, with_text(body, place, text))
            assert answer.status == 400
            assert answer.body
            assert answer.body["error"]["code"] == "InvalidRequestContent"
    packed(still.world.state)


KEPT = {
    "subnet": "x",
    "virtualMachine": "x",
    "ipConfigurations": [{"properties": "x"}, "x"],
    "networkInterfaces": "x",
    "subnets": "x",
    "storageProfile": "x",
    "networkSecurityGroup": "x",
    "provisioningState": 7,
    "virtualNetworkPeerings": "x",
    "remoteVirtualNetwork": "x",
    "privateLinkServiceConnections": "x",
    "frontendIPConfigurations": ["x"],
    "publicIPAddresses": ["x"],
    "publicIPAddress": "x",
    "networkProfile": "x",
    "hardwareProfile": "x",
}
"""Words that others read, as a type that has no form for them keeps them."""
APP = f"{SUBSCRIPTION}/resourceGroups/rg-app/providers/Microsoft.Compute/virtualMachines"
LIFE: Any = (
    ("PUT", f"{NETWORK}/networkInterfaces/n2", nic()),
    ("PUT", f"{NETWORK}/publicIPAddresses/p", {"location": "westus2", "properties": {}}),
    ("DELETE", f"{NETWORK}/publicIPAddresses/p", {}),
    ("DELETE", f"{NETWORK}/virtualNetworks/vnet-asr", {}),
    ("POST", f"{WEB}/testFailover", {"properties": TEST}),
    ("POST", f"{WEB}/testFailoverCleanup", {}),
    ("DELETE", f"{APP}/web1", {}),
    ("DELETE", f"{SUBSCRIPTION}/resourceGroups/rg-app", {}),
)


@pytest.mark.parametrize("word", KEPT)
def test_what_is_kept_as_it_came_stops_nothing_else(word: str) -> None:
    still, kept = StillWorld(), 0
    for kind in sorted(KINDS):
        body = {"location": "westus2", "properties": {word: KEPT[word]}}
        kept += still.answer("PUT", path_of(kind, "put"), body).status < 300
    assert kept > 3
    for method, path, sent in LIFE:
        answer = still.answer(method, path, sent)
        assert answer.status < 300, answer.body
        goes_on(still)
    assert still.ask("GET", f"{APP}/web1").status == 404


@st.composite
def odd_writes(draw: st.DrawFn) -> tuple[str, str, int, str]:
    """(kind, verb, number of the place, what stands there)."""
    kind, verb = draw(st.sampled_from(WRITES))
    return kind, verb, draw(st.integers(0, 40)), draw(st.sampled_from((*WRONG, *UNREADABLE)))


# Those that begin something more than others: what is odd shows later, or in another state.
WRITES = [row for row in writes() if "/vaults" in row[0]]
BEGUN = {name: in_state(name) for name in STEPS}


@given(st.sampled_from(sorted(STEPS)), st.lists(odd_writes(), min_size=1, max_size=4))
@settings(max_examples=2_000 if HUNTING else 150)
def test_odd_writes_one_after_the_other_leave_a_world_that_goes_on(
    state: str, odd: list[tuple[str, str, int, str]]
) -> None:
    still = twin(BEGUN[state])
    for kind, verb, n, text in odd:
        path, body = path_of(kind, verb), body_of(still, kind, verb)
        found = list(places(body))
        sent = with_text(body, found[n % len(found)], text)
        answer = send(still, verb.upper(), path, sent)
        assert is_told(answer), (path, sent, answer.body)
        still.next_thing()
    goes_on(still)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", f"{VAULT}-new", {"location": "westus2", "tags": {"a": ["x"]}}),
        ("PATCH", VAULT, {"properties": {"monitoringSettings": "x"}}),
        ("PATCH", VAULT, {"identity": "x"}),
        ("PUT", f"{NETWORK}/publicIPAddresses/p", {"location": "westus2", "sku": [7]}),
        ("PUT", f"{NETWORK}/routeTables/r", {"location": "westus2", "zones": "1"}),
        ("POST", f"{WEB}/testFailover", {"properties": TEST | {"networkId": 7}}),
        ("POST", f"{WEB}/unplannedFailover",
         {"properties": {"providerSpecificDetails": {"recoveryPointId": 7}}}),
    ],
)  # fmt: skip
def test_a_wrong_type_is_refused_and_leaves_nothing(method: str, path: str, body: Any) -> None:
    still = StillWorld()
    before = copy.deepcopy(still.world.state)
    answer = still.answer(method, path, body)
    assert answer.body
    assert (answer.status, answer.body["error"]["code"]) == (400, "InvalidRequestContent")
    assert {k: v for k, v in still.world.state.items() if v} == {
        k: v for k, v in before.items() if v
    } | {"serial": still.world.state["serial"]}
