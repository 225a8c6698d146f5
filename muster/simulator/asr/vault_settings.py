"""What a vault is told: who gets alerts, and its own settings; both done when answered."""

from __future__ import annotations

from muster.simulator.arm.errors import site_recovery_not_found
from muster.simulator.arm.ids import same
from muster.simulator.asr import refusals, setup
from muster.simulator.asr.vault_ids import vault_id_of
from muster.simulator.call import Answer, Call, Route, Routes, listed
from muster.simulator.json_types import Json

ALERTS, ALERT = "replicationAlertSettings", "defaultAlertSetting"
SETTINGS, SETTING = "replicationVaultSettings", "default"
_VAULT_KEYS = ("migrationSolutionId", "vmwareToAzureProviderType")


def put_alert(call: Call) -> Answer:
    """PUT …/replicationAlertSettings/defaultAlertSetting: a synchronous 200 [CLI-V]."""
    _demand_name(call, ALERT)
    given = call.properties()
    emails = given.get("customEmailAddresses") or []
    if not isinstance(emails, list) or not all(isinstance(each, str) for each in emails):
        raise refusals.bad_input(call, "'customEmailAddresses' has to be a list of addresses.")
    send = refusals.choice(call, given, "sendToOwners", ("Send", "DoNotSend"), "DoNotSend")
    properties: Json = {
        "sendToOwners": send,
        "customEmailAddresses": emails,
        "locale": given.get("locale"),
    }
    return Answer(200, _kept(call, ALERTS, ALERT, properties))


def get_alert(call: Call) -> Answer:
    """GET …/replicationAlertSettings/{name}: there is none before it was PUT."""
    _demand_name(call, ALERT)
    found = _found(call, ALERTS, ALERT)
    if found is None:
        raise site_recovery_not_found(call.target.name)
    return Answer(200, found)


def list_alerts(call: Call) -> Answer:
    """GET …/replicationAlertSettings."""
    found = _found(call, ALERTS, ALERT)
    return listed([found] if found else [])


def put_setting(call: Call) -> Answer:
    """PUT …/replicationVaultSettings/default: 200 [SPEC]."""
    _demand_name(call, SETTING)
    given = call.properties()
    before = _setting(call)["properties"]
    told = {key: given.get(key, before[key]) for key in _VAULT_KEYS}
    return Answer(200, _kept(call, SETTINGS, SETTING, told))


def get_setting(call: Call) -> Answer:
    """GET …/replicationVaultSettings/default: every vault has it, empty at first."""
    _demand_name(call, SETTING)
    return Answer(200, _setting(call))


def list_settings(call: Call) -> Answer:
    """GET …/replicationVaultSettings."""
    return listed([_setting(call)])


def _setting(call: Call) -> Json:
    found = _found(call, SETTINGS, SETTING)
    return found or _body(call, SETTINGS, SETTING, dict.fromkeys(_VAULT_KEYS))


def _demand_name(call: Call, name: str) -> None:
    if not same(call.target.name, name):
        raise site_recovery_not_found(call.target.name)


def _found(call: Call, kind: str, name: str) -> Json | None:
    return call.world.table("asr_settings").get(f"{vault_id_of(call)}/{kind}/{name}".lower())


def _kept(call: Call, kind: str, name: str, properties: Json) -> Json:
    body = _body(call, kind, name, properties)
    call.world.table("asr_settings")[body["id"].lower()] = body
    call.world.changed = True
    return body


def _body(call: Call, kind: str, name: str, properties: Json) -> Json:
    return {
        "name": name,
        "type": f"{setup.BASE}/{kind}",
        "id": f"{vault_id_of(call)}/{kind}/{name}",
        "properties": properties,
    }


_BEFORE = "What there is before the first PUT: inferred."
ROUTES: Routes = {
    (f"{setup.BASE}/{ALERTS}", "put"): Route(put_alert, "recorded"),
    (f"{setup.BASE}/{ALERTS}", "get"): Route(get_alert, "recorded", _BEFORE),
    (f"{setup.BASE}/{ALERTS}", "list"): Route(list_alerts, "specified", _BEFORE),
    (f"{setup.BASE}/{SETTINGS}", "put"): Route(put_setting, "specified"),
    (f"{setup.BASE}/{SETTINGS}", "get"): Route(get_setting, "specified", _BEFORE),
    (f"{setup.BASE}/{SETTINGS}", "list"): Route(list_settings, "specified", _BEFORE),
}
