"""A removal that Azure refuses leaves everything as it is, and the record says so."""

from __future__ import annotations

import copy
from dataclasses import replace

import pytest

from muster.errors import EXIT_FAILED, EXIT_OK
from muster.report.record import build_record
from muster.report.text import summary_text
from muster.runs.release_seen import ReleaseSeen
from muster.runs.release_shown import as_data, lines_of
from tests.in_process.replicating import Bench, fault, replicated
from tests.in_process.scenario import Scenario
from tests.in_process.test_releasing import disabled, looked
from tests.in_process.test_replicating import VMS, contoso_with_a_vault, empty, states

NO = {"status": 403, "code": "AuthorizationFailed", "message": "No."}


def test_a_removal_that_azure_refused_leaves_nothing_half_made():
    async def script(bench: Bench) -> None:
        await bench.replicate()
        await disabled(bench)

    came = replicated(empty(), script, [fault("post *remove*", "1-", answer=NO)])
    result = came.results[-1]
    assert {one["code"] for one in result.causes} == {"AZ-403"}
    assert states(came) == dict.fromkeys(VMS, "Protected")
    record = build_record(came.events(result.run))
    told = record["replication"]
    assert (told["half_made"], told["made"], told["taken"]) == ([], [], 0)
    assert {one["state"] for one in told["vms"]} == {"Protected"}
    text = "\n".join(summary_text(record))
    assert text.count("stays Protected, seen ") == len(VMS)
    assert "half made" not in text.casefold()
    assert "not replicated" not in text


def of_one_who(roles: list[dict[str, str]]) -> Scenario:
    """Everything protected, and a caller who holds these roles."""
    scenario = contoso_with_a_vault()
    world = copy.deepcopy(dict(scenario.world))
    me = next(one for one in world["identities"] if one["name"] == world["client"])
    me["roles"] = roles
    return replace(scenario, world=world)


@pytest.mark.parametrize(
    ("roles", "exit_code"),
    [([{"role": "Reader"}], EXIT_FAILED), ([{"role": "Contributor"}], EXIT_OK)],
)
def test_the_list_says_whether_the_caller_may_remove(roles: list[dict[str, str]], exit_code: int):
    async def script(bench: Bench) -> None:
        bench.came.kept = await looked(bench)

    shown = replicated(of_one_who(roles), script).kept
    text = "\n".join(lines_of(shown))
    assert ("not allowed" in text) is (exit_code == EXIT_FAILED)
    assert ("replicationProtectedItems/remove/action" in text) is (exit_code == EXIT_FAILED)
    assert len(as_data(shown)["told"]) == exit_code
    assert ReleaseSeen(shown.release.plan, shown).exit_code == exit_code
