"""A real Chromium, started for one page at a time."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
LIMIT = 90  # wall seconds for one page


def browser() -> str | None:
    """Chromium's program, or None where there is none."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if (found := shutil.which(name))), None)


def chromium(profile: Path, *arguments: str) -> str:
    """Run Chromium once; what it wrote to standard output.

    Raises:
        subprocess.CalledProcessError, subprocess.TimeoutExpired: It did not do it.
    """
    program = browser()
    assert program, "no Chromium: `apt-get install chromium`"
    command = [program, *FLAGS, f"--user-data-dir={profile}", *arguments]
    return subprocess.run(
        command, check=True, capture_output=True, text=True, timeout=LIMIT
    ).stdout


def dom_of(url: str, profile: Path, *, budget_ms: int = 15_000) -> str:
    """The page as it stands once its scripts had their time."""
    return chromium(profile, f"--virtual-time-budget={budget_ms}", "--dump-dom", url)
