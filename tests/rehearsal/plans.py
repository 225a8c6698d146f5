"""Small plans for the small worlds, as files in a folder of their own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tests.rehearsal.worlds import SOURCE, TARGET, VAULT, VAULT_GROUP

SCRIPTS = {
    "failing.sh": "#!/bin/bash\n# This one fails on purpose.\nexit 3\n",
    "slow.sh": "#!/bin/bash\n# This one takes its time.\nsleep 7200\n",
}


def plan(
    name: str,
    *vms: str | dict[str, Any],
    checks: Sequence[dict[str, Any]] | None = None,
    before: Sequence[dict[str, Any]] = (),
    after: Sequence[dict[str, Any]] = (),
    network: dict[str, Any] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """A plan with one group; `more` replaces whole keys at the top."""
    group: dict[str, Any] = {"name": "shop", "vms": list(vms)}
    group["checks"] = [tcp("sql1")] if checks is None and "sql1" in vms else list(checks or ())
    group |= {"before": list(before)} if before else {}
    group |= {"after": list(after)} if after else {}
    return {
        "plan": name,
        "objectives": {"rto": "1h", "rpo": "15m"},
        "source": {"region": "eastus", "resource_group": SOURCE, "network": "vnet-erp"},
        "target": {"region": "westus2", "resource_group": TARGET, "network": "vnet-erp-asr"},
        "vault": {"resource_group": VAULT_GROUP, "name": VAULT},
        "drill": {"network": network or {"create": f"vnet-{name}"}, "egress": "agent"},
        "groups": [group],
    } | more


def write_plan(value: dict[str, Any], home: Path) -> Path:
    """Write it where a checkout has its plans; answers the file."""
    folder = home / "recovery_plans"
    (folder / "scripts").mkdir(parents=True, exist_ok=True)
    for name, text in SCRIPTS.items():
        (folder / "scripts" / name).write_text(text, encoding="utf-8")
    file = folder / f"{value['plan']}.yaml"
    with file.open("w", encoding="utf-8") as stream:
        YAML(typ="safe").dump(value, stream)
    return file


def tcp(vm: str, port: int = 1433, within: str = "3m") -> dict[str, Any]:
    return {"tcp": {"vm": vm, "port": port, "within": within}}


def http(vm: str, contains: str = "healthy", within: str = "3m") -> dict[str, Any]:
    url = f"http://{{{vm}}}:8080/health"
    return {"http": {"url": url, "contains": contains, "within": within}}


def ask(words: str = "Do the orders look right?", within: str = "60m") -> dict[str, Any]:
    return {"manual": {"ask": words, "within": within, "otherwise": "abort"}, "touches": "nothing"}


def runbook(name: str, **more: Any) -> dict[str, Any]:
    book = {"account": "aa-dr-drill", "name": name, "start_within": "5m", "timeout": "10m"}
    return {"runbook": book, **more}
