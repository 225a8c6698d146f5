"""`simulator.env`: all that a client needs, as lines that a shell can source."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from muster.simulator.identity.metadata import APP_SERVICE
from muster.simulator.json_types import Json
from muster.simulator.store import Store, write_whole
from muster.simulator.world import World
from muster.simulator.worlds.model import WorldFacts


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where this simulator's listeners are; `metadata` is "" without managed identities."""

    endpoint: str  # ARM and Entra, https
    control: str  # http, with its secret
    worker_proxy: str
    metadata: str = ""  # http
    metadata_secret: str = ""


def write(store: Store, facts: WorldFacts, world: World, at: Addresses) -> None:
    """Write the file, readable by its owner alone. Sourcing it is enough for any client."""
    client = next(each for each in facts.identities if each.name == facts.client)
    settings: Json = {
        "AZURE_AUTHORITY_HOST": at.endpoint,
        "AZURE_TENANT_ID": facts.tenant,
        "AZURE_CLIENT_ID": client.client_id,
        **({"AZURE_CLIENT_SECRET": client.secret} if client.secret else {}),
        **_managed(at),
        "MUSTER_ARM_ENDPOINT": at.endpoint,
        "MUSTER_CA_FILE": str(store.folder / "ca.pem"),
        "MUSTER_SUBSCRIPTION": facts.subscription.id,
        "MUSTER_CLOCK": world.clock.for_clients,
        "MUSTER_WORKER_PROXY": at.worker_proxy,
        "MUSTER_SIMULATOR_CONTROL": at.control,
        # Also where there are none: a shell that was led to another simulator before forgets its.
        "MUSTER_SIMULATOR_FAULTS": ",".join(world.faults.ids),
    }
    lines = [f"export {name}={_quoted(str(value))}\n" for name, value in settings.items()]
    write_whole(store.folder / "simulator.env", "".join(lines).encode())


def _managed(at: Addresses) -> Mapping[str, str]:
    """Both forms: App Service's, which every SDK takes first, and IMDS for those that lack it."""
    if not at.metadata:
        return {}
    return {
        "IDENTITY_ENDPOINT": at.metadata + APP_SERVICE,
        "IDENTITY_HEADER": at.metadata_secret,
        "AZURE_POD_IDENTITY_AUTHORITY_HOST": at.metadata,
    }


def _quoted(value: str) -> str:
    """Always in quotes, so that a simple reader need not know the shell's rules."""
    quoted = shlex.quote(value)
    return quoted if quoted.startswith("'") else f"'{quoted}'"
