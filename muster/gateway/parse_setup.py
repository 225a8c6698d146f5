"""A vault's set-up, from Azure's JSON."""

from __future__ import annotations

from datetime import timedelta

from muster.gateway.ids import parse_id
from muster.gateway.parse import mapping, rows, text_of
from muster.gateway.values import JobError, Json
from muster.gateway.values_setup import (
    Container,
    ContainerMapping,
    Eligibility,
    Fabric,
    NetworkMapping,
    ReplicationPolicy,
)

_FABRICS = "replicationFabrics"


def parse_fabric(raw: Json) -> Fabric:
    """A fabric; its friendly name is the region's for people, so the location is taken."""
    details = mapping(mapping(raw.get("properties")).get("customDetails"))
    return Fabric(_id(raw), text_of(raw.get("name")), text_of(details.get("location")), raw)


def parse_container(raw: Json) -> Container:
    """A protection container."""
    fabric = parse_id(_id(raw)).named(_FABRICS)
    return Container(_id(raw), text_of(raw.get("name")), fabric, raw)


def parse_mapping(raw: Json) -> ContainerMapping:
    """A container mapping; which container it starts in is in its id alone."""
    properties = mapping(raw.get("properties"))
    return ContainerMapping(
        id=_id(raw),
        name=text_of(raw.get("name")),
        container_id=parse_id(_id(raw)).up_to("replicationProtectionContainers"),
        target_container_id=text_of(properties.get("targetProtectionContainerId")),
        policy_id=text_of(properties.get("policyId")),
        state=text_of(properties.get("state")),
        raw=raw,
    )


def parse_policy(raw: Json) -> ReplicationPolicy:
    """A policy; minutes become spans. `Enable` went in, `Enabled` comes out."""
    details = mapping(mapping(raw.get("properties")).get("providerSpecificDetails"))
    return ReplicationPolicy(
        id=_id(raw),
        name=text_of(raw.get("name")),
        app_consistent_every=_minutes(details.get("appConsistentFrequencyInMinutes")),
        keep_recovery_points=_minutes(details.get("recoveryPointHistory")),
        multi_vm_sync=text_of(details.get("multiVmSyncStatus")).casefold() == "enabled",
        raw=raw,
    )


def parse_network_mapping(raw: Json) -> NetworkMapping:
    """A network mapping."""
    properties = mapping(raw.get("properties"))
    return NetworkMapping(
        id=_id(raw),
        name=text_of(raw.get("name")),
        fabric=parse_id(_id(raw)).named(_FABRICS),
        source_network_id=text_of(properties.get("primaryNetworkId")),
        target_network_id=text_of(properties.get("recoveryNetworkId")),
        state=text_of(properties.get("state")),
        raw=raw,
    )


def parse_eligibility(vm_id: str, raw: Json) -> Eligibility:
    """What Azure holds against replicating a VM."""
    errors = rows(mapping(raw.get("properties")).get("errors"))
    return Eligibility(
        vm_id,
        tuple(
            JobError(
                code=text_of(error.get("code")),
                message=text_of(error.get("message")),
                causes=text_of(error.get("possibleCauses")),
                action=text_of(error.get("recommendedAction")),
            )
            for error in errors
        ),
    )


def _id(raw: Json) -> str:
    return text_of(raw.get("id"))


def _minutes(value: object) -> timedelta:
    return timedelta(minutes=float(value)) if isinstance(value, int | float) else timedelta()
