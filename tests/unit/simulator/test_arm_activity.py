"""The Activity Log: every act that came in, by whom, and what came of it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from muster.simulator.arm import activity

from .asked import GROUP, NETWORK, operator
from .conftest import DRILL_NETWORK, SUBSCRIPTION, Azure

EVENTS = f"{SUBSCRIPTION}/providers/Microsoft.Insights/eventtypes/management/values"
SINCE = "eventTimestamp ge '2020-01-01T00:00:00Z'"
DRILL, OPERATOR = "aaaaaaaa-0000-4000-8000-000000000002", "bbbbbbbb-0000-4000-8000-000000000002"
TABLE = f"{NETWORK}/routeTables/rt"


async def events(azure: Azure, wanted: str = "", **query: str) -> list[dict[str, object]]:
    text = f"{SINCE} and {wanted}" if wanted else SINCE
    return list((await azure.get(EVENTS, **{"$filter": text} | query))["value"])


async def test_writes_deletes_and_actions_are_told_and_reads_are_not(azure: Azure) -> None:
    admin = await operator(azure)
    await azure.get(DRILL_NETWORK)
    _, _, headers = await admin.ask("PUT", TABLE, {"location": "westus2"})
    await admin.ask("POST", f"{SUBSCRIPTION}/providers/Microsoft.Network/register")
    await azure.ask("DELETE", TABLE)
    await azure.ask("DELETE", f"{NETWORK}/publicIPAddresses/none")
    await azure.ask("PUT", f"{SUBSCRIPTION}/resourceGroups/rg-x", {"location": "westus2"})
    told = [
        (row["operationName"]["value"], row["status"]["value"], row["caller"])  # type: ignore[index]
        for row in await events(azure)
    ]
    assert told == [
        ("Microsoft.Resources/subscriptions/resourceGroups/write", "Failed", DRILL),
        ("Microsoft.Network/publicIPAddresses/delete", "Succeeded", DRILL),
        ("Microsoft.Network/routeTables/delete", "Accepted", DRILL),
        ("Microsoft.Network/register/action", "Succeeded", OPERATOR),
        ("Microsoft.Network/routeTables/write", "Succeeded", OPERATOR),
    ]
    (made,) = await events(azure, f"correlationId eq '{headers['x-ms-correlation-request-id']}'")
    assert made["resourceId"] == TABLE
    assert made["resourceGroupName"] == "rg-asr"
    assert made["subStatus"]["value"] == "Created"  # type: ignore[index]
    assert made["authorization"] == {
        "action": "Microsoft.Network/routeTables/write",
        "scope": TABLE,
    }
    assert made["level"] == "Informational"


async def test_the_log_is_filtered_by_time_group_and_resource(azure: Azure) -> None:
    admin = await operator(azure)
    await admin.put(TABLE, {"location": "westus2"})
    (first,) = await events(azure)
    at = str(first["eventTimestamp"])
    await admin.ask("PUT", f"{SUBSCRIPTION}/resourceGroups/rg-x", {"location": "westus2"})
    assert len(await events(azure)) == 2
    assert [row["resourceId"] for row in await events(azure, f"resourceUri eq '{TABLE}'")] == [
        TABLE
    ]
    assert len(await events(azure, "resourceGroupName eq 'RG-X'")) == 1
    assert len(await events(azure, "resourceProvider eq 'Microsoft.Network'")) == 1
    assert await events(azure, "eventTimestamp le '2020-01-02T00:00:00Z'") == []
    assert len(await events(azure, f"eventTimestamp le '{at}'")) == 1
    assert len(await events(azure, f"eventTimestamp gt '{at}'")) == 1
    elsewhere = datetime.fromisoformat(at).astimezone(timezone(timedelta(hours=5)))
    assert len(await events(azure, f"eventTimestamp lt '{elsewhere.isoformat()}'")) <= 1
    whole = at.partition(".")[0] + "Z"  # an instant of whole seconds comes before its fractions
    assert len(await events(azure, f"eventTimestamp ge '{whole}'")) == 2
    rows = await events(azure, **{"$select": "caller,operationName"})
    assert set(rows[0]) == {"caller", "operationName"}


async def test_the_log_needs_a_start_and_knows_its_fields(azure: Azure) -> None:
    status, told, _ = await azure.ask("GET", EVENTS)
    assert (status, told["error"]["code"]) == (400, "BadRequest")
    wanted = {"$filter": "eventTimestamp ge 'yesterday'"}
    status, told, _ = await azure.ask("GET", EVENTS, **wanted)
    assert (status, told["error"]["code"]) == (400, "BadRequest")
    wanted = {"$filter": f"{SINCE} and colour eq 'red'"}
    status, told, _ = await azure.ask("GET", EVENTS, **wanted)
    assert (status, told["error"]["code"]) == (400, "InvalidFilterInQueryString")


async def test_the_log_keeps_the_newest_only(
    azure: Azure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(activity, "KEPT", 5)
    for n in range(8):
        await azure.ask("DELETE", f"{NETWORK}/routeTables/gone{n}")
    rows = await events(azure)
    assert [row["resourceId"] for row in rows] == [
        f"{NETWORK}/routeTables/gone{n}" for n in (7, 6, 5, 4, 3)
    ]
    assert str(rows[0]["id"]).startswith(f"{GROUP}/providers/")
