"""Where every plan stands: protected, RPO now, last drill, changed since, next schedule."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from muster.errors import GatewayError, SettingsError
from muster.journal.events import EventKind, instant_text
from muster.journal.holding_up import Runs, newest, runs_held
from muster.journal.stores import Store
from muster.plan.actions import Operation
from muster.plan.loader import LoadedPlan
from muster.runs.means import USUAL, Means
from muster.runs.preflight import scene_for
from muster.runs.protection_now import ProtectionNow, protection_now
from muster.settings import Settings

PATIENCE = 30.0
"""Wall seconds for one plan: what cannot be read by then is said not to be known."""
LOOKED_AT = 12  # newest drills of a plan
BROKEN = "broken"
"""The outcome of a run whose evidence does not hold."""
_DRILL = Operation.DRILL.value


@dataclass(frozen=True, slots=True)
class LastDrill:
    """The newest drill of a plan that was closed, or whose evidence does not hold."""

    run: str
    at: datetime | None  # None for one that is broken: what it says of itself is not believed
    outcome: str
    target: str
    digest: str | None
    why: str = ""  # what contradicts the evidence of one that is broken

    def as_data(self) -> dict[str, Any]:
        return asdict(self) | {"at": instant_text(self.at) if self.at else None}


@dataclass(frozen=True, slots=True)
class PlanStatus:
    """One plan. None is not known; `unknown` says why, of what Azure tells."""

    plan: str
    vms: int  # of its groups; with what Azure tells, selected ones too
    protected: int | None = None
    gone: tuple[str, ...] = ()  # VMs of its groups that the source has no longer
    rpo: timedelta | None = None  # the worst of its VMs
    unknown: str = ""
    last_drill: LastDrill | None = None
    changed: bool | None = None  # since that drill
    next_drill: datetime | None = None
    register: str = ""  # what its register of runs contradicts: then runs may be missing
    is_silent: bool = False  # Azure was asked of it, and did not tell

    @property
    def is_broken(self) -> bool:
        """Whether evidence of it does not hold."""
        return bool(self.register) or (
            self.last_drill is not None and self.last_drill.outcome == BROKEN
        )

    def as_data(self) -> dict[str, Any]:
        last = self.last_drill
        return {
            "plan": self.plan,
            "vms": self.vms,
            "protected": self.protected,
            "gone": list(self.gone),
            "rpo_seconds": None if self.rpo is None else self.rpo.total_seconds(),
            "unknown": self.unknown or None,
            "last_drill": None if last is None else last.as_data(),
            "changed_since": self.changed,
            "next_drill": instant_text(self.next_drill) if self.next_drill else None,
            "register_broken": self.register or None,
        }


def plan_here(loaded: LoadedPlan, store: Store, now: datetime) -> PlanStatus:
    """What plan and journal tell; nothing is asked of Azure.

    Args:
        loaded: The plan.
        store: The journal.
        now: On the wall: the next drill is counted from it.
    """
    plan = loaded.plan
    runs = _runs(store, plan.plan)
    last = _last_drill(runs)
    fires = plan.drill.schedule.next_fires(now) if plan.drill.schedule else []
    return PlanStatus(
        plan=plan.plan,
        vms=len(plan.all_vms),
        unknown="Azure was not asked",
        last_drill=last,
        changed=None if last is None or last.digest is None else last.digest != loaded.digest,
        next_drill=fires[0] if fires else None,
        register=runs.register_broken or "",
    )


def last_drill(store: Store, plan: str) -> LastDrill | None:
    """The newest closed drill of a plan, however many other runs came since; one whose evidence
    does not hold, as `muster verify` sees it, is named as broken, and not passed over.
    """
    return _last_drill(_runs(store, plan))


def _runs(store: Store, plan: str) -> Runs:
    return runs_held(store, plan, newest(1, operation=_DRILL, of_it=LOOKED_AT))


def _last_drill(runs: Runs) -> LastDrill | None:
    for entry in reversed(runs.entries):
        if entry.operation != _DRILL:
            continue
        events = runs.events_of(entry)
        if why := runs.broken.get(entry.run):
            return LastDrill(entry.run, None, BROKEN, "?", None, why)
        end = next((event for event in events if event.kind == EventKind.CLOSED), None)
        if end is not None:
            opened = events[0].data
            return LastDrill(
                run=entry.run,
                at=end.at,
                outcome=str(end.data["outcome"]),
                target=str(opened.get("target", "?")),
                digest=str(opened["plan_digest"]) if opened.get("plan_digest") else None,
            )
    return None


async def with_azure(
    known: PlanStatus, loaded: LoadedPlan, settings: Settings, *, means: Means = USUAL
) -> PlanStatus:
    """The same with what Azure tells now, or with why it does not."""
    try:
        async with asyncio.timeout(PATIENCE):
            now = await _protection(loaded, settings, means)
    except TimeoutError:
        said = f"Azure did not answer within {PATIENCE:.0f} s"
        return replace(known, unknown=said, is_silent=True)
    except GatewayError as err:
        return replace(known, unknown=str(err), is_silent=True)  # with code and remedy
    except SettingsError as err:
        return replace(known, unknown=str(err))  # nobody said which Azure: none was asked
    told = [item.rpo for item in now.items if item.rpo is not None]
    has_all = len(told) == len(now.items)
    no_vault = "" if now.has_vault else f"there is no vault {loaded.plan.vault.name} yet"
    unknown = [no_vault, now.unseen, "" if has_all else "Azure shows no RPO for every VM"]
    return replace(
        known,
        vms=now.wanted,
        protected=now.protected,
        gone=now.gone,
        rpo=max(told) if told and has_all else None,
        unknown="; ".join(one for one in unknown if one),
    )


async def _protection(loaded: LoadedPlan, settings: Settings, means: Means) -> ProtectionNow:
    async with means.gateway(settings) as gateway:
        scene = scene_for(loaded, Operation.DRILL, settings, gateway, means)
        return await protection_now(scene)
