"""What the tests of the docs read: pages, fences, commands, links."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "deployments").rglob("*.md"),
    ]
)
BY_HAND = [path for path in PAGES if path.parent.name != "reference"]
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?<!`)\[[^\]\n]*\]\(([^)\s]+)\)")
_TYPED = re.compile(r"\s*(?:[A-Z_]+=\S*\s+)*((?:muster|make)(?:\s.*)?)$")
_CODE = re.compile(r"`([^`\n]+)`")


@dataclass(frozen=True, slots=True)
class Command:
    """A command that a page tells people to type."""

    page: Path
    words: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}: {' '.join(self.words)}"


def fences(page: Path, *languages: str) -> Iterator[str]:
    """The insides of fenced blocks of these languages."""
    for language, inside in _FENCE.findall(page.read_text(encoding="utf-8")):
        if language in languages:
            yield inside


def commands(page: Path) -> Iterator[Command]:
    """`muster …` and `make …`: in fenced shell blocks, and in code within a sentence."""
    for inside in fences(page, "sh"):
        for line in inside.replace("\\\n", " ").splitlines():
            yield from _command(page, line)
    prose = _FENCE.sub("", page.read_text(encoding="utf-8"))
    for line in _CODE.findall(prose):
        yield from _command(page, line)


def _command(page: Path, line: str) -> Iterator[Command]:
    for part in re.split(r"&&|;", line):
        if found := _TYPED.match(part):
            words = shlex.split(found[1], comments=True)
            yield Command(page, tuple(_without_redirection(words)))


def _without_redirection(words: list[str]) -> list[str]:
    cut = next((n for n, word in enumerate(words) if re.match(r"\d?>", word)), len(words))
    return words[:cut]


def links(page: Path) -> Iterator[tuple[Path, str]]:
    """Targets of a page's links within the project: file and anchor."""
    prose = _FENCE.sub("", page.read_text(encoding="utf-8"))
    for target in _LINK.findall(prose):
        if "://" in target or target.startswith("mailto:"):
            continue
        path, _, anchor = target.partition("#")
        yield ((page.parent / path).resolve() if path else page), anchor


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    prose = _FENCE.sub("", page.read_text(encoding="utf-8"))
    headings = re.findall(r"^#+ (.+)$", prose, re.MULTILINE)
    return {
        "".join(c for c in heading.lower() if c.isalnum() or c in " _-").replace(" ", "-")
        for heading in headings
    }
