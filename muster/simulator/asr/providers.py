"""Recovery services providers: each Azure fabric has one, which nobody installs."""

from __future__ import annotations

from muster.simulator import dates
from muster.simulator.arm.errors import site_recovery_not_found
from muster.simulator.arm.ids import same
from muster.simulator.asr import refusals, setup
from muster.simulator.asr.configuration import items_in
from muster.simulator.asr.vault_ids import vault_id_of
from muster.simulator.call import Answer, Call, Route, Routes, listed
from muster.simulator.json_types import Json
from muster.simulator.world import World


def get_provider(call: Call) -> Answer:
    """GET …/replicationRecoveryServicesProviders/{guid}: items name it."""
    told = _body(call.world, refusals.demand_fabric(call))
    if not same(told["name"], call.target.name):
        raise site_recovery_not_found(call.target.name)
    return Answer(200, told)


def list_providers(call: Call) -> Answer:
    """GET the one of a fabric."""
    return listed([_body(call.world, refusals.demand_fabric(call))])


def list_vault_providers(call: Call) -> Answer:
    """GET those of all fabrics."""
    fabrics = setup.under(call.world, vault_id_of(call), setup.FABRICS)
    return listed([_body(call.world, fabric) for fabric in fabrics])


def _body(world: World, fabric: Json) -> Json:
    name = world.guid("provider", fabric["name"])
    region = fabric["properties"]["friendlyName"]
    return {
        "id": f"{fabric['id']}/replicationRecoveryServicesProviders/{name}",
        "name": name,
        "type": f"{setup.BASE}/{_KIND}",
        "properties": {
            "fabricType": "Azure",
            "friendlyName": region,
            "providerVersion": None,
            "serverVersion": None,
            "providerVersionState": "None",
            "providerVersionExpiryDate": None,
            "fabricFriendlyName": region,
            "lastHeartBeat": dates.ticks(world.now // 60 * 60),
            "connectionStatus": "Connected",
            "protectedItemCount": len(items_in(world, fabric["id"])),
            "allowedScenarios": [],
            "healthErrorDetails": [],
            "draIdentifier": name,
            "machineId": None,
            "machineName": None,
            "biosId": None,
            "authenticationIdentityDetails": None,
            "resourceAccessIdentityDetails": None,
            "dataPlaneAuthenticationIdentityDetails": None,
            "providerVersionDetails": None,
        },
    }


_KIND = "replicationFabrics/replicationRecoveryServicesProviders"
_BODY = "Keys: specified. What an Azure fabric's provider says of itself: inferred."
_PROVIDER = f"{setup.BASE}/{_KIND}"
ROUTES: Routes = {
    (_PROVIDER, "get"): Route(get_provider, "specified", _BODY),
    (_PROVIDER, "list"): Route(list_providers, "specified", _BODY),
    (f"{setup.BASE}/replicationRecoveryServicesProviders", "list"): Route(
        list_vault_providers, "specified", _BODY
    ),
    (_PROVIDER, "put"): refusals.ON_PREMISES,
    (_PROVIDER, "delete"): refusals.ON_PREMISES,
    **{
        (f"{_PROVIDER}/{verb}", "post"): refusals.ON_PREMISES
        for verb in ("remove", "refreshProvider")
    },
}
