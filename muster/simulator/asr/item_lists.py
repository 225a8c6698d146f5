"""Lists of protected items: `$filter`, pages, and the token that leads to the next one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlencode

from muster.simulator.arm.errors import bad_request
from muster.simulator.arm.ids import same
from muster.simulator.asr import items, plans
from muster.simulator.asr.item_details import Telling
from muster.simulator.call import Answer, Call
from muster.simulator.json_types import Json

# Fields as Microsoft's own clients know them (ProtectedItemsQueryParameter); grammar UNCERTAIN.
_FIELDS: Mapping[str, str] = {
    "sourcefabricname": "fabric",
    "recoveryfabricname": "recovery_fabric",
    "sourcefabriclocation": "location",
    "recoveryfabriclocation": "recovery_location",
    "multivmgroupname": "multi_vm_group",
    "protectionstate": "protection_state",
    "friendlyname": "vm_name",
}
_PLAN = "recoveryplanname"
"""The members of a recovery plan: asked for by Microsoft's PowerShell (azure-powershell #8629)."""
_TERM = re.compile(r"\s*(\w+)\s+eq\s+'([^']*)'\s*", re.IGNORECASE)


def page(call: Call, found: list[Json]) -> Answer:
    """One page of the items that pass the request's `$filter`, in order of their ids."""
    wanted = _filter(call.query.get("$filter", ""))
    plan = wanted.pop(_PLAN, None)
    if plan is not None:
        held = _of_plan(call, plan)
        found = [item for item in found if _order(item) in held]
    ordered = sorted((item for item in found if _passes(item, wanted)), key=_order)
    after = call.query.get("skipToken") or call.query.get("$skipToken") or ""
    start = _start(ordered, after)
    length = call.world.settings.items_per_page
    shown = ordered[start : start + length]
    telling = Telling(call.api_version, whole=False)
    rest = ordered[start + length :]
    return Answer(
        200,
        {
            "value": [items.body(call.world, item, telling) for item in shown],
            "nextLink": _next(call, shown[-1]) if rest else None,
        },
    )


def _of_plan(call: Call, name: str) -> set[str]:
    """Keys of the items of a recovery plan of the vault; of an unknown one there are none."""
    return {
        _order(item)
        for plan in plans.in_vault(call.world, call.target)
        if same(plan["name"], name)
        for _, item in plans.members(call.world, plan)
    }


def _order(item: Json) -> str:
    return str(item["id"]).lower()


def _token(item: Json) -> str:
    """As the SDK describes it, "FabricId_CloudId"; the item's own GUID makes it exact."""
    return f"{item['fabric']}_{item['container_guid']}_{item['entity']}"


def _start(ordered: list[Json], token: str) -> int:
    """Where a page begins. Raises: AzureError for a token that leads nowhere."""
    if not token:
        return 0
    for n, item in enumerate(ordered):
        if same(_token(item), token):
            return n + 1
    raise bad_request("InvalidSkipToken", f"The skip token '{token}' is not valid.")


def _next(call: Call, last: Json) -> str:
    query = dict(call.query) | {"skipToken": _token(last)}
    return f"{call.endpoint}{call.target.path}?{urlencode(query)}"


def _filter(text: str) -> dict[str, str]:
    """`SourceFabricName eq '…' and …`: what is not read is refused."""
    wanted = {}
    for term in re.split(r"\s+and\s+", text, flags=re.IGNORECASE) if text.strip() else ():
        found = _TERM.fullmatch(term)
        if found is None or found[1].lower() not in (*_FIELDS, "instancetype", _PLAN):
            raise bad_request(
                "InvalidFilter", f"The filter '{text}' is not understood by the simulator."
            )
        wanted[found[1].lower()] = found[2]
    return wanted


def _passes(item: Json, wanted: Mapping[str, str]) -> bool:
    return all(
        same(value, "A2A" if name == "instancetype" else str(item[_FIELDS[name]]))
        for name, value in wanted.items()
    )
