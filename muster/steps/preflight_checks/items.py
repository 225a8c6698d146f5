"""Can every item be test-failed-over now, and would its copy land where it should?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from muster.checks.verdict import Verdict
from muster.gateway.ids import key_of, parse_id, same_id
from muster.gateway.values import ProtectedItem
from muster.plan.durations import format_duration
from muster.replication.terms import terms_of_entry
from muster.steps.preflight_checks.check import Area, N, S, T, each_item, rows_of, runs_in
from muster.steps.preflight_checks.facts import Facts, NotRead
from muster.steps.preflight_checks.raw import cards_of, details_of, disk_ids_of, properties_of
from muster.steps.preflight_checks.told import (
    age,
    known,
    listed,
    maybe,
    part,
    some,
    span,
    text,
    texts_of,
)

RPO_AGE = timedelta(minutes=30)
"""Site Recovery works the RPO out every few minutes; an older figure says nothing about now."""
HEARTBEAT_AGE = timedelta(minutes=30)
NO_TEST_YET = "161011"
"""Health error of every item that was never test-failed-over: what a drill is there to mend."""
NOT_REPLICATED = "153039"
"""Health error of a VM with data disks that are not replicated, on purpose or not.
https://learn.microsoft.com/azure/site-recovery/azure-to-azure-troubleshoot-errors"""


def state_protected(facts: Facts) -> Verdict:
    def problem(_: str, item: ProtectedItem) -> str | None:
        state = known(item.protection_state, "its state")
        if state.casefold() == "protected":
            return None
        return f"{state} ({item.protection_state_description})"

    return each_item(facts, problem, "all are Protected")


def active_at_source(facts: Facts) -> Verdict:
    def problem(_: str, item: ProtectedItem) -> str | None:
        where = known(item.active_location, "where it is active")
        return None if where.casefold() == "primary" else f"active in {where}"

    return each_item(facts, problem, "all are active at the source")


def offers_failover_test(facts: Facts) -> Verdict:
    def problem(_: str, item: ProtectedItem) -> str | None:
        texts_of(properties_of(item), "allowedOperations")
        allowed = {one.casefold() for one in item.allowed_operations}
        return None if "testfailover" in allowed else f"Azure offers {_offered(item)}"

    return each_item(facts, problem, "Azure offers TestFailover for all")


def _offered(item: ProtectedItem) -> str:
    return f"{', '.join(item.allowed_operations)} only" if item.allowed_operations else "nothing"


def nothing_pending(facts: Facts) -> Verdict:
    def problem(vm: str, item: ProtectedItem) -> str | None:
        text(properties_of(item), "testFailoverState")  # the text "None" where none is pending
        if not (pending := item.test_failover_state):
            return None
        return f"a test failover is {pending}, {_whose(facts, vm)}"

    found = each_item(facts, problem, "no test failover is pending")
    if found.word != "failed":
        return found
    own = facts.ours.failing_over
    return replace(found, runs=runs_in(own[vm] for vm in found.evidence if vm in own))


def _whose(facts: Facts, vm: str) -> str:
    """Which run of the plan began what is pending of a VM, as far as its journals tell."""
    if run := facts.ours.failing_over.get(vm):
        return f"begun by run {run}"
    is_unread = "ours" in facts.unread or "history" in facts.unread
    return "and whose it is is not known" if is_unread else "begun by no open run of this plan"


def no_job_in_flight(facts: Facts) -> Verdict:
    facts.need("items", "jobs")

    def problem(_: str, item: ProtectedItem) -> str | None:
        name = text(properties_of(item), "friendlyName").casefold()
        mine = {name, (item.entity_id or name).casefold()}
        for job in facts.jobs:
            named = {(job.target_name or "").casefold(), (job.target_id or "").casefold()}
            if named & mine:
                return f"job {job.id} ({job.scenario}) is {job.state}"
        if item.current_job_id:
            return f"job {item.current_job_id}"
        scenario = part(properties_of(item), "currentScenario")
        text(scenario, "scenarioName"), text(scenario, "jobId")
        by_id = item.entity_id is not None
        if nameless := [
            job.id for job in facts.jobs if not (job.target_name or (by_id and job.target_id))
        ]:
            raise NotRead(f"Azure does not tell what job {nameless[0]} works on")
        return None

    return each_item(facts, problem, "no job is under way on any of them")


