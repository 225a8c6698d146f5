"""Lists of protected items: pages, filters, and what a list leaves out."""

from __future__ import annotations

from pathlib import Path

from .life import CONTAINER_ID, ITEMS, RECOVERY_ID, VAULT, operating

ALL = f"{VAULT}/replicationProtectedItems"
MINE = f"{CONTAINER_ID}/replicationProtectedItems"


async def test_a_long_list_comes_in_pages(tmp_path: Path) -> None:
    async with operating(tmp_path, items_per_page=3) as operator:
        first = await operator.get(ALL)
        assert len(first["value"]) == 3
        second = await operator.get(first["nextLink"])
        assert (len(second["value"]), second["nextLink"]) == (1, None)
        names = [row["name"] for page in (first, second) for row in page["value"]]
        assert sorted(names) == sorted(ITEMS.values())

        items = (await operator.site_recovery()).replication_protected_items
        assert [item.name async for item in items.list("rg-dr", "rsv")] == names
        place = ("rg-dr", "rsv", CONTAINER_ID.split("/")[-3], CONTAINER_ID.split("/")[-1])
        listed = items.list_by_replication_protection_containers(*place)
        assert [item.name async for item in listed] == names
        token = first["nextLink"].partition("skipToken=")[2]
        rest = [item.name async for item in items.list("rg-dr", "rsv", skip_token=token)]
        assert rest == names[3:]


async def test_a_page_goes_on_after_its_last_item_though_others_went(tmp_path: Path) -> None:
    async with operating(tmp_path, items_per_page=2) as operator:
        first = await operator.get(ALL)
        gone = first["value"][0]["properties"]["friendlyName"]
        await operator.did(gone, "", method="DELETE")
        second = await operator.get(first["nextLink"])
        assert [row["name"] for row in second["value"]] == sorted(ITEMS.values())[2:]
        status, body, _ = await operator.ask("GET", ALL, skipToken="nowhere")
        assert (status, body["error"]["code"]) == (400, "InvalidSkipToken")


async def test_filters_choose_and_unread_ones_are_refused(tmp_path: Path) -> None:
    async with operating(tmp_path) as operator:

        async def found(text: str) -> int:
            return len((await operator.get(ALL, **{"$filter": text}))["value"])

        assert await found("SourceFabricName eq 'asr-a2a-default-eastus'") == 4
        assert await found("sourceFabricLocation eq 'westus2'") == 0
        assert await found("FriendlyName eq 'web1' and InstanceType eq 'A2A'") == 1
        await operator.fail_over("web1")
        failed_over = "ProtectionState eq 'UnplannedFailoverCommitPendingStatesBegin'"
        assert await found(failed_over) == 1
        for unread in ("Colour eq 'blue'", "FriendlyName gt 'a'"):
            status, body, _ = await operator.ask("GET", ALL, **{"$filter": unread})
            assert (status, body["error"]["code"]) == (400, "InvalidFilter")


async def test_a_list_leaves_the_live_state_of_disks_out(tmp_path: Path) -> None:
    async with operating(tmp_path) as operator:
        rows = (await operator.get(MINE))["value"]
        row = next(row for row in rows if row["name"] == ITEMS["web1"])["properties"]
        item = await operator.item("web1")
        listed, told = (
            one["providerSpecificDetails"]["protectedManagedDisks"][0] for one in (row, item)
        )
        live = ("diskState", "allowedDiskLevelOperation", "dataPendingAtSourceAgentInMB")
        assert [listed[key] for key in live] == [None, None, 0.0]
        assert [told[key] for key in live] == ["Protected", [], 1.25]
        assert {k for k in told if told[k] != listed[k]} == set(live)


async def test_a_list_of_a_container_that_is_not_there_is_a_404(tmp_path: Path) -> None:
    async with operating(tmp_path) as operator:
        assert (await operator.get(f"{RECOVERY_ID}/replicationProtectedItems"))["value"] == []
        missing = f"{RECOVERY_ID}x/replicationProtectedItems"
        assert (await operator.ask("GET", missing))[0] == 404


async def test_newer_versions_tell_more_of_an_item(tmp_path: Path) -> None:
    async with operating(tmp_path) as operator:
        old = (await operator.item("web1", version="2022-08-01"))["providerSpecificDetails"]
        new = (await operator.item("web1", version="2024-10-01"))["providerSpecificDetails"]
        assert set(new) - set(old) == {"rtoInSeconds", "churnOptionSelected"}
        assert old["agentExpiryDate"] + "Z" == new["agentExpiryDate"]
