"""An item fails over: its recovered VM, its states, its job and what is refused."""

from __future__ import annotations

from pathlib import Path

from .life import SOURCE, TARGET, VM, failover_body, operating, where


async def test_a_failover_brings_the_vm_up_under_its_own_name(tmp_path: Path) -> None:
    async with operating(tmp_path) as operator:
        source = await operator.get(f"{SOURCE}/{VM}/Sql1")
        items = (await operator.site_recovery()).replication_protected_items
        body = {"properties": failover_body()}
        item = await (await items.begin_unplanned_failover(*where("Sql1"), body)).result()

        assert item.properties.protection_state == "UnplannedFailoverCommitPendingStatesBegin"
        assert item.properties.protection_state_description == "Failover completed"
        assert item.properties.active_location == "Recovery"
        assert item.properties.allowed_operations == [
            "CompleteMigration",
            "Commit",
            "DisableProtection",
            "ChangePit",
        ]
        vm = await operator.get(f"{TARGET}/{VM}/Sql1")
        assert vm["properties"]["vmId"] != source["properties"]["vmId"]
        assert vm["properties"]["storageProfile"]["osDisk"]["createOption"] == "Attach"
        assert vm["tags"] == {"tier": "data"}
        assert "osProfile" not in vm["properties"]
        assert vm["properties"]["networkProfile"]["networkInterfaces"][0]["id"].endswith(
            "/Sql1-nic"
        )
        # The source is left as it was: nobody asked for it to be stopped.
        view = await operator.get(f"{SOURCE}/{VM}/Sql1/instanceView")
        assert view["statuses"][1]["code"] == "PowerState/running"
        await operator.until(
            f"{TARGET}/{VM}/Sql1/instanceView",
            lambda body: body["vmAgent"]["statuses"][0]["displayStatus"] == "Ready",
        )
        assert ("on", "sql1") in operator.azure.guests.heard
