"""What can be wrong with how a plan is replicated: code, what it says, what to do."""

from __future__ import annotations

OF_REPLICATION: tuple[tuple[str, str, str], ...] = (
    (
        "PLAN-072",
        "a region outside of the plan's own data residency",
        "Choose a region that `replication.data_residency` permits, or widen it.",
    ),
    (
        "PLAN-073",
        "an availability set and a zone at once",
        "A VM stands in a zone or in an availability set: keep one of the two.",
    ),
    (
        "PLAN-074",
        "a vault in the source region",
        "The vault has to outlive the source: leave `vault.region` out, and it is made in the "
        "target region.",
    ),
    (
        "PLAN-075",
        "a consistency group of too many VMs",
        "A multi-VM consistency group has at most 16: leave it out, or split the plan.",
    ),
    (
        "PLAN-080",
        "an unknown region",
        "Write it as `az account list-locations` has it (ukwest). A region that Azure opened "
        "after Muster's table was written belongs into muster/plan/regions.yaml.",
    ),
    (
        "PLAN-081",
        "two regions that Site Recovery does not replicate between",
        "Choose one of the targets named; docs/reference/region-pairs.md has the rules.",
    ),
    (
        "PLAN-082",
        "a zone in a region without availability zones",
        "Leave the zone out, or choose a region that has zones (docs/reference/region-pairs.md).",
    ),
    (
        "PLAN-083",
        "a resource group to select from that is not there",
        "Correct its name, or take it out; `az group list` names those that are there.",
    ),
    (
        "PLAN-121",
        "a source whose resource group is not there",
        "Correct `source.resource_group`, or `source.subscription`; `az group list` names those"
        " that are there.",
    ),
)
