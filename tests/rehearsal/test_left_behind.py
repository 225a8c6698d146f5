"""Something stands in the way of the cleanup: it is named by its id, and never deleted."""

from __future__ import annotations

import pytest

from tests.rehearsal.bench import Bench, cause_of
from tests.rehearsal.command import await_event, the_run
from tests.rehearsal.plans import http, plan
from tests.rehearsal.worlds import network_id

pytestmark = pytest.mark.rehearsal


def test_a_strangers_network_card_keeps_the_network_and_is_kept(bench: Bench) -> None:
    running = bench.begin(plan("crowded", "web1", checks=[http("web1")]))
    evidence = the_run(bench.journal, running)
    await_event(evidence, "observed", what="up")
    network = network_id(bench.azure.world, "vnet-crowded")
    nic = bench.operator.make_nic("nic-of-a-stranger", network, "web")
    try:
        ended = running.end()
        parts = [one for one in bench.before.left_behind() if "vnet-crowded-" in one]
        left = sorted([network.lower(), nic.lower(), *parts])
        record = bench.judge(ended, 4, "failed", left=left)
        told = ended.json()["leftovers"]
        assert {one.lower() for one in told} >= {network.lower(), nic.lower()}
        cause = cause_of(record, "CLEAN-001")
        assert nic.lower() in cause["message"].lower()
        bench.report_says(record, cause["message"])
        assert not record["cleanup"]["proven"]
        # Its own copy it did remove, and nothing was sent at the stranger's.
        assert not [one for one in bench.operator.resources() if "web1-test" in one]
        removed = evidence.of("intended", act="remove-network")
        assert not [one for one in removed if nic.lower() in str(one["data"]).lower()]
        # The record is closed and stays as it is; who asks again is told what is still there.
        again = bench.muster("cleanup", record["run"])
        assert again.code == 4, again
        assert nic.lower() in again.err.lower()
        assert "by hand" in again.err
        refused = bench.drill(plan("crowded", "web1", checks=[http("web1")]))
        assert refused.code == 1, refused
        assert "PRE-018" in refused.err
    finally:
        bench.operator.remove(nic)
        for part in sorted(
            bench.before.left_behind(), key=lambda one: "virtualnetworks" not in one
        ):
            bench.operator.remove(part)
    assert bench.before.left_behind() == []
