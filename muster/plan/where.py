"""The line at which a plan that reads well says something."""

from __future__ import annotations

import os
from pathlib import Path

from muster.plan.findings import Findings
from muster.plan.lines import Scalar, child
from muster.plan.reader import compose, read_text


def line_of(path: Path, *keys: str) -> int:
    """The line of the value below some keys, 1-based; 1 where the file does not say it itself."""
    unheard = Findings(str(path))  # whoever asks has read the file before
    text = read_text(path, unheard)
    root = None if text is None else compose(text, os.environ, unheard)
    found = child(root, *keys)
    return found.line if isinstance(found, Scalar) else 1
