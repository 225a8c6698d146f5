"""A run says of which VMs the way out is blocked: on terminal, in record and report."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest

from muster.report.markdown import report_markdown
from muster.report.record import build_record
from muster.report.render_html import render_html
from muster.report.text import summary_text
from muster.steps.replicating.deciding import decide
from tests.in_process.replicating import Bench, replicated
from tests.in_process.scenario import Scenario
from tests.in_process.test_replicating_plans import from_nothing

WEB = ["web1", "web2", "web3"]


def walled(access: str) -> Scenario:
    """The world whose subnet `web` has a security group that lets Storage out, or does not."""
    scenario = from_nothing()
    world = copy.deepcopy(dict(scenario.world))
    rule = {
        "name": "storage",
        "properties": {
            "priority": 100, "direction": "Outbound", "access": access, "protocol": "*",
            "sourceAddressPrefix": "*", "sourcePortRange": "*",
            "destinationAddressPrefix": "Storage", "destinationPortRange": "*",
        },
    }  # fmt: skip
    world.setdefault("resources", []).append({
        "type": "Microsoft.Network/networkSecurityGroups", "name": "nsg-web", "group": "rg-erp",
        "location": "eastus", "properties": {"securityRules": [rule]},
    })  # fmt: skip
    network = next(one for one in world["networks"] if one["name"] == "vnet-erp")
    network["security_groups"] = {"web": "nsg-web"}
    return replace(scenario, world=world)


def record_of(scenario: Scenario) -> dict[str, Any]:
    async def script(bench: Bench) -> None:
        bench.decide = decide
        await bench.replicate()

    came = replicated(scenario, script)
    (result,) = came.results
    assert result.outcome == "passed"
    return build_record(came.events(result.run))


@pytest.fixture(scope="module")
def blocked() -> dict[str, Any]:
    return record_of(walled("Deny"))


def test_what_is_blocked_stands_in_the_record_with_the_rule_to_add(blocked):
    (one,) = blocked["replication"]["outbound"]
    assert (one["vms"], one["severity"]) == (WEB, "blocked")
    assert "denied by rule storage of nsg-web" in one["why"]
    assert one["command"].startswith("az network nsg rule create")


def test_terminal_artifact_and_report_name_the_vms(blocked):
    line = next(one for one in summary_text(blocked) if one.startswith("Blocked"))
    assert "web1, web2, web3 cannot reach what replication needs" in line
    assert "**Blocked:** web1, web2, web3" in report_markdown(blocked)
    page = render_html(blocked)
    assert "web1, web2, web3</td>" in page
    assert "az network nsg rule create" in page


def test_where_all_can_leave_nothing_is_said():
    record = record_of(walled("Allow"))
    assert record["replication"]["outbound"] == []
    assert "Blocked" not in "\n".join(summary_text(record))
    assert "Ways out" not in render_html(record)
