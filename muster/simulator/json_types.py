"""Raw JSON, the simulator's wire and storage format."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
