"""What Site Recovery says at once to input it cannot take, and to paths that lead nowhere."""

from __future__ import annotations

from typing import Any

from muster.simulator.arm.errors import (
    AzureError,
    site_recovery_detail,
    site_recovery_not_found,
)
from muster.simulator.asr import setup
from muster.simulator.call import Answer, Call, Route
from muster.simulator.json_types import Json

# The form of a 400 is recorded [azure-powershell #4893], codes and words for these cases are not.
BAD_INPUT, NOT_SUPPORTED = "InvalidParameter", "OperationNotSupported"


def bad_input(call: Call, message: str) -> AzureError:
    """400: a body that misses something, or asks for another provider."""
    return _refused(
        call,
        400,
        "BadRequest",
        BAD_INPUT,
        message,
        "The input is missing or not valid.",
        "Correct the input and try again.",
    )


def refuse_on_premises(call: Call) -> Answer:
    """POST or PUT of what only on-premises fabrics know; an Azure fabric has none of it."""
    verb = call.target.types[-1]
    raise _refused(
        call,
        400,
        "BadRequest",
        NOT_SUPPORTED,
        f"The operation '{verb}' is not supported for fabrics of type 'Azure'.",
        "The operation is for on-premises servers.",
        "Use it with a fabric of another type.",
    )


ON_PREMISES = Route(
    refuse_on_premises,
    "not modelled",
    "Known to on-premises fabrics only; an Azure fabric refuses it (in which words: inferred).",
)


def fabric_not_found(call: Call, name: str) -> AzureError:
    """The 404 for a fabric has words of its own [azurerm #11180]."""
    return _refused(
        call,
        404,
        "NotFound",
        "FabricArmEntityMissing",
        f"Fabric with name {name} could not be located.",
        "The fabric might have been unregistered from the Microsoft Azure Site Recovery vault.",
        "Retry the operation with a valid site.",
    )


# -- what a path has to lead through ----------------------------------------------------------


def demand_fabric(call: Call) -> Json:
    """The fabric a path names or lies in. Raises: AzureError, 404."""
    path = "/".join(call.target.path.split("/")[:11])
    found = setup.find(call.world, path, setup.FABRICS)
    if found is None:
        raise fabric_not_found(call, call.target.names[1])
    return found


def demand_container(call: Call) -> Json:
    """The container a path names or lies in. Raises: AzureError, 404."""
    demand_fabric(call)
    path = "/".join(call.target.path.split("/")[:13])
    found = setup.find(call.world, path, setup.CONTAINERS)
    if found is None:
        raise site_recovery_not_found(call.target.names[2])
    return found


def demand(call: Call, kind: str) -> Json:
    """The piece of set-up a path names, or that an action on it names. Raises: AzureError, 404."""
    target = call.target
    if kind.startswith(f"{setup.CONTAINERS}/"):
        demand_container(call)
    elif kind.startswith(f"{setup.FABRICS}/"):
        demand_fabric(call)
    path = target.path if target.is_resource else target.owner
    found = setup.find(call.world, path, kind)
    if found is None:
        raise site_recovery_not_found(target.name)
    return found


# -- what a body has to say -------------------------------------------------------------------


def text(call: Call, given: Json, key: str) -> str:
    """A required text. Raises: AzureError, 400."""
    value = given.get(key)
    if not isinstance(value, str) or not value.strip():
        raise bad_input(call, f"The required property '{key}' is missing.")
    return value


def part(call: Call, given: Json, key: str, instance_type: str) -> Json:
    """A required object of a provider's own. Raises: AzureError, 400."""
    value: Any = given.get(key)
    if not isinstance(value, dict):
        raise bad_input(call, f"The required property '{key}' is missing.")
    if str(value.get("instanceType", "")).casefold() != instance_type.casefold():
        raise bad_input(call, f"'{key}.instanceType' has to be '{instance_type}'.")
    return value


def choice(call: Call, given: Json, key: str, choices: tuple[str, ...], default: str) -> str:
    """One of Azure's words, in Azure's spelling; enums compare without case [SDK]."""
    value = given.get(key)
    if value is None:
        return default
    for word in choices:
        if str(value).casefold() == word.casefold():
            return word
    raise bad_input(call, f"'{key}' has to be one of {', '.join(choices)}.")


def _refused(
    call: Call, status: int, code: str, detail: str, message: str, causes: str, action: str
) -> AzureError:
    told = site_recovery_detail(detail, message, causes, action, call.client_request_id)
    return AzureError(status, code, message, [told])
