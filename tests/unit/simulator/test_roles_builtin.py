"""The built-in roles as Microsoft publishes them, and world files that name them."""

from __future__ import annotations

from pathlib import Path

import pytest

from muster.simulator.errors import SimulatorError
from muster.simulator.identity.builtin_roles import BUILT_IN, BY_NAME
from muster.simulator.identity.roles import Grant
from muster.simulator.worlds.file import load_world

from .conftest import SUBSCRIPTION, running
from .people import object_id, role, sign_in, with_secret, world_with

SITE = "Microsoft.RecoveryServices/vaults"
ITEM = f"{SITE}/replicationFabrics/replicationProtectionContainers/replicationProtectedItems"
PLAN = f"{SITE}/replicationRecoveryPlans"
JOBS = "Microsoft.Automation/automationAccounts/jobs"
NETWORK = "Microsoft.Network/virtualNetworks"


def allows(name: str, action: str) -> bool:
    found = BY_NAME[name]
    return Grant("/", found.actions, found.not_actions).allows(action)


@pytest.mark.parametrize(
    ("name", "guid", "actions", "not_actions"),
    [  # as counted in Microsoft's pages
        ("Owner", "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", 1, 0),
        ("Contributor", "b24988ac-6180-42a0-ab88-20f7382dd24c", 1, 11),
        ("Reader", "acdd72a7-3385-48ef-bd42-f606fba81ae7", 1, 0),
        ("User Access Administrator", "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9", 3, 0),
        ("Site Recovery Contributor", "6670b86e-a3f7-4917-ac9b-5d6ab1be4567", 29, 0),
        ("Site Recovery Operator", "494ae006-db33-4328-bf46-533a6560a3ca", 59, 0),
        ("Site Recovery Reader", "dbaa88c4-0c30-4179-9fb3-46319faa6149", 32, 0),
        ("Virtual Machine Contributor", "9980e02c-c2be-4d73-94e8-173b1dc7cf3c", 45, 0),
        ("Network Contributor", "4d97b98b-1d4f-4787-a291-c67834d212e7", 7, 0),
        ("Automation Operator", "d3881f73-407a-4167-8283-e981cbba0404", 21, 0),
        ("Automation Contributor", "f353d9bd-d4a6-484e-a77a-8050b599b867", 11, 0),
    ],
)
def test_a_built_in_role_has_the_published_id_and_as_many_actions(
    name: str, guid: str, actions: int, not_actions: int
) -> None:
    found = BUILT_IN[guid]
    assert found.role_name == name
    assert found.is_built_in
    assert len(set(found.actions)) == len(found.actions) == actions
    assert len(found.not_actions) == not_actions


