"""Writes to Site Recovery: sent once, and back as soon as Azure has accepted them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from muster.gateway.ids import ArmId, parse_id
from muster.gateway.parse_job import job_id_from
from muster.gateway.translate import in_our_words
from muster.gateway.values import Accepted, VaultRef

FABRIC = ("replicationFabrics",)
CONTAINER = (*FABRIC, "replicationProtectionContainers")
ITEM = (*CONTAINER, "replicationProtectedItems")


async def accepted(
    what: str, vault: VaultRef, begin: Callable[..., Awaitable[Any]], *given: Any
) -> Accepted:
    """Send an act and read its job from the first answer.

    Never the SDK's poller: it waits on the wall clock, and for ever on a state spelled
    `Cancelled`.

    Args:
        what: What is being done, as an error says it.
        vault: Where it is done, and where its job will be.
        begin: The SDK's method.
        given: Its arguments behind resource group and vault.

    Raises:
        GatewayError: Azure refused it, did not answer, or named no job.
    """
    told: dict[str, str] = {}

    def keep(response: Any) -> None:
        told.clear()
        told.update(response.http_response.headers)

    with in_our_words(what):
        await begin(
            vault.resource_group, vault.name, *given, polling=False, raw_response_hook=keep
        )
    return job_id_from(told, vault)


def vault_of(arm: ArmId) -> VaultRef:
    """The vault that an id of Site Recovery's lies in."""
    return VaultRef(arm.subscription or "", arm.resource_group or "", arm.named("vaults"))


def place_of(arm_id: str, types: tuple[str, ...]) -> tuple[VaultRef, tuple[str, ...]]:
    """The vault of an id, and its names below the vault, one for each type.

    Raises:
        BadArmId: It has no part of one of these types.
    """
    arm = parse_id(arm_id)
    return vault_of(arm), tuple(arm.named(kind) for kind in types)
