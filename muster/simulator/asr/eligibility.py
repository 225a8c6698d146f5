"""Whether a VM can be protected, asked of the VM itself (FACTS 4, and its recording)."""

from __future__ import annotations

from collections.abc import Iterator

from muster.simulator.arm.errors import resource_not_found, site_recovery_not_found
from muster.simulator.arm.ids import parse, same
from muster.simulator.asr.vault_ids import capital
from muster.simulator.call import Answer, Call, Route, Routes
from muster.simulator.compute.vms import VM
from muster.simulator.json_types import Json

_KIND = "Microsoft.RecoveryServices/replicationEligibilityResults"
ALREADY_PROTECTED = "AzureVmAlreadyProtected"  # ours: the real code is not known


def get_result(call: Call) -> Answer:
    """GET …/virtualMachines/{vm}/providers/…/replicationEligibilityResults/default."""
    if not same(call.target.name, "default"):
        raise site_recovery_not_found(call.target.name)
    return Answer(200, _result(call))


def list_results(call: Call) -> Answer:
    """GET the list of one; it has no nextLink, other than Site Recovery's lists [CLI-E]."""
    return Answer(200, {"value": [_result(call)]})


def _result(call: Call) -> Json:
    vm = call.world.resource(call.target.scope)
    if vm is None or not same(vm["type"], VM):
        raise resource_not_found(parse(call.target.scope))
    return {
        "name": "default",
        "type": _KIND,
        "id": f"{vm['id']}/providers/{_KIND}/default",
        "properties": {
            "clientRequestId": call.client_request_id,
            "errors": list(_errors(call, vm)),
        },
    }


def _errors(call: Call, vm: Json) -> Iterator[Json]:
    """Why not; none: eligible. Codes of states are those of the API's examples [SPEC]."""
    state = str(vm["properties"]["provisioningState"]).lower()
    if state != "succeeded":
        yield _error(
            "AzureVmIsNotInDesiredProvisioningState",
            f"Azure virtual machine with Id ({vm['id']}) is with provisioning state '{state}'. To "
            "enable replication, VM's provisioning state should be 'succeeded'.",
            "Virtual machine is not in desired state.",
            "Ensure that the VM's provisioning state is 'succeeded'.",
        )
    power = str(call.world.machines[vm["id"].lower()]["power"])
    if power != "running":
        yield _error(
            "AzureVmIsNotInDesiredPowerState",
            f"Azure virtual machine with Id ({vm['id']}) is with power status '{power}'. To "
            "enable replication, VM's power status should be 'running'.",
            "Virtual machine is not in desired state.",
            "Ensure that the VM's power status is 'running'.",
        )
    for item in call.world.items.values():
        if same(item["vm"], vm["id"]):
            yield _error(
                ALREADY_PROTECTED,
                f"Azure virtual machine with Id ({vm['id']}) is protected already, in the vault "
                f"{capital(item['vault_id'])}.",
                "Replication of the virtual machine has been enabled before.",
                "Disable its replication first.",
            )


def _error(code: str, message: str, causes: str, action: str) -> Json:
    return {
        "code": code,
        "message": message,
        "possibleCauses": causes,
        "recommendedAction": action,
        "status": "Error",
    }


_CODES = (
    "Answers about an eligible VM are recorded. Codes of power and provisioning state: specified. "
    "That of a protected VM: inferred."
)
ROUTES: Routes = {
    (_KIND, "get"): Route(get_result, "recorded", _CODES),
    (_KIND, "list"): Route(list_results, "recorded", _CODES),
}
