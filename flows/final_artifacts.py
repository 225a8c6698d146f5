"""Artifacts of a run that has ended: timeline, report, and the way to its evidence."""

from __future__ import annotations

import logging
import os

from prefect.artifacts import acreate_link_artifact, acreate_markdown_artifact

from flows.board_artifact import NO_SERVER
from muster.report.markdown import report_markdown, timeline_markdown
from muster.runs.result import RunResult

log = logging.getLogger("muster.flows")


async def publish(key: str, result: RunResult) -> None:
    """Publish what people read after a run; a server that is away costs the picture, not the
    evidence.
    """
    report = result.folder / "report.html"
    base = os.environ.get("MUSTER_EVIDENCE_URL", "").rstrip("/")
    link = f"{base}/{result.run}/report.html" if base else report.resolve().as_uri()
    try:
        await acreate_markdown_artifact(
            timeline_markdown(result.record),
            key=f"{key}-timeline",
            description="What happened when",
        )
        await acreate_markdown_artifact(
            report_markdown(result.record, result.folder),
            key=f"{key}-report",
            description=f"Run {result.run}: {result.outcome}",
        )
        await acreate_link_artifact(
            link, link_text="report.html", key=f"{key}-evidence", description="The full report"
        )
    except NO_SERVER as err:
        log.warning("the last artifacts could not be published: %s", err)
