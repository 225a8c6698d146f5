"""What happens inside a preflight's flow run: a look, its artifact, and a state that says it."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from prefect import flow
from prefect.artifacts import acreate_markdown_artifact
from prefect.client.schemas.objects import State
from prefect.flows import Flow
from prefect.states import Completed, Failed

from flows.board_artifact import NO_SERVER
from flows.environment import settings_for
from flows.states import MOST_CAUSES, state_of_refusal
from muster.cli.prefect_yaml import preflight_function, preflight_name
from muster.errors import MusterError
from muster.plan.actions import Operation
from muster.plan.loader import load_plan
from muster.report.preflight_markdown import preflight_markdown
from muster.report.preflight_page import headline
from muster.runs.means import USUAL, Means
from muster.runs.preflight import Look, run_preflight

log = logging.getLogger("muster.flows")


def compile_preflight(plan_path: Path) -> Flow[..., Any]:
    """The flow that looks whether a drill of a plan would work; it has nothing to clean up."""

    async def look() -> State[None]:
        return await look_ahead(plan_path)

    look.__name__ = look.__qualname__ = preflight_function(plan_path.stem)
    look.__doc__ = f"Whether a drill of {plan_path.stem} would work; nothing is sent."
    return flow(name=preflight_name(plan_path.stem), persist_result=False, retries=0)(look)


async def look_ahead(plan_path: Path, *, means: Means = USUAL) -> State[None]:
    """Look at a plan's drill inside the flow run that is under way; the state it ends in.

    A check that would stop a drill fails the flow run, so that whoever watches Prefect hears of
    it a day before and not in the night of the drill.
    """
    try:
        loaded = load_plan(plan_path)
        settings = settings_for(loaded.plan.plan)
        look = await run_preflight(loaded, Operation.DRILL, settings, means=means)
    except MusterError as err:
        return state_of_refusal(err)
    await _publish(look)
    return state_of_look(look)


def state_of_look(look: Look) -> State[None]:
    """Completed if nothing stops a drill; else Failed, with what does and the remedies."""
    word, sentence = headline(look.as_data())
    if not look.stopping:
        return Completed(message=f"{look.plan}: {word}. {sentence}")
    said = [
        f"[{one.check.id}] {one.check.title}: {one.verdict.word}, {one.verdict.why}. "
        f"{one.check.remedy}"
        for one in look.stopping[:MOST_CAUSES]
    ]
    if len(look.stopping) > MOST_CAUSES:
        said.append(f"and {len(look.stopping) - MOST_CAUSES} more")
    return Failed(name="Not ready", message="\n".join([f"{look.plan}: {sentence}", *said]))


async def _publish(look: Look) -> None:
    """A server that is away costs the page; the flow run's state says the same in short."""
    mark = " (simulator)" if look.target == "simulator" else ""
    try:
        await acreate_markdown_artifact(
            preflight_markdown(look.as_data()),
            key=f"{look.plan}-preflight",
            description=f"Preflight of {look.plan}{mark}: {headline(look.as_data())[1]}",
        )
    except NO_SERVER as err:
        log.warning("the artifact could not be created: %s", err)
