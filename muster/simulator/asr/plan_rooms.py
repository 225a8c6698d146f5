"""The modules that answer for recovery plans and for what is asked of jobs."""

from __future__ import annotations

from typing import Any

from muster.simulator.asr import job_verbs, plan_verbs, plan_writes, test_restarts

ROOMS: tuple[Any, ...] = (job_verbs, test_restarts, plan_writes, plan_verbs)
