"""Two vaults of one name in two groups have nothing to do with each other's jobs."""

from __future__ import annotations

from .conftest import SUBSCRIPTION, VAULT
from .life import failover_body
from .still_world import StillWorld
from .test_taking_back import WEB

OTHER = f"{SUBSCRIPTION}/resourceGroups/rg-asr/providers/Microsoft.RecoveryServices/vaults/rsv"


def test_a_job_is_known_to_its_own_vault_alone() -> None:
    still = StillWorld(failed_job_restart="offered", signed_urls=False)
    assert still.answer("PUT", OTHER, {"location": "westus2"}).status == 201
    still.settle()
    job = still.job_of(still.ask("POST", f"{WEB}/unplannedFailover", failover_body()))
    still.pass_by(5.0)
    assert still.get(f"{OTHER}/replicationJobs")["value"] == []
    assert len(still.get(f"{VAULT.upper()}/replicationJobs")["value"]) == 1
    for verb in ("cancel", "resume", "restart"):
        answer = still.ask("POST", f"{OTHER}/replicationJobs/{job['id']}/{verb}")
        assert answer.status == 404
    for kind in ("replicationJobs", "replicationOperationStatus"):
        assert still.ask("GET", f"{OTHER}/{kind}/{job['id']}").status == 404
        assert still.ask("GET", f"{VAULT}/{kind}/{job['id']}").status == 200
    exported = still.job_of(still.answer("POST", f"{OTHER}/replicationJobs/export", {}))
    assert "-0-jobs" in exported["at_end"]["blobUri"]
    still.settle()
    told = still.get(f"{VAULT}/replicationJobs/{job['id']}")["properties"]
    assert told["state"] == "Succeeded"


def test_the_result_of_an_operation_is_told_where_it_was_promised_and_nowhere_else() -> None:
    still = StillWorld(signed_urls=False)
    answer = still.ask("POST", f"{WEB}/unplannedFailover", failover_body())
    result = answer.headers["Location"].removeprefix("https://127.0.0.1").partition("?")[0]
    still.settle()
    assert still.get(result)["name"] == WEB.rpartition("/")[2]
    operation = result.rpartition("/")[2]
    policy = f"{VAULT}/replicationPolicies/24-hour-retention-policy"
    for elsewhere in (VAULT, policy, f"{WEB}x"):
        assert still.ask("GET", f"{elsewhere}/operationresults/{operation}").status == 404
