"""Replication worked out: what is wanted at the target, what is there, and what has to change."""
