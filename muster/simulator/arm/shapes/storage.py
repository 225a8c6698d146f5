"""Storage accounts: names that are taken all over the world, and where their services answer."""

from __future__ import annotations

import re

from muster.simulator import dates
from muster.simulator.arm.errors import AzureError, bad_request, not_implemented
from muster.simulator.arm.forms import Form
from muster.simulator.arm.ids import same
from muster.simulator.arm.shape import Shape, keep
from muster.simulator.call import Answer, Call, Route, Routes
from muster.simulator.json_types import Json
from muster.simulator.world import World

STORAGE = "Microsoft.Storage/storageAccounts"
_NAME = re.compile(r"[a-z0-9]{3,24}")
_INVALID = (
    "{name} is not a valid storage account name. Storage account name must be between 3 and 24 "
    "characters in length and use numbers and lower-case letters only."
)
_TAKEN = "The storage account named {name} is already taken."
_SERVICES = ("blob", "queue", "table", "file", "dfs", "web")
_OPEN: Json = {
    "bypass": "AzureServices",
    "defaultAction": "Allow",
    "ipRules": [],
    "virtualNetworkRules": [],
}
"""The firewall of an account that was made without a word of it."""
_RULES: Form = {
    "bypass": str, "defaultAction": str, "ipRules": [object], "virtualNetworkRules": [object],
}  # fmt: skip


def adopt(world: World, body: Json, before: Json | None) -> None:
    """Complete an account that was PUT."""
    name = body["name"]
    if not _NAME.fullmatch(name):
        raise bad_request("AccountNameInvalid", _INVALID.format(name=name))
    if _owner(world, name, besides=body["id"]):
        raise AzureError(409, "StorageAccountAlreadyTaken", _TAKEN.format(name=name))
    sku = {"name": "Standard_LRS"} | (body.get("sku") or {})
    body["sku"] = sku | {"tier": str(sku["name"]).partition("_")[0]}
    body.setdefault("kind", "StorageV2")
    properties = body["properties"]
    keep(body, before, ("creationTime",))
    properties.setdefault("accessTier", "Hot")
    properties.setdefault("minimumTlsVersion", "TLS1_2")
    properties.setdefault("supportsHttpsTrafficOnly", True)
    properties.setdefault("allowBlobPublicAccess", False)
    properties.setdefault("creationTime", dates.ticks(world.now))


def render(_: World, body: Json) -> None:
    """Where its services would answer, and from where they may be asked."""
    properties = body["properties"]
    properties["networkAcls"] = _OPEN | (properties.get("networkAcls") or {})
    properties |= {
        "primaryLocation": body.get("location"),
        "statusOfPrimary": "available",
        "primaryEndpoints": {
            service: f"https://{body['name']}.{service}.core.windows.net/" for service in _SERVICES
        },
    }


def check_name(call: Call) -> Answer:
    """POST …/Microsoft.Storage/checkNameAvailability: 200, whatever the answer."""
    given = call.object()
    name = str(given.get("name") or "")
    if not _NAME.fullmatch(name):
        reason, message = "AccountNameInvalid", _INVALID.format(name=name)
    elif _owner(call.world, name):
        reason, message = "AlreadyExists", _TAKEN.format(name=name)
    else:
        return Answer(200, {"nameAvailable": True})
    return Answer(200, {"nameAvailable": False, "reason": reason, "message": message})


def keys(call: Call) -> Answer:
    """POST …/listKeys and the like: no key opens anything here."""
    raise not_implemented(f"{call.target.type}: its storage has no contents")


def _owner(world: World, name: str, besides: str = "") -> str:
    for account in world.of_type(STORAGE):
        if same(account["name"], name) and not same(account["id"], besides):
            return str(account["id"])
    return ""


SHAPE = Shape(form={"accessTier": str, "supportsHttpsTrafficOnly": bool, "networkAcls": _RULES},
              adopt=adopt, render=render, top={"sku": {"name": str}, "kind": str})  # fmt: skip
ROUTES: Routes = {
    ("Microsoft.Storage/checkNameAvailability", "post"): Route(check_name, "specified"),
    **{
        (f"{STORAGE}/{word}", "post"): Route(keys, "not modelled")
        for word in ("listKeys", "regenerateKey", "listAccountSas", "listServiceSas")
    },
}
