"""The tenant's applications and managed identities, as the world file names them."""

from __future__ import annotations

from collections.abc import Mapping

from muster.simulator.identity.roles import Identity, Managed
from muster.simulator.worlds.identities import IdentityFacts
from muster.simulator.worlds.model import WorldFacts


def identities(facts: WorldFacts) -> Mapping[str, Identity]:
    """By client id. What each may do stands in the world's role assignments."""
    base = f"/subscriptions/{facts.subscription.id}"
    return {each.client_id: _identity(each, base) for each in facts.identities}


def _identity(facts: IdentityFacts, subscription: str) -> Identity:
    managed = None
    if facts.managed is not None:
        resource = facts.managed.resource
        if not resource.startswith("/subscriptions/"):
            resource = subscription + resource
        managed = Managed(facts.managed.assigned, resource)
    return Identity(
        facts.name,
        facts.client_id,
        facts.object_id,
        facts.secret,
        facts.certificates,
        managed,
    )
