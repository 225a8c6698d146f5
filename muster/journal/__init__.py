"""The journal: what happened, append-only, hash-chained, signed."""
