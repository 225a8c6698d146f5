"""One row of the support matrix that holds for one VM, in words for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from muster.replication.tables import source_of, table

Verdict = Literal["refuse", "wait", "tell"]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What holds: `rule` is the row's stable name, `rests` what says so."""

    rule: str
    verdict: Verdict
    why: str
    remedy: str
    rests: str
    about: str = ""  # id of what it is about, where others may have something to say of that


def judged(rule: str, found: object = "", wanted: object = "", part: str = "rows") -> Judgement:
    """The judgement of a row with what was found, and what would have been wanted.

    Raises:
        KeyError: There is no such row.
    """
    row = table("support")[part][rule]
    words = {"found": found, "wanted": wanted}
    return Judgement(
        rule,
        row["verdict"],
        row["why"].format(**words),
        row["remedy"].format(**words),
        source_of("support", row["rests"]),
    )
