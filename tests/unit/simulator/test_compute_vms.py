"""Virtual machines from PUT to DELETE, through the Compute client and bare requests."""

from __future__ import annotations

from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError
from azure.mgmt.compute.aio import ComputeManagementClient

from .asked import COMPUTE, NETWORK, READY, Operator, agent, done, nic, operator, vm
from .conftest import SUBSCRIPTION, Azure

NIC = f"{NETWORK}/networkInterfaces/new-nic"
VM = f"{COMPUTE}/virtualMachines/new"
WEB = f"{SUBSCRIPTION}/resourceGroups/rg-app/providers/Microsoft.Compute/virtualMachines/web1"


async def made(azure: Azure, **properties: Any) -> Operator:
    admin = await operator(azure)
    await admin.put(NIC, nic())
    await admin.put(VM, vm(NIC, **properties))
    return admin


async def test_a_vm_is_made_of_an_image_and_boots(azure: Azure) -> None:
    admin = await operator(azure)
    await admin.put(NIC, nic())
    status, told, headers = await admin.ask("PUT", VM, vm(NIC))
    assert (status, told["properties"]["provisioningState"]) == (201, "Creating")
    assert "adminPassword" not in str(told)
    assert (await done(azure, headers))["status"] == "Succeeded"
    await azure.until(f"{VM}/instanceView", lambda body: agent(body) == READY)

    client = await azure.client(ComputeManagementClient)
    found = await client.virtual_machines.get("rg-asr", "new", expand="instanceView")
    assert [each.code for each in found.instance_view.statuses] == [
        "ProvisioningState/succeeded",
        "PowerState/running",
    ]
    assert found.os_profile.computer_name == "new"
    assert found.storage_profile.os_disk.os_type == "Linux"
    assert found.storage_profile.os_disk.managed_disk.id == f"{COMPUTE}/disks/new-osdisk"
    disk = await client.disks.get("rg-asr", "new-osdisk")
    assert (disk.disk_state, disk.managed_by, disk.disk_size_gb) == ("Attached", VM, 30)
    card = await azure.get(NIC)
    assert card["properties"]["virtualMachine"] == {"id": VM}
    assert ("on", "new") in azure.guests.heard
    again = await admin.put(VM, vm(NIC) | {"tags": {"a": "b"}})
    assert (again["tags"], again["properties"]["vmId"]) == ({"a": "b"}, found.vm_id)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"hardwareProfile": {}}, (400, "InvalidParameter")),
        ({"hardwareProfile": {"vmSize": "Huge"}}, (400, "InvalidParameter")),
        ({"networkProfile": {"networkInterfaces": []}}, (400, "InvalidParameter")),
        ({"networkProfile": {"networkInterfaces": [{"id": f"{NIC}-none"}]}}, (404, "NotFound")),
        ({"networkProfile": {"networkInterfaces": 7}}, (400, "InvalidRequestContent")),
        ({"osProfile": None}, (400, "InvalidParameter")),
        ({"osProfile": {"computerName": "new"}}, (400, "InvalidParameter")),
        ({"storageProfile": {"osDisk": {"createOption": "FromImage"}}}, (400, "InvalidParameter")),
        ({"storageProfile": {"osDisk": {"createOption": "Magic"}}}, (400, "InvalidParameter")),
        ({"storageProfile": {}}, (400, "InvalidParameter")),
        ({"availabilitySet": {"id": f"{COMPUTE}/availabilitySets/none"}}, (404, "NotFound")),
    ],
)
async def test_a_vm_that_cannot_be_is_refused_and_leaves_nothing(
    azure: Azure, changed: dict[str, Any], expected: tuple[int, str]
) -> None:
    admin = await operator(azure)
    await admin.put(NIC, nic())
    assert await admin.refused("PUT", VM, vm(NIC, **changed)) == expected
    assert (await azure.ask("GET", VM))[0] == 404
    assert (await azure.ask("GET", f"{COMPUTE}/disks/new-osdisk"))[0] == 404
    assert "virtualMachine" not in (await azure.get(NIC))["properties"]


