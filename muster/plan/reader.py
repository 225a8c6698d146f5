"""Bytes of a file to a tree that knows its lines, refusing what a plan has no use for."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator
from collections.abc import Mapping as AnyMapping
from pathlib import Path
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

from muster.plan.findings import Findings
from muster.plan.lines import Entry, Mapping, Node, Scalar, Sequence
from muster.plan.variables import Secret, TooLong, Unset, expand

MOST_BYTES = 256 * 1024
MOST_EXPANDED = 1024 * 1024  # characters, all variables together
DEEPEST = 50

# Also line separators that editors and YAML readers count differently: lines would be wrong.
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]"
)
_INT = re.compile(r"[-+]?[0-9]{1,18}|0o[0-7]{1,18}|0x[0-9a-fA-F]{1,15}")
_FLOAT = re.compile(
    r"[-+]?(\.[0-9]{1,50}|[0-9]{1,50}(\.[0-9]{0,50})?)([eE][-+]?[0-9]{1,5})?"
    r"|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"
)
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


class _Stop(Exception):
    """Reading on makes no sense; the problem has been noted."""


def read_text(path: Path, findings: Findings) -> str | None:
    """The file's text; None, with a problem noted, if it is no plain text of a bearable size."""
    try:
        kind = path.stat()
        if not stat.S_ISREG(kind.st_mode):
            findings.problem(1, "PLAN-001", f"{path.name} is not a file")
            return None
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1) if kind.st_size <= MOST_BYTES else None
    except (OSError, ValueError) as err:
        reason = (getattr(err, "strerror", None) or "not a path").lower()
        findings.problem(1, "PLAN-001", f"{path.name} cannot be read: {reason}")
        return None
    if content is None or len(content) > MOST_BYTES:
        findings.problem(1, "PLAN-002", f"the file is larger than {MOST_BYTES // 1024} kB")
        return None
    return _decode(content, findings)


def _decode(content: bytes, findings: Findings) -> str | None:
    try:
        text = content.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as err:
        line = content.count(b"\n", 0, err.start) + 1
        findings.problem(line, "PLAN-003", f"byte {content[err.start]:#04x} is not UTF-8")
        return None
    if found := _UNPRINTABLE.search(text):
        line = text.count("\n", 0, found.start()) + 1
        message = f"character U+{ord(found[0]):04X} does not belong in a plan"
        findings.problem(line, "PLAN-003", message)
        return None
    return text


def compose(text: str, environment: AnyMapping[str, str], findings: Findings) -> Mapping | None:
    """The tree of a plan's text; None, with a problem noted, if it has none.

    Doubled keys, anchors, aliases, merge keys, tags and unset variables are noted and read past,
    so that what else is wrong is found in the same run.
    """
    composer = _Composer(environment, findings)
    try:
        root = composer.document(YAML(typ="safe", pure=True).parse(text))
    except _Stop:
        return None
    except YAMLError as err:
        mark = getattr(err, "problem_mark", None) or getattr(err, "context_mark", None)
        line = mark.line + 1 if mark else composer.line
        findings.problem(min(line, text.count("\n") + 1), "PLAN-004", _in_words(err))
        return None
    except (ValueError, ArithmeticError, LookupError):
        # ruamel 0.19 lets these through for escapes such as "\U99999999".
        findings.problem(
            composer.line, "PLAN-004", "a character or escape that YAML does not know"
        )
        return None
    if not isinstance(root, Mapping):
        what = "the file is empty" if _is_nothing(root) else "the file holds no mapping"
        findings.problem(1, "PLAN-008", what)
        return None
    return root


def _is_nothing(root: Node | None) -> bool:
    return root is None or (isinstance(root, Scalar) and root.value is None)


def _in_words(err: YAMLError) -> str:
    problem = getattr(err, "problem", None) or getattr(err, "reason", None) or "it cannot be read"
    context = getattr(err, "context", None)
    began = getattr(err, "context_mark", None)
    where = f" that began on line {began.line + 1}" if began else ""
    sentence = f"{problem}, {context}{where}" if context else str(problem)
    for nul in ("'\\x00'", "\x00"):  # ruamel's own mark for the end
        sentence = sentence.replace(nul, "the end of the file")
    return sentence


