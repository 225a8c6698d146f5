"""Codes of what Azure does not take, and the plan alone shows: code, what it says, what to do."""

from __future__ import annotations

OF_AZURE: tuple[tuple[str, str, str], ...] = (
    (
        "PLAN-076",
        "terms of a replication policy that cannot be had",
        "Keep recovery points for whole minutes, more than none and at most 15d (24h is usual),"
        " and ask for an app-consistent one in whole minutes, every 1h to 12h and at least once in"
        " that span, or 0m for none.",
    ),
    (
        "PLAN-077",
        "an address that two cards want in one subnet",
        "Give one of the two another address; Azure gives none twice.",
    ),
    (
        "PLAN-078",
        "a name that Azure does not take",
        "Compare it with Azure's rules for names of its kind: which signs, how many, and which at"
        " the end (learn.microsoft.com, resource-name-rules).",
    ),
    (
        "PLAN-079",
        "the id of something else than is meant",
        "Name what is meant, shortly or by its own whole id, which ends in its type and name.",
    ),
    (
        "PLAN-120",
        "a subscription that is no id of one",
        "Write its id (`az account show --query id`), not its name; left out, it is the source's.",
    ),
)
