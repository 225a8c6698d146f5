"""The Azure role that a drill's identity is given: all a drill needs, and no way to fail over."""

from __future__ import annotations

import json
import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from muster.gateway.values import Permission
from muster.simulator.identity.roles import Grant
from muster.steps.preflight_checks.permissions import (
    FOR_A_NETWORK,
    IN_ACCOUNT,
    IN_TARGET,
    IN_VAULT,
    TOO_MUCH,
    is_allowed,
)

DEPLOYMENTS = Path(__file__).parents[3] / "deployments"
ROLE = json.loads((DEPLOYMENTS / "azure" / "muster-drill-role.json").read_text(encoding="utf-8"))
VAULT = "Microsoft.RecoveryServices/vaults"
CONTAINER = f"{VAULT}/replicationFabrics/replicationProtectionContainers"
ITEM = f"{CONTAINER}/replicationProtectedItems"
PLAN = f"{VAULT}/replicationRecoveryPlans"

# Written down a second time: the constants of the preflight check may lose a line.
FAILS_OVER = [
    *(f"{ITEM}/{verb}/action" for verb in (
        "unplannedFailover", "plannedFailover", "failoverCommit", "failoverCancel",
        "applyRecoveryPoint", "reProtect", "remove",
    )),
    f"{ITEM}/write",
    f"{ITEM}/delete",
    f"{CONTAINER}/switchprotection/action",
    *(f"{PLAN}/{verb}/action" for verb in (
        "unplannedFailover", "plannedFailover", "failoverCommit", "failoverCancel", "reProtect",
    )),
]  # fmt: skip
MAY_DO_TO_AN_ITEM = {
    f"{kind}/{verb}/action"
    for kind in (ITEM, PLAN)
    for verb in ("testFailover", "testFailoverCleanup")
}


def allows(action: str, actions: list[str] | None = None) -> bool:
    """What the role says, by our rule and by the simulator's, which know nothing of each other."""
    actions = ROLE["Actions"] if actions is None else actions
    ours = is_allowed((Permission(tuple(actions), tuple(ROLE["NotActions"])),), action)
    theirs = Grant("/", tuple(actions), tuple(ROLE["NotActions"])).allows(action)
    assert ours == theirs, action
    return ours


def verbs_of_the_sdk() -> set[str]:
    """Every action below a vault that the SDK posts to; its lists are among them, and harmless."""
    package = find_spec("azure.mgmt.recoveryservicessiterecovery")
    assert package is not None
    assert package.origin is not None
    file = Path(package.origin).parent / "operations" / "_operations.py"
    found = set()
    for url in re.findall(r'vaults/\{resourceName\}/([^"]+)', file.read_text(encoding="utf-8")):
        parts = url.split("/")
        if len(parts) % 2 and len(parts) > 1:  # kinds and names in turn; a last word is a verb
            found.add("/".join((VAULT, *parts[::2])))
    return found


@pytest.mark.parametrize("action", [*IN_VAULT, *IN_TARGET, *FOR_A_NETWORK, *IN_ACCOUNT])
def test_the_role_allows_everything_that_a_drill_does(action):
    assert allows(action)


@pytest.mark.parametrize("action", sorted({*FAILS_OVER, *TOO_MUCH}))
def test_the_role_allows_no_verb_that_fails_over_or_ends_a_protection(action):
    assert not allows(action)
    # Nor would it if somebody widened what it gives.
    assert not allows(action, ["*"])


def test_preflight_warns_of_every_verb_that_fails_over():
    assert set(FAILS_OVER) <= set(TOO_MUCH)
    assert not set(TOO_MUCH) & {*IN_VAULT, *IN_TARGET, *FOR_A_NETWORK, *IN_ACCOUNT}


def test_of_all_verbs_of_the_sdk_the_role_allows_test_failover_and_its_cleanup_alone():
    verbs = {f"{verb}/action" for verb in verbs_of_the_sdk()}
    # Those of preflight are spelled as the SDK spells them.
    assert {one for one in TOO_MUCH if one.endswith("/action")} <= verbs
    assert {verb for verb in verbs if allows(verb)} == MAY_DO_TO_AN_ITEM


@pytest.mark.parametrize(
    "action",
    [
        "Microsoft.Compute/virtualMachines/powerOff/action",
        "Microsoft.Compute/virtualMachines/deallocate/action",
        "Microsoft.Compute/virtualMachines/runCommand/action",
        "Microsoft.Authorization/roleAssignments/write",
        "Microsoft.Network/virtualNetworks/virtualNetworkPeerings/write",
        "Microsoft.Automation/automationAccounts/write",
        f"{VAULT}/replicationJobs/cancel/action",
    ],
)
def test_the_role_stops_no_machine_opens_no_network_and_gives_nobody_rights(action):
    assert not allows(action)
