"""Checks: what is asked of a recovered application, and how the answer is read."""
