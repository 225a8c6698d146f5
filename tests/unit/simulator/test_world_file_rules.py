"""Broken worlds: mistakes in what a world may have besides, and files that are hardly YAML."""

from __future__ import annotations

from pathlib import Path

import pytest

from muster.simulator.errors import SimulatorError
from muster.simulator.worlds.file import load_world

from .conftest import WORLD
from .test_world_file import line_of, mistakes
from .test_world_file_mistakes import CHANGED, SOURCE, TARGET

ADDED: dict[str, tuple[str, str]] = {
    # what it is: (text at the end, what is said of a line in it)
    "a resource of no group": (
        "resources: [{type: Microsoft.Network/routeTables, name: rt, group: rg-x}]",
        "there is no group 'rg-x'",
    ),
    "a resource of an unknown type": (
        "resources: [{type: Microsoft.Network/carpets, name: c, group: rg-app}]",
        "this simulator knows no type 'Microsoft.Network/carpets'",
    ),
    "a resource that has its own section": (
        "resources: [{type: Microsoft.Compute/virtualMachines, name: c, group: rg-app}]",
        "these are written under 'vms'",
    ),
    "a resource that lives in another": (
        "resources:\n"
        "  - {type: Microsoft.Network/virtualNetworks/subnets, name: hub/c, group: rg-app}",
        "these are written inside their 'virtualnetworks'",
    ),
    "a resource with a name too few": (
        "resources:\n"
        "  - {type: Microsoft.Compute/virtualMachines/extensions, name: c, group: rg-app}",
        "does not fit the type",
    ),
    "a resource that is there already": (
        "resources: [{type: Microsoft.Network/virtualNetworks, name: hub, group: rg-app}]",
        "is there already",
    ),
    "a resource Azure would refuse": (
        "resources:\n"
        "  - type: Microsoft.Network/networkSecurityGroups\n"
        "    name: wall\n"
        "    group: rg-app\n"
        "    properties: {securityRules: [{name: a, properties: {access: Deny, priority: 7}}]}",
        "Azure would refuse it: [SecurityRuleInvalidPriority]",
    ),
    "a resource of the wrong types": (
        "resources:\n"
        "  - type: Microsoft.Network/networkInterfaces\n"
        "    name: card\n"
        "    group: rg-app\n"
        "    properties: {ipConfigurations: none}",
        "Azure would refuse it: [InvalidRequestContent]",
    ),
    "a resource that names what is not there": (
        "resources:\n"
        "  - type: Microsoft.Network/connections\n"
        "    name: c\n"
        "    group: rg-app\n"
        "    properties: {virtualNetworkGateway1: {id: /none}}",
        "Azure would refuse it: [InvalidResourceReference]",
    ),
    "a lock at no scope": ("locks: [{name: a, scope: rg-app}]", "'rg-app' is no scope"),
    "a lock of no level": ("locks: [{name: a, level: Some}]", "'CanNotDelete' or 'ReadOnly'"),
    "a doubled lock": ("locks: [{name: a}, {name: a}]", "'a' is there twice"),
    "a policy of no rule": ("policies: [{name: a}]", "Field required"),
    "a policy by no field": (
        "policies: [{name: a, rule: {field: colour, equals: red}}]",
        "'colour' is no field a rule can ask for here",
    ),
    "a policy that compares in no way": (
        "policies: [{name: a, rule: {field: type, resembles: red}}]",
        "a field is compared with one of equals",
    ),
    "a policy with two groups in one": (
        "policies: [{name: a, rule: {allOf: [], anyOf: []}}]",
        "'allOf' stands alone in its mapping",
    ),
    "a policy deep inside": (
        "policies:\n  - name: a\n    rule:\n      allOf:\n        - {field: type, equals: x}\n"
        "        - not: {field: location, in: westus2}",
        "a list is expected",
    ),
    "a quota that is none": (
        "quotas: [{location: westus2, limits: {coars: 10}}]", "no quota is called 'coars'",
    ),
    "a quota below nothing": (
        "quotas: [{location: westus2, limits: {cores: -1}}]", "greater than or equal to 0",
    ),
    "a place with two quotas": (
        "quotas: [{location: westus2, limits: {}}, {location: westus2, limits: {}}]",
        "'westus2' is there twice",
    ),
    "a VM protected by two vaults": (
        "", "'web1' is there twice",
    ),
}  # fmt: skip
SECOND_VAULT = f"""
  - name: rsv2
    group: rg-dr
    {SOURCE}
    {TARGET}
    items:
      - {{vm: web1, name: other-item}}

automation:"""


