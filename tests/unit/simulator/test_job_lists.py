"""The jobs of a vault: exported, listed, and narrowed by a filter."""

from __future__ import annotations

from pathlib import Path

import pytest

from muster.simulator.dates import ticks

from .bench import Bench
from .benched_plans import planned
from .job_verbs import ITEM_DRILL, JOBS, started
from .life import operating
from .planning import AWAY, HOME, PLAN, drill_body, group, plan_body
from .still_world import EPOCH


async def test_jobs_are_exported_with_the_sdk(tmp_path: Path) -> None:
    async with operating(tmp_path) as operator:
        jobs = (await operator.site_recovery()).replication_jobs
        wanted = {"startTime": "2017-04-27T14:26:51.9161395Z", "affectedObjectTypes": ""}
        told = (await (await jobs.begin_export("rg-dr", "rsv", wanted)).result()).properties
        assert told.scenario_name == "ExportJobs"
        assert told.target_instance_type == "Other"
        assert told.custom_details.instance_type == "ExportJobDetails"
        assert told.custom_details.blob_uri.startswith("https://")
        assert told.custom_details.sas_token


def test_an_export_counts_the_jobs_within_its_limits() -> None:
    bench = planned(group("Sql1"))
    for limits, count in (({}, 1), ({"affectedObjectTypes": "Server"}, 0)):
        job = bench.send("POST", f"{JOBS}/export", limits)
        bench.until_quiet()
        bench.pass_(5)
        uri = bench.job(job)["customDetails"]["blobUri"]
        assert uri.endswith(f"-{count}-jobs.json")
        del bench.world.table("jobs")[job]
    assert bench.ask("POST", f"{JOBS}/export", {"startTime": "yesterday"})[0] == 400
    assert bench.ask("POST", f"{JOBS}/import", {})[0] == 405


def instant_of(seconds: float) -> str:
    return ticks(EPOCH + seconds)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 3),
        ("JobStatus eq 'Succeeded'", 2),
        ("jobstatus eq 'completed'", 2),
        ("( JobStatus eq 'Failed' or JobStatus eq 'Succeeded' )", 3),
        ("AffectedObjectTypes eq 'RecoveryPlan'", 1),
        ("AffectedObjectTypes eq 'Any' and JobStatus eq 'Failed'", 1),
        (f"StartTime eq '{instant_of(50)}'", 2),
        (f"StartTime eq '{instant_of(50)}' and EndTime eq '{instant_of(150)}'", 1),
        (f"EndTime eq '{instant_of(150)}'", 2),
        (f"FabricId eq '{HOME}'", 3),
        (f"fabricId eq '{AWAY}'", 1),  # the plan lies in both
        ("JobName eq 'nobody'", 0),
    ],
)
def test_a_list_is_narrowed_as_microsofts_own_client_asks(text: str, count: int) -> None:
    bench = Bench()
    bench.send("PUT", PLAN, plan_body(group("web1")))
    bench.pass_(100)
    started(bench, "Sql1", "testFailover", ITEM_DRILL)
    bench.pass_(100)
    started(bench, "bad1", "testFailover", ITEM_DRILL)
    bench.until_quiet()
    assert len(bench.get(JOBS, **{"$filter": text})["value"]) == count


def test_a_job_is_found_by_either_of_its_names() -> None:
    bench = planned(group("Sql1"))
    job = bench.send("POST", f"{PLAN}/testFailover", drill_body())
    bench.pass_(60)
    later = bench.get(f"{JOBS}/{job}")["name"]
    assert later != job
    for name in (job, later):
        (row,) = bench.get(JOBS, **{"$filter": f"JobName eq '{name}'"})["value"]
        assert row["name"] == later


@pytest.mark.parametrize(
    "text",
    [
        "State eq 'Failed'",
        "JobStatus ne 'Failed'",
        "JobStatus eq 'Failed' or JobName eq 'x'",
        "( JobStatus eq 'Failed' or JobName eq 'x' )",
        "JobStatus eq 'Failed' and ",
        "JobStatus eq Failed",
        "StartTime eq 'yesterday'",
    ],
)
def test_a_filter_that_is_not_understood_is_refused(text: str) -> None:
    status, told, _ = Bench().ask("GET", JOBS, **{"$filter": text})
    assert (status, told["error"]["code"]) == (400, "InvalidFilter")
