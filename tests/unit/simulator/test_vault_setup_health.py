"""How a vault is and what happened in it: health, its refresh, events and their filter."""

from __future__ import annotations

from pathlib import Path

from .conftest import CONTAINER_ID, FABRIC, ITEMS, VAULT, WORLD, Azure, running
from .test_site_recovery import instant
from .vault_setup import become_operator, capital, done, ended, policy

EVENTS = f"{VAULT}/replicationEvents"


def sick(folder: Path) -> Path:
    """The small world with an item in bad health and one that lags behind for hours."""
    world = folder / "world.yaml"
    text = WORLD.read_text()
    for item, more in ((2, "replication_health: Critical"), (3, "rpo: 3h")):
        name = f"q1w2e3r4t5y6u7i8o9p0a_{item}"
        text = text.replace(f"name: {name}}}", f"name: {name}, {more}}}")
    world.write_text(text)
    return world


async def test_the_health_of_a_vault_counts_and_can_be_refreshed(tmp_path: Path) -> None:
    async with running(tmp_path / "state", sick(tmp_path)) as azure:
        await become_operator(azure)
        path = f"{VAULT}/replicationVaultHealth"
        body = await azure.get(path)
        assert (body["name"], body["id"]) == (
            "Default",
            capital(f"{path}/Default"),
        )
        health = body["properties"]
        assert health["protectedItemsHealth"]["resourceCount"] == 4
        assert [issue["severity"] for issue in health["protectedItemsHealth"]["issues"]] == [
            "Error"
        ]
        assert health["fabricsHealth"] == {"resourceCount": 2, "issues": []}
        assert health["containersHealth"] == {"resourceCount": 2, "issues": []}
        assert await azure.get(body["id"]) == body
        status, _, headers = await azure.ask("POST", f"{path}/default/refresh")
        assert status == 202
        assert (await ended(azure, headers))["state"] == "Succeeded"
        assert await azure.get(headers["Location"]) == body


async def test_an_event_is_told_of_what_happened_and_of_nothing_else(azure: Azure) -> None:
    await become_operator(azure)
    assert (await azure.get(EVENTS))["value"] == []
    job = await done(
        azure,
        "PUT",
        f"{VAULT}/replicationPolicies/rare",
        policy(appConsistentFrequencyInMinutes=1440),
    )
    [event] = (await azure.get(EVENTS))["value"]
    assert event["name"].startswith("JobEvent;90")
    told = event["properties"]
    assert (told["eventCode"], told["eventType"]) == ("150261", "JobStatus")
    assert told["description"] == "Replication policy creation failed."
    assert told["affectedObjectFriendlyName"] == "rare"
    assert told["eventSpecificDetails"]["instanceType"] == "JobStatus"
    assert told["eventSpecificDetails"]["jobStatus"] == "Failed"
    assert (await azure.get(told["eventSpecificDetails"]["jobId"]))["properties"] == job
    assert abs((instant(told["timeOfOccurrence"]) - instant(job["endTime"])).total_seconds()) < 1
    assert await azure.get(event["id"]) == event
    assert (await azure.ask("GET", f"{EVENTS}/nothing"))[0] == 404

    await azure.job_ended(await azure.failover_test("bad1"))
    both = (await azure.get(EVENTS))["value"]
    assert both[1] == event  # the newest is first
    details = both[0]["properties"]["providerSpecificDetails"]
    assert (details["instanceType"], details["protectedItemName"]) == ("A2A", "bad1")
    assert (details["fabricName"], details["remoteFabricLocation"]) == ("East US", "westus2")
    assert both[0]["properties"]["fabricId"].endswith(FABRIC)


async def test_bad_health_and_a_long_rpo_are_events(tmp_path: Path) -> None:
    async with running(tmp_path / "state", sick(tmp_path)) as azure:
        rows = (await azure.get(EVENTS))["value"]
        told = [row["properties"] for row in rows]
        assert [(each["eventCode"], each["affectedObjectFriendlyName"]) for each in told] == [
            ("RpoThresholdExceeded", "dead1"),
            ("SRSVMHealthChanged", "web1"),
        ]
        assert told[1]["description"] == "Replication health changed to Critical."
        assert (told[0]["severity"], told[1]["severity"]) == ("Warning", "Critical")
        names = [row["name"] for row in rows]
        assert names == sorted(names, key=lambda name: name.partition(";")[2])
        # Told once, not again each time somebody looks.
        await azure.until(
            f"{CONTAINER_ID}/replicationProtectedItems/{ITEMS['dead1']}",
            lambda item: (
                item["properties"]["providerSpecificDetails"]["lastRpoCalculatedTime"]
                > told[0]["timeOfOccurrence"]
            ),
        )
        assert (await azure.get(EVENTS))["value"] == rows

        async def found(text: str) -> list[str]:
            listed = await azure.get(EVENTS, **{"$filter": text})
            return [row["properties"]["affectedObjectFriendlyName"] for row in listed["value"]]

        assert await found("Severity eq 'Critical'") == ["web1"]
        assert await found("EventType eq 'VmHealth' and FabricName eq 'nowhere'") == []
        assert await found(f"FabricName eq '{FABRIC}' and EventCode eq 'SRSVMHealthChanged'") == [
            "web1"
        ]
        since = told[0]["timeOfOccurrence"]
        assert await found(f"StartTime eq '{since}'") == ["dead1"]
        assert await found("EndTime eq '2001-01-01T00:00:00Z'") == []
        for bad in ("Severity = 'Critical'", "Colour eq 'red'", "StartTime eq 'soon'"):
            status, answer, _ = await azure.ask("GET", EVENTS, **{"$filter": bad})
            assert (status, answer["error"]["code"]) == (400, "InvalidFilter"), bad
