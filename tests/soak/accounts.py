"""Order, ownership, outcome and evidence: what a drill says of itself, held against the world."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from muster.errors import PlanError
from muster.journal.events import EventKind
from muster.journal.verify import verify_run
from muster.report.outcome import outcome_of
from muster.runs.verifying import check_projections
from tests.in_process.drills import Drilled
from tests.in_process.road import Exchange
from tests.soak.safety import new_resources, owned_before, writes


def nothing_unforeseen(drilled: Drilled) -> Iterator[str]:
    """The scenario could be drilled, and neither program told an error of its own."""
    if isinstance(drilled.refused, PlanError):
        yield f"the plan was refused, which is a mistake of this test: {drilled.refused}"
    elif drilled.refused is not None:
        yield f"raised {type(drilled.refused).__name__}: {drilled.refused}"
    for mishap in drilled.azure.mishaps.shown():
        yield f"the simulator: {mishap['what']}"
    for event in drilled.events:
        error = event.data.get("error") if event.kind is EventKind.FINISHED else None
        if error and error["code"] == "RUN-001":
            yield f"{event.step}: {error['message']}"


def nothing_starts_before_what_it_waits_for(drilled: Drilled) -> Iterator[str]:
    """By the world's own job times: a group's failovers begin behind those of groups it needs."""
    begins, ends = _failovers(drilled)
    for group in drilled.plan.groups:
        needed = drilled.plan.needs_of(group)
        before = [vm.name for one in drilled.plan.groups if one.name in needed for vm in one.vms]
        for vm in group.vms:
            for name in before:
                if vm.name in begins and ends.get(name, 0.0) > begins[vm.name]:
                    yield f"{vm.name} of {group.name} began before {name} had ended"


def _failovers(drilled: Drilled) -> tuple[dict[str, float], dict[str, float]]:
    """When Azure took the test failover of each VM, and when it was over."""
    begins: dict[str, float] = {}
    ends: dict[str, float] = {}
    for job in drilled.world["jobs"].values():
        if job["scenario"] == "TestFailover":
            name, item = job["subject"]["name"], drilled.world["items"][job["resource"].lower()]
            begins[name] = job["accepted"]
            # A job that waits for the cleanup ends with it; the copy is up long before.
            ends[name] = job["ends"] if job["fails"] else item["tested"]
    return begins, ends


def steps_keep_to_the_graph(drilled: Drilled) -> Iterator[str]:
    """The journal's own order; a cleanup by another process walks the finalisers alone."""
    if not drilled.events:
        return
    graph = {one["id"]: one for one in drilled.events[0].data["graph"]}
    status: dict[str, str] = {}
    for event in drilled.events:
        if event.kind is EventKind.OWNER and event.data.get("epoch", 1) > 1:
            return
        if event.kind is EventKind.STARTED and event.step in graph:
            yield from _begun_too_early(graph[event.step], status)
        if event.kind is EventKind.FINISHED and event.step:
            status[event.step] = event.data["status"]


def _begun_too_early(step: Mapping[str, Any], status: Mapping[str, str]) -> Iterator[str]:
    for before in (*step["needs"], *step["after"]):
        if before not in status:
            yield f"{step['id']} began before {before} had ended"
    for need in step["needs"]:
        if not step["finaliser"] and status.get(need, "ok") != "ok":
            yield f"{step['id']} began although {need} {status[need]}"


def only_what_this_run_made_is_removed(drilled: Drilled) -> Iterator[str]:
    """Made by a test failover and journalled as owned, or by a PUT of its own, which was intended.

    A network whose making was cut short is nobody's by observation, yet by intent.
    """
    owned = {name for _, ids in owned_before(drilled) for name in ids}
    put = {one.path.lower() for one in writes(drilled) if one.method == "PUT"}
    intended = {str(e.data["subject"]).lower() for e in drilled.events
                if e.kind is EventKind.INTENDED and e.data["act"] == "make-network"}  # fmt: skip
    owned |= put & intended
    tested = {one.path.lower().removesuffix("/testfailover") for one in writes(drilled)
              if one.path.lower().endswith("/testfailover")}  # fmt: skip
    for one in writes(drilled):
        path = one.path.lower()
        if one.method == "DELETE":
            is_mine = any(path == name or path.startswith(f"{name}/") for name in owned)
            if not is_mine or path in drilled.before["resources"]:
                yield f"DELETE {one.path}: this run did not make it"
        item, is_cleanup = path.removesuffix("/testfailovercleanup"), path.endswith("cleanup")
        if is_cleanup and item not in tested:
            yield f"POST {one.path}: this run sent no test failover of it"


def nothing_was_sent_twice(drilled: Drilled) -> Iterator[str]:
    """Each item has one test failover at most, however often somebody began anew; another one
    only for another recovery point, and only after Azure refused the one before for its point.
    """
    seen: dict[str, list[Exchange]] = {}
    for one in writes(drilled):
        if one.path.lower().endswith("/testfailover"):
            before = seen.setdefault(one.path.lower(), [])
            is_other = all(one.body != other.body for other in before)
            if before and not (is_other and _was_refused_for_its_point(drilled, before[-1])):
                yield f"a second POST {one.path}"
            before.append(one)


