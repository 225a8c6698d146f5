"""A fleet as the text of its world file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from muster.generate.fleet import KEPT, SIZES, Fleet, Group, Machine, Site

HEARTBEAT = """/heartbeat: '{"written_at": "{data_as_of}", "writer": "{writer}"}'"""
RIGHTS = {
    "drill-in-vault": [
        "Microsoft.RecoveryServices/vaults/replicationFabrics/replicationProtectionContainers"
        f"/replicationProtectedItems/{verb}/action"
        for verb in ("testFailover", "testFailoverCleanup")
    ],
    "drill-in-target": [
        "Microsoft.Network/virtualNetworks/*",
        "Microsoft.Network/networkSecurityGroups/*",
        "Microsoft.Network/routeTables/*",
        "Microsoft.Network/networkInterfaces/delete",
        "Microsoft.Compute/disks/delete",
        "Microsoft.Compute/virtualMachines/delete",
        "Microsoft.Compute/virtualMachines/runCommands/*",
    ],
    "drill-in-automation": ["Microsoft.Automation/automationAccounts/jobs/*"],
}
"""The drill's own roles: no failover verb among them."""
WALL = """\
  - type: Microsoft.Network/networkSecurityGroups
    name: {name}
    group: {group}
    properties:
      securityRules:
        - name: in-from-network
          properties: {{priority: 100, direction: Inbound, access: Allow, protocol: "*",
                       sourceAddressPrefix: VirtualNetwork, sourcePortRange: "*",
                       destinationAddressPrefix: "*", destinationPortRange: "{port}"}}"""


def world_text(fleet: Fleet) -> str:
    """The world file: the same fleet, the same text."""
    lines = [*_head(fleet), "", *_identities(fleet), "", *_groups(fleet), "", *_networks(fleet)]
    lines += ["", *_vms(fleet), "", "vaults:"]
    for site in fleet.sites:
        lines += _vault(fleet, site)
    lines += ["", "automation:"]
    for site in fleet.sites:
        lines += _account(fleet, site)
    lines += ["", "resources:"]
    for site in fleet.sites:
        lines += _walls(fleet, site)
    return "\n".join([*lines, "", *_quotas(fleet)]) + "\n"


def account(fleet: Fleet, site: Site) -> str:
    """Name of the Automation account of a vault's drills."""
    return f"aa-{fleet.figures.name}-{site.number}"


def vault(fleet: Fleet, site: Site) -> str:
    return f"rsv-{fleet.figures.name}-{site.number}"


def resource_group(fleet: Fleet, site: Site, ending: str = "") -> str:
    """The source's; `-asr` the target's, `-dr` that of vault and account."""
    return f"rg-{fleet.figures.name}-{site.number}{ending}"


def server(fleet: Fleet) -> str:
    """Address of production that no drill may reach."""
    return str(fleet.hub.network_address + KEPT)


def _head(fleet: Fleet) -> Iterator[str]:
    figures = fleet.figures
    yield "# yaml-language-server: $schema=world.schema.json"
    yield f"# Written by `muster simulate --generate {figures.as_text()}`;"
    yield "# the same figures write it again, byte for byte."
    yield f"world: {figures.name}"
    yield f"seed: {figures.name}-{figures.seed}"
    yield f"subscription: {{id: {fleet.guid('subscription')}, name: Generated}}"
    yield f"tenant: {fleet.guid('tenant')}"
    yield ""
    yield "roles:"
    for name, actions in RIGHTS.items():
        yield f"  {name}:"
        yield "    actions:"
        yield from (f"      - {action}" for action in actions)


def _identities(fleet: Fleet) -> Iterator[str]:
    yield "# The secrets open nothing but this simulator."
    yield "client: muster-drill"
    yield "clients: {replicate: muster-operator, disable: muster-operator}"
    yield "identities:"
    for name, role in (("drill", ""), ("operator", "Contributor"), ("reader", "Reader")):
        yield f"  - name: muster-{name}"
        yield f"    client_id: {fleet.guid(name, 'client')}"
        yield f"    object_id: {fleet.guid(name, 'object')}"
        yield f"    secret: simulator-only-{name}-{fleet.figures.name}"
        yield "    roles:"
        if role:
            yield f"      - {{role: {role}}}"
            continue
        yield "      - {role: Reader}"
        for site in fleet.sites:
            yield from _drill_roles(fleet, site)


def _drill_roles(fleet: Fleet, site: Site) -> Iterator[str]:
    home = f"/resourceGroups/{resource_group(fleet, site, '-dr')}/providers"
    scopes = {
        "vault": f"{home}/Microsoft.RecoveryServices/vaults/{vault(fleet, site)}",
        "target": f"/resourceGroups/{resource_group(fleet, site, '-asr')}",
        "automation": f"{home}/Microsoft.Automation/automationAccounts/{account(fleet, site)}",
    }
    for where, scope in scopes.items():
        yield f"      - {{role: drill-in-{where}, scope: {scope}}}"


def _groups(fleet: Fleet) -> Iterator[str]:
    yield "groups:"
    yield f"  - {{name: rg-{fleet.figures.name}-hub, location: {fleet.sites[0].source}}}"
    for site in fleet.sites:
        for ending, location in (("", site.source), ("-asr", site.target), ("-dr", site.target)):
            name = resource_group(fleet, site, ending)
            yield f"  - {{name: {name}, location: {location}}}"


