"""Preflight checks: pure judgements over what was read, one table, stable ids."""
