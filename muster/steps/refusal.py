"""What an error of a send says about whether Azure took it."""

from __future__ import annotations

from muster.errors import GatewayError
from muster.gateway.kinds import AzureError, NoJobNamed, Unreachable


def is_refusal(err: GatewayError) -> bool:
    """Whether it is certain that Azure did not take the call."""
    if not isinstance(err, AzureError) or err.maybe_accepted or isinstance(err, NoJobNamed):
        return False
    return err.status is None or (400 <= err.status < 500 and err.status != 408)


def never_left(err: GatewayError) -> bool:
    """Whether not even a connection was made, so that nobody can have taken the call."""
    return isinstance(err, Unreachable) and not err.maybe_accepted
