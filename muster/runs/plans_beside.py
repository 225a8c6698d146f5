"""The other recovery plans of a plan's folder: which VMs they name, and which do not load."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from muster.errors import MusterError
from muster.gateway.ids import key_of
from muster.plan.loader import LoadedPlan, load_plan
from muster.replication.terms import source_id
from muster.settings import Settings


@dataclass(frozen=True, slots=True)
class Beside:
    """What was found in a folder besides one plan."""

    plans: tuple[LoadedPlan, ...] = ()
    unread: tuple[str, ...] = ()  # sentences
    stems: frozenset[str] = frozenset()  # of all files: how plans are called by them


def plans_beside(folder: Path, plan: str) -> Beside:
    """Every other plan of a folder, found as `muster status` finds them.

    A file that does not load claims nothing, and is named.
    """
    plans, unread, stems = [], [], set()
    for path in sorted(folder.glob("*.y*ml")):
        stems.add(path.stem)
        if path.stem == plan or path.name.endswith((".world.yaml", ".world.yml")):
            continue
        try:
            loaded = load_plan(path)
        except MusterError as err:
            unread.append(f"whether {path.name} names these VMs, too, is not known: {_why(err)}")
            continue
        if loaded.plan.plan != plan:
            plans.append(loaded)
    return Beside(tuple(plans), tuple(unread), frozenset(stems))


def home_of(loaded: LoadedPlan, settings: Settings) -> str | None:
    """The subscription of a plan's source: its own, else what the settings say for all plans."""
    return loaded.plan.source.subscription or settings.subscription


def _why(err: MusterError) -> str:
    return f"it does not load ({err.message.splitlines()[0]})"


def vms_of(loaded: LoadedPlan, subscription: str) -> Iterator[tuple[str, str]]:
    """Key and id of every VM that a plan names.

    Args:
        loaded: The plan.
        subscription: Where it names none.
    """
    for vm in loaded.plan.all_vms:
        vm_id = source_id(loaded.plan, vm, subscription)
        yield key_of(vm_id), vm_id
