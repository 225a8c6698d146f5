"""What `muster replicate` makes and is not there yet: told by one wording, so that whatever
follows from it is told once.
"""

from __future__ import annotations

from collections.abc import Iterator

from muster.checks.verdict import Verdict
from muster.plan.actions import Operation
from muster.steps.preflight_checks.facts import Facts

CAUSES = frozenset({"PRE-001", "PRE-016", "PRE-078"})
"""The checks for vault, target network and target group themselves."""
REMEDY = (
    "`muster replicate PLAN` makes what is not there yet. If it is there by another name, correct "
    "`vault` or `target` in the plan."
)
UNREAD = "it could not be read: "


def no_vault(facts: Facts) -> str:
    return f"there is no vault {facts.vault_ref.id}"


def no_group(facts: Facts) -> str:
    return f"there is no group {facts.target_group_id}"


def no_target_network(facts: Facts) -> str:
    return f"there is no network {facts.target_network_id}"


def absent(facts: Facts) -> tuple[str, ...]:
    """Vault and target group, where they were read and are not there, in words."""
    return tuple(why for name, _, why in _looked_for(facts) if name != "target_network")


def lacks_of(check: str, verdict: Verdict, facts: Facts) -> tuple[str, ...]:
    """What is not set up that a check did not pass for, and for nothing else; none where it was
    something else too, where the check is the one for that thing, or of a replication, which makes
    it.
    """
    if not verdict.is_open or check in CAUSES or facts.operation is Operation.REPLICATE:
        return ()
    by_wording = {said: why for _, others, why in _looked_for(facts) for said in (why, *others)}
    found: dict[str, None] = {}
    for part in verdict.why.removeprefix(UNREAD).split("; "):
        why = next((by_wording[one] for one in by_wording if _ends(part, one)), None)
        if why is None:
            return ()
        found[why] = None
    return tuple(found)


def _looked_for(facts: Facts) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Each thing that is not there: the field of the facts, other wordings, and its wording."""
    if facts.vault is None and "vault" not in facts.unread:
        named = f"there is no vault {facts.vault_ref.name} to read"  # why nothing in it was read
        yield "vault", (named,), no_vault(facts)
    if facts.target_group is None and "target_group" not in facts.unread:
        yield "target_group", (), no_group(facts)
    if facts.target_network is None and "target_network" not in facts.unread:
        yield "target_network", (), no_target_network(facts)


def _ends(part: str, words: str) -> bool:
    """Whether a part of a sentence is those words, perhaps said of a VM by its name."""
    return part == words or part.endswith(f": {words}")
