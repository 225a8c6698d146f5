"""Virtual machines off and on again."""

from __future__ import annotations

from azure.mgmt.compute.aio import ComputeManagementClient

from .asked import READY, agent, done, operator
from .conftest import SUBSCRIPTION, Azure

APP = f"{SUBSCRIPTION}/resourceGroups/rg-app/providers/Microsoft.Compute/virtualMachines"
WEB = f"{APP}/web1"


async def test_production_is_up_from_the_start(azure: Azure) -> None:
    client = await azure.client(ComputeManagementClient)
    vm = await client.virtual_machines.get("rg-app", "Sql1", expand="instanceView")
    codes = [status.code for status in vm.instance_view.statuses]
    assert codes == ["ProvisioningState/succeeded", "PowerState/running"]
    assert vm.instance_view.vm_agent.statuses[0].display_status == "Ready"
    assert [each.name async for each in client.virtual_machines.list("rg-app")] == [
        "bad1", "dead1", "Sql1", "web1",
    ]  # fmt: skip
    assert {("on", "sql1"), ("on", "dead1")} <= set(azure.guests.heard)


async def test_a_machine_is_deallocated_and_started_again(azure: Azure) -> None:
    operator = await azure.as_("operator")
    status, _, headers = await azure.ask("POST", f"{APP}/web1/deallocate", token=operator)
    assert status == 202
    await azure.until(headers["Azure-AsyncOperation"], lambda told: told["status"] == "Succeeded")
    view = await azure.get(f"{APP}/web1/instanceView")
    assert view["statuses"][1]["code"] == "PowerState/deallocated"
    assert "vmAgent" not in view
    assert ("off", "web1") in azure.guests.heard

    await azure.ask("POST", f"{APP}/web1/start", token=operator)
    await azure.until(
        f"{APP}/web1/instanceView",
        lambda body: (
            body.get("vmAgent", {}).get("statuses", [{}])[0].get("displayStatus") == "Ready"
        ),
    )
    assert azure.guests.heard.count(("on", "web1")) == 2


async def test_power_goes_off_and_on_again(azure: Azure) -> None:
    admin = await operator(azure)

    async def act(verb: str) -> str:
        status, _, headers = await admin.ask("POST", f"{WEB}/{verb}")
        assert status == 202
        assert (await done(azure, headers))["status"] == "Succeeded"
        assert (await azure.ask("GET", headers["Location"]))[0] == 204
        view = await azure.get(f"{WEB}/instanceView")
        return str(view["statuses"][1]["code"])

    assert await act("powerOff") == "PowerState/stopped"
    assert await admin.refused("POST", f"{WEB}/restart") == (409, "OperationNotAllowed")
    assert await act("start") == "PowerState/running"
    assert await act("restart") == "PowerState/running"
    assert await act("redeploy") == "PowerState/running"
    assert await act("reapply") == "PowerState/running"
    assert await act("deallocate") == "PowerState/deallocated"
    assert await act("powerOff") == "PowerState/deallocated"  # nothing to switch off
    assert azure.guests.heard.count(("off", "web1")) == 4


async def test_what_was_asked_last_is_what_happens(azure: Azure) -> None:
    admin = await operator(azure)
    await admin.ask("POST", f"{WEB}/deallocate")
    _, _, headers = await admin.ask("POST", f"{WEB}/start")
    await done(azure, headers)
    await azure.until(f"{WEB}/instanceView", lambda body: agent(body) == READY)
    view = await azure.get(f"{WEB}/instanceView")
    assert view["statuses"][1]["code"] == "PowerState/running"
