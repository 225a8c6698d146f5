"""Exemptions from an assigned policy: who may make them, what they free, and for how long."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from . import people
from .asked import GROUP, NETWORK, operator, world_with
from .conftest import SUBSCRIPTION, running

TABLE = f"{NETWORK}/routeTables/rt"
HERE = {"location": "westus2"}
DENIED = (403, "RequestDisallowedByPolicy")
AUTHORIZATION = "providers/Microsoft.Authorization"
ASSIGNMENT = f"{SUBSCRIPTION}/{AUTHORIZATION}/policyAssignments/no-tables"
EXEMPTION = f"{GROUP}/{AUTHORIZATION}/policyExemptions/drills"
POLICY = """
policies:
  - name: no-tables
    rule: {field: type, equals: Microsoft.Network/routeTables}
"""


def waiver(**more: Any) -> dict[str, Any]:
    told = {"policyAssignmentId": ASSIGNMENT, "exemptionCategory": "waiver", **more}
    return {"properties": told}


async def test_an_exemption_frees_its_scope_until_it_runs_out(tmp_path: Path) -> None:
    async with running(tmp_path / "state", world_with(tmp_path, POLICY)) as azure:
        admin = await operator(azure)
        assert await admin.refused("PUT", TABLE, HERE) == DENIED
        status, told, _ = await admin.ask("PUT", EXEMPTION, waiver())
        assert (status, told["properties"]["exemptionCategory"]) == (201, "Waiver")
        await admin.put(TABLE, HERE)
        past = waiver(expiresOn="2020-01-01T00:00:00Z")
        assert (await admin.ask("PUT", EXEMPTION, past))[0] == 200
        assert await admin.refused("PUT", TABLE, HERE) == DENIED
        later = waiver(expiresOn="2999-12-31T23:59:59.0000000Z")
        assert (await admin.ask("PUT", EXEMPTION, later))[0] == 200
        await admin.put(TABLE, HERE)
        assert (await admin.ask("DELETE", EXEMPTION))[0] == 200
        assert (await admin.ask("DELETE", EXEMPTION))[0] == 204
        assert await admin.refused("PUT", TABLE, HERE) == DENIED
        assert await admin.refused("GET", EXEMPTION) == (404, "PolicyExemptionNotFound")
        other = f"{SUBSCRIPTION}/resourceGroups/rg-app/{AUTHORIZATION}/policyExemptions/drills"
        assert (await admin.ask("PUT", other, waiver()))[0] == 201
        assert await admin.refused("PUT", TABLE, HERE) == DENIED  # of another group


async def test_a_world_exempts_and_lists_tell_of_it_by_scope(tmp_path: Path) -> None:
    text = POLICY + "    exempt: [/resourceGroups/rg-asr]\n"
    async with running(tmp_path / "state", world_with(tmp_path, text)) as azure:
        admin = await operator(azure)
        await admin.put(TABLE, HERE)
        listed = f"{AUTHORIZATION}/policyExemptions"

        async def names(scope: str, asked: str = "") -> list[str]:
            query = {"$filter": asked} if asked else {}
            rows = await azure.get(f"{scope}/{listed}", **query)
            return [row["name"] for row in rows["value"]]

        assert await names(GROUP, "atScope()") == ["no-tables"]
        assert await names(SUBSCRIPTION) == ["no-tables"]
        assert await names(SUBSCRIPTION, "atScope()") == []
        assert await names(NETWORK + "/routeTables/rt", "atExactScope()") == []
        assert await names(NETWORK + "/routeTables/rt", "atScope()") == ["no-tables"]
        status, told, _ = await admin.ask(
            "GET", f"{GROUP}/{listed}?api-version=2022-07-01-preview&$filter=excludeExpired()"
        )
        assert (status, told["error"]["code"]) == (400, "InvalidFilterInQueryString")


@pytest.mark.parametrize(
    "more",
    [
        {"exemptionCategory": "Forever"},
        {"exemptionCategory": None},
        {"expiresOn": "soon"},
        {"assignmentScopeValidation": "Never"},
    ],
)
async def test_what_is_no_exemption_is_refused(tmp_path: Path, more: dict[str, Any]) -> None:
    async with running(tmp_path / "state", world_with(tmp_path, POLICY)) as azure:
        admin = await operator(azure)
        refused = await admin.refused("PUT", EXEMPTION, waiver(**more))
        assert refused == (400, "InvalidPolicyExemption")


async def test_an_exemption_lies_at_or_under_what_it_frees_from(tmp_path: Path) -> None:
    text = POLICY + "    scope: /resourceGroups/rg-app\n"
    async with running(tmp_path / "state", world_with(tmp_path, text)) as azure:
        admin = await operator(azure)
        of_app = ASSIGNMENT.replace("/providers", "/resourceGroups/rg-app/providers", 1)
        given = waiver(policyAssignmentId=of_app)
        refused = await admin.refused("PUT", EXEMPTION, given)
        assert refused == (400, "InvalidPolicyExemption")
        given["properties"]["assignmentScopeValidation"] = "DoNotValidate"
        assert (await admin.ask("PUT", EXEMPTION, given))[0] == 201
        gone = waiver(policyAssignmentId=f"{of_app}-gone")
        refused = await admin.refused("PUT", EXEMPTION, gone)
        assert refused == (404, "PolicyAssignmentNotFound")


async def test_who_exempts_needs_the_right_at_the_assignment(tmp_path: Path) -> None:
    roles = (
        "  exempts: {actions: [Microsoft.Authorization/policyExemptions/*]}\n"
        "  frees: {actions: [Microsoft.Authorization/policyAssignments/exempt/action]}"
    )
    here = people.role("exempts", "/resourceGroups/rg-asr")
    world = people.world_with(
        tmp_path,
        people.with_secret("c", here),
        people.with_secret("d", here, people.role("frees")),
        roles=roles,
    )
    world.write_text(world.read_text() + POLICY)
    async with running(tmp_path / "state", world) as azure:
        token = await people.sign_in(azure, "c")
        status, told, _ = await azure.ask("PUT", EXEMPTION, waiver(), token=token)
        assert (status, told["error"]["code"]) == (403, "LinkedAuthorizationFailed")
        assert "Microsoft.Authorization/policyAssignments/exempt/action" in str(told)
        token = await people.sign_in(azure, "d")
        assert (await azure.ask("PUT", EXEMPTION, waiver(), token=token))[0] == 201
