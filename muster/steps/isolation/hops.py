"""What a walk is made of: what was read, what may be reached, and every way out, judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from muster.gateway.ids import key_of
from muster.gateway.values import Resource
from muster.steps.isolation.egress import Egress

Verdict = Literal["ok", "reaches", "unknown"]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something that may be there, but may not be read."""

    why: str


Looked = Resource | Unreadable | None  # None: read, and not there


@dataclass(frozen=True, slots=True)
class Own:
    """What this run brought into its drill network: all else in there is somebody else's. Keys.

    `group` is the resource group that copies are made in, `before` what stood there before the
    first act; None where that was not taken down, so that nothing counts as new.
    """

    network: bool = False  # the run made the network: whoever stands in it came with the drill
    cards: frozenset[str] = frozenset()  # of recorded copies; read when they were recorded
    machines: frozenset[str] = frozenset()  # copies that were meant to be made
    group: str = ""
    before: frozenset[str] | None = None

    def is_new(self, arm_id: str) -> bool:
        """Whether it came into the target's group since the drill began."""
        key = key_of(arm_id)
        if self.before is None or not self.group:
            return False
        return key.startswith(f"{self.group}/") and key not in self.before


@dataclass(frozen=True, slots=True)
class Rules:
    """What may be reached. Nothing overrides `forbidden`: keys of networks, and what they are."""

    forbidden: Mapping[str, str]
    may_reach: frozenset[str] = frozenset()
    egress: Egress = "none"
    own: Own = Own()


@dataclass(frozen=True, slots=True)
class Hop:
    """One way from one thing to another, judged."""

    origin: str
    to: str
    via: str
    verdict: Verdict
    evidence: str

    def as_data(self) -> dict[str, str]:
        return {
            "from": self.origin,
            "to": self.to,
            "via": self.via,
            "verdict": self.verdict,
            "evidence": self.evidence,
        }


@dataclass(slots=True)
class Walk:
    """What a walk found, and what it would have to know to go on."""

    hops: list[Hop] = field(default_factory=list)
    missing: set[str] = field(default_factory=set)

    @property
    def verdict(self) -> Literal["isolated", "reaches", "unknown"]:
        if any(hop.verdict == "reaches" for hop in self.hops):
            return "reaches"
        is_unknown = self.missing or any(hop.verdict == "unknown" for hop in self.hops)
        return "unknown" if is_unknown else "isolated"

    @property
    def why(self) -> str:
        """The worst hop in words; empty when isolated."""
        for verdict in ("reaches", "unknown"):
            for hop in self.hops:
                if hop.verdict == verdict:
                    return f"{hop.origin} -> {hop.to} via {hop.via}: {hop.evidence}"
        return ""

    def look(
        self, known: Mapping[str, Looked], wanted: str, origin: str, what: str
    ) -> Resource | None:
        """A thing that was read; else it is noted as missing, or as a hop that is unknown."""
        if key_of(wanted) not in known:
            self.missing.add(wanted)
            return None
        looked = known[key_of(wanted)]
        if isinstance(looked, Resource):
            return looked
        why = looked.why if isinstance(looked, Unreadable) else "it is named and not there"
        self.hops.append(Hop(origin, wanted, what, "unknown", f"it cannot be read: {why}"))
        return None
