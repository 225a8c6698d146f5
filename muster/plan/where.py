"""The line at which a plan that reads well says something that is found wrong later."""

from __future__ import annotations

import os
from pathlib import Path

from muster.errors import InputError, PlanError, Problem
from muster.plan.codes import hint_for
from muster.plan.findings import Findings
from muster.plan.lines import Mapping, Node, Scalar, child, items
from muster.plan.outline import outline_of
from muster.plan.reader import compose, read_text


class SaidWrong(InputError):
    """What a key of the plan says turned out to be wrong once Azure was read."""

    def __init__(self, message: str, code: str, keys: tuple[str, ...], value: str) -> None:
        super().__init__(message, code=code, hint=hint_for(code))
        self.keys, self.value = keys, value


def at_its_line(err: SaidWrong, path: Path) -> PlanError:
    """The same as `muster check` would have told it: with file and line."""
    line = line_of(path, *err.keys, value=err.value)
    return PlanError((Problem(str(path), line, err.shown_code, err.message, err.shown_hint),))


def line_of(path: Path, *keys: str, value: str | None = None) -> int:
    """The line of the value below some keys, 1-based; 1 where the file does not say it itself.

    Args:
        path: The plan's file.
        keys: From the root down.
        value: Which item is meant, where a list is below the keys.
    """
    found = child(_root(path), *keys)
    listed: list[Node | None] = [*items(found), found]
    for node in listed:
        if isinstance(node, Scalar) and value in (None, node.value):
            return node.line
    return 1


def line_of_vm(path: Path, name: str) -> int | None:
    """The line, 1-based, at which a plan's file names a VM; None where it does not itself."""
    root = _root(path)
    outline = outline_of(root) if isinstance(root, Mapping) else None
    vms = outline.vms if outline else ()
    return next((vm.line for vm in vms if vm.text.casefold() == name.casefold()), None)


def _root(path: Path) -> Node | None:
    """The tree of a file that whoever asks has read before: its findings are told already."""
    unheard = Findings(str(path))
    text = read_text(path, unheard)
    return None if text is None else compose(text, os.environ, unheard)