async def test_a_nic_or_disk_of_another_vm_is_not_to_be_had(azure: Azure) -> None:
    admin = await made(azure)
    other = f"{COMPUTE}/virtualMachines/other"
    assert await admin.refused("PUT", other, vm(NIC)) == (400, "NicInUse")
    second = f"{NETWORK}/networkInterfaces/second"
    await admin.put(second, nic())
    taken = vm(second)
    assert await admin.refused("PUT", other, taken) == (409, "ConflictingUserInput")
    attach = {
        "osDisk": {
            "createOption": "Attach", "osType": "Linux",
            "managedDisk": {"id": f"{COMPUTE}/disks/new-osdisk"},
        }
    }  # fmt: skip
    body = vm(second, storageProfile=attach, osProfile=None)
    assert await admin.refused("PUT", other, body) == (409, "ConflictingUserInput")
    body = vm(second, storageProfile=attach)
    assert await admin.refused("PUT", other, body) == (400, "InvalidParameter")  # osProfile


async def test_a_vm_is_resized_and_given_disks_by_patch(azure: Azure) -> None:
    admin = await made(azure)
    await admin.put(
        f"{COMPUTE}/disks/extra",
        {
            "location": "westus2",
            "properties": {"creationData": {"createOption": "Empty"}, "diskSizeGB": 64},
        },
    )
    disks = [
        {"lun": 0, "createOption": "Empty", "diskSizeGB": 8, "name": "new-data"},
        {
            "lun": 1,
            "createOption": "Attach",
            "managedDisk": {"id": f"{COMPUTE}/disks/extra"},
        },
    ]
    body = {
        "tags": {"tier": "web"},
        "properties": {
            "hardwareProfile": {"vmSize": "Standard_D4s_v5"},
            "storageProfile": {"dataDisks": disks},
        },
    }
    status, told, headers = await admin.ask("PATCH", VM, body)
    assert (status, told["properties"]["provisioningState"]) == (200, "Updating")
    await done(azure, headers)
    shown = await azure.get(VM)
    assert shown["tags"] == {"tier": "web"}
    assert shown["properties"]["hardwareProfile"]["vmSize"] == "Standard_D4s_v5"
    assert [each["name"] for each in shown["properties"]["storageProfile"]["dataDisks"]] == [
        "new-data",
        "extra",
    ]
    assert (await azure.get(f"{COMPUTE}/disks/extra"))["managedBy"] == VM
    assert ("off", "new") in azure.guests.heard  # a resize restarts it
    assert await admin.refused("DELETE", f"{COMPUTE}/disks/extra") == (409, "OperationNotAllowed")

    twice = {"properties": {"storageProfile": {"dataDisks": [disks[0], disks[0]]}}}
    assert await admin.refused("PATCH", VM, twice) == (400, "InvalidParameter")
    body = {"properties": {"storageProfile": {"dataDisks": disks[:1]}}}
    _, _, headers = await admin.ask("PATCH", VM, body)
    await done(azure, headers)
    assert "managedBy" not in await azure.get(f"{COMPUTE}/disks/extra")
    swap = {"osDisk": {"managedDisk": {"id": f"{COMPUTE}/disks/extra"}}}
    body = {"properties": {"storageProfile": swap}}
    assert await admin.refused("PATCH", VM, body) == (409, "PropertyChangeNotAllowed")


