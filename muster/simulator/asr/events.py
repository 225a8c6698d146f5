"""What a vault tells of what happened: failed jobs, health that changed, RPO that is too long."""

from __future__ import annotations

from muster.simulator.arm.errors import site_recovery_not_found
from muster.simulator.arm.ids import same
from muster.simulator.asr import event_bodies, event_filters, item_details, jobs, pauses, setup
from muster.simulator.asr.vault_ids import vault_id_of
from muster.simulator.call import Answer, Call, Route, Routes, listed
from muster.simulator.durations import HOUR
from muster.simulator.json_types import Json
from muster.simulator.world import World

RPO_BREACH = HOUR  # when Site Recovery warns of a long RPO: inferred


def note_health(world: World, item: Json, at: float) -> None:
    """Note that an item's replication health is now what it says: for whoever changes it."""
    _note(world, event_bodies.health_changed(world, item, at, str(item["replication_health"])))


def list_events(call: Call) -> Answer:
    """GET …/replicationEvents with `$filter`: newest first."""
    terms = event_filters.read(call.query.get("$filter", ""))
    return listed([each for each in _all(call) if event_filters.matches(each, terms)])


def get_event(call: Call) -> Answer:
    """GET …/replicationEvents/{event}."""
    for each in _all(call):
        if same(each["name"], call.target.name):
            return Answer(200, each)
    raise site_recovery_not_found(call.target.name)


def _all(call: Call) -> list[Json]:
    """What was noted, and the jobs that failed; the newest first."""
    world, vault_id = call.world, vault_id_of(call)
    prefix = vault_id.lower() + "/"
    _notice_rpo(world, prefix)
    _notice_health(world, prefix)
    found = [each for key, each in world.table("asr_events").items() if key.startswith(prefix)]
    found += [
        event_bodies.job_failed(world, job)
        for job in world.table("jobs").values()
        if same(job["vault_id"], vault_id) and jobs.state(world, job)[0] == "Failed"
    ]
    return sorted(found, key=lambda each: str(each["name"].partition(";")[2]))


def _notice_rpo(world: World, prefix: str) -> None:
    """Note items whose RPO has become too long since somebody last looked."""
    breached = world.table("asr_rpo")
    for key, item in world.items.items():
        if not key.startswith(prefix) or item["protection_state"] != "Protected":
            continue
        seconds, measured = item_details.rpo(world, item)
        if seconds <= RPO_BREACH:
            breached.pop(key, None)
        elif key not in breached:
            breached[key] = {"since": measured}
            _note(world, event_bodies.rpo_exceeded(world, item, measured, seconds, RPO_BREACH))


def _notice_health(world: World, prefix: str) -> None:
    """Note items that have become critical, or normal again, since somebody last looked."""
    known = world.table("asr_critical")
    for key, item in world.items.items():
        if not key.startswith(prefix):
            continue
        since = pauses.critical_since(world, item)
        if since is None and known.pop(key, {}):
            ended = [until for _, until in pauses.of(world, item) if until is not None]
            told = event_bodies.health_changed(
                world, item, max(ended, default=world.now), str(item["replication_health"])
            )
            _note(world, told)
        elif since is not None and key not in known:
            known[key] = {"since": since}
            _note(world, event_bodies.health_changed(world, item, since, pauses.CRITICAL))


def _note(world: World, event: Json) -> None:
    world.table("asr_events")[event["id"].lower()] = event
    world.changed = True


_EVENTS = (
    "Names and the change of a health are recorded for another provider; what a failed job and a "
    "long RPO (noticed when events are read) are told as, and the grammar of `$filter`: inferred."
)
ROUTES: Routes = {
    (f"{setup.BASE}/replicationEvents", "list"): Route(list_events, "recorded", _EVENTS),
    (f"{setup.BASE}/replicationEvents", "get"): Route(get_event, "recorded", _EVENTS),
}
