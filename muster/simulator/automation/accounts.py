"""Automation accounts and their runbooks: listed, drafted, published."""

from __future__ import annotations

import re

from muster.simulator import dates
from muster.simulator.arm import forms, paging
from muster.simulator.arm.errors import AzureError, bad_request, not_implemented
from muster.simulator.arm.given import location_of, tags_of
from muster.simulator.arm.resources import demand_group
from muster.simulator.call import Answer, Call, Route, Routes
from muster.simulator.json_types import Json
from muster.simulator.world import World

ACCOUNT = "Microsoft.Automation/automationAccounts"
RUNBOOK = f"{ACCOUNT}/runbooks"
KINDS = ("Script", "Graph", "PowerShell", "PowerShell72", "PowerShellWorkflow", "Python2",
         "Python3", "GraphPowerShell", "GraphPowerShellWorkflow")  # fmt: skip
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,62}")
_FORM: forms.Form = {
    "runbookType": str,
    "description": str,
    "logVerbose": bool,
    "logProgress": bool,
    "draft": {},
    "publishContentLink": {"uri": str},
}


def account_of(call: Call) -> Json:
    """The account a path lies in, or ARM's 404."""
    demand_group(call)
    account = call.world.resource("/".join(call.target.path.split("/")[:9]))
    if account is None:
        name = call.target.names[0]
        raise AzureError(
            404,
            "ResourceNotFound",
            "The Resource 'Microsoft.Automation/"
            f"automationAccounts/{name}' under resource group '{call.target.group}' was "
            "not found. For more details please go to "
            "https://aka.ms/ARMResourceNotFoundFix",
        )
    return account


def get_account(call: Call) -> Answer:
    """GET an account."""
    return Answer(200, _account(account_of(call)))


def list_accounts(call: Call) -> Answer:
    """GET the accounts of a group or a subscription."""
    if call.target.group:
        demand_group(call)
    found = call.world.of_type(ACCOUNT, call.target.scope)
    return paging.page(call, [_account(body) for body in found])


def put_account(call: Call) -> Answer:
    """PUT an account: at once."""
    demand_group(call)
    given, before = call.object(), call.world.resource(call.target.path)
    location = location_of(call, given) or (before or {}).get("location")
    if not location:
        raise bad_request(
            "LocationRequired", "The location property is required for this definition."
        )
    body: Json = {
        "id": before["id"] if before else call.world.proper_id(call.target),
        "name": before["name"] if before else call.target.name,
        "type": ACCOUNT,
        "location": location,
        "tags": tags_of(given),
        "properties": {"state": "Ok", "sku": {"name": "Basic"}, "provisioningState": "Succeeded"},
        "_created": (before or {}).get("_created", call.world.now),
    }
    asked = str((given.get("identity") or {}).get("type") or "None")
    if asked.lower() == "systemassigned":
        body["identity"] = identity_of(call.world, body["id"])
    return Answer(200 if before else 201, _account(call.world.put(body)))


def identity_of(world: World, account_id: str) -> Json:
    """The managed identity of an account that has one of its own."""
    return {
        "type": "SystemAssigned",
        "principalId": world.guid("principal", account_id),
        "tenantId": world.state["tenant"],
    }


def runbook_of(call: Call) -> Json:
    """The runbook a path names, or Automation's 404."""
    account = account_of(call)
    runbook = call.world.resource(f"{account['id']}/runbooks/{call.target.names[1]}")
    if runbook is None:
        raise AzureError(404, "NotFound", f"The runbook '{call.target.names[1]}' was not found.")
    return runbook


def get_runbook(call: Call) -> Answer:
    """GET a runbook."""
    return Answer(200, _runbook(call, runbook_of(call)))


def list_runbooks(call: Call) -> Answer:
    """GET the runbooks of an account."""
    found = call.world.of_type(RUNBOOK, account_of(call)["id"])
    return paging.page(call, [_runbook(call, body) for body in found])


