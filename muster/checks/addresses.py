"""`{web1}` in a check is the address of that VM's test copy."""

from __future__ import annotations

from collections.abc import Callable

from muster.plan.checks import PLACEHOLDER

AddressOf = Callable[[str], str | None]


class NoAddress(LookupError):
    """A VM that a check names has no known address: the check cannot be asked."""

    def __init__(self, vm: str) -> None:
        super().__init__(f"the address of the test copy of {vm} is not known")


def filled(text: str, address_of: AddressOf) -> str:
    """A text with every `{vm}` replaced.

    Raises:
        NoAddress: A VM's address is not known.
    """
    return PLACEHOLDER.sub(lambda found: address(found[1], address_of), text)


def address(vm: str, address_of: AddressOf) -> str:
    """The address of a VM's test copy.

    Raises:
        NoAddress: It is not known.
    """
    found = address_of(vm)
    if found is None:
        raise NoAddress(vm)
    return found
