"""Do source VMs and their disks stand as replication needs them, and are the replicas there?"""

from __future__ import annotations

from muster.checks.verdict import Verdict
from muster.gateway.ids import key_of, last_of
from muster.gateway.values import Json, ProtectedItem, VirtualMachine
from muster.steps.preflight_checks.check import Area, N, S, T, each_item, each_source, rows_of
from muster.steps.preflight_checks.facts import Facts, NotRead
from muster.steps.preflight_checks.raw import disks_of
from muster.steps.preflight_checks.told import count, flag, known, part, text
from muster.steps.preflight_checks.vault import region

GIB = 1024**3
BROKEN = frozenset({"failed", "deleting", "canceled"})
WHOLE = frozenset({"succeeded", "updating", "creating", "migrating"})
"""The other states that Azure knows; of any further one nobody knows what it means."""


def replicas_are_there(facts: Facts) -> Verdict:
    facts.need("items", "in_target_group")
    there = {key_of(one.id) for one in facts.in_target_group}
    here = key_of(facts.target_group_id) + "/"

    def problem(_: str, item: ProtectedItem) -> str | None:
        replicas = [text(disk, "recoveryReplicaDiskId") for disk in disks_of(item)]
        inside = [one for one in replicas if key_of(one).startswith(here)]
        if missing := [one for one in inside if key_of(one) not in there]:
            return f"no {', '.join(map(last_of, missing))}"
        if elsewhere := [one for one in replicas if one not in inside]:
            raise NotRead(f"{last_of(elsewhere[0])} is to stand in a group that was not listed")
        return None

    return each_item(facts, problem, "every replica disk is in the target's group")


def nothing_resyncs(facts: Facts) -> Verdict:
    def problem(_: str, item: ProtectedItem) -> str | None:
        waiting = [
            text(disk, "diskName") for disk in disks_of(item) if flag(disk, "resyncRequired")
        ]
        return f"{', '.join(waiting)} has to be synchronised again" if waiting else None

    return each_item(facts, problem, "no disk has to be synchronised again")


def sizes_are_replicated(facts: Facts) -> Verdict:
    """A disk that grew after it was protected is replicated as it was."""
    facts.need("items", "source_disks")

    def problem(_: str, item: ProtectedItem) -> str | None:
        for disk in disks_of(item):
            name, known_as = text(disk, "diskName"), count(disk, "diskCapacityInBytes")
            body = facts.source_disks.get(key_of(text(disk, "diskId")))
            if body is None:
                raise NotRead(f"the source disk {name} was not found")
            has = count(part(body, "properties"), "diskSizeGB")
            if has * GIB != known_as:
                return f"{name} has {has} GiB, replicated as {known_as // GIB} GiB"
        return None

    return each_item(facts, problem, "every disk is replicated at its size")


def sources_in_their_region(facts: Facts) -> Verdict:
    wanted = region(facts.plan.source.region)

    def problem(_: str, found: VirtualMachine) -> str | None:
        where = known(found.location, "its region")
        return None if region(where) == wanted else f"it stands in {where}"

    return each_source(facts, problem, f"every source VM stands in {facts.plan.source.region}")


def sources_are_whole(facts: Facts) -> Verdict:
    def problem(_: str, found: VirtualMachine) -> str | None:
        state = known(found.provisioning_state, "its state").casefold()
        if state in BROKEN:
            return f"it is {found.provisioning_state}"
        if state not in WHOLE:
            raise NotRead(f"what its state {found.provisioning_state} means is not known")
        return None

    return each_source(facts, problem, "no source VM is in a failed state")


def extensions_are_allowed(facts: Facts) -> Verdict:
    """Run-command comes through the VM agent; a copy inherits what its source allows.

    A VM that was made from a disk has no `osProfile`, and nothing that forbids extensions.
    """

    def problem(_: str, found: VirtualMachine) -> str | None:
        properties = part(found.raw, "properties")
        if "osProfile" not in properties and _is_made_from_a_disk(properties):
            return None
        is_allowed = flag(part(properties, "osProfile"), "allowExtensionOperations")
        return None if is_allowed else "its extension operations are switched off"

    return each_source(facts, problem, "every source VM allows extensions and run-command")


def _is_made_from_a_disk(properties: Json) -> bool:
    """https://learn.microsoft.com/rest/api/compute/virtual-machines/get: `createOption`."""
    system = part(part(properties, "storageProfile"), "osDisk")
    return text(system, "createOption").casefold() == "attach"


CHECKS = rows_of(
    Area.DISKS,
    ("PRE-061", "every replica disk is there", S, S, N,
     "Somebody deleted it: disable replication of the VM named and enable it again.",
     replicas_are_there),
    ("PRE-062", "no disk has to be synchronised again", T, T, N,
     "Start the resynchronisation in the portal; until it ends no new points are made.",
     nothing_resyncs),
    ("PRE-063", "every disk is replicated at its size", T, T, N,
     "Look at the disk's replication: what was added is in no recovery point.",
     sizes_are_replicated),
    ("PRE-064", "every source VM stands in the plan's region", T, T, T,
     "Correct `source.region`, or name VMs that stand there.", sources_in_their_region),
    ("PRE-065", "no source VM is in a failed state", T, T, T,
     "Mend the VM named (Reapply in the portal): its agent may not be heard.",
     sources_are_whole),
    ("PRE-066", "every source VM allows extensions", T, T, T,
     "Allow extension operations: without them no check and no script runs inside a copy.",
     extensions_are_allowed),
)  # fmt: skip
