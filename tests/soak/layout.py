"""An application of so many VMs in so many groups: names, addresses, services; all regular.

What is odd about a drill is drawn apart and laid over it: a failure shrinks to what is odd.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

SUBSCRIPTION = "e6772624-7684-4db0-ac35-47a4077a0456"
TENANT = "84b22f6e-f2ae-4020-b289-24fdce6cb9b9"
SECRET = "simulator-only-soak-8f2c61"
LEDGER = "10.9.0.10"  # production that nobody in a drill may reach


@dataclass(frozen=True)
class Machine:
    """One VM of the application."""

    name: str
    group: int
    place: int  # in its group

    @property
    def address(self) -> str:
        return f"10.1.{self.group}.{4 + self.place}"

    @property
    def serves_http(self) -> bool:
        return self.group % 2 == 1

    @property
    def port(self) -> int:
        return 8080 if self.serves_http else 5432


@dataclass(frozen=True)
class Layout:
    """`sizes`: VMs of each group. `needs`: of each group, earlier ones."""

    sizes: tuple[int, ...]
    needs: tuple[tuple[int, ...], ...]

    def members(self, group: int) -> list[Machine]:
        return [Machine(f"g{group}v{place}", group, place) for place in range(self.sizes[group])]

    def machines(self) -> Iterator[Machine]:
        for group in range(len(self.sizes)):
            yield from self.members(group)

    def up_with(self, group: int) -> list[Machine]:
        """Machines that are up when a group is: its own, and those of all it needs."""
        found, todo = {group}, [group]
        while todo:
            more = [one for one in self.needs[todo.pop()] if one not in found]
            found.update(more)
            todo += more
        return [machine for one in sorted(found) for machine in self.members(one)]
