"""What is asked for, `vms=1000,groups=10,vaults=3`, read and judged: every mistake at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from difflib import get_close_matches
from ipaddress import IPv4Network, ip_network

MOST_VMS, MOST_VAULTS = 10_000, 50
MOST_IN_A_VAULT = 1_000
"""VMs: what a plan's file of 256 kB holds with their checks."""
_NUMBER = re.compile(r"[0-9]{1,9}")
_ALLOWED = {
    "vms": (f"a number from 1 to {MOST_VMS}", _NUMBER),
    "groups": ("a number of at least 1 and at most the VMs", _NUMBER),
    "vaults": (f"a number from 1 to {MOST_VAULTS}", _NUMBER),
    "seed": ("up to 40 letters, digits, dots, dashes", re.compile(r"[A-Za-z0-9.-]{1,40}")),
    "name": (
        "up to 20 small letters and digits, a letter first",
        re.compile(r"[a-z][a-z0-9]{0,19}"),
    ),
    "range": ("an address range like 10.0.0.0/8", re.compile(r"[0-9./]{9,18}")),
}
_MOST = {"vms": MOST_VMS, "groups": MOST_VMS, "vaults": MOST_VAULTS}
_PRIVATE = IPv4Network("10.0.0.0/8")
WORDS = frozenset({"yes", "no", "on", "off", "true", "false", "null", "none", "y", "n"})
"""What some reader of YAML takes for a truth value or for nothing: no plan can be called so."""
Mistake = str


@dataclass(frozen=True, slots=True)
class Figures:
    """A world's size, and what its names, ids and addresses follow from."""

    vms: int = 12
    groups: int = 3
    vaults: int = 1
    seed: str = "1"
    name: str = "fleet"
    range: IPv4Network = _PRIVATE

    def as_text(self) -> str:
        """As it is typed, complete: the same text, the same files."""
        return ",".join(f"{one.name}={getattr(self, one.name)}" for one in fields(self))

    def folder(self) -> str:
        """A folder's name that tells the size."""
        return f"{self.name}-vms{self.vms}-groups{self.groups}-vaults{self.vaults}"


class FiguresRefused(Exception):
    """What is asked for makes no world; `mistakes` are sentences, all of them."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = tuple(mistakes)


_RFC_1918 = tuple(IPv4Network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
"""RFC 1918. What else Python calls private (loopback, link-local) Azure takes for no network."""


def read_figures(text: str) -> Figures:
    """Read `key=value,key=value`; what is left out has its default.

    Raises:
        FiguresRefused: With every mistake, and what is allowed.
    """
    mistakes: list[Mistake] = []
    given: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        key, equals, value = (word.strip() for word in part.partition("="))
        if key not in _ALLOWED:
            mistakes.append(_unknown(key))
        elif not equals:
            mistakes.append(f"{key} has no value: {_ALLOWED[key][0]}, like {_example(key)}")
        elif key in given:
            mistakes.append(f"{key} is given twice: {given[key]} and {value}")
        else:
            given[key] = value
            mistakes += _misread(key, value)
    if mistakes:
        raise FiguresRefused(mistakes)
    numbers = {key: int(given[key]) for key in ("vms", "groups", "vaults") if key in given}
    texts = {key: given[key] for key in ("seed", "name") if key in given}
    space = {"range": ip_network(given["range"])} if "range" in given else {}
    figures = Figures(**numbers, **texts, **space)  # type: ignore[arg-type]  # by the keys above
    if mistakes := list(_unfit(figures)):
        raise FiguresRefused(mistakes)
    return figures


def _unknown(key: str) -> Mistake:
    close = get_close_matches(key, _ALLOWED, n=1)
    hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(_ALLOWED)}"
    return f"there is no key '{key}': {hint}"


def _example(key: str) -> str:
    return f"{key}={getattr(Figures(), key)}"


def _misread(key: str, value: str) -> Iterator[Mistake]:
    """What is wrong with a value by itself."""
    wanted, form = _ALLOWED[key]
    is_read = form.fullmatch(value) is not None
    if key == "name" and value in WORDS:
        yield f"name={value}: YAML takes that word for truth or nothing; choose another one"
    elif not is_read or (form is _NUMBER and not 1 <= int(value) <= _MOST[key]):
        yield f"{key}={value}: it is {wanted}"
    elif key == "range":
        yield from _misread_range(value)


def _misread_range(value: str) -> Iterator[Mistake]:
    try:
        space = ip_network(value)
    except ValueError:
        yield f"range={value}: it is {_ALLOWED['range'][0]}, and begins with its first address"
    else:
        if not (isinstance(space, IPv4Network) and any(space.subnet_of(one) for one in _RFC_1918)):
            private = ", ".join(map(str, _RFC_1918))
            yield f"range={value}: it has to be private, within {private}"


def _unfit(figures: Figures) -> Iterator[Mistake]:
    """What is wrong with one figure beside another."""
    if figures.groups > figures.vms:
        yield f"groups={figures.groups}: it is at most the number of VMs, {figures.vms}"
    if figures.groups < figures.vaults:
        yield (
            f"groups={figures.groups}: each of the {figures.vaults} vaults has a plan of its own, "
            f"so there are at least {figures.vaults} groups"
        )
    share = -(-figures.vms // figures.vaults)
    if share > MOST_IN_A_VAULT:
        yield (
            f"vms={figures.vms}: that is {share} in a vault, more than {MOST_IN_A_VAULT}; "
            f"with vaults={-(-figures.vms // MOST_IN_A_VAULT)} they fit"
        )
