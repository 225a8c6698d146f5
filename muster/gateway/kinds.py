"""The ways Azure says no, or nothing: each with a stable code, and a hint that is the remedy."""

from __future__ import annotations

from muster.errors import GatewayError, WaitEnded


class AzureError(GatewayError):
    """Base of what `translate` makes of an SDK's error.

    Args:
        message: A sentence; secrets were taken out.
        status: HTTP status, or None when there was no answer.
        azure_code: Azure's own code (`AuthorizationFailed`, `25037`), or "".
        maybe_accepted: Whether Azure may have taken the call all the same (an answer that got
        lost). code: Overrides the class's code. hint: Overrides the class's hint.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        azure_code: str = "",
        maybe_accepted: bool = False,
        code: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, code=code, hint=hint)
        self.status = status
        self.azure_code = azure_code
        self.maybe_accepted = maybe_accepted


class Refused(AzureError):
    """A 4xx that has no kind of its own."""

    code = "AZ-400"
    hint = "Azure did not understand or permit this request; its own words above say what to mend."


class CredentialRefused(AzureError):
    code = "AZ-401"
    hint = (
        "Check AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET (or certificate), and "
        "that the secret has not run out; `az login` again if you use your own account."
    )


class Forbidden(AzureError):
    """No role of the caller's allows this; `action` is what is missing, where Azure named it."""

    code = "AZ-403"
    hint = (
        "Give the caller a role with that action at that scope: deployments/azure/ holds those "
        "for drills and for replication."
    )

    def __init__(self, message: str, *, action: str | None = None, azure_code: str = "") -> None:
        super().__init__(message, status=403, azure_code=azure_code)
        self.action = action
        if azure_code == "RequestDisallowedByPolicy":
            self.shown_hint = (
                "A policy denies this, whatever role the caller has: ask its owner for an "
                "exemption at that scope, or make the resource as the policy wants it."
            )


class NotFound(AzureError):
    code = "AZ-404"
    hint = "Compare subscription, resource group and name in the plan with what the portal shows."


class Conflict(AzureError):
    code = "AZ-409"
    hint = (
        "Something else is being done to this resource, or its state forbids it; look at its "
        "running jobs."
    )


class Throttled(AzureError):
    code = "AZ-429"
    hint = (
        "Azure is limiting requests for this identity; wait some minutes, or run fewer drills "
        "side by side."
    )


class ServerError(AzureError):
    code = "AZ-5XX"
    hint = "Azure itself failed. Look at Azure's status page for the region, then run it again."


class Unreachable(AzureError):
    code = "AZ-CONN"
    hint = "Check MUSTER_ARM_ENDPOINT, name resolution, proxy and firewall on the way to it."


class BadCertificate(AzureError):
    code = "AZ-TLS"
    hint = (
        "MUSTER_CA_FILE must name the CA that signed the endpoint's certificate; the simulator "
        "writes it beside its `simulator.env`."
    )


class NoCredential(AzureError):
    code = "AZ-CRED"
    hint = (
        "Set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, use a managed identity, "
        "or `az login`."
    )


class BadAnswer(AzureError):
    """Something answered, but not as Azure Resource Manager does."""

    code = "AZ-BODY"
    hint = (
        "A proxy or another server may be answering in Azure's place; check MUSTER_ARM_ENDPOINT."
    )


class NoJobNamed(AzureError):
    """A write was accepted, yet nothing in the answer names its job."""

    code = "AZ-JOB"
    hint = "Look at the vault's jobs in the portal before anything is sent again."


class ResourceFailed(AzureError):
    """A resource was accepted and then ended in a failed provisioning state."""

    code = "AZ-PROV"
    hint = "Look at the resource's activity log; remove it before trying again."


class GatewayWaitEnded(WaitEnded):
    """A bounded wait for Azure came to its end."""

    code = "AZ-WAIT"
