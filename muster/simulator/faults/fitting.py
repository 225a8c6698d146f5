"""Whether faults fit the world they are let loose in: whom and what their rules name is there."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence

from muster.simulator.errors import SimulatorError
from muster.simulator.faults.file import Fault
from muster.simulator.faults.model import Rule
from muster.simulator.faults.names import is_like
from muster.simulator.worlds.model import WorldFacts

_VM = "microsoft.compute/virtualmachines"
_LATER = "; if it is to be made later, write it with a *"


def demand_fitting(facts: WorldFacts, faults: Sequence[Fault]) -> None:
    """A rule for whom a world does not know would never happen, and nobody would be told.

    Raises: SimulatorError, a line per mistake.
    """
    wrong = [
        f"{fault.lines[number] if fault.lines else fault.id}: {text}"
        for fault in faults
        for number, rule in enumerate(fault.facts.rules)
        for text in _unmet(facts, rule)
    ]
    if wrong:
        raise SimulatorError("\n".join(wrong))


def _unmet(facts: WorldFacts, rule: Rule) -> Iterator[str]:
    clients = [identity.name for identity in facts.identities]
    if rule.client != "own" and not _is_among(rule.client, clients):
        yield f"client: this world has no identity '{rule.client}'; {_there(rule.client, clients)}"
    vms = [vm.name for vm in facts.vms]
    vms += [one.name for one in facts.resources if one.type.lower() == _VM]
    if rule.vm != "any" and "*" not in rule.vm and not _is_among(rule.vm, vms):
        yield f"vm: this world has no VM '{rule.vm}'; {_there(rule.vm, vms)}{_LATER}"
    books = [book.name for account in facts.automation for book in account.runbooks]
    named = rule.on.runbook
    if named is not None and "*" not in named and not _is_among(named, books):
        yield f"runbook: this world has no runbook '{named}'; {_there(named, books)}{_LATER}"


def _is_among(words: str, names: Sequence[str]) -> bool:
    return words == "*" or any(is_like(words, name) for name in names)


def _there(word: str, names: Sequence[str]) -> str:
    near = difflib.get_close_matches(word, names, 1)
    return f"did you mean {near[0]}?" if near else f"there are {', '.join(names[:20]) or 'none'}"
