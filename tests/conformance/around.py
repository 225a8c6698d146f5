"""What else a drill asks of Azure; recordings of first contact are held against it.

Of no sample, and of no method of the Site Recovery SDK: asked by bare HTTP by both drives.
"""

from __future__ import annotations

from typing import Any

from tests.conformance.drills import comment, item, portal, to_test
from tests.conformance.life import A2A, COMPUTE
from tests.conformance.story import Chapters, Story, job_of

NETWORK = "providers/Microsoft.Network"
ACCOUNT = "providers/Microsoft.Automation/automationAccounts/accounts"
PERMISSIONS = "providers/Microsoft.Authorization/permissions"


async def a_drill_is_watched(story: Story) -> None:
    """Item and job, before, while and after they change."""
    path, jobs = item(story, "Watched"), f"{portal(story)}/replicationJobs"
    for verb, body in (
        ("testFailover", to_test(story, A2A)),
        ("testFailoverCleanup", comment("Watched")),
    ):
        first = await story.ask("POST", f"{path}/{verb}", body)
        for span in (0.0, 2.0, 30.0):
            story.move(span)
            for place in (path, job_of(first), jobs):
                await story.ask("GET", place)
        if verb == "testFailoverCleanup":
            story.move(40)
            await story.bare("GET", f"{copy_of(story)}", refused=True)
        await story.drive.finish(first)
        for place in (path, job_of(first), jobs):
            await story.ask("GET", place)
        if verb == "testFailover":
            await _the_copy_is_looked_at(story)
    story.move(60)
    await story.ask("GET", path)
    await story.bare("GET", copy_of(story), refused=True)


def copy_of(story: Story) -> str:
    return f"{story.group('VaultGroup')}/{COMPUTE}/virtualMachines/Watched-test"


async def _the_copy_is_looked_at(story: Story) -> None:
    vm = (await story.bare("GET", copy_of(story))).body
    await story.bare("GET", f"{copy_of(story)}/instanceView")
    for nic in vm["properties"]["networkProfile"]["networkInterfaces"]:
        await story.bare("GET", nic["id"])
    await story.bare("GET", vm["properties"]["storageProfile"]["osDisk"]["managedDisk"]["id"])
    command = f"{copy_of(story)}/runCommands/look"
    body: Any = {"location": "eastus2", "properties": {"source": {"script": "echo here"}}}
    await story.bare("PUT", command, body)
    story.move(120)
    await story.bare("GET", command)
    await story.bare("GET", command, expand="instanceView")
    await story.bare("DELETE", command)


async def a_network_is_isolated(story: Story) -> None:
    group = f"{story.group('VaultGroup')}/{NETWORK}"
    space = {"addressSpace": {"addressPrefixes": ["10.70.0.0/16"]}, "subnets": []}
    made: dict[str, Any] = {
        f"{group}/networkSecurityGroups/isolated": {"securityRules": []},
        f"{group}/routeTables/isolated": {"routes": []},
        f"{group}/virtualNetworks/isolated": space,
    }
    for path, properties in made.items():
        body = {"location": "eastus2", "properties": properties, "tags": {"drill": "1"}}
        await story.bare("PUT", path, body)
        story.move(30)
        await story.bare("GET", path)
    for path in reversed(made):
        await story.bare("DELETE", path)
        story.move(30)
        await story.bare("GET", path, refused=True)


async def rights_and_resources_are_listed(story: Story) -> None:
    subscription = f"/subscriptions/{story.subscription}"
    groups = [story.group(name) for name in ("VaultGroup", "VmGroup")]
    account = f"{groups[0]}/{ACCOUNT}"
    for path in ("/subscriptions", f"{subscription}/resources", f"{groups[0]}/resources"):
        await story.bare("GET", path)
    for scope in (portal(story), *groups, account):
        await story.bare("GET", f"{scope}/{PERMISSIONS}")
    await story.bare("GET", f"{account}/runbooks/Register")


AROUND: Chapters = {
    a_drill_is_watched: None,
    a_network_is_isolated: None,
    rights_and_resources_are_listed: None,
}