def _networks(fleet: Fleet) -> Iterator[str]:
    hub = f"vnet-{fleet.figures.name}-hub"
    yield "# The targets have the ranges of their sources: copies bear the very addresses,"
    yield "# and only isolation keeps them apart."
    yield "networks:"
    yield f"  - {{name: {hub}, group: rg-{fleet.figures.name}-hub, ranges: [{fleet.hub}],"
    yield f"     subnets: {{shared: {fleet.hub}}}}}"
    for site in fleet.sites:
        for ending in ("", "-asr"):
            yield f"  - name: {site.network}{ending}"
            yield f"    group: {resource_group(fleet, site, ending)}"
            yield f"    ranges: [{site.range}]"
            yield "    subnets:"
            yield from (f"      {name}: {space}" for name, space in site.subnets.items())
            yield "    security_groups:"
            yield from (f"      {name}: nsg-{name}" for name in site.subnets)
            yield f"    peered_with: [{hub}]"
    yield ""
    yield f"worker: {{network: {hub}, address: {fleet.hub.network_address + KEPT + 1}}}"
    yield "scripts: [{match: echo primary > /var/lib/fleet/role, stdout: promoted, takes: 20s}]"


def _vms(fleet: Fleet) -> Iterator[str]:
    yield "vms:"
    yield "  # Production that no drill may touch."
    name = fleet.figures.name
    yield f"  - {{name: ledger, group: rg-{name}-hub, address: {server(fleet)},"
    yield f"     network: vnet-{name}-hub, subnet: shared, services: [{{port: 443}}]}}"
    for site in fleet.sites:
        group = resource_group(fleet, site)
        if site.support:
            yield from _vm(site, group, site.support, "[{port: 53}, {port: 389}]")
        for each in site.groups:
            services = _services(each)
            for vm in each.vms:
                yield from _vm(site, group, vm, services)


def _vm(site: Site, group: str, vm: Machine, services: str) -> Iterator[str]:
    yield f"  - {{name: {vm.name}, group: {group}, size: {SIZES[vm.tier][0]}, boot: {vm.boot}s,"
    yield f"     network: {site.network}, subnet: {vm.subnet}, address: {vm.address},"
    disks = f"data_disks: [{{name: {vm.name}-data, gb: 256}}], " if vm.tier == "data" else ""
    yield f"     {disks}tags: {{tier: {vm.tier}}},"
    yield f"     services: {services}}}"


def _services(group: Group) -> str:
    """What each VM of a group listens with; it needs the first VM of the group below."""
    if group.tier == "data":
        return "[{port: 1433}]"
    below = group.below
    port = 1433 if below and below.tier == "data" else 8080
    needs = f'needs: ["{below.first.address}:{port}"], ' if below else ""
    path, body = ("/ready", "ready") if group.tier == "app" else ("/health", "healthy")
    return f"[{{port: 8080, kind: http, {needs}paths: {{{path}: {body}, {HEARTBEAT}}}}}]"


def _vault(fleet: Fleet, site: Site) -> Iterator[str]:
    yield f"  - name: {vault(fleet, site)}"
    yield f"    group: {resource_group(fleet, site, '-dr')}"
    for side, location, ending in (("source", site.source, ""), ("target", site.target, "-asr")):
        group = resource_group(fleet, site, ending)
        yield f"    {side}: {{location: {location}, group: {group},"
        yield f"             network: {site.network}{ending}}}"
    yield "    items:"
    yield from (f"      - {{vm: {vm.name}, name: {vm.item}}}" for vm in site.machines)


def _account(fleet: Fleet, site: Site) -> Iterator[str]:
    yield f"  - name: {account(fleet, site)}"
    yield f"    group: {resource_group(fleet, site, '-dr')}"
    yield "    runbooks:"
    yield '      - {name: Freeze-Writes, activate: 8s, run: 25s, output: "frozen"}'
    yield '      - {name: Register-Copies, activate: 8s, run: 35s, output: "got {parameters}"}'


def _walls(fleet: Fleet, site: Site) -> Iterator[str]:
    """A security group for each subnet, on both sides."""
    for ending in ("", "-asr"):
        for name in site.subnets:
            port = {"core": "*", "data": "1433"}.get(name.partition("-")[0], "8080")
            group = resource_group(fleet, site, ending)
            yield WALL.format(name=f"nsg-{name}", group=group, port=port)


def _quotas(fleet: Fleet) -> Iterator[str]:
    """Twice what stands in a region when every VM has its copy."""
    used: dict[str, Counter[str]] = {}
    for site in fleet.sites:
        for region in (site.source, site.target):
            counted = used.setdefault(region, Counter({"virtualMachines": 1, "cores": 2}))
            for vm in site.machines:
                _, cores, family = SIZES[vm.tier]
                counted.update({"virtualMachines": 1, "cores": cores, family: cores})
    yield "quotas:"
    for region, counted in sorted(used.items()):
        limits = ", ".join(f"{name}: {2 * count}" for name, count in sorted(counted.items()))
        yield f"  - {{location: {region}, limits: {{{limits}}}}}"
