"""Nobody cleans up elsewhere than a run worked: there, everything would look clean."""

from __future__ import annotations

from typing import Any

from muster.errors import EXIT_BAD_INPUT, JournalError
from muster.gateway.port import Gateway
from muster.journal.state import RunState
from muster.runs.place import address_of, differences
from muster.settings import Settings


class AnotherPlace(JournalError):
    """A run worked elsewhere than these settings lead; nothing was sent."""

    code = "RUN-012"
    hint = "Use the settings, or the `simulator.env`, that the run was started with."
    exit_code = EXIT_BAD_INPUT


def require_same_place(state: RunState, settings: Settings) -> None:
    """Compare what a run pinned when it opened with what the settings say.

    Raises:
        AnotherPlace: They differ; says in what.
    """
    if state.target != settings.target:
        raise AnotherPlace(
            f"Run {state.run} was made against {state.target}, these settings name "
            f"{settings.target}"
        )
    if found := list(differences(_pinned(state), address_of(settings), target=state.target)):
        raise AnotherPlace(f"Run {state.run} was made at another place: {'; '.join(found)}")


async def require_same_tenant(state: RunState, settings: Settings, gateway: Gateway) -> None:
    """Where the settings name no tenant, the caller's token does, then as now.

    Raises:
        AnotherPlace: It is another one.
        GatewayError: Nobody can say who the caller is.
    """
    tenant = _pinned(state).get("tenant")
    if settings.tenant or not tenant:
        return  # compared already, or nothing to compare with
    caller = await gateway.caller()
    if caller.tenant and caller.tenant.casefold() != str(tenant).casefold():
        raise AnotherPlace(
            f"Run {state.run} was made in tenant {tenant}, these credentials are of "
            f"{caller.tenant}"
        )


def _pinned(state: RunState) -> dict[str, Any]:
    place = dict(state.opened.get("place") or {})
    if not place:  # opened by a Muster that pinned no more than this
        named = {"arm_host": state.opened.get("arm_host"), "authority_host": None}
        place = {**named, "ca_fingerprint": state.opened.get("private_ca")}
    place["tenant"] = place.get("tenant") or state.caller.get("tenant")
    return place
