"""VMs that two plans of a folder name for one vault: found in the files, before any run is."""

from __future__ import annotations

from collections.abc import Iterator

from muster.errors import Problem
from muster.plan.codes import hint_for
from muster.plan.loader import LoadedPlan
from muster.plan.where import line_of_vm
from muster.runs.plans_beside import plans_beside, vms_of
from muster.steps.whereabouts import vault_of

CODE = "PLAN-109"
_NOWHERE = "00000000-0000-0000-0000-000000000000"
"""Stands for the subscription that settings name for all plans alike: a check reads none."""


def shared_vms(loaded: LoadedPlan, file: str) -> Iterator[Problem]:
    """A warning for each VM of a plan that a plan beside it names for the same vault.

    Args:
        loaded: The plan.
        file: Its path, as it is to be told.
    """
    own = dict(_named(loaded))
    for other in plans_beside(loaded.path.parent, loaded.plan.plan).plans:
        if _vault(other) != _vault(loaded):
            continue
        for key, name in _named(other):
            if key in own:
                where = f"{other.path.name}:{line_of_vm(other.path, name) or 1}"
                yield Problem(
                    file,
                    line_of_vm(loaded.path, own[key]) or 1,
                    CODE,
                    f"{own[key]} is named by plan {other.plan.plan}, too ({where}), for the same "
                    f"vault {loaded.plan.vault.name}",
                    hint_for(CODE),
                )


def _home(loaded: LoadedPlan) -> str:
    return loaded.plan.source.subscription or _NOWHERE


def _vault(loaded: LoadedPlan) -> str:
    return vault_of(loaded.plan, _home(loaded)).id.casefold()


def _named(loaded: LoadedPlan) -> Iterator[tuple[str, str]]:
    """Key of the id, and name, of each VM of a plan's groups."""
    keys = (key for key, _ in vms_of(loaded, _home(loaded)))
    yield from zip(keys, (vm.name for vm in loaded.plan.all_vms), strict=True)
