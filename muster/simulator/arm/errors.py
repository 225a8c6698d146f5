"""Refusals in the words of Azure Resource Manager and of Site Recovery."""

from __future__ import annotations

import uuid
from typing import Any

from muster.simulator.arm.ids import Target
from muster.simulator.json_types import Json


class AzureError(Exception):
    """An answer other than success; carries the whole body (`more`: further keys)."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        details: list[Json] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message
        self.details, self.more = details, more

    def body(self) -> Json:
        error: Json = {"code": self.code, "message": self.message}
        if self.details is not None:
            error["details"] = self.details
        return {"error": error | self.more}


def group_not_found(group: str) -> AzureError:
    return AzureError(
        404, "ResourceGroupNotFound", f"Resource group '{group}' could not be found."
    )


def resource_not_found(target: Target) -> AzureError:
    """ARM's own 404; a missing child of a network is answered by Network, in other words."""
    if len(target.types) > 1:
        return AzureError(404, "NotFound", f"Resource {target.path} not found.", [])
    return AzureError(
        404,
        "ResourceNotFound",
        f"The Resource '{target.type}/{target.name}' under resource group '{target.group}' was "
        "not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix",
    )


def parent_not_found(target: Target, parent: str) -> AzureError:
    return AzureError(
        404,
        "ParentResourceNotFound",
        f"Failed to perform 'write' on resource(s) of type '{target.type}', because the parent "
        f"resource '{parent}' could not be found.",
    )


def site_recovery_not_found(name: str) -> AzureError:
    """The 404 of Site Recovery itself [PS-TRP]."""
    message = f"Specified resource with name '{name}' does not exist."
    detail = site_recovery_detail(
        "ArmResourceDoesNotExist",
        message,
        "Ensure correct resource name was specified.",
        "Verify ARM resource name details.",
    )
    return AzureError(404, "NotFound", message, [detail])


def bad_input(message: str) -> AzureError:
    """Site Recovery's 400; its form is recorded [azure-powershell #4893], its words are not."""
    detail = site_recovery_detail(
        "InvalidParameter",
        message,
        "The input is missing or not valid.",
        "Correct the input and try again.",
    )
    return AzureError(400, "BadRequest", message, [detail])


def site_recovery_detail(
    code: str, message: str, causes: str, action: str, request: str | None = None
) -> Json:
    """The one entry of `details` that a refusal of Site Recovery has [PS-TRP]."""
    return {
        "code": code,
        "message": message,
        "possibleCauses": causes,
        "recommendedAction": action,
        "clientRequestId": request or str(uuid.uuid4()),
        "activityId": str(uuid.uuid4()),
    }


def bad_request(code: str, message: str) -> AzureError:
    return AzureError(400, code, message)


def not_implemented(what: str) -> AzureError:
    """Said by the simulator, not by Azure: better than to act as if."""
    return AzureError(501, "NotImplemented", f"This simulator version does not do {what}.")
