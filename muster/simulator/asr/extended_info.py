"""A vault's extended information: PowerShell asks for it before it works with a vault [PS-NC]."""

from __future__ import annotations

from muster.simulator.arm.ids import same
from muster.simulator.asr import setup
from muster.simulator.asr.configuration import demand_vault
from muster.simulator.call import Answer, Call, Route, Routes
from muster.simulator.json_types import Json

_KEYS = ("integrityKey", "encryptionKey", "encryptionKeyThumbprint", "algorithm")
_NAME = "vaultExtendedInfo"
_MISSING: Json = {
    "ErrorCode": "ResourceExtendedInfoNotFound",
    "Message": {"Language": "en-US", "Value": ""},
}


def get_info(call: Call) -> Answer:
    """GET …/extendedInformation/vaultExtendedInfo: a 404 in words of its own before a PUT."""
    kept = call.world.table("asr_settings").get(_key(call))
    return Answer(200, kept) if kept and same(call.target.name, _NAME) else Answer(404, _MISSING)


def put_info(call: Call) -> Answer:
    """PUT and PATCH: done when answered."""
    before = call.world.table("asr_settings").get(_key(call)) if call.method == "PATCH" else None
    given = call.properties()
    told = (before or {}).get("properties", {}) | {
        key: given[key] for key in _KEYS if key in given
    }
    body: Json = {
        "location": None,
        "name": _NAME,
        "etag": call.world.guid("extended", call.world.now),
        "tags": None,
        "identity": None,
        "properties": told,
        # The slash before the last but one word is really missing [PS-NC].
        "id": f"{demand_vault(call)['id']}extendedInformation/{_NAME}",
        "type": _KIND,
        "sku": None,
    }
    call.world.table("asr_settings")[_key(call)] = body
    call.world.changed = True
    return Answer(200, body)


def _key(call: Call) -> str:
    return f"{demand_vault(call)['id']}/extendedInformation".lower()


_KIND = f"{setup.BASE}/extendedInformation"
_RECORDED = "Answers, also that of a missing one, are recorded in public PowerShell sessions."
ROUTES: Routes = {
    (_KIND, "get"): Route(get_info, "recorded", _RECORDED),
    (_KIND, "put"): Route(put_info, "recorded", _RECORDED),
    (_KIND, "patch"): Route(put_info, "specified"),
}