@pytest.mark.parametrize(
    ("name", "may", "may_not"),
    [
        ("Owner", ["Microsoft.Authorization/roleAssignments/write"], []),
        (
            "Contributor",
            [f"{ITEM}/unplannedFailover/action", f"{NETWORK}/write"],
            ["Microsoft.Authorization/roleAssignments/write",
             "Microsoft.Authorization/locks/delete"],
        ),
        ("Reader", [f"{ITEM}/read", f"{JOBS}/output/read"], [f"{ITEM}/testFailover/action"]),
        (
            "User Access Administrator",
            ["Microsoft.Authorization/roleAssignments/write", f"{ITEM}/read"],
            [f"{ITEM}/testFailover/action", f"{NETWORK}/write"],
        ),
        (
            "Site Recovery Contributor",
            [f"{ITEM}/write", f"{ITEM}/failoverCancel/action", f"{PLAN}/delete",
             f"{SITE}/replicationOperationStatus/read"],
            [f"{SITE}/write", "Microsoft.Authorization/roleAssignments/write",
             f"{SITE}/replicationProtectedItems/read", f"{NETWORK}/subnets/join/action"],
        ),
        (
            "Site Recovery Operator",
            [f"{ITEM}/unplannedFailover/action", f"{PLAN}/testFailoverCleanup/action",
             f"{SITE}/replicationJobs/cancel/action"],
            [f"{ITEM}/write", f"{ITEM}/delete", f"{ITEM}/remove/action",
             f"{ITEM}/failoverCancel/action", f"{SITE}/replicationOperationStatus/read"],
        ),
        (
            "Site Recovery Reader",
            [f"{ITEM}/read", f"{PLAN}/read", f"{SITE}/replicationJobs/read"],
            [f"{ITEM}/testFailover/action", f"{SITE}/replicationJobs/cancel/action"],
        ),
        (
            "Virtual Machine Contributor",
            ["Microsoft.Compute/virtualMachines/runCommand/action",
             f"{NETWORK}/subnets/join/action", "Microsoft.Network/networkInterfaces/write"],
            [f"{NETWORK}/write", f"{ITEM}/read"],
        ),
        ("Network Contributor", [f"{NETWORK}/write", f"{NETWORK}/peer/action"],
         ["Microsoft.Compute/virtualMachines/read"]),
        ("Automation Operator", [f"{JOBS}/write", f"{JOBS}/output/read"],
         [f"{JOBS}/delete", "Microsoft.Automation/automationAccounts/runbooks/write"]),
        ("Automation Contributor", [f"{JOBS}/delete"], [f"{ITEM}/read"]),
    ],
)  # fmt: skip
def test_a_built_in_role_allows_what_it_says_and_no_more(
    name: str, may: list[str], may_not: list[str]
) -> None:
    assert [action for action in may if not allows(name, action)] == []
    assert [action for action in may_not if allows(name, action)] == []
    assert [action for action in may if not allows(name, action.upper())] == []


async def test_a_world_names_built_in_roles_without_defining_them(tmp_path: Path) -> None:
    names = [*BY_NAME]
    world = world_with(tmp_path, with_secret("c", *(role(name) for name in names)))
    async with running(tmp_path / "state", world) as azure:
        token = await sign_in(azure, "c")
        path = f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleAssignments"
        where = f"principalId eq '{object_id('c')}'"
        _, body, _ = await azure.ask("GET", path, token=token, **{"$filter": where})
    given = {row["properties"]["roleDefinitionId"].rpartition("/")[2] for row in body["value"]}
    assert given == set(BUILT_IN)


def test_a_role_that_is_neither_built_in_nor_defined_is_a_mistake(tmp_path: Path) -> None:
    world = world_with(tmp_path, with_secret("c", role("Site Recovery Boss")))
    with pytest.raises(SimulatorError, match="there is no role 'Site Recovery Boss'"):
        load_world(world)


def test_a_built_in_role_cannot_be_defined_anew(tmp_path: Path) -> None:
    world = world_with(tmp_path, roles="  Reader: {actions: ['*']}")
    with pytest.raises(SimulatorError) as caught:
        load_world(world)
    line = next(
        n for n, text in enumerate(world.read_text().splitlines(), 1) if "  Reader:" in text
    )
    assert str(caught.value) == f"{world}:{line}: 'Reader' is a built-in role"


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ("secret: short", "at least 8 characters"),
        ("certificates: []", "needs a secret, a certificate"),
        ("certificates: [not-a-certificate]", "wanted an RSA certificate's public part"),
        ("managed: {resource: somewhere}", "should match pattern"),
        ("secret: long-enough, managed: {resource: /resourceGroups/rg}", "neither secret nor"),
    ],
)
def test_an_identity_that_cannot_sign_in_is_a_mistake_with_its_line(
    tmp_path: Path, how: str, message: str
) -> None:
    world = world_with(tmp_path, with_secret("c").replace("secret: simulator-only-c", how))
    with pytest.raises(SimulatorError, match=message) as caught:
        load_world(world)
    line = next(
        n for n, text in enumerate(world.read_text().splitlines(), 1) if "name: c," in text
    )
    assert str(caught.value).startswith(f"{world}:{line}: ")
