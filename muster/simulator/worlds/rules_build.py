"""From a world's facts to its locks, policies and quotas, and to what a new system does."""

from __future__ import annotations

from muster.simulator.arm import locks, policy, policy_exemptions, policy_requests, quota
from muster.simulator.json_types import Json
from muster.simulator.regions import as_location
from muster.simulator.worlds.model import PolicyAssignmentFacts, VmFacts, WorldFacts
from muster.simulator.worlds.places import Places


def build(places: Places) -> None:
    """Make all of them."""
    world, facts = places.world, places.facts
    for lock in facts.locks:
        arm_id = f"{places.scope(lock.scope)}/providers/{locks.TYPE}/{lock.name}"
        body = locks.made(arm_id, lock.level, {"notes": lock.notes})
        world.put(body | {"_created": world.now})
    for assigned in facts.policies:
        _policy(places, assigned)
    for told in facts.quotas:
        world.table(quota.TABLE)[as_location(told.location)] = dict(told.limits)


def new_guest(facts: WorldFacts) -> Json:
    """What a system does that a client makes of an image: it answers the world's scripts."""
    boot = VmFacts.model_fields["boot"].default
    scripts = [script.model_dump(mode="json") for script in facts.scripts]
    return {"services": [], "scripts": scripts, "boot": boot}


def _policy(places: Places, facts: PolicyAssignmentFacts) -> None:
    world = places.world
    names = {"displayName": facts.display_name}
    definition = policy_requests.definition_body(
        f"{places.scope('')}/providers/{policy_requests.DEFINITION}/{facts.name}",
        facts.mode,
        {"if": facts.rule, "then": {"effect": facts.effect}},
        names,
    )
    scope = places.scope(facts.scope)
    assignment = policy_requests.assignment_body(
        f"{scope}/providers/{policy_requests.ASSIGNMENT}/{facts.name}",
        scope,
        definition["id"],
        names | {"notScopes": [places.scope(each) for each in facts.not_scopes]},
    )
    world.table(policy.DEFINITIONS)[definition["id"].lower()] = definition
    world.table(policy.ASSIGNMENTS)[assignment["id"].lower()] = assignment
    for freed in facts.exempt:
        arm_id = f"{places.scope(freed)}/providers/{policy_exemptions.TYPE}/{facts.name}"
        given = {"policyAssignmentId": assignment["id"], "exemptionCategory": "Waiver"}
        body = policy_exemptions.body(arm_id, given)
        world.table(policy.EXEMPTIONS)[arm_id.lower()] = body