def _was_refused_for_its_point(drilled: Drilled, sent: Exchange) -> bool:
    """By what Azure's own job says, never by what the drill made of it."""
    name = str(sent.headers.get("x-ms-request-id", "")).rpartition("/")[2].lower()
    fails = drilled.world["jobs"].get(name, {}).get("fails") or {}
    return "BookmarkNotFound" in json.dumps(fails)


CHANGES_OF_ITEMS = frozenset({"tested", "counts", "test", "busy"})
"""What a test failover changes of a protected item, as Azure does, and its cleanup of it."""


def production_is_as_before(drilled: Drilled) -> Iterator[str]:
    for key, body in drilled.before["resources"].items():
        if drilled.world["resources"].get(key) != body:
            yield f"{key} is not as before"
    for key, item in drilled.before["items"].items():
        now = drilled.world["items"].get(key, {})
        changed = {name for name in item if item[name] != now.get(name)} - CHANGES_OF_ITEMS
        if changed:
            yield f"{key} changed in {', '.join(sorted(changed))}"
    for table in ("role_assignments", "role_definitions"):
        if drilled.before[table] != drilled.world[table]:
            yield f"{table} changed"


def left_overs_told_are_the_left_overs_there(drilled: Drilled) -> Iterator[str]:
    if drilled.result is None or not is_closed(drilled):
        return
    told = {str(one).lower() for one in drilled.events[-1].data["leftovers"]}
    there = new_resources(drilled)
    pending = {key for key, item in drilled.world["items"].items()
               if item["test"]["phase"] != "none"}  # fmt: skip
    if not drilled.result.record["cleanup"]["proven"] and not told:
        return  # it says that it does not know
    yield from (f"{one} is there, and not told" for one in sorted(there - told))
    yield from (f"{one} is told, and not there" for one in sorted(told - there - pending))


def outcome_and_exit_code_follow(drilled: Drilled) -> Iterator[str]:
    result = drilled.result
    if result is None:
        return
    closed, worked_out = drilled.events[-1].data, outcome_of(drilled.events)
    if (worked_out.outcome, worked_out.exit_code) != (closed["outcome"], closed["exit_code"]):
        yield f"closed as {closed}, and the events amount to {worked_out}"
    if (result.outcome == "passed") != (result.exit_code == 0):
        yield f"{result.outcome}, and exit code {result.exit_code}"
    if result.outcome != "passed" and not result.causes:
        yield f"{result.outcome} without a cause"
    if result.outcome == "passed":
        yield from _not_passed_in_truth(drilled)
    elif drilled.scenario.is_well:
        yield f"nothing was odd, and it {result.outcome}: {result.causes}"
    if drilled.interrupted and result.exit_code == 0 and _was_under_way(drilled):
        yield "it was interrupted twice, and ended with 0"


def _was_under_way(drilled: Drilled) -> bool:
    """Whether something that decides was still to be drilled at the interruption."""
    graph = drilled.events[0].data["graph"]
    done = {e.step for e in drilled.events if e.kind is EventKind.FINISHED}
    return any(not one["finaliser"] and one["critical"] and one["id"] not in done for one in graph)


def _not_passed_in_truth(drilled: Drilled) -> Iterator[str]:
    """What a passed drill cannot have, by the world's own account."""
    jobs = {job["subject"]["name"]: job for job in drilled.world["jobs"].values()
            if job["scenario"] == "TestFailover"}  # fmt: skip
    facts = {vm["name"]: vm for vm in drilled.scenario.world["vms"]}
    for vm in drilled.plan.all_vms:
        if not drilled.plan.is_critical(vm.name):
            continue
        job = jobs.get(vm.name)
        if job is None or job["fails"]:
            yield f"passed, and no test failover of {vm.name} succeeded"
        if facts[vm.name].get("boot") == "never":
            yield f"passed, and {vm.name} never booted"
    if new_resources(drilled):
        yield f"passed, and left {sorted(new_resources(drilled))}"


def time_parts_add_up(drilled: Drilled) -> Iterator[str]:
    if drilled.result is None:
        return
    attribution: Mapping[str, Any] | None = drilled.result.record["attribution"]
    if not attribution:
        return
    for name in ("parts", "shown"):
        whole = sum(attribution[name].values())
        if abs(whole - attribution["total"]) > 1.0:
            yield f"{name} add up to {whole} s of {attribution['total']} s"
        if min(attribution[name].values()) < 0:
            yield f"a part of time is negative: {attribution[name]}"


def the_evidence_verifies(drilled: Drilled) -> Iterator[str]:
    if not drilled.events:
        return
    verified = verify_run((drilled.store, drilled.run), projections=check_projections)
    for finding in verified.findings:
        if finding.severity == "error":
            yield f"{finding.code} {finding.place}: {finding.sentence}"
    if not verified.closed or not verified.signed:
        yield "the run is not closed and signed"


def is_closed(drilled: Drilled) -> bool:
    return bool(drilled.events) and drilled.events[-1].kind is EventKind.CLOSED


ACCOUNTS = (
    nothing_unforeseen,
    nothing_starts_before_what_it_waits_for,
    steps_keep_to_the_graph,
    only_what_this_run_made_is_removed,
    nothing_was_sent_twice,
    production_is_as_before,
    left_overs_told_are_the_left_overs_there,
    outcome_and_exit_code_follow,
    time_parts_add_up,
    the_evidence_verifies,
)
