"""The schema that editors use says what the loader says, as far as a schema can."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from muster.simulator.worlds.checks import mistakes_between
from muster.simulator.worlds.composer import compose
from muster.simulator.worlds.file import facts_of
from muster.simulator.worlds.lines import plain
from muster.simulator.worlds.said import told
from muster.simulator.worlds.schema import ONLY_THE_LOADER, world_schema

from .conftest import TARGET, WORLD

ROOT = Path(__file__).parents[3]
WORLDS = [*ROOT.glob("deployments/**/*.world.yaml"), *ROOT.glob("tests/**/world.yaml")]
ARM_ID = f"{TARGET}/Microsoft.Network/virtualNetworks/lab"
MORE = """
settings:
  refusal: conflict
  signed_urls: false
  items_per_page: 10
  token_lifetime: 10m
  throttling: {enabled: true, reads: {size: 20, refill: 0.5}, wait: 5s}
resources:
  - {type: Microsoft.Network/networkSecurityGroups, name: wall, group: rg-app, location: eastus,
     tags: {a: b}, properties: {securityRules: []}}
locks: [{name: keep, scope: /resourceGroups/rg-app, level: ReadOnly, notes: so}]
policies:
  - {name: west, scope: "", not_scopes: [/resourceGroups/rg-dr], effect: audit, mode: All,
     rule: {field: location, notIn: [westus2]}}
quotas: [{location: westus2, limits: {cores: 20}}]
"""

# What the loader says of what only it can know; each line of ONLY_THE_LOADER has some.
LOADERS_OWN = {
    ONLY_THE_LOADER[
        0
    ]: "is there twice|there is no ((security )?group|network|VM|role|identity|subnet) "
    "|has no subnet|is there already|no peer of its own",
    ONLY_THE_LOADER[1]: "lies outside|overlaps with|belongs to .* already|Azure keeps|, not in "
    "|is in .*, its group|are both in|cannot be in the region|begins with its first address",
    ONLY_THE_LOADER[2]: "knows no type|are written (under|inside)|does not fit the type"
    "|no quota is called|Azure has no region|Azure takes .* minutes|Azure keeps points"
    "|wanted an RSA certificate",
    ONLY_THE_LOADER[4]: "less than or equal to 315360000",
}
SAID = re.compile("|".join(LOADERS_OWN.values()))


def read(text: str) -> dict[str, Any]:
    """A world's text as an editor sees it."""
    root, problems = compose(text)
    assert root is not None
    assert problems == []
    raw: dict[str, Any] = plain(root)
    return raw


def full() -> dict[str, Any]:
    """A world with something at nearly every key."""
    raw = read(WORLD.read_text() + MORE)
    raw["vms"][0] |= {"os": "linux", "scripts": [{"match": "x", "exit_code": 3}]}
    service = {"port": 80, "kind": "http", "paths": {"/": "a"}, "needs": ["10.1.0.4:1433"]}
    raw["vms"][1]["services"] = [service | {"open_after": "5s"}]
    raw["vaults"][0]["items"][0] |= {"own_test_settings": {"network": ARM_ID, "subnet": "data"}}
    raw["vaults"][0]["items"][1] |= {"rpo": "2m", "replication_health": "Warning"}
    raw["vaults"][0]["policy"] = {"app_consistent_every": "4h", "keep_recovery_points": 86400}
    raw["identities"].append(managed())
    raw["networks"][0]["security_groups"] = {"data": "wall"}
    return raw


def managed() -> dict[str, Any]:
    return {
        "name": "machine",
        "client_id": "cccccccc-0000-4000-8000-000000000001",
        "object_id": "cccccccc-0000-4000-8000-000000000002",
        "managed": {"assigned": "user", "resource": "/resourceGroups/rg-dr/providers/a/b/c"},
    }


FULL = full()
VALIDATOR = Draft202012Validator(world_schema())


def complaints(raw: dict[str, Any]) -> list[tuple[tuple[str | int, ...], str]]:
    """What the loader says of plain values, before it builds a world of them."""
    found = list(mistakes_between(raw))
    try:
        facts_of(raw)
    except ValidationError as err:
        found += told(err)
    return found


def for_a_schema(raw: dict[str, Any]) -> list[str]:
    """Those of them that a schema can say as well."""
    return [
        sentence
        for loc, sentence in complaints(raw)
        if not SAID.search(sentence) and not (loc[:1] == ("policies",) and "rule" in loc)
    ]


