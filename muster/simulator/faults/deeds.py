"""What somebody else does in the middle of it all: a colleague, a policy, another tool."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from muster.simulator.arm.errors import AzureError
from muster.simulator.arm.ids import parse
from muster.simulator.asr import job_verbs, jobs
from muster.simulator.call import Call
from muster.simulator.faults.engine import Engine
from muster.simulator.faults.happening import Asking
from muster.simulator.faults.places import PLACEHOLDER, places
from muster.simulator.identity.roles import Grant, Identity
from muster.simulator.json_types import Json
from muster.simulator.world import Effect, World

SOMEBODY = Identity("somebody", "", "", None, grants=(Grant("/", ("*",), ()),))
VERSION = "2024-07-01"


def deed(world: World, args: Json) -> None:
    """Send the requests of a rule, in their order; what was answered is told in the story."""
    engine = world.faults
    if not isinstance(engine, Engine) or (rule := engine.rule(args["rule"])) is None:
        return  # begun with other faults than it goes on with
    vm = args["vm"] or engine.chosen_vm(args["rule"])
    for asked in rule.do.somebody or ():
        words = places(world, vm, engine.chosen_vm(args["rule"]))
        engine.fired(args["rule"], _told(world, asked, words))


def _told(world: World, asked: Asking, words: Mapping[str, str]) -> str:
    path = _filled(asked.path, words)
    try:
        status = _send(world, asked, path, words)
    except AzureError as err:
        status = f"{err.status} {err.code}"
    return f"{asked.method} {path}: {status}"


def _send(world: World, asked: Asking, path: str, words: Mapping[str, str]) -> str:
    from muster.simulator import routes  # late: it imports this module's effects

    target = parse(path.partition("?")[0])
    verb = routes.verb_of(asked.method, target)
    call = Call(
        world=world,
        method=asked.method,
        target=target,
        query={"api-version": VERSION},
        body=_filled(asked.body, words) if asked.body is not None else {},
        caller=SOMEBODY,
        endpoint="https://management.azure.com",
        client_request_id="somebody",
        route=routes.handler_for,
    )
    return str(routes.handler_for(verb, target)(call).status)


def _filled(value: Any, words: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _filled(one, words) for key, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, words) for one in value]
    if isinstance(value, str):
        return PLACEHOLDER.sub(lambda found: words.get(found[1], found[0]), value)
    return value


def cancels(world: World, args: Json) -> None:
    """Somebody cancels a job that is still under way."""
    job = world.table("jobs").get(args["job"])
    if job is not None and job["undo"] and jobs.is_running(world, job):
        job_verbs.stop(world, job)


EFFECTS: dict[str, Effect] = {"fault_deed": deed, "fault_cancels": cancels}
