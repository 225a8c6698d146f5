"""A tolerant view of a plan's tree: what the rules across keys need, wherever the file has it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from muster.plan.checks import WORKER, type_names
from muster.plan.lines import Mapping, Node, Scalar, child, items

_BRACES = re.compile(r"\{([^{}]*)\}")
_VM_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class Name:
    """A name as meant, as it may be shown, and its line."""

    text: str
    shown: str
    line: int

    @property
    def may_be_shown(self) -> bool:
        return self.shown == self.text


@dataclass(frozen=True, slots=True)
class Deed:
    """One action or check with its place in the plan."""

    node: Mapping
    role: Literal["before", "after", "check"]
    group: GroupOutline | None  # None: a check of the whole plan


@dataclass(frozen=True, slots=True)
class GroupOutline:
    name: Name | None
    line: int
    needs: tuple[Name, ...] | None
    vms: tuple[Name, ...]
    node: Node


@dataclass(frozen=True, slots=True)
class Outline:
    """The parts of a plan that rules compare with each other; what cannot be read is absent."""

    root: Mapping
    plan: Name | None
    support: tuple[Name, ...]
    groups: tuple[GroupOutline, ...]
    vms_are_known: (
        bool  # False: some VM or group could not be read, so nothing can be called missing
    )
    groups_are_known: bool

    @property
    def vms(self) -> tuple[Name, ...]:
        """All VMs, those of `support` first."""
        return (*self.support, *(vm for group in self.groups for vm in group.vms))

    def deeds(self) -> Iterator[Deed]:
        """Every action and check, those of the whole plan last."""
        roles: tuple[tuple[Literal["before", "after", "check"], str], ...] = (
            ("before", "before"),
            ("after", "after"),
            ("check", "checks"),
        )
        for group in self.groups:
            for role, key in roles:
                for node in items(child(group.node, key)):
                    if isinstance(node, Mapping):
                        yield Deed(node, role, group)
        for node in items(child(self.root, "checks")):
            if isinstance(node, Mapping):
                yield Deed(node, "check", None)


def outline_of(root: Mapping) -> Outline:
    """Read the outline; never fails."""
    group_nodes = items(child(root, "groups"))
    groups = tuple(_group(node) for node in group_nodes)
    support = vm_names_in(child(root, "support", "vms"))
    listed = len(items(child(root, "support", "vms")))
    listed += sum(len(items(child(node, "vms"))) for node in group_nodes)
    read = len(support) + sum(len(group.vms) for group in groups)
    return Outline(
        root=root,
        plan=name_of(child(root, "plan")),
        support=support,
        groups=groups,
        vms_are_known=bool(groups) and listed == read and all(group.vms for group in groups),
        groups_are_known=bool(groups) and all(group.name for group in groups),
    )


def _group(node: Node) -> GroupOutline:
    needs = child(node, "needs")
    is_said = needs is not None and not (isinstance(needs, Scalar) and needs.value is None)
    return GroupOutline(
        name=name_of(child(node, "name")),
        line=node.line,
        needs=tuple(name for one in items(needs) if (name := name_of(one))) if is_said else None,
        vms=vm_names_in(child(node, "vms")),
        node=node,
    )


def vm_names_in(node: Node | None) -> tuple[Name, ...]:
    """Names of VMs in a list of names and mappings."""
    found = (
        name_of(child(item, "name") if isinstance(item, Mapping) else item) for item in items(node)
    )
    return tuple(name for name in found if name)


def name_of(node: Node | None) -> Name | None:
    """The name that stands there; None where there is none, or none that is known."""
    if isinstance(node, Scalar) and isinstance(node.value, str) and node.known and node.value:
        return Name(node.value, node.shown if node.masked else node.value, node.line)
    return None


def vms_used(deed: Deed) -> list[Name]:
    """Every VM that an action or check names, if it is a possible name; in the file's order."""
    kinds = type_names if deed.role == "check" else ("run_command",)
    names: list[Name] = []
    for kind in kinds:
        body = child(deed.node, kind)
        for key in ("vm", "from"):
            name = name_of(child(body, key))
            if name and _VM_NAME.fullmatch(name.text) and not _is_worker(kind, key, name):
                names.append(name)
        if kind in ("http", "data_loss"):
            names += placeholders(child(body, "url"))
    return names


def _is_worker(kind: str, key: str, name: Name) -> bool:
    # A canary proves isolation from inside, so only the other kinds may run on the worker.
    return key == "from" and name.text == WORKER and kind != "unreachable"


def placeholders(node: Node | None) -> list[Name]:
    """The `{vm}` of a URL, also those that are no names."""
    url = name_of(node)
    if url is None:
        return []
    masked = isinstance(node, Scalar) and node.masked
    found: list[str] = _BRACES.findall(url.text)
    return [Name(text, url.shown if masked else text, url.line) for text in found]