class _Composer:
    """Builds the tree from the parser's events, so that depth is judged before it is built."""

    def __init__(self, environment: AnyMapping[str, str], findings: Findings) -> None:
        self.environment = environment
        self.findings = findings
        self.line = 1
        self.expanded = 0

    def document(self, events: Iterator[Any]) -> Node | None:
        root: Node | None = None
        for event in events:
            self.line = event.start_mark.line + 1
            if isinstance(event, DocumentStartEvent):
                self._note_directives(event)
                if root is not None:
                    self.findings.problem(self.line, "PLAN-008", "a second document begins here")
                    raise _Stop
                root = self.node(next(events), events, 1)
        return root

    def node(self, event: Any, events: Iterator[Any], depth: int) -> Node:
        self.line = event.start_mark.line + 1
        if depth > DEEPEST:
            message = f"more than {DEEPEST} levels of nesting"
            self.findings.problem(self.line, "PLAN-007", message)
            raise _Stop
        if isinstance(event, AliasEvent):
            self._refuse(f"alias *{event.anchor}")
            return Scalar(self.line, f"*{event.anchor}", None, known=False)
        if event.anchor is not None:
            self._refuse(f"anchor &{event.anchor}")
        if event.tag is not None:
            self._refuse(f"tag {event.tag}")
        match event:
            case MappingStartEvent():
                return self._mapping(events, depth)
            case SequenceStartEvent():
                sequence = Sequence(self.line)
                while not isinstance(event := next(events), SequenceEndEvent):
                    sequence.items.append(self.node(event, events, depth + 1))
                return sequence
            case _:
                return self._scalar(event)

    def _mapping(self, events: Iterator[Any], depth: int) -> Mapping:
        mapping = Mapping(self.line)
        while not isinstance(event := next(events), MappingEndEvent):
            line = event.start_mark.line + 1
            key = self._key(event, events, depth + 1)
            value = self.node(next(events), events, depth + 1)
            if isinstance(value, Scalar) and not value.shown:
                value.line = line  # the parser notices an empty value only at the next key
            if key is None:
                continue
            if key in mapping.entries:
                first = mapping.entries[key].line
                message = f"'{key}' is already given on line {first}"
                self.findings.problem(line, "PLAN-005", message)
            else:
                mapping.entries[key] = Entry(line, value)
        return mapping

    def _key(self, event: Any, events: Iterator[Any], depth: int) -> str | None:
        """The key's text as written; variables are for values. None where it cannot be a key."""
        if not isinstance(event, ScalarEvent):
            self.node(event, events, depth)
            line = event.start_mark.line + 1
            self.findings.problem(line, "PLAN-062", "a key must be a word, not a list or mapping")
            return None
        self.line = event.start_mark.line + 1
        if event.anchor is not None or event.tag is not None:
            self._refuse(f"an anchor or a tag on the key '{event.value}'")
        if event.value == "<<" and event.style is None:
            self._refuse("merge key <<")
            return None
        return self._printable(str(event.value))

    def _scalar(self, event: ScalarEvent) -> Scalar:
        shown = self._printable(str(event.value))
        if event.style is None and "$" not in shown:
            return Scalar(self.line, shown, _meant(shown))
        try:
            value, used = expand(shown, self.environment, MOST_EXPANDED - self.expanded)
        except Unset as err:
            self.findings.problem(self.line, "PLAN-009", str(err))
            return Scalar(self.line, shown, shown, known=False)
        except Secret as err:
            self.findings.problem(self.line, "PLAN-069", str(err))
            return Scalar(self.line, shown, shown, known=False)
        except TooLong:
            self.findings.problem(self.line, "PLAN-002", "its variables make the plan too large")
            raise _Stop from None
        if used and _UNPRINTABLE.search(value):
            message = f"what {shown} stands for holds characters that cannot be printed"
            self.findings.problem(self.line, "PLAN-009", message)
            return Scalar(self.line, shown, shown, known=False)
        self.expanded += len(value) if used else 0
        return Scalar(self.line, shown, value, masked=used)

    def _printable(self, text: str) -> str:
        if found := _UNPRINTABLE.search(text):
            message = f"character U+{ord(found[0]):04X} does not belong in a plan"
            self.findings.problem(self.line, "PLAN-003", message)
            return _UNPRINTABLE.sub("\ufffd", text)
        return text

    def _note_directives(self, event: DocumentStartEvent) -> None:
        if event.tags or event.version not in (None, (1, 2)):
            self._refuse("a directive (%YAML, %TAG)")

    def _refuse(self, what: str) -> None:
        self.findings.problem(self.line, "PLAN-006", f"{what} has no place in a plan")


def _meant(text: str) -> str | int | float | bool | None:
    """A plain scalar by YAML 1.2's core schema; dates and `yes` stay texts."""
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
    if _FLOAT.fullmatch(text):
        return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    return text
