"""What is said where a run of replicate has nothing to do."""

from __future__ import annotations

from muster.errors import InputError


class NothingToReplicate(InputError):
    """No VM of the plan is there to be replicated, or to be released from it. Nothing was sent."""

    code = "RUN-013"
    hint = "`muster replicate PLAN --plan-only` shows what was found, and why it was left out."
