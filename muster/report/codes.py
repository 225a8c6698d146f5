"""Codes of causes that only show when a whole run is looked at: what each says, and what to do."""

from __future__ import annotations

from typing import Any, NamedTuple

from muster import errors
from muster.errors import (
    EXIT_AZURE,
    EXIT_BAD_INPUT,
    EXIT_FAILED,
    EXIT_INTERRUPTED,
    EXIT_LEFT_OVERS,
)


class Explained(NamedTuple):
    """What a code stands for, the hint printed behind it, and the exit code it leads to."""

    title: str
    hint: str
    exit_code: int


CHECK_FAILED = "CHECK-001"
CHECK_NOT_EVIDENCED = "CHECK-002"
RTO_MISSED = "OBJ-001"
RPO_MISSED = "OBJ-002"
RTO_NOT_EVIDENCED = "OBJ-003"
RPO_NOT_EVIDENCED = "OBJ-004"
NOT_PROVEN_CLEAN = "CLEAN-002"
LEFT_OVERS = errors.LeftOvers.code
ABORTED = errors.Aborted.code
UNFINISHED = "RUN-020"
NOT_RUN = "RUN-021"
INTERRUPTED = "RUN-022"

CODES: dict[str, Explained] = {
    CHECK_FAILED: Explained(
        "a required check failed",
        "The report holds what the check saw, word for word.",
        EXIT_FAILED,
    ),
    CHECK_NOT_EVIDENCED: Explained(
        "a required check gave no answer that counts",
        "No answer is not a pass: see why in the report, mend it, drill again.",
        EXIT_FAILED,
    ),
    RTO_MISSED: Explained(
        "technical recovery took longer than the RTO",
        "The critical path in the report shows where the time went.",
        EXIT_FAILED,
    ),
    RPO_MISSED: Explained(
        "more data would have been lost than the RPO allows",
        "The report names the VM with the oldest data; look at its replication.",
        EXIT_FAILED,
    ),
    RTO_NOT_EVIDENCED: Explained(
        "recovery time is not evidenced",
        "Recovery ends with the last required check that passed: see which did not.",
        EXIT_FAILED,
    ),
    RPO_NOT_EVIDENCED: Explained(
        "data loss is not evidenced",
        "Give the plan a `data_loss` check, or a point that Azure dates (`latest-processed`).",
        EXIT_FAILED,
    ),
    NOT_PROVEN_CLEAN: Explained(
        "no inventory proves that nothing is left",
        "While the run is open, `muster cleanup RUN` takes the inventory again; once it is "
        "closed, look at what the report says could not be read.",
        EXIT_LEFT_OVERS,
    ),
    LEFT_OVERS: Explained("left-overs remain", errors.LeftOvers.hint, EXIT_LEFT_OVERS),
    ABORTED: Explained(
        "somebody, or a question's default, ended the run",
        errors.Aborted.hint,
        errors.EXIT_ABORTED,
    ),
    UNFINISHED: Explained(
        "the process ended before a step was finished",
        "Look at the machine the worker ran on; the journal ends where it died.",
        EXIT_FAILED,
    ),
    NOT_RUN: Explained(
        "a critical step did not run",
        "The report names the step it waited for.",
        EXIT_FAILED,
    ),
    INTERRUPTED: Explained(
        "the process was told to leave at once",
        "`muster cleanup RUN` finishes what a drill left; `muster replicate PLAN` goes on with a "
        "replicate run.",
        EXIT_INTERRUPTED,
    ),
}

_BY_FAMILY = {
    "PLAN": EXIT_BAD_INPUT,
    "INPUT": EXIT_BAD_INPUT,
    "SET": EXIT_BAD_INPUT,
    "AZ": EXIT_AZURE,
    "ASR": EXIT_AZURE,
    "PRE": EXIT_FAILED,
    "ISO": EXIT_AZURE,
    "CLEAN": EXIT_LEFT_OVERS,
}


def exit_code_of(code: str, said: Any = None) -> int:
    """The exit code that an error leads to: as it says, else by its code or the code's family."""
    if isinstance(said, int) and not isinstance(said, bool):
        return said
    if code in CODES:
        return CODES[code].exit_code
    return _BY_FAMILY.get(code.partition("-")[0], EXIT_FAILED)
