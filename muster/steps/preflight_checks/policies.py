"""Would a policy that is assigned where the copies come up deny what will be made, or removed?"""

from __future__ import annotations

from muster.checks.verdict import Verdict
from muster.gateway.parse import mapping, text_of
from muster.plan.actions import Operation
from muster.steps.preflight_checks.assigned import Place, said_by
from muster.steps.preflight_checks.check import none_of_or_unknown, unknown
from muster.steps.preflight_checks.facts import Facts
from muster.steps.preflight_checks.made import things_made
from muster.steps.preflight_checks.set_up import policies_let_set_up


def policies_allow(facts: Facts) -> Verdict:
    """What is made (VMs, cards, disks; in a drill a network) is held against every deny policy."""
    if facts.operation is Operation.REPLICATE:
        return policies_let_set_up(facts)
    facts.need("assignments", "definitions", "items")
    problems: dict[str, str] = {}
    unclear: dict[str, str] = {}
    made, place = list(things_made(facts)), _place(facts)
    if not facts.items:
        return unknown("what would be made is not known")
    for assignment in facts.assignments:
        told = mapping(assignment.get("properties"))
        name = text_of(told.get("displayName") or assignment.get("name"))
        said = said_by(assignment, made, place)
        if said.denial:
            problems[name] = said.denial
        elif said.doubt:
            unclear[name] = said.doubt
    return none_of_or_unknown(problems, unclear, "no policy denies what will be made")


def _place(facts: Facts) -> Place:
    return Place(
        group_id=facts.target_group_id,
        group=None if facts.target_group is None else facts.target_group.raw,
        region=facts.plan.target.region,
        definitions=facts.definitions,
        exemptions=facts.exemptions,
        exemptions_unread=facts.unread.get("exemptions"),
        now=facts.now,
    )
