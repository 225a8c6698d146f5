"""Broken worlds: mistakes in what a world may have besides, and files that are hardly YAML."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from muster.simulator.azure_time import AzureTime
from muster.simulator.errors import SimulatorError
from muster.simulator.worlds.build import new_state
from muster.simulator.worlds.file import load_world

from .conftest import WORLD
from .test_world_file import line_of, mistakes
from .test_world_file_mistakes import CHANGED, DEAD, SOURCE, TARGET

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
    "a policy of no rule": ("policies: [{name: a}]", "policies.0.rule: it is missing"),
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


WALLED = (
    "    subnets: {alpha: 10.1.9.0/28, data: 10.1.0.0/24}",
    "resources: [{type: Microsoft.Network/NetworkSecurityGroups, name: wall, group: rg-asr}]",
)


def test_security_groups_stand_at_subnets(tmp_path: Path) -> None:
    subnets, resources = WALLED
    text = WORLD.read_text().replace(
        subnets, f"{subnets}\n    security_groups: {{data: wall, dmz: wall, alpha: well}}"
    )
    line = line_of(text, "security_groups")
    assert mistakes(tmp_path, f"{text}{resources}\n") == [
        f"{line}: there is no security group 'well' of 'rg-asr' among the resources",
        f"{line}: there is no subnet 'dmz' in this network",
    ]
    found = mistakes(tmp_path, f"{text}{resources.replace('rg-asr', 'rg-app')}\n")
    assert f"{line}: there is no security group 'wall' of 'rg-asr' among the resources" in found
    file = tmp_path / "world.yaml"
    file.write_text(text.replace(", dmz: wall, alpha: well", "") + resources + "\n")
    state = new_state(*load_world(file), AzureTime(0.0, 1.0), {})
    (drill,) = [one for key, one in state["resources"].items() if key.endswith("networks/drill")]
    walls = [
        (subnet["properties"].get("networkSecurityGroup") or {}).get("id")
        for subnet in drill["properties"]["subnets"]
    ]
    assert walls[0] is None
    assert walls[1].endswith("/rg-asr/providers/Microsoft.Network/networkSecurityGroups/wall")


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
        (b"seed: b\nworld: \xff\xfe\n", "2: byte 0xff is not UTF-8 text; save the file as UTF-8"),
        ("world: a".encode("utf-16"), "1: byte 0xff is not UTF-8 text; it looks like UTF-16"),
        (b"\x7fELF\x02\x01\x00", "1: character U+007F does not belong in such a file"),
        (b'a: b\nworld: "\\x07"\n', "2: character U+0007 does not belong in such a file"),
        (b'a: b\nworld: "\\U99999999"\n', "2: a character or escape that YAML does not know"),
        (b"world: a\n\n# \xe2\x80\xa8\n", "3: character U+2028 does not belong"),
        (b"", "1: the file is empty: a world is a mapping that begins with 'world: <name>'"),
        (b"# nothing\n", "1: the file is empty"),
        (b"~", "1: the file is empty"),
        (b"- world", "1: the file holds no mapping"),
        (b"world: &a [*a]\n", "1: alias *a: no value above it is called &a"),
        (b"world: &a\n  x: *a\n", "2: alias *a: no value above it is called &a"),
        (b"world: a\n---\nworld: b\n", "2: a second document begins here; only one is read"),
        (b"a: b\nworld: " + b"[" * 3000 + b"]" * 3000, "2: more than 50 levels of nesting"),
        (b"{world: a, world: b}", "1: duplicate key 'world': it is given on line 1 already"),
        (
            b"a: b\nworld: !!python/object:os.system x\n",
            "2: tag !!python/object:os.system: no tags",
        ),
        (b"? [a]\n: b\n", "1: a key is a word, neither a list nor a mapping"),
        (b"<<: a\n", "1: '<<' merges mappings: it wants an alias of one, or a list of those"),
        (b"world: 2024\nseed: yes\n", "1: world: a name is wanted"),
        (
            b"world: 'a\n\n",
            "3: not YAML: found unexpected end of stream, while scanning",
        ),
    ],
)
def test_what_is_hardly_yaml_is_refused_in_a_sentence(
    tmp_path: Path, content: bytes, said: str
) -> None:
    file = tmp_path / "world.yaml"
    file.write_bytes(content)
    with pytest.raises(SimulatorError) as caught:
        load_world(file)
    lines = str(caught.value).splitlines()
    assert all(line.startswith(f"{file}:") for line in lines)
    assert [line for line in lines if line.startswith(f"{file}:{said}")], lines


def test_a_few_lines_that_stand_for_billions_of_values_are_refused(tmp_path: Path) -> None:
    text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for n in range(1, 12):
        text += f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n"
    (found,) = mistakes(tmp_path, text)
    assert found == "6: more than 1,000,000 values, those that aliases stand for among them"


def test_a_file_larger_than_any_world_is_not_read(tmp_path: Path) -> None:
    (found,) = mistakes(tmp_path, "#" * (8 * 1024 * 1024 + 1))
    assert found == "1: the file is larger than 8 MB, the most that is read"


def test_what_is_no_file_is_named(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path, said in ((tmp_path, "it is a folder"), (tmp_path / "pipe", "it is not a file"),
                       (tmp_path / "none", "No such file or directory"),
                       (Path("a\0b"), "not a path")):  # fmt: skip
        with pytest.raises(SimulatorError, match=f"cannot be read: {said}"):
            load_world(path)


def test_anchors_and_merges_make_a_world_shorter(tmp_path: Path) -> None:
    text = WORLD.read_text().replace("- {name: web1, group: rg-app", "- &web\n    name: web1")
    lines = ["group: rg-app", "network: vnet", "subnet: &s web", "address: 10.1.1.4", "boot: 30s"]
    written = ", network: vnet, subnet: web, address: 10.1.1.4, boot: 30s}"
    text = text.replace(written, "".join(f"\n    {line}" for line in lines))
    text = text.replace(DEAD, "- {<<: *web, name: dead1, address: 10.1.1.5, subnet: *s}")
    file = tmp_path / "world.yaml"
    file.write_text(text)
    vm = load_world(file)[0].vms[2]
    assert (vm.name, vm.subnet, vm.boot, str(vm.address)) == ("dead1", "web", 30.0, "10.1.1.5")
    # A mistake in what is shared is told where it stands.
    found = mistakes(tmp_path, text.replace("boot: 30s", "bot: 30s"))
    line = line_of(text, "boot: 30s")
    said = "there is no such key; did you mean 'boot'?"
    assert found == [f"{line}: vms.1.bot: {said}", f"{line}: vms.2.bot: {said}"]


def test_a_mistake_is_one_line_whatever_it_quotes(tmp_path: Path) -> None:
    text = WORLD.read_text().replace("client: drill", 'client: "dr\\n\\nill"')
    found = mistakes(tmp_path, text)
    assert len(found) == 2
    assert "19: there is no identity 'dr ill'" in found


def test_mistakes_of_yaml_and_of_the_world_are_told_together(tmp_path: Path) -> None:
    text = WORLD.read_text().replace("seed: small-1", "seed: !odd small-1\nseed: again")
    text = text.replace("boot: never", "boot: *none").replace("boot: 60s", "boot: soon")
    text = text.replace("{role: reader}", "{role: raeder}", 1)
    found = [row.partition(": ")[2] for row in mistakes(tmp_path, text)]
    assert found == [
        "tag !odd: no tags are known here",
        "duplicate key 'seed': it is given on line 3 already",
        "there is no role 'raeder'",
        "vms.0.boot: a time span is written like 45s, 5m, 4h or 1d; or: Input should be 'never'",
        "alias *none: no value above it is called &none",
    ]
