"""First contact with Azure: one VM drilled; while its copy is held, what is uncertain is asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from muster.clock import Clock
from muster.errors import GatewayError, InputError, RunClosed
from muster.gateway.open import open_wire
from muster.gateway.wire import Wire, WireAnswer
from muster.journal.chain import read_run
from muster.journal.events import Event, EventKind, instant_text
from muster.journal.inbox import drop
from muster.journal.state import RunState
from muster.journal.stores import DirectoryStore
from muster.plan.loader import load_plan
from muster.runs.drill import Watch, run_drill
from muster.runs.probes import Held, Probe, probes
from muster.runs.request import RunRequest
from muster.runs.result import RunResult
from muster.settings import Settings

HOLD = timedelta(minutes=30)  # at most; the copy is let go as soon as everything was asked
POLLS, EVERY = 60, timedelta(seconds=10)
NO_COPY = "The drill's own outcome says why."
NOT_ENDED = frozenset({"InProgress", "NotStarted", "Creating", "Running"})


async def first_contact(
    request: RunRequest,
    settings: Settings,
    folder: Path,
    *,
    watch: Watch | None = None,
    say: Callable[[str], None],
) -> RunResult:
    """Drill a plan of one VM, keep the wire, and ask what nobody has recorded.

    All that a drill guards holds: isolation is proven, the copy cleaned up and proven gone.

    Raises:
        InputError: The plan has more VMs than one (REC-003).
        MusterError: As `run_drill`.
    """
    _demand_one_vm(request.plan_path)
    recording = replace(settings, record=folder)
    held = asyncio.Event()

    def see(event: Event) -> None:
        if watch is not None:
            watch(event)
        if event.kind is EventKind.OBSERVED and event.data.get("what") == "hold":
            held.set()

    holding = replace(request, keep_for=HOLD)
    drill = asyncio.create_task(run_drill(holding, recording, watch=see, say=say))
    waiting = asyncio.create_task(held.wait())
    await asyncio.wait({drill, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if held.is_set() and not drill.done():
        await _ask_and_let_go(request.run_id, recording, say)
    return await drill


def _demand_one_vm(plan: Path) -> None:
    names = [vm.name for vm in load_plan(plan).plan.all_vms]
    if len(names) != 1:
        raise InputError(
            f"{plan} has {len(names)} VMs; first contact is made with one",
            code="REC-003",
            hint="Write a plan of one unimportant VM: docs/how-to/first-contact.md has one.",
        )


async def _ask_and_let_go(run_id: str, settings: Settings, say: Callable[[str], None]) -> None:
    store = DirectoryStore(settings.journal)
    try:
        state = RunState.of(await asyncio.to_thread(read_run, store, run_id))
        async with open_wire(settings) as wire:
            for probe in probes(_held(state)):
                say(f"asked: {probe.why}: {await _answer(wire, probe, settings.clock)}")
    except (GatewayError, InputError) as err:  # the drill goes on, and cleans up
        say(f"not everything could be asked: {err}")
    finally:
        await _let_go(store, run_id, settings.clock)


async def _let_go(store: DirectoryStore, run_id: str, clock: Clock) -> None:
    at = instant_text(clock.now())
    message = {"kind": "release", "by": "first contact", "via": "cli", "at": at}
    try:
        await asyncio.to_thread(drop, store, run_id, message)
    except RunClosed:
        return  # nobody holds anything any more


def _held(state: RunState) -> Held:
    """The one copy that stands.

    Raises:
        InputError: There is none: whatever failed is said by the drill itself.
    """
    copies = [owned for owned in state.owned.values() if owned.vm_id is not None]
    if len(copies) != 1 or state.network is None:
        raise InputError("No copy stands that could be asked about", code="REC-005", hint=NO_COPY)
    (owned,) = copies
    return Held(
        item_id=str(state.items[owned.vm]["item_id"]),
        network_id=state.network.id,
        copy_id=str(owned.vm_id),
    )


async def _answer(wire: Wire, probe: Probe, clock: Clock) -> str:
    """Ask, and watch what was accepted to its end; in words for the terminal."""
    answer = await wire.ask(probe.method, probe.path, probe.api_version, probe.body)
    told = f"{answer.status}{_code(answer)}"
    if not probe.follow or answer.status != 202:
        return told
    for url in (answer.headers.get("azure-asyncoperation"), answer.headers.get("location")):
        if url:
            last = await _followed(wire, url, clock)
            told += f", then {last.status}{_code(last)}"
    return told


async def _followed(wire: Wire, url: str, clock: Clock) -> WireAnswer:
    """Poll an address until it says that it is over; at most ten minutes."""
    answer = await wire.ask("GET", url, None)
    for _ in range(POLLS):
        status = answer.body.get("status") if isinstance(answer.body, dict) else None
        if answer.status != 202 and status not in NOT_ENDED:
            break
        await clock.sleep(EVERY)
        answer = await wire.ask("GET", url, None)
    return answer


def _code(answer: WireAnswer) -> str:
    body = answer.body if isinstance(answer.body, dict) else {}
    error = body.get("error")
    code = error.get("code") if isinstance(error, dict) else body.get("status")
    return f" {code}" if code else ""
