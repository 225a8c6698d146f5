"""Scripts beside a plan: read once, judged, and named by their hash in the plan's digest."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

MOST_BYTES = 64 * 1024


@dataclass(slots=True)
class Scripts:
    """Reads scripts of one plan's folder; keeps their SHA-256 (hex) by the path in the plan."""

    folder: Path
    digests: dict[str, str] = field(default_factory=dict)

    def fault(self, file: str) -> tuple[str, str] | None:
        """Read a script; None if it is fine, else a code and what is wrong with `file`."""
        try:
            path = (self.folder / file).resolve()
            if not path.is_relative_to(self.folder.resolve()):
                return "PLAN-030", "must lie inside the plan's folder"
            if not path.is_file():
                return "PLAN-034", "is not a file" if path.exists() else "does not exist"
            with path.open("rb") as script:
                content = script.read(MOST_BYTES + 1)
        except (OSError, ValueError, RuntimeError) as err:  # RuntimeError: a circle of links
            reason = (getattr(err, "strerror", None) or "not a path").lower()
            return "PLAN-034", f"cannot be read: {reason}"
        if len(content) > MOST_BYTES:
            return "PLAN-035", f"is larger than {MOST_BYTES // 1024} kB"
        try:
            is_text = "\0" not in content.decode("utf-8")
        except UnicodeDecodeError:
            is_text = False
        if not is_text:
            return "PLAN-036", "is not plain UTF-8 text"
        self.digests[file] = hashlib.sha256(content).hexdigest()
        return None
