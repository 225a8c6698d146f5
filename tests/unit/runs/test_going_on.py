"""Which open run is gone on with, and whose is left alone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from muster.compile.replicate import compile_replicate
from muster.journal import journal
from muster.journal.journal import Journal
from muster.journal.process import is_alive, started_of
from muster.journal.segments import segment_names
from muster.journal.stores import DirectoryStore
from muster.plan.actions import Operation
from muster.runs.opening import opened_data
from muster.runs.request import RunRequest
from muster.runs.rivals import StillOpen
from muster.runs.unfinished import unfinished_run
from tests.unit.runs.opening import PLAN_FILE, opened, settings_in, the_plan

WAITS = "import sys; sys.stdin.read()"


async def left_open(root: Path, operation: Operation = Operation.REPLICATE) -> Journal:
    plan, known = the_plan(), settings_in(root)
    request = RunRequest(PLAN_FILE, operation, "contoso-erp-replicate-1")
    data = opened_data(request, plan, compile_replicate(plan.plan), known)
    return await Journal.open_run(
        DirectoryStore(root), known.clock, run=request.run_id, plan=plan.plan.plan,
        operation=operation.value, opened=data,
    )  # fmt: skip


def owned_by(monkeypatch: pytest.MonkeyPatch, pid: int) -> None:
    monkeypatch.setattr(os, "getpid", lambda: pid)


def found(root: Path, operation: Operation = Operation.REPLICATE) -> str | None:
    left = unfinished_run(DirectoryStore(root), "contoso-erp", operation)
    return left.run if left else None


async def test_a_run_whose_process_is_gone_is_gone_on_with(tmp_path, monkeypatch):
    with monkeypatch.context() as patched:
        owned_by(patched, 2**22 + 1)  # beyond any pid that Linux gives
        await left_open(tmp_path)
    assert segment_names(DirectoryStore(tmp_path), "contoso-erp-replicate-1")
    assert found(tmp_path) == "contoso-erp-replicate-1"


async def test_a_run_of_a_process_that_lives_is_left_alone(tmp_path, monkeypatch):
    with monkeypatch.context() as patched:
        owned_by(patched, os.getppid())
        await left_open(tmp_path)
    with pytest.raises(StillOpen, match="contoso-erp-replicate-1"):
        found(tmp_path)


async def test_a_process_that_got_the_number_of_the_owner_is_not_the_owner(tmp_path, monkeypatch):
    with monkeypatch.context() as patched:
        owned_by(patched, os.getppid())
        patched.setattr(journal, "started_of", lambda pid: "another boot/1")
        await left_open(tmp_path)
    assert found(tmp_path) == "contoso-erp-replicate-1"


async def test_a_run_that_says_no_start_is_known_by_the_number_of_its_process(
    tmp_path, monkeypatch
):
    with monkeypatch.context() as patched:
        owned_by(patched, os.getppid())
        patched.setattr(journal, "started_of", lambda pid: None)
        await left_open(tmp_path)
    with pytest.raises(StillOpen):
        found(tmp_path)


def test_a_process_that_has_ended_is_not_alive_though_nobody_has_buried_it():
    with subprocess.Popen([sys.executable, "-c", WAITS], stdin=subprocess.PIPE) as child:
        started = started_of(child.pid)
        assert started is not None
        assert is_alive(child.pid, started)
        assert not is_alive(child.pid, "another boot/1")
        child.stdin.close()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # it has ended, unburied
        assert not is_alive(child.pid, started)
    assert not is_alive(child.pid, started)


async def test_runs_of_other_operations_are_not_gone_on_with(tmp_path):
    await opened(tmp_path, "contoso-erp-drill-1", the_plan())
    assert found(tmp_path) is None
    assert found(tmp_path, Operation.DISABLE) is None


async def test_a_closed_run_is_not_gone_on_with(tmp_path):
    opened_run = await left_open(tmp_path)
    closing = {"outcome": "passed", "causes": [], "leftovers": [], "exit_code": 0}
    await opened_run.close(closing, None)
    assert found(tmp_path) is None