def rpo_within_limit(facts: Facts) -> Verdict:
    return _rpo(facts, facts.plan.drill.max_point_age, "drill.max_point_age")


def rpo_within_objective(facts: Facts) -> Verdict:
    return _rpo(facts, facts.plan.objectives.rpo, "objectives.rpo")


def _rpo(facts: Facts, limit: timedelta, name: str) -> Verdict:
    def problem(_: str, item: ProtectedItem) -> str | None:
        rpo = span(item.rpo, "its RPO")
        return f"RPO is {format_duration(rpo)}" if rpo > limit else None

    return each_item(facts, problem, f"every RPO is within {name} ({format_duration(limit)})")


def rpo_fresh(facts: Facts) -> Verdict:
    def problem(_: str, item: ProtectedItem) -> str | None:
        ago = age(item.rpo_at, facts.now, "when its RPO was worked out")
        return f"the RPO is from {format_duration(ago)} ago" if ago > RPO_AGE else None

    return each_item(facts, problem, f"every RPO was worked out within {format_duration(RPO_AGE)}")


def heartbeat_fresh(facts: Facts) -> Verdict:
    def problem(_: str, item: ProtectedItem) -> str | None:
        ago = age(item.last_heartbeat, facts.now, "the last heartbeat of its agent")
        return f"last heartbeat {format_duration(ago)} ago" if ago > HEARTBEAT_AGE else None

    return each_item(facts, problem, "every mobility agent was heard of lately")


def health_errors(facts: Facts) -> Verdict:
    def problem(vm: str, item: ProtectedItem) -> str | None:
        listed(properties_of(item), "healthErrors")
        left = [error for error in item.health_errors if not _is_meant(facts, vm, item, error)]
        said = "; ".join(_health_words(error) for error in left)
        return f"health errors {said}" if left else None

    fine = "no health error, beyond those of a missing test failover and of what the plan excludes"
    return each_item(facts, problem, fine)


def _is_meant(facts: Facts, vm: str, item: ProtectedItem, error: Mapping[str, Any]) -> bool:
    """Whether a health error is no news: a drill is to mend it, or the plan wants it so."""
    code = _health_code(error)
    return code == NO_TEST_YET or (code == NOT_REPLICATED and _only_left_out(facts, vm, item))


def _only_left_out(facts: Facts, vm: str, item: ProtectedItem) -> bool:
    """Whether all disks of a VM that are not replicated are ones that the plan leaves out.

    Of what nobody knows Azure's own word stands.
    """
    found = facts.sources.get(vm)
    try:
        _, *data = disk_ids_of(found) if found else ("",)
    except NotRead:
        return False
    replicated = {key_of(one) for one in item.source_disk_ids}
    missing = {parse_id(one).name.casefold() for one in data if key_of(one) not in replicated}
    return bool(missing) and missing <= terms_of_entry(facts.plan, facts.plan.vm(vm)).excluded


def _health_code(error: Mapping[str, Any]) -> str:
    return str(known(error.get("errorCode") or error.get("code"), "a health error's code"))


def _health_words(error: Mapping[str, Any]) -> str:
    """A code with Azure's own words for it, where it gives any."""
    words = str(error.get("errorMessage") or error.get("summaryMessage") or "").strip()
    return f"{_health_code(error)} ({words})" if words else _health_code(error)


def own_settings_name_no_network(facts: Facts) -> Verdict:
    drill = facts.drill_network_id

    def problem(_: str, item: ProtectedItem) -> str | None:
        maybe(details_of(item), "selectedTfoAzureNetworkId")
        for card in cards_of(item):
            maybe(card, "tfoVMNetworkId")
        named = {item.test_network_id, *(nic.test_network_id for nic in item.nics)} - {None}
        other = sorted(str(one) for one in named if not same_id(one, drill))
        return f"its own test settings name {', '.join(other)}" if other else None

    return each_item(facts, problem, "no item's own settings name another network")


