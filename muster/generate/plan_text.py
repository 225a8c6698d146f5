"""A vault's part of a fleet as the text of its recovery plan."""

from __future__ import annotations

from collections.abc import Iterator

from muster.generate.fleet import Fleet, Group, Machine, Site
from muster.generate.world_text import account, resource_group, server, vault

SCRIPT = "promote-fleet.sh"
SCRIPT_TEXT = """\
#!/bin/bash
# Make the recovered database take writes. Runs as root inside the test copy; safe to run again.
set -euo pipefail
mkdir -p /var/lib/fleet
echo primary > /var/lib/fleet/role
echo "promoted"
"""


def plan_text(fleet: Fleet, site: Site) -> str:
    """The plan's file: the same fleet, the same text."""
    lines = [*_head(fleet, site), "", "groups:"]
    for group in site.groups:
        lines += _group(fleet, site, group)
    return "\n".join([*lines, "", *_checks(fleet, site)]) + "\n"


def _head(fleet: Fleet, site: Site) -> Iterator[str]:
    vms = sum(1 for _ in site.machines)
    order = "as a DAG, stack beside stack" if site.is_dag else "one after the other"
    yield "# yaml-language-server: $schema=schema.json"
    yield f"# Written by `muster simulate --generate {fleet.figures.as_text()}`."
    yield f"plan: {site.plan}"
    yield f"about: Generated; {vms} VMs in {len(site.groups)} groups, {order}."
    yield "objectives: {rto: 4h, rpo: 15m}"
    yield ""
    group, network = resource_group(fleet, site), site.network
    yield f"source: {{region: {site.source}, resource_group: {group}, network: {network}}}"
    yield f"target: {{region: {site.target}}}"
    home = resource_group(fleet, site, "-dr")
    yield f"vault: {{resource_group: {home}, name: {vault(fleet, site)}}}"
    yield "drill:"
    yield f"  network: {{create: vnet-{site.plan}-drill}}"
    if site.support:
        yield ""
        yield f"support: {{vms: [{_vm(site.support)}]}}"


def _vm(vm: Machine) -> str:
    more = ", critical: false" if vm.is_optional else ""
    nic = f"{{subnet: {vm.subnet}, private_ip: {vm.address}}}"
    return f"{{name: {vm.name}, nics: [{nic}]{more}}}"


def _group(fleet: Fleet, site: Site, group: Group) -> Iterator[str]:
    yield f"  - name: {group.name}"
    if site.is_dag:
        yield f"    needs: [{group.below.name if group.below else ''}]"
    yield "    vms:"
    yield from (f"      - {_vm(vm)}" for vm in group.vms)
    yield from _actions(fleet, site, group)
    yield "    checks:"
    yield from (f"      - {_check(group, vm)}" for vm in group.vms)


def _actions(fleet: Fleet, site: Site, group: Group) -> Iterator[str]:
    """A data group is promoted; the last group of all is registered; writes stop in failovers."""
    if group is site.groups[0]:
        yield "    before:"
        yield f"      - runbook: {{account: {account(fleet, site)}, name: Freeze-Writes}}"
        yield "        touches: production"
        yield "        only: [failover]"
    after = []
    if group.tier == "data":
        after += [f"      - run_command: {{vm: {group.first.name}, file: scripts/{SCRIPT}}}"]
    if group is site.groups[-1]:
        book = f"account: {account(fleet, site)}, name: Register-Copies, context: muster"
        after += [f"      - runbook: {{{book}}}", "        touches: test"]
    if after:
        yield from ("    after:", *after)


def _check(group: Group, vm: Machine) -> str:
    match group.tier:
        case "data":
            return f"tcp: {{vm: {vm.name}, port: 1433}}"
        case "app":
            return f'http: {{url: "http://{{{vm.name}}}:8080/ready", contains: ready}}'
        case "web":
            return f'http: {{url: "http://{{{vm.name}}}:8080/health", contains: healthy}}'


def _checks(fleet: Fleet, site: Site) -> Iterator[str]:
    """Data loss is read where people come in; from there production is out of reach."""
    front = site.groups[-1].first.name
    yield "checks:"
    yield f'  - data_loss: {{url: "http://{{{front}}}:8080/heartbeat", at_most: 15m}}'
    ledger = f"host: {server(fleet)}, port: 443"
    yield f"  - unreachable: {{from: {front}, {ledger}, live_from: worker}}"
