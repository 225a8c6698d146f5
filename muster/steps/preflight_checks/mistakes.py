"""Why something is not known, in words: what Azure said, or that the mistake is one of ours."""

from __future__ import annotations

import traceback
from pathlib import PurePath

from muster.errors import MusterError
from muster.gateway.redact import redact
from muster.steps.preflight_checks.facts import NotRead

MOST_TOLD = 200
"""Characters of an error that nobody wrote for people."""


def reason_of(err: Exception) -> str:
    """A sentence that says why something is not known; no secret is in it.

    An error of ours has its own words. What an SDK stumbled over is an answer it was not made for.
    Anything else is a mistake of Muster's, and is said to be one, with its place.
    """
    if isinstance(err, MusterError):
        return err.message
    if isinstance(err, NotRead):
        return str(err)
    what = redact(f"{type(err).__name__}: {err}"[:MOST_TOLD].rstrip())
    frames = traceback.extract_tb(err.__traceback__)
    path = PurePath(frames[-1].filename) if frames else PurePath()
    if path.name and "azure" in path.parts and "muster" not in path.parts:
        return f"Azure's answer is not as its SDK expects it ({what})"
    at = f", {path.name}:{frames[-1].lineno}" if frames else ""
    return f"a mistake of Muster's own, please report it ({what}{at})"