def own_settings_give_no_public_address(facts: Facts) -> Verdict:
    def problem(_: str, item: ProtectedItem) -> str | None:
        for card in cards_of(item):
            for config in some(card, "ipConfigs"):
                maybe(config, "tfoPublicIPAddressId")
        configs = [config for nic in item.nics for config in nic.ip_configs]
        given = [str(c.test_public_ip_id) for c in configs if c.test_public_ip_id]
        return f"its own test settings give it {', '.join(given)}" if given else None

    return each_item(facts, problem, "no item's own settings give its copy a public address")


def recovery_group_is_the_plans(facts: Facts) -> Verdict:
    def problem(_: str, item: ProtectedItem) -> str | None:
        group = known(item.recovery_resource_group_id, "the group it recovers into")
        return None if same_id(group, facts.target_group_id) else f"recovers into {group}"

    return each_item(facts, problem, f"all recover into {facts.target_group_id}")


def no_consistency_group(facts: Facts) -> Verdict:
    if facts.plan.mode == "native":
        fine = "such VMs fail over together in `mode: native`"
        return each_item(facts, lambda *_: None, fine)

    def problem(_: str, item: ProtectedItem) -> str | None:
        text(details_of(item), "multiVmGroupCreateOption")
        maybe(details_of(item), "multiVmGroupName")
        if not item.multi_vm_group_name:
            return None
        return f"member of the consistency group {item.multi_vm_group_name}"

    names = {one.multi_vm_group_name for one in facts.items.values() if one.multi_vm_group_name}
    groups = ", ".join(sorted(names))
    fine = f"`mode: native` fits {groups}" if groups else "no VM is in a consistency group"
    return each_item(facts, problem, fine)


CHECKS = rows_of(
    Area.ITEMS,
    ("PRE-004", "every item is in the state Protected", S, S, N,
     "Wait for the initial replication, or mend the replication of the VMs named.",
     state_protected),
    ("PRE-005", "every item is active at the source", S, S, N,
     "A VM that was failed over has to be reprotected and failed back first.", active_at_source),
    ("PRE-006", "Azure offers a test failover of every item", S, N, N,
     "See in the portal what the item waits for: a cleanup, a commit, a running job.",
     offers_failover_test),
    ("PRE-007", "no test failover is pending", S, S, N,
     "Whoever started it has to clean it up; a run of Muster by `muster cleanup RUN`.",
     nothing_pending),
    ("PRE-008", "no job is under way on any item", S, S, N,
     "Wait until the job named has ended.", no_job_in_flight),
    ("PRE-009", "every RPO is within what a drill accepts", S, S, N,
     "Look at churn and network of the VMs named; `drill.max_point_age` is the limit.",
     rpo_within_limit),
    ("PRE-010", "every RPO figure is fresh", S, T, N,
     "Replication has stopped reporting, whatever its health says: look at the mobility "
     "agent.", rpo_fresh),
    ("PRE-011", "every mobility agent was heard of lately", T, T, N,
     "Look at the agent's service and at its way to the cache storage account.", heartbeat_fresh),
    ("PRE-012", "no item's own test settings name another network", S, N, N,
     "Clear the test failover network in the item's settings: it would win over the "
     "drill's.", own_settings_name_no_network),
    ("PRE-013", "no item's own test settings give a public address", S, N, N,
     "Clear the test failover public address in the item's network settings.",
     own_settings_give_no_public_address),
    ("PRE-014", "every item recovers into the plan's resource group", S, S, N,
     "Correct `target.resource_group` in the plan, or the item's target settings.",
     recovery_group_is_the_plans),
    ("PRE-015", "no VM is in a multi-VM consistency group but in `mode: native`", S, S, N,
     "Such VMs fail over together only: they need `mode: native`.", no_consistency_group),
    ("PRE-027", "no item reports a health error", T, T, N,
     "Look the code up in the portal; the health word alone proves nothing either way.",
     health_errors),
    ("PRE-029", "every RPO is within the plan's objective", T, T, N,
     "A failover now would lose more than `objectives.rpo` allows.", rpo_within_objective),
)  # fmt: skip
