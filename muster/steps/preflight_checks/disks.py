"""Do source VMs and their disks stand as replication needs them, and are the replicas there?"""

from __future__ import annotations

from muster.checks.verdict import Verdict
from muster.gateway.ids import key_of
from muster.gateway.parse import mapping, text_of
from muster.steps.preflight_checks.check import Area, S, T, none_of, rows_of
from muster.steps.preflight_checks.facts import Facts
from muster.steps.preflight_checks.raw import disks_of
from muster.steps.preflight_checks.vault import region

GIB = 1024**3


def replicas_are_there(facts: Facts) -> Verdict:
    facts.need("items", "in_target_group")
    there = {key_of(one.id) for one in facts.in_target_group}
    here = key_of(facts.target_group_id) + "/"
    problems = {
        vm: f"no {', '.join(one.rpartition('/')[2] for one in missing)}"
        for vm, item in facts.items.items()
        if (
            missing := [
                one
                for one in item.replica_disk_ids
                if key_of(one).startswith(here) and key_of(one) not in there
            ]
        )
    }
    return none_of(problems, "every replica disk is in the target's group")


def nothing_resyncs(facts: Facts) -> Verdict:
    facts.need("items")
    problems = {
        vm: f"{', '.join(waiting)} has to be synchronised again"
        for vm, item in facts.items.items()
        if (waiting := [text_of(disk.get("diskName")) for disk in disks_of(item)
                        if disk.get("resyncRequired") is True])
    }  # fmt: skip
    return none_of(problems, "no disk has to be synchronised again")


def sizes_are_replicated(facts: Facts) -> Verdict:
    """A disk that grew after it was protected is replicated as it was."""
    facts.need("items", "source_disks")
    problems: dict[str, str] = {}
    for vm, item in facts.items.items():
        for disk in disks_of(item):
            body = facts.source_disks.get(key_of(text_of(disk.get("diskId"))), {})
            has = mapping(body.get("properties")).get("diskSizeGB")
            known = disk.get("diskCapacityInBytes")
            if has and known and int(has) * GIB != int(known):
                name = text_of(disk.get("diskName"))
                problems[vm] = f"{name} has {has} GiB, replicated as {int(known) // GIB} GiB"
    return none_of(problems, "every disk is replicated at its size")


def sources_in_their_region(facts: Facts) -> Verdict:
    facts.need("sources")
    wanted = region(facts.plan.source.region)
    problems = {
        vm: f"it stands in {found.location}"
        for vm, found in facts.sources.items()
        if found is not None and region(found.location) != wanted
    }
    return none_of(problems, f"every source VM stands in {facts.plan.source.region}")


def sources_are_whole(facts: Facts) -> Verdict:
    facts.need("sources")
    problems = {
        vm: f"it is {found.provisioning_state}"
        for vm, found in facts.sources.items()
        if found is not None and found.provisioning_state.casefold() in {"failed", "deleting"}
    }
    return none_of(problems, "no source VM is in a failed state")


def extensions_are_allowed(facts: Facts) -> Verdict:
    """Run-command comes through the VM agent; a copy inherits what its source allows."""
    facts.need("sources")
    problems = {}
    for vm, found in facts.sources.items():
        profile = mapping(mapping(found.raw.get("properties")).get("osProfile")) if found else {}
        if profile.get("allowExtensionOperations") is False:
            problems[vm] = "its extension operations are switched off"
    return none_of(problems, "every source VM allows extensions and run-command")


CHECKS = rows_of(
    Area.DISKS,
    ("PRE-061", "every replica disk is there", S, S,
     "Somebody deleted it: disable replication of the VM named and enable it again.",
     replicas_are_there),
    ("PRE-062", "no disk has to be synchronised again", T, T,
     "Start the resynchronisation in the portal; until it ends no new points are made.",
     nothing_resyncs),
    ("PRE-063", "every disk is replicated at its size", T, T,
     "Look at the disk's replication: what was added is in no recovery point.",
     sizes_are_replicated),
    ("PRE-064", "every source VM stands in the plan's region", T, T,
     "Correct `source.region`, or name VMs that stand there.", sources_in_their_region),
    ("PRE-065", "no source VM is in a failed state", T, T,
     "Mend the VM named (Reapply in the portal): its agent may not be heard.",
     sources_are_whole),
    ("PRE-066", "every source VM allows extensions", T, T,
     "Allow extension operations: without them no check and no script runs inside a copy.",
     extensions_are_allowed),
)  # fmt: skip
