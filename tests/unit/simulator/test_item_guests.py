"""The guest of a recovered VM is real: it boots, listens in the recovery network, bears data."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

from muster.checks.from_worker import tcp_connect
from muster.simulator.guests.guests import Guests

from .life import TARGET, VM, operating


def worker_over_there(text: str) -> str:
    """A worker that stands in the recovery network, where the recovered VM will be."""
    return text.replace(
        "worker: {network: hub, address: 10.9.0.50}",
        "worker: {network: vnet-asr, address: 10.1.1.200}",
    )


async def test_the_recovered_vm_listens_in_the_recovery_network(tmp_path: Path) -> None:
    async with operating(tmp_path, edit=worker_over_there, guests=Guests) as operator:
        proxy = operator.azure.settings["MUSTER_WORKER_PROXY"]

        async def reached() -> bool:
            answer = await tcp_connect("10.1.0.4", 1433, timedelta(seconds=5), proxy)
            return answer.ok

        assert not await reached()
        await operator.fail_over("Sql1")
        await operator.until(
            f"{TARGET}/{VM}/Sql1/instanceView",
            lambda body: body["vmAgent"]["statuses"][0]["displayStatus"] == "Ready",
        )
        async with asyncio.timeout(10):
            while not await reached():
                pass
        await operator.did("Sql1", "failoverCancel")
        assert not await reached()