def put_runbook(call: Call) -> Answer:
    """PUT a runbook: 201 or 200. Its text is never run: what it does, the world file tells.

    One that the world does not tell completes at once and says nothing. With a draft it is `New`
    until it is published.
    """
    account, given = account_of(call), call.properties()
    forms.check(_FORM, given)
    name, kind = call.target.name, str(given.get("runbookType") or "")
    if not _NAME.fullmatch(name):
        raise bad_request("BadRequest", f"The runbook name '{name}' is not valid.")
    if kind not in KINDS:
        raise bad_request("BadRequest", f"The runbook type '{kind}' is not one of {KINDS}.")
    before = call.world.resource(call.target.path)
    drafted = given.get("draft") is not None or not given.get("publishContentLink")
    properties: Json = {
        "runbookType": kind,
        "state": ("Edit" if before else "New") if drafted else "Published",
        "logVerbose": bool(given.get("logVerbose")),
        "logProgress": bool(given.get("logProgress")),
        "logActivityTrace": 0,
        "description": given.get("description"),
        "parameters": {},
    }
    made = (before or {}).get("_created", call.world.now)
    body: Json = {
        "id": before["id"] if before else f"{account['id']}/runbooks/{name}",
        "name": before["name"] if before else name,
        "type": RUNBOOK,
        "location": location_of(call, call.object()) or account["location"],
        "tags": tags_of(call.object()),
        "etag": call.world.etag(),
        "properties": properties,
        "_created": made,
        "_changed": call.world.now,
    }
    call.world.put(body)
    call.world.table("runbooks").setdefault(body["id"].lower(), _silent(name))
    return Answer(200 if before else 201, _runbook(call, body))


def publish(call: Call) -> Answer:
    """POST …/publish: 202, and the draft is the runbook."""
    runbook = runbook_of(call)
    runbook["properties"]["state"] = "Published"
    runbook["_changed"] = call.world.now
    call.world.changed = True
    url = f"{call.endpoint}{runbook['id']}?api-version={call.api_version}"
    return Answer(202, None, {"Location": url})


def delete_runbook(call: Call) -> Answer:
    """DELETE a runbook: 200; its jobs stay."""
    runbook = runbook_of(call)
    call.world.remove(runbook["id"])
    call.world.table("runbooks").pop(runbook["id"].lower(), None)
    return Answer(200)


def refuse(call: Call) -> Answer:
    """What an account can hold besides."""
    raise not_implemented(f"{call.method} {call.target.type}")


def _silent(name: str) -> Json:
    return {"name": name, "activate": 8.0, "run": 5.0, "result": "completed", "output": "",
            "exception": ""}  # fmt: skip


def _account(account: Json) -> Json:
    body = {key: value for key, value in account.items() if key[0] != "_"}
    made = dates.offset(account["_created"])
    body["properties"] = body["properties"] | {"creationTime": made, "lastModifiedTime": made}
    return body


def _runbook(call: Call, runbook: Json) -> Json:
    body = {key: value for key, value in runbook.items() if key[0] != "_"}
    jobs = call.world.table("automation_jobs").values()
    under = runbook["id"].lower().rpartition("/runbooks/")[0]
    body["properties"] = body["properties"] | {
        "jobCount": sum(
            job["account"] == under and job["runbook"].lower() == runbook["name"].lower()
            for job in jobs
        ),
        "creationTime": dates.offset(runbook["_created"]),
        "lastModifiedTime": dates.offset(runbook.get("_changed") or runbook["_created"]),
    }
    return body


_THIN = "A runbook's text is not kept; the world file tells what its jobs do."
_REFUSED = Route(refuse, "not modelled")
ROUTES: Routes = {
    (ACCOUNT, "get"): Route(get_account, "specified"),
    (ACCOUNT, "list"): Route(list_accounts, "specified"),
    (ACCOUNT, "put"): Route(put_account, "specified"),
    (RUNBOOK, "get"): Route(get_runbook, "specified"),
    (RUNBOOK, "list"): Route(list_runbooks, "specified"),
    (RUNBOOK, "put"): Route(put_runbook, "specified", _THIN),
    (RUNBOOK, "delete"): Route(delete_runbook, "specified", _THIN),
    (f"{RUNBOOK}/publish", "post"): Route(publish, "specified", _THIN),
    **{
        (f"{ACCOUNT}/{kind}", verb): _REFUSED
        for kind in ("schedules", "jobSchedules", "webhooks", "variables", "credentials")
        for verb in ("get", "list", "put", "patch", "delete")
    },
    **{
        (f"{RUNBOOK}/{kind}", verb): _REFUSED
        for kind, verb in (("content", "list"), ("draft", "list"), ("draft/content", "put"))
    },
}
