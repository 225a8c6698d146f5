"""What a preflight found, ordered for people: causes first, what follows from one of them once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from muster.plan.actions import Operation

Check = Mapping[str, Any]  # as `Look.as_data` has it
OPEN = ("failed", "not evidenced")
UNREAD = "it could not be read: "
MEND_READING = "Mend what keeps it from being read, then look again."
_FEWEST = 3  # checks that share a reason before they are told as one


@dataclass(frozen=True, slots=True)
class Unread:
    """Checks that did not pass, all for one reason."""

    why: str
    ids: tuple[str, ...]
    stopping: int  # how many of them stop the operation
    remedy: str = MEND_READING
    what: str = "could not be read"  # said of the checks

    def stops(self, operation: str) -> str:
        """How many of them stop the operation, in words."""
        if not self.stopping:
            return "they stop nothing"
        stop = "stops" if self.stopping == 1 else "stop"
        return f"{self.stopping} of them {stop} a {Operation(operation).noun}"


def in_causes(checks: Sequence[Check]) -> tuple[list[Check], list[Unread]]:
    """What did not pass: check by check what was seen to be wrong, then what nobody could see.

    Args:
        checks: As `Look.as_data` has them.

    Returns:
        Single checks, what was seen to be wrong and stops first; then groups: of those that follow
        from what is not set up, and of those that could not be read for one common reason, the
        largest first.
    """
    open_ones = [one for one in checks if one["verdict"] in OPEN]
    follow = [one for one in open_ones if one.get("lacks")]
    if len(follow) >= _FEWEST:
        single, groups = _by_reason([one for one in open_ones if one not in follow])
        return single, [_following(follow), *groups]
    return _by_reason(open_ones)


def _by_reason(open_ones: Sequence[Check]) -> tuple[list[Check], list[Unread]]:
    reasons = Counter(reason for one in open_ones if (reason := _reason(one)))
    common = [reason for reason, count in reasons.most_common() if count >= _FEWEST]
    single = [one for one in open_ones if _reason(one) not in common]
    return sorted(single, key=_rank), [_unread(reason, open_ones) for reason in common]


def areas_of(checks: Sequence[Check]) -> list[tuple[str, int, int]]:
    """Area, how many of its checks passed, and how many there are; in the order of the names.

    What does not apply counts as neither: there was nothing to look at.
    """
    all_of = Counter(str(one["area"]) for one in checks if one["verdict"] in ("passed", *OPEN))
    passed = Counter(str(one["area"]) for one in checks if one["verdict"] == "passed")
    return [(area, passed[area], all_of[area]) for area in sorted(all_of, key=str.casefold)]


def _reason(check: Check) -> str | None:
    """Why nobody knows what a check asks; None for one that was judged."""
    why = str(check["why"])
    return why.removeprefix(UNREAD) if check["verdict"] == "not evidenced" else None


def _unread(reason: str, checks: Sequence[Check]) -> Unread:
    ours = [one for one in checks if _reason(one) == reason]
    ids = tuple(sorted(str(one["id"]) for one in ours))
    return Unread(reason, ids, sum(one["severity"] == "stops" for one in ours))


def _following(checks: Sequence[Check]) -> Unread:
    lacks = dict.fromkeys(lack for one in checks for lack in one["lacks"])
    ids = tuple(sorted(str(one["id"]) for one in checks))
    stopping = sum(one["severity"] == "stops" for one in checks)
    remedy = str(checks[0]["remedy"])
    return Unread("; ".join(lacks), ids, stopping, remedy, "follow from what is not set up")


def _rank(check: Check) -> tuple[bool, bool, str]:
    return (check["severity"] != "stops", check["verdict"] != "failed", str(check["id"]))
