"""Multi-VM consistency groups: who is in one now, and whether all that are wanted fit in. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from muster.gateway.ids import key_of
from muster.gateway.parse import text_of
from muster.gateway.values import ProtectedItem
from muster.replication.change import Act, Change, Kind
from muster.replication.found import Found
from muster.replication.item_details import details_of
from muster.replication.judgement import Judgement
from muster.replication.tables import table
from muster.replication.wanted import Wanted

_ENABLING_PAGE = (
    "https://learn.microsoft.com/azure/site-recovery/azure-to-azure-how-to-enable-replication"
)


def compare_groups(wanted: Wanted, found: Found) -> Iterator[Change]:
    """What stands in the way of a whole group.

    One that would be too large (Azure would refuse its last VMs, one by one), and one of that
    name that is several in truth. A member that stands outside is told of that VM alone, for it
    joins later, when it is enabled anew.
    """
    for name in sorted({vm.consistency_group for vm in wanted.vms if vm.consistency_group}):
        ours = [vm for vm in wanted.vms if vm.consistency_group == name]
        strangers = strangers_in(name, wanted, found.setup.items)
        most = int(table("support")["limits"]["group_vms"])
        if len(ours) + len(strangers) > most:
            yield _too_large(name, len(ours), strangers, most)
        if apart := split_group(name, found.setup.items):
            why = f"the vault has {len(apart)} consistency groups {name}: {'; '.join(apart)}"
            remedy = (
                "Disable the replication of the members of all but one in the portal, "
                "then run this again."
            )
            yield Change(Act.REFUSE, Kind.POLICY, name, None, why, remedy=remedy)


def _too_large(name: str, ours: int, strangers: list[str], most: int) -> Change:
    why = f"consistency group {name} would have {ours + len(strangers)} VMs"
    if strangers:
        named = ", ".join(strangers[:5])
        why += f" (among them VMs of the vault that are not the plan's: {named})"
    why += f"; the most is {most}"
    remedy = (
        "Leave `replication.consistency_group` out of the plan, split the plan, or narrow "
        "`replication.select`."
    )
    return Change(Act.REFUSE, Kind.POLICY, name, None, why, remedy=remedy)


def told_of_groups(wanted: Wanted, found: Found) -> Iterator[tuple[str, Judgement]]:
    """What to know of the groups: what members need of each other, and who else is in them."""
    for name in sorted({vm.consistency_group for vm in wanted.vms if vm.consistency_group}):
        yield (
            name,
            Judgement(
                "group-port",
                "tell",
                "members of a consistency group reach each other over port 20004, which no check "
                "of Muster's looks at from inside",
                "Open it between them; on Linux in the guest's own firewall too.",
                _ENABLING_PAGE,
            ),
        )
        if strangers := strangers_in(name, wanted, found.setup.items):
            yield (
                name,
                Judgement(
                    "group-strangers",
                    "tell",
                    f"{', '.join(strangers[:5])} of the vault are in this consistency group and "
                    "not in the plan: they fail over together with it only",
                    "Take them into the plan, or name another `replication.consistency_group`.",
                    _ENABLING_PAGE,
                ),
            )


def strangers_in(name: str, wanted: Wanted, items: Iterable[ProtectedItem]) -> list[str]:
    """Names of a group's members that are no VM of the plan: they would fail over with it."""
    ours = {key_of(vm.source_vm_id) for vm in wanted.vms}
    members = (item for item in items if _is_in(name, item))
    return sorted(one.friendly_name for one in members if key_of(one.source_vm_id) not in ours)


def split_group(name: str, items: Iterable[ProtectedItem]) -> list[str]:
    """Members of a group by its ids, in words, if Azure has several of one name; else nothing.

    A group is known by its id, and by its name only to people: that two requests at once for a
    name that is new make one group is nowhere written.
    """
    by_id: dict[str, list[str]] = {}
    for item in items:
        group_id = group_id_of_item(item)
        if _is_in(name, item) and group_id:
            by_id.setdefault(group_id.casefold(), []).append(item.friendly_name)
    if len(by_id) < 2:
        return []
    return [f"{', '.join(sorted(names))} in {key}" for key, names in sorted(by_id.items())]


def group_id_of_item(item: ProtectedItem) -> str:
    """Id of the group that Azure says an item is in; empty if it says none."""
    return text_of(details_of(item).get("multiVmGroupId"))


def _is_in(name: str, item: ProtectedItem) -> bool:
    return (item.multi_vm_group_name or "").casefold() == name.casefold()
