"""Broken worlds: every kind of mistake is found, each with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import WORLD
from .test_world_file import mistakes

DEAD = "- {name: dead1, group: rg-app, network: vnet, subnet: web, address: 10.1.1.5, boot: never}"
WEB = "- {name: web1, group: rg-app, network: vnet, subnet: web, address: 10.1.1.4, boot: 30s}"
BROKEN = "- {name: Broken,"
ITEM = "- {vm: web1, name: q1w2e3r4t5y6u7i8o9p0a_2}"
SOURCE, TARGET = (
    "source: {location: eastus, group: rg-app, network: vnet}",
    "target: {location: westus2, group: rg-asr, network: vnet-asr}",
)
CHANGED: dict[str, tuple[str, str, str]] = {
    # what it is: (text, what stands there instead, what is said)
    "a doubled group, in other letters": ("- {name: rg-dr,", "- {name: RG-APP,", "is there twice"),
    "a doubled network": ("- {name: hub,", "- {name: drill,", "'drill' is there twice"),
    "a doubled VM": (DEAD, DEAD.replace("dead1", "WEB1"), "'WEB1' is there twice"),
    "an item in a state that no world begins with": (
        ITEM,
        ITEM.replace("}", ", protection_state: DisablingProtection}"),
        "protection_state: Input should be 'Protected' or 'InitialReplicationInProgress'",
    ),
    "a doubled item": (ITEM, ITEM.replace("a_2", "a_1"), "is there twice"),
    "a doubled runbook": (BROKEN, "- {name: register,", "'register' is there twice"),
    "a doubled client id": (
        "client_id: bbbbbbbb-0000-4000-8000-000000000001",
        "client_id: aaaaaaaa-0000-4000-8000-000000000001",
        "is there twice",
    ),
    "a doubled object id": (
        "object_id: bbbbbbbb-0000-4000-8000-000000000002",
        "object_id: aaaaaaaa-0000-4000-8000-000000000002",
        "is there twice",
    ),
    "a doubled port": (
        "services: [{port: 1433}]",
        "services: [{port: 1433}, {port: 1433}]",
        "port 1433 is there twice",
    ),
    "a disk of two VMs": (
        WEB,
        WEB.replace("boot: 30s", "data_disks: [{name: Sql1-DATA}]"),
        "a disk 'Sql1-DATA' is there already, of 'Sql1'",
    ),
    "a disk called as a system's": (
        "data_disks: [{name: Sql1-data, gb: 512}]",
        "data_disks: [{name: Sql1-osdisk}]",
        "a disk 'Sql1-osdisk' is there already, of 'Sql1'",
    ),
    "a network of no group": (
        "{name: hub, group: rg-app", "{name: hub, group: rg-ap", "there is no group 'rg-ap'",
    ),
    "a network that peers with itself": (
        "peered_with: [hub]", "peered_with: [vnet]", "a network is no peer of its own",
    ),
    "a VM in no network": (
        WEB, WEB.replace("network: vnet", "network: vent"), "there is no network 'vent'",
    ),
    "a VM in no subnet": (
        WEB, WEB.replace("subnet: web", "subnet: wbe"), "network 'vnet' has no subnet 'wbe'",
    ),
    "an address Azure keeps": (WEB, WEB.replace("10.1.1.4", "10.1.1.3"), "Azure keeps"),
    "the last address of a subnet": (WEB, WEB.replace("10.1.1.4", "10.1.1.255"), "Azure keeps"),
    "an address of another subnet": (
        WEB, WEB.replace("10.1.1.4", "10.1.0.9"), "outside subnet 'web'",
    ),
    "an address that is taken": (
        WEB, WEB.replace("10.1.1.4", "10.1.1.5"), "belongs to 'web1' already",
    ),
    "a VM far from its network": (
        WEB, WEB.replace("group: rg-app", "group: rg-asr"), "network 'vnet' is in eastus",
    ),
    "a worker outside its network": (
        "address: 10.9.0.50", "address: 10.8.0.50", "10.8.0.50 lies outside network 'hub'",
    ),
    "a location as people write it": (
        "- {name: rg-dr, location: westus2}", "- {name: rg-dr, location: West US 2}",
        "'West US 2' is no location",
    ),
    "a region that is none": (
        "- {name: rg-dr, location: westus2}", "- {name: rg-dr, location: wetsus2}",
        "Azure has no region 'wetsus2'; did you mean 'westus2'?",
    ),
    "a worker at somebody's address": (
        "worker: {network: hub, address: 10.9.0.50}", "worker: {network: vnet, address: 10.1.1.4}",
        "10.1.1.4 belongs to 'web1' already",
    ),
    "points too close together": (
        SOURCE, f"policy: {{app_consistent_every: 30m}}\n    {SOURCE}",
        "Azure takes 60 to 720 minutes",
    ),
    "points too far apart": (
        SOURCE, f"policy: {{app_consistent_every: 24h}}\n    {SOURCE}",
        "Azure takes 60 to 720 minutes",
    ),
    "points kept too long": (
        SOURCE, f"policy: {{keep_recovery_points: 16d}}\n    {SOURCE}", "for at most 15 days",
    ),
    "a vault's side in no group": (
        SOURCE, SOURCE.replace("rg-app", "rg-ap"), "there is no group 'rg-ap'",
    ),
    "a vault's side in no network": (
        TARGET, TARGET.replace("vnet-asr", "vnet-ars"), "there is no network 'vnet-ars'",
    ),
    "a vault's side far from its network": (
        TARGET, TARGET.replace("vnet-asr", "vnet"), "network 'vnet' is in eastus, not in westus2",
    ),
    "a vault that goes nowhere": (
        TARGET, "target: {location: eastus, group: rg-asr, network: vnet}",
        "source and target are both in eastus",
    ),
    "a vault where its machines are": (
        "    group: rg-dr\n    source", "    group: rg-app\n    source",
        "a vault cannot be in the region it protects",
    ),
    "an item whose VM is elsewhere": (
        SOURCE, "source: {location: westus, group: rg-app, network: vnet}",
        "VM 'web1' is in eastus, not in the vault's source westus",
    ),
    "an item of no VM": (ITEM, ITEM.replace("web1", "wbe1"), "there is no VM 'wbe1'"),
    "an item's test network by name": (
        ITEM, ITEM.replace("}", ", own_test_settings: {network: drill}}"),
        "'drill' is no id of Azure",
    ),
    "a role that is none": ("{role: runbooks,", "{role: runboks,", "there is no role 'runboks'"),
    "a scope that is none": (
        "scope: /resourceGroups/rg-dr}", "scope: rg-dr}", "'rg-dr' is no scope",
    ),
    "a scope of no group": (
        "scope: /resourceGroups/rg-dr}", "scope: /resourceGroups/rg-d}",
        "there is no group 'rg-d'",
    ),
    "a client that is none": ("client: drill", "client: dril", "there is no identity 'dril'"),
    "another client that is none": (
        "client: drill", "clients: {disable: dril}\nclient: drill", "there is no identity 'dril'",
    ),
    "a time span that is none": (
        "boot: 60s", "boot: 60 s", "written like 45s, 5m, 4h or 1d; or: Input should be 'never'",
    ),
    "a size of disk that is none": ("gb: 512", "gb: 0", "greater than or equal to 1"),
    "a key that is none": (
        "    boot: 60s", "    bot: 60s", "there is no such key; did you mean 'boot'?",
    ),
    "an operating system that is none": (
        WEB, WEB.replace("boot: 30s", "os: plan9"), "Input should be 'linux' or 'windows'",
    ),
    "a list that is none": (
        "scripts: [{match: promote, stdout: promoted, takes: 3s}]", "scripts: {match: promote}",
        "scripts: a list is wanted",
    ),
    "a secret that is too short": (
        "secret: simulator-only-operator", "secret: short", "at least 8 characters",
    ),
    "an unknown setting": (
        "client: drill", "settings: {refusel: conflict}\nclient: drill",
        "settings.refusel: there is no such key; did you mean 'refusal'?",
    ),
    "a page of nothing": (
        "client: drill", "settings: {page_size: 0}\nclient: drill", "greater than or equal to 1",
    ),
    "a guid that is none": ("tenant: 99999999-", "tenant: 9999999-", "a GUID in small letters"),
    "an address that is none": ("address: 10.1.0.4", "address: 10.1.0", "written like 10.1.0.4"),
    "a range that is none": (
        "data: 10.1.0.0/24}", "data: 10.1.0.0/40}", "written like 10.1.0.0/16",
    ),
    "a range with host bits": (
        "web: 10.1.1.0/24}\n    p", "web: 10.1.1.1/24}\n    p", "first address: 10.1.1.0/24",
    ),
    "a fault at no place": (
        "times: 1}", "times: 1, at: later}", "Input should be 'prerequisites', 'work' or 'end'",
    ),
    "a number in quotes": ("port: 1433", 'port: "1433"', "port: a whole number is wanted"),
    "a truth value as a number": ("port: 1433", "port: true", "port: a whole number is wanted"),
    "a number as an address": ("address: 10.1.0.4", "address: 167837700", "written like 10.1.0.4"),
    "a range by its mask": (
        "ranges: [10.9.0.0/16]", "ranges: [10.9.0.0/255.255.0.0]", "written like 10.1.0.0/16",
    ),
    "ranges that overlap": (
        "ranges: [10.9.0.0/16]", "ranges: [10.9.0.0/16, 10.9.8.0/24]",
        "10.9.8.0/24 overlaps with range 10.9.0.0/16",
    ),
    "networks that overlap and are peers": (
        "peered_with: [hub]", "peered_with: [drill]", "10.1.0.0/16 overlaps with this network's",
    ),
    "a network of nothing": (
        "ranges: [10.9.0.0/16]", "ranges: []", "ranges: it is empty, and may not be",
    ),
    "a subnet with a slash": ("shared: 10.9.0.0/24", "a/b: 10.9.0.0/24", "a name is wanted"),
    "a subnet without a name": ("shared: 10.9.0.0/24", '"": 10.9.0.0/24', "a name is wanted"),
    "a need of no address": (
        "services: [{port: 1433}]", 'services: [{port: 1433, needs: ["999.1.1.1:80"]}]',
        "written like 10.1.0.4:1433",
    ),
    "a need of no port": (
        "services: [{port: 1433}]", 'services: [{port: 1433, needs: ["10.1.1.4:65536"]}]',
        "written like 10.1.0.4:1433",
    ),
    "a span without end": ("boot: 60s", "boot: .inf", "written like 45s"),
    "a span longer than any world": ("boot: 60s", "boot: 4000d", "less than or equal to 31536"),
    "a span in too many digits": ("boot: 60s", "boot: 9999999999s", "written like 45s"),
    "a size in too many digits": ("gb: 512", "gb: " + "9" * 5000, "gb: a whole number is wanted"),
    "a list as a group": (
        WEB, WEB.replace("group: rg-app", "group: [rg-app]"), "a name is wanted",
    ),
    "a vault's side without a network": (
        SOURCE, SOURCE.replace(", network: vnet", ""), "vaults.0.source.network: it is missing",
    ),
    "a tag that is a number": ("tags: {tier: data}", "tags: {tier: 1}", "a text is wanted"),
}  # fmt: skip


@pytest.mark.parametrize("kind", CHANGED)
def test_a_mistake_is_found_with_its_line(tmp_path: Path, kind: str) -> None:
    before, after, said = CHANGED[kind]
    text = WORLD.read_text()
    assert text.count(before) >= 1
    text = text.replace(before, after, 1)
    found = mistakes(tmp_path, text)
    assert [row for row in found if said in row], found
    if said != "is there twice":  # those are told at the second
        row = next(row for row in found if said in row)
        line = int(row.partition(":")[0])
        first = text[: text.index(after)].count("\n") + 1
        assert first <= line <= first + after.count("\n") + 4, (row, first)


def test_a_list_that_is_wrong_within_is_not_called_empty_too(tmp_path: Path) -> None:
    text = WORLD.read_text().replace("ranges: [10.9.0.0/16]", "ranges: [10.9.0.0/99]")
    (found,) = mistakes(tmp_path, text)
    assert found.endswith(": networks.3.ranges.0: a range is written like 10.1.0.0/16")