def spots(node: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place of a tree but its root."""
    children = node.items() if isinstance(node, dict) else enumerate(node)
    for step, child in children:
        yield (*path, step)
        if isinstance(child, dict | list):
            yield from spots(child, (*path, step))


def above(root: Any, path: tuple[str | int, ...]) -> Any:
    for step in path[:-1]:
        root = root[step]
    return root


SPOTS = list(spots(FULL))
VALUES: list[Any] = [
    None, True, False, 0, -1, 1, 2.5, 7000000, "", "x", "a/b", "/", "5m", "0s", "never", "5 m",
    "10.1.0.4", "10.1.0.256", "10.1.0.0/16", "10.1.0.0/33", "10.1.0.4:80", "10.1.0.4:0",
    "West US", "westus2", "x" * 100, "Reader", "99999999-8888-4777-8666-555555555555",
    "/resourceGroups/rg-dr", "/RESOURCEgroups/rg-dr/x", "/resourceGroups", ARM_ID, "Ünïcode",
    [], {}, [1], ["x"], ["10.1.0.0/16"], [{}], {"a": 1}, {"a": "b"}, {"name": "x"}, {"Reader": {}},
    "BD1FE09C7E7B3A0A36D6C6FAE0C0FD3C66BA08D3", ["BD1FE09C7E7B3A0A36D6C6FAE0C0FD3C66BA08D3"],
]  # fmt: skip
_KEYS = ["colour", "name", "secret", "managed", "certificates", "location", "test_failover"]


def mutated(path: tuple[str | int, ...], how: str, value: Any) -> dict[str, Any]:
    """The full world with one place changed: another value, nothing, or one more key beside it."""
    raw = copy.deepcopy(FULL)
    holder, last = above(raw, path), path[-1]
    if how == "gone":
        del holder[last]
    elif how == "besides" and isinstance(holder, dict):
        holder[_KEYS[len(str(path)) % len(_KEYS)]] = value
    else:
        holder[last] = value
    return raw


def agree(raw: dict[str, Any]) -> None:
    marked = [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(raw)]
    said = complaints(raw)
    assert bool(said) or not marked, marked  # what the loader takes, the schema takes
    assert marked or not for_a_schema(raw), said  # what it refuses, the schema marks


@settings(max_examples=400)
@given(
    path=st.sampled_from(SPOTS),
    how=st.sampled_from(["other", "other", "gone", "besides"]),
    value=st.sampled_from(VALUES),
)
def test_schema_and_loader_agree_on_a_world_with_a_mistake(
    path: tuple[str | int, ...], how: str, value: Any
) -> None:
    agree(mutated(path, how, copy.deepcopy(value)))


@pytest.mark.parametrize("world", WORLDS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_world_of_the_project_is_valid(world: Path) -> None:
    raw = read(world.read_text(encoding="utf-8"))
    assert [error.message for error in VALIDATOR.iter_errors(raw)] == []
    assert complaints(raw) == []


def test_the_full_world_is_valid_and_there_are_worlds() -> None:
    Draft202012Validator.check_schema(world_schema())
    agree(FULL)
    assert complaints(FULL) == []
    assert len(WORLDS) >= 4


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        (0, {"client": "nobody"}),
        (0, {"groups": [*FULL["groups"], FULL["groups"][0]]}),
        (1, {"worker": {"network": "hub", "address": "10.8.0.50"}}),
        (1, {"worker": {"network": "hub", "address": "10.9.0.50"},
             "networks": [FULL["networks"][0] | {"ranges": ["10.1.0.1/16"]},
                          *FULL["networks"][1:]]}),
        (2, {"quotas": [{"location": "westus2", "limits": {"coars": 1}}]}),
        (2, {"resources": [*FULL["resources"],
             {"type": "Microsoft.Network/carpets", "name": "a", "group": "rg-dr"}]}),
        (4, {"scripts": [{"match": "x", "takes": "4000d"}]}),
    ],
)  # fmt: skip
def test_what_only_the_loader_can_know_is_valid_and_refused(
    kind: int, change: dict[str, Any]
) -> None:
    raw = copy.deepcopy(FULL) | change
    assert [error.message for error in VALIDATOR.iter_errors(raw)] == []
    said = [sentence for _, sentence in complaints(raw)]
    assert said
    own = re.compile(LOADERS_OWN[ONLY_THE_LOADER[kind]])
    assert [sentence for sentence in said if not own.search(sentence)] == []
