"""run_command: a script inside a test copy ends with 0 and, if asked, prints a text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from muster.checks.verdict import Verdict, no_answer
from muster.plan.checks import RunCommandCheck

KEPT = ("command", "state", "exit_code", "stdout", "stderr", "sha256")


def judge_script(check: RunCommandCheck, seen: Mapping[str, Any] | None) -> Verdict:
    """What a script's end means.

    Args:
        check: What was asked.
        seen: state, exit_code, stdout, stderr as journalled; None when it never ended.
    """
    if seen is None:
        return no_answer("the script gave no answer")
    evidence = {key: seen.get(key) for key in KEPT}
    if seen["exit_code"] is None:
        return no_answer(f"the script ended {seen['state']} without an exit code", **evidence)
    if str(seen["state"]).casefold() in {"timedout", "canceled", "cancelled"}:
        return no_answer(f"the script did not come to its end: {seen['state']}", **evidence)
    if seen["exit_code"] != 0:
        return Verdict("failed", f"{check.file} ended with {seen['exit_code']}", evidence)
    if check.contains and check.contains not in str(seen["stdout"]):
        why = f"{check.file} ended with 0, and did not print '{check.contains}'"
        return Verdict("failed", why, evidence)
    said = f" and printed '{check.contains}'" if check.contains else ""
    return Verdict("passed", f"{check.file} ended with 0{said}", evidence)