async def test_what_says_so_goes_with_its_vm_and_the_rest_stays(azure: Azure) -> None:
    admin = await operator(azure)
    await admin.put(NIC, nic())
    body = vm(NIC)
    profile = body["properties"]["storageProfile"]
    profile["dataDisks"] = [
        {"lun": 0, "createOption": "Empty", "diskSizeGB": 8, "name": "keep"},
        {
            "lun": 1,
            "createOption": "Empty",
            "diskSizeGB": 8,
            "name": "go",
            "deleteOption": "Delete",
        },
    ]
    body["properties"]["networkProfile"]["networkInterfaces"][0]["properties"] = {
        "deleteOption": "Delete"
    }
    await admin.put(VM, body)
    status, _, headers = await admin.ask("DELETE", VM)
    assert status == 202
    refused = await admin.refused("POST", f"{VM}/start")
    assert refused == (409, "OperationNotAllowed")
    await done(azure, headers)
    assert (await azure.ask("GET", VM))[0] == 404
    for name, gone in (("keep", False), ("go", True), ("new-osdisk", False)):
        status, told, _ = await azure.ask("GET", f"{COMPUTE}/disks/{name}")
        assert (status == 404) is gone
        if not gone:
            assert told["properties"]["diskState"] == "Unattached"
            assert "managedBy" not in told
    assert (await azure.ask("GET", NIC))[0] == 404
    assert ("off", "new") in azure.guests.heard


async def test_a_vm_made_of_a_disk_boots_the_system_that_is_on_it(azure: Azure) -> None:
    admin = await operator(azure)
    await admin.delete(f"{WEB}".replace("web1", "Sql1"))
    body = vm("", osProfile=None) | {"location": "eastus"}
    group = f"{SUBSCRIPTION}/resourceGroups/rg-app/providers"
    body["properties"]["networkProfile"]["networkInterfaces"] = [
        {"id": f"{group}/Microsoft.Network/networkInterfaces/Sql1-nic"}
    ]
    body["properties"]["storageProfile"] = {
        "osDisk": {
            "createOption": "Attach",
            "managedDisk": {"id": f"{group}/Microsoft.Compute/disks/Sql1-osdisk"},
        }
    }
    path = f"{group}/Microsoft.Compute/virtualMachines/revived"
    made = await admin.put(path, body)
    assert "osProfile" not in made["properties"]
    assert made["properties"]["storageProfile"]["osDisk"]["osType"] == "Linux"
    await azure.until(f"{path}/instanceView", lambda body: agent(body) == READY)
    guest = azure.guests.view.guest(path)
    assert [service.port for service in guest.services] == [1433]
    assert guest.writer == "Sql1"


async def test_the_client_deletes_starts_and_lists(azure: Azure) -> None:
    admin = await operator(azure)
    client = await azure.client(ComputeManagementClient)
    with pytest.raises(HttpResponseError) as caught:  # the drill's identity may not
        await client.virtual_machines.begin_restart("rg-app", "web1", polling_interval=0.05)
    assert caught.value.status_code == 403
    shown = [each async for each in client.virtual_machines.list_all(status_only="true")]
    assert {each.name for each in shown} == {"bad1", "dead1", "Sql1", "web1"}
    assert shown[0].instance_view.statuses[1].code == "PowerState/running"
    here = [each.name async for each in client.virtual_machines.list_by_location("eastus")]
    assert len(here) == 4
    assert [each async for each in client.virtual_machines.list_by_location("westus2")] == []
    await admin.delete(WEB)
    names = [each.name async for each in client.virtual_machines.list("rg-app")]
    assert "web1" not in names


async def test_a_windows_vm_is_known_by_its_image(azure: Azure) -> None:
    image = {
        "publisher": "MicrosoftWindowsServer", "offer": "WindowsServer", "sku": "2022-datacenter",
        "version": "latest",
    }  # fmt: skip
    await made(
        azure,
        storageProfile={
            "imageReference": image,
            "osDisk": {"createOption": "FromImage", "diskSizeGB": 256},
        },
    )
    shown = (await azure.get(VM))["properties"]["storageProfile"]["osDisk"]
    assert (shown["osType"], shown["diskSizeGB"]) == ("Windows", 256)
    assert shown["name"].startswith("new_OsDisk_1_")
    await azure.until(f"{VM}/instanceView", lambda body: agent(body) == READY)
    view = await azure.get(f"{VM}/instanceView")
    assert view["osName"].startswith("Windows")
