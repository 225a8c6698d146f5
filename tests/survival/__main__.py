"""`python -m tests.survival F3 F21 …`: drill into scenarios, and print how it ended."""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from muster.simulator.faults.file import known
from tests.survival.weather import drilled


def main(scenarios: list[str]) -> None:
    for scenario in scenarios or known():
        with tempfile.TemporaryDirectory() as folder:
            found, ended, _ = drilled(scenario, Path(folder))
        sys.stdout.write(f"{scenario}: {json.dumps(asdict(found))}\n")
        for cause in ended.json().get("causes", ()) if ended.out.strip() else ():
            sys.stdout.write(f"     {cause['code']} {cause['step']}: {cause['message']}\n")
        if "-v" in sys.argv:
            sys.stdout.write(ended.err + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main([word for word in sys.argv[1:] if word != "-v"])
