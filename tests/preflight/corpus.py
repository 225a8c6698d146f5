"""All broken worlds, and how well preflight names what is broken in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from muster.plan.actions import Operation
from tests.preflight.cases_of_caches import CASES as OF_CACHES
from tests.preflight.cases_of_caches import HEALTHY as LET_IN
from tests.preflight.cases_of_given_networks import CASES as OF_GIVEN_NETWORKS
from tests.preflight.cases_of_given_networks import HEALTHY as GIVEN
from tests.preflight.cases_of_journals import CASES as OF_JOURNALS
from tests.preflight.cases_of_nothing_to_look_at import CASES as OF_NOTHING
from tests.preflight.cases_of_nothing_to_look_at import HEALTHY as LEFT_OUT
from tests.preflight.cases_of_other_networks import CASES as OF_OTHER_NETWORKS
from tests.preflight.cases_of_own_settings import CASES as OF_OWN_SETTINGS
from tests.preflight.cases_of_own_settings import HEALTHY as SET_APART
from tests.preflight.cases_of_places import CASES as OF_PLACES
from tests.preflight.cases_of_planned_things import CASES as OF_PLANNED
from tests.preflight.cases_of_planned_things import HEALTHY as PLANNED
from tests.preflight.cases_of_policies import CASES as OF_POLICIES
from tests.preflight.cases_of_policies import HEALTHY as ALLOWED
from tests.preflight.cases_of_replication import CASES as OF_REPLICATION
from tests.preflight.cases_of_selection import CASES as OF_SELECTION
from tests.preflight.cases_of_selection import HEALTHY as SELECTED
from tests.preflight.cases_of_set_up import CASES as OF_SET_UP
from tests.preflight.cases_of_set_up import HEALTHY as SET_UP
from tests.preflight.looking import Case, Found

CASES = sorted(
    (
        *(*OF_REPLICATION, *OF_PLACES, *OF_CACHES, *OF_NOTHING),
        *(*OF_JOURNALS, *OF_SELECTION, *OF_GIVEN_NETWORKS, *OF_OWN_SETTINGS),
        *OF_PLANNED,
        *(*OF_POLICIES, *OF_OTHER_NETWORKS, *OF_SET_UP),
    ),
    key=lambda case: case.check,
)
_WHOLE = [
    Case("", f"nothing, for a {one.value}", operation=one)
    for one in (Operation.DRILL, Operation.FAILOVER)
]
HEALTHY = [*_WHOLE, SELECTED, GIVEN, LET_IN, LEFT_OUT, *SET_APART, *PLANNED, *ALLOWED, *SET_UP]


def of_operation(cases: Sequence[Case], *operations: Operation) -> list[Case]:
    """The worlds that are looked at for these operations."""
    return [one for one in cases if one.operation in operations]


@dataclass(frozen=True)
class Told:
    """What a look at one broken world told."""

    case: Case
    found: Found

    @property
    def is_named(self) -> bool:
        """Whether the check that is meant came out as it should."""
        return self.found.words.get(self.case.check) == self.case.result

    @property
    def false_alarms(self) -> frozenset[str]:
        """What did not pass, and is no consequence of what was broken."""
        return self.found.not_passed - {self.case.check} - self.case.also


def recall(told: Sequence[Told]) -> float:
    """Of the broken worlds, how many were named by the check that is meant."""
    return sum(one.is_named for one in told) / len(told)


def precision(told: Sequence[Told]) -> float:
    """Of all that was told, in healthy worlds too, how much was true."""
    true = sum(len(one.found.not_passed - one.false_alarms) for one in told)
    false = sum(len(one.false_alarms) for one in told)
    return true / (true + false)