@pytest.mark.parametrize("kind", ADDED)
def test_a_mistake_in_what_is_added_is_found_with_its_line(tmp_path: Path, kind: str) -> None:
    more, said = ADDED[kind]
    text = WORLD.read_text()
    if not more:
        text, more = text.replace("\nautomation:", SECOND_VAULT), "other-item"
    else:
        text += more + "\n"
    found = mistakes(tmp_path, text)
    rows = [row for row in found if said in row]
    assert rows, found
    begins = line_of(text, more.splitlines()[0])
    assert begins <= int(rows[0].partition(":")[0]) <= begins + more.count("\n")


def test_mistakes_of_all_kinds_are_told_together(tmp_path: Path) -> None:
    text = WORLD.read_text()
    wanted = []
    for kind in ("a doubled port", "an address Azure keeps", "a role that is none",
                 "a tag that is a number", "a time span that is none", "a scope of no group",
                 "a doubled object id", "a worker outside its network"):  # fmt: skip
        before, after, said = CHANGED[kind]
        text, wanted = text.replace(before, after, 1), [*wanted, said]
    for kind in ("a lock at no scope", "a policy by no field", "a quota that is none",
                 "a resource of an unknown type"):  # fmt: skip
        more, said = ADDED[kind]
        text, wanted = f"{text}{more}\n", [*wanted, said]
    found = mistakes(tmp_path, text)
    assert [said for said in wanted if not any(said in row for row in found)] == []
    assert len(found) == len(wanted)
    lines = [int(row.partition(":")[0]) for row in found]
    assert lines == sorted(lines)


def test_resources_may_name_each_other_in_any_order(tmp_path: Path) -> None:
    text = WORLD.read_text() + (
        "resources:\n"
        "  - type: Microsoft.Network/networkInterfaces\n"
        "    name: card\n"
        "    group: rg-app\n"
        "    properties:\n"
        "      networkSecurityGroup: {id: &wall /subscriptions/11111111-2222-4333-8444-55555555"
        "5555/resourceGroups/rg-app/providers/Microsoft.Network/networkSecurityGroups/wall}\n"
        "      ipConfigurations:\n"
        "        - name: one\n"
        "          properties:\n"
        "            subnet: {id: /subscriptions/11111111-2222-4333-8444-555555555555"
        "/resourceGroups/rg-app/providers/Microsoft.Network/virtualNetworks/vnet/subnets/web}\n"
        "  - {type: Microsoft.Network/networkSecurityGroups, name: wall, group: rg-app}\n"
    )
    file = tmp_path / "world.yaml"
    file.write_text(text)
    assert len(load_world(file)[0].resources) == 2
    file.write_text(text.replace("name: wall, group", "name: well, group"))
    found = mistakes(tmp_path, file.read_text())
    assert len(found) == 1
    assert "[InvalidResourceReference]" in found[0]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"world: \xff\xfe\n", "not UTF-8 text"),
        (b"world: &a [*a]\n", ""),
        (b"world: &a\n  x: *a\n", ""),
        (b"world: a\n---\nworld: b\n", "but found another document"),
        (b"world: " + b"[" * 3000 + b"]" * 3000, ""),
        (b"{world: a, world: b}", 'duplicate key "world"'),
        (b"world: !!python/object:os.system x\n", ""),
        (b"? [a]\n: b\n", ""),
        (b"world: 2024-01-01\nseed: yes\n", "valid string"),
    ],
)
def test_what_is_hardly_yaml_is_refused_in_a_sentence(
    tmp_path: Path, content: bytes, said: str
) -> None:
    file = tmp_path / "world.yaml"
    file.write_bytes(content)
    with pytest.raises(SimulatorError) as caught:
        load_world(file)
    assert said in str(caught.value)
    assert str(caught.value).startswith(f"{file}:")
