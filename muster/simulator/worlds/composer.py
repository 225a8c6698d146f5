"""From the parser's events to the tree: doubled keys, tags, merges, aliases, and depth."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from muster.simulator.worlds.lines import Items, Mapping, Node, Scalar
from muster.simulator.worlds.reader import UNPRINTABLE, meant, unprintable

DEEPEST = 50
MOST_VALUES = 1_000_000
"""Of a whole file, those that its aliases stand for too: a few lines could stand for billions."""

Told = tuple[int, str]
"""A line, and what is wrong with it."""
_TEXT_TAGS = ("!", "tag:yaml.org,2002:str")
"""`! 5` and `!!str 5` are the text 5, as quotes make it."""


class _Stop(Exception):
    """Reading on makes no sense; the problem has been noted."""


def compose(
    text: str, what: str = "a world", first: str = "world"
) -> tuple[Mapping | None, list[Told]]:
    """The tree of a world's text (None if it has none), and what is wrong with it as YAML.

    Doubled keys, tags and aliases of nothing are noted and read past, so that what else is wrong
    is found in the same run. Sentences call it `what`; it begins with the key `first`.
    """
    composer = _Composer()
    root: Node | None = None
    try:
        root = composer.document(YAML(typ="safe", pure=True).parse(text))
    except _Stop:
        return None, composer.told
    except YAMLError as err:
        mark = getattr(err, "problem_mark", None) or getattr(err, "context_mark", None)
        line = mark.line + 1 if mark else composer.line
        composer.told.append((min(line, text.count("\n") + 1), _in_words(err)))
        return None, composer.told
    except (ValueError, ArithmeticError, LookupError):
        # ruamel 0.19 lets these through for escapes such as "\U99999999".
        composer.tell("a character or escape that YAML does not know")
        return None, composer.told
    if isinstance(root, Mapping):
        return root, composer.told
    empty = root is None or (isinstance(root, Scalar) and root.value is None)
    why = "the file is empty" if empty else "the file holds no mapping"
    composer.told.append((1, f"{why}: {what} is a mapping that begins with '{first}: <name>'"))
    return None, composer.told


def _in_words(err: YAMLError) -> str:
    problem = getattr(err, "problem", None) or getattr(err, "reason", None) or "it cannot be read"
    context, began = getattr(err, "context", None), getattr(err, "context_mark", None)
    where = f" that began on line {began.line + 1}" if began else ""
    sentence = f"{problem}, {context}{where}" if context else str(problem)
    for nul in ("'\\x00'", "\x00"):  # ruamel's own mark for the end
        sentence = sentence.replace(nul, "the end of the file")
    return "not YAML: " + " ".join(sentence.split())


class _Composer:
    """Builds the tree from events, so that depth and size are judged before it is built."""

    def __init__(self) -> None:
        self.told: list[Told] = []
        self.line = 1
        self.values = 0
        self.anchors: dict[str, Node] = {}

    def tell(self, sentence: str, line: int | None = None) -> None:
        self.told.append((line or self.line, sentence))

    def document(self, events: Iterator[Any]) -> Node | None:
        root: Node | None = None
        for event in events:
            self.line = event.start_mark.line + 1
            if isinstance(event, DocumentStartEvent):
                if root is not None:
                    self.tell("a second document begins here; only one is read")
                    raise _Stop
                root = self.node(next(events), events, 1)
        return root

    def node(self, event: Any, events: Iterator[Any], depth: int) -> Node:
        """The value that begins with an event."""
        self.line = event.start_mark.line + 1
        if depth > DEEPEST:
            self.tell(f"more than {DEEPEST} levels of nesting")
            raise _Stop
        if isinstance(event, AliasEvent):
            return self._alias(event)
        self._count(1)
        if event.tag is not None and not _is_text(event):
            shown = str(event.tag).replace("tag:yaml.org,2002:", "!!")
            self.tell(f"tag {shown}: no tags are known here")
        made: Node
        match event:
            case MappingStartEvent():
                made = self._mapping(events, depth)
            case SequenceStartEvent():
                made = self._items(events, depth)
            case _:
                made = self._scalar(event)
        if event.anchor is not None:
            self.anchors[event.anchor] = made  # only now: what it stands for has an end
        return made

    def _count(self, more: int) -> None:
        self.values += more
        if self.values > MOST_VALUES:
            self.tell(f"more than {MOST_VALUES:,} values, those that aliases stand for among them")
            raise _Stop

    def _alias(self, event: AliasEvent) -> Node:
        found = self.anchors.get(event.anchor)
        if found is None:
            self.tell(f"alias *{event.anchor}: no value above it is called &{event.anchor}")
            return Scalar(self.line, None, is_known=False)
        self._count(found.size)
        return found

    def _items(self, events: Iterator[Any], depth: int) -> Items:
        made = Items(self.line)
        while not isinstance(event := next(events), SequenceEndEvent):
            made.items.append(self.node(event, events, depth + 1))
        made.size += sum(item.size for item in made.items)
        return made

    def _mapping(self, events: Iterator[Any], depth: int) -> Mapping:
        made, merged = Mapping(self.line), list[Mapping]()
        while not isinstance(event := next(events), MappingEndEvent):
            line = event.start_mark.line + 1
            is_merge = isinstance(event, ScalarEvent) and _is_merge(event)
            key = self._key(event, events, depth + 1)
            value = self.node(next(events), events, depth + 1)
            if isinstance(value, Scalar) and value.value is None and value.is_known:
                value.line = line  # the parser notices an empty value only at the next key
            if is_merge:
                merged += self._merged(value, line)
            elif key is not None and key in made.entries:
                first = made.entries[key][0]
                self.tell(f"duplicate key '{key}': it is given on line {first} already", line)
            elif key is not None:
                made.entries[key] = line, value
        for each in merged:  # its own keys win, then the first that is merged
            made.entries = {**each.entries, **made.entries}
        made.size += sum(value.size for _, value in made.entries.values())
        return made

    def _merged(self, value: Node, line: int) -> Iterator[Mapping]:
        for each in value.items if isinstance(value, Items) else [value]:
            if isinstance(each, Mapping):
                yield each
            elif not isinstance(each, Scalar) or each.is_known:
                self.tell(
                    "'<<' merges mappings: it wants an alias of one, or a list of those", line
                )

    def _key(self, event: Any, events: Iterator[Any], depth: int) -> str | None:
        """A key's text as written; None where it cannot be a key."""
        line = event.start_mark.line + 1
        if not isinstance(event, ScalarEvent):
            self.node(event, events, depth)
            self.tell("a key is a word, neither a list nor a mapping", line)
            return None
        self.line = line
        return self._printable(str(event.value))

    def _scalar(self, event: ScalarEvent) -> Scalar:
        shown = self._printable(str(event.value))
        is_quoted = event.style is not None or _is_text(event)
        return Scalar(self.line, shown if is_quoted else meant(shown))

    def _printable(self, text: str) -> str:
        """Escapes within quotes can write what the text itself may not hold."""
        if found := UNPRINTABLE.search(text):
            self.tell(unprintable(found[0]))
            return UNPRINTABLE.sub("\ufffd", text)
        return text


def _is_text(event: Any) -> bool:
    return isinstance(event, ScalarEvent) and str(event.tag) in _TEXT_TAGS


def _is_merge(event: ScalarEvent) -> bool:
    return event.value == "<<" and event.style is None
