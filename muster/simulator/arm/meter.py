"""How many requests a caller has left, as ARM counts (FACTS 11); this version never refuses."""

from __future__ import annotations

from dataclasses import dataclass, field

# kind of request: (size of the bucket, refill a second)
_BUCKETS = {"reads": (250.0, 25.0), "writes": (200.0, 10.0), "deletes": (200.0, 10.0)}


@dataclass(slots=True)
class Meter:
    """Token buckets per caller and kind of request, in Azure time."""

    _left: dict[tuple[str, str], tuple[float, float]] = field(default_factory=dict)

    def header(self, client_id: str, method: str, now: float) -> tuple[str, str]:
        """Count one request; answers the header that tells what is left."""
        kind = {"GET": "reads", "HEAD": "reads", "DELETE": "deletes"}.get(method, "writes")
        size, refill = _BUCKETS[kind]
        left, since = self._left.get((client_id, kind), (size, now))
        left = max(0.0, min(size, left + (now - since) * refill) - 1)
        self._left[client_id, kind] = left, now
        return f"x-ms-ratelimit-remaining-subscription-{kind}", str(int(left))
