"""Every stable code of Muster, found where it is raised: for docs/reference/errors.md."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

CODE = re.compile(r"^(?:[A-Z]{2,8}-\d{3}|AZ-[A-Z0-9]{2,8})$")
_PRINTED = re.compile(r"^\[([A-Z]{2,8}-\d{3})\] (.+)", re.DOTALL)
_SEVERITIES = {"error", "warning", "note", "fail", "warn"}
_ROOT = Path(__file__).parents[1]
LIBRARIES = (_ROOT / "muster", _ROOT / "flows", _ROOT / "tasks")

_REPORT = "The report holds Azure's own words: cause and recommended action."
IN_WORDS = {
    "CLEAN-011": ("The cleanup job of a VM failed, and so did every try after it.", _REPORT),
    "INPUT-003": ("There is no such command.", "`muster --help` lists the commands."),
    "INPUT-021": (
        "What `--generate` asks for makes no world, or a file of it is there already.",
        "Mend what is named; docs/how-to/write-a-world.md tells what can be asked for.",
    ),
    "ISO-003": (
        "The drill network may reach something of production: a hop could not be read.",
        "Let the caller read what is named (`Reader`), or remove the hop.",
    ),
    "JRN-006": ("An event that is not made of JSON values.", ""),
    "SET-004": ("AZURE_TOKEN_CREDENTIALS names no credential.", ""),
    "INPUT-013": ("`--fault` was given without `--rehearse`.", ""),
    "SIM-002": ("There is no such fault, or its file has mistakes.", ""),
    "SIM-001": ("The simulator could not start: its world, state folder, port or speed.", ""),
    "STEP-020": ("The test failover job of a VM failed.", _REPORT),
    "STEP-040": (
        "A run of replicate has named nothing that it wants to be there.",
        "Start it with `muster replicate`, which reads Azure first.",
    ),
    "STEP-041": (
        "A VM was selected when the run began, and its survey left it out; the message says why.",
        "Mend what the message names, then run `muster replicate` again.",
    ),
    "STEP-042": ("The job that was to make a part of the replication failed.", _REPORT),
    "STEP-044": (
        "What is to be used is there already, and is of no use: in another region, or failed.",
        "Mend or remove it, or name another one in the plan: Muster never deletes it.",
    ),
    "STEP-047": (
        "A VM's protected item went away, or stands failed, before it was protected.",
        "Look at the vault's jobs and the item; disable it there, then replicate again.",
    ),
    "STEP-049": (
        "A VM's protection is not removed: a test failover of it waits for its cleanup.",
        "Clean the test failover up in the vault first, then disable again.",
    ),
    "STEP-050": (
        "Replication cannot be set up as the plan says; each reason is named.",
        "Mend the plan, or what is named, in the portal.",
    ),
    "STEP-051": (
        "A VM is replicated otherwise than the plan says, and that cannot be changed, or not now.",
        "Write into the plan what it has, or disable its replication and enable it anew.",
    ),
    "STEP-052": (
        "A VM is not in the consistency group it was to be in, or there are several of its name.",
        "Disable the replication of those outside, then run `muster replicate` again.",
    ),
    "STEP-054": (
        "A VM's protection is not removed: it has been failed over, or runs at the target.",
        "Commit and reprotect it, and fail it back; or disable it in the vault.",
    ),
    "STEP-055": (
        "A VM's protection is not removed: nothing shows that this plan enabled it, or another "
        "plan claims it, or may, as evidence of its runs does not read.",
        "Disable it by the plan that protects it, or in the vault; or write into the plan what "
        "its item has.",
    ),
    "STEP-056": (
        "A VM's protection is not removed: its item is not the one that was shown.",
        "Look again with `muster replicate PLAN --disable --plan-only`, then disable again.",
    ),
    "STEP-057": (
        "A VM's item is being removed by somebody else, or that removal was given up: nothing was "
        "sent to it.",
        "Look at the item and its jobs in the vault, then disable again.",
    ),
    "STEP-030": ("A script of the plan failed in a test copy.", ""),
}
"""What, and what to do, of codes whose sentence is put together elsewhere."""


@dataclass(frozen=True, slots=True)
class Code:
    """One code: what is said with it, what to do, and where it comes from."""

    code: str
    title: str
    hint: str
    file: str
    inherited: bool = False  # the hint is that of the error's class, not of this code


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in a file we look: its name, the texts that have names, the hints of error classes."""

    file: str
    texts: dict[str, list[tuple[int, str]]]  # name -> line and text of each assignment
    hints: dict[str, str]
    within: tuple[int, int] = (0, 1_000_000)  # lines of the function

    def named(self, name: str, line: int) -> str:
        """The text a name has at a line: the last one given above, in the function or outside."""
        above = [
            text
            for at, text in self.texts.get(name, [])
            if at <= line and (self.within[0] <= at or self.within[0] == 0)
        ]
        constants = [text for _, text in self.texts.get(name, []) if name.isupper()]
        return (above or constants or [""])[-1]


@dataclass(slots=True)
class _Library:
    trees: dict[str, ast.Module] = field(default_factory=dict)
    hints: dict[str, str] = field(default_factory=dict)  # by class


def codes_in(libraries: Sequence[Path] = LIBRARIES) -> dict[str, Code]:
    """Codes by name; where several places know one, the place that says most."""
    found: dict[str, Code] = {}
    for code in every_place(libraries):
        best = found.get(code.code)
        if best is None or _says(code) > _says(best):
            found[code.code] = code
    return {name: _in_our_words(code) for name, code in found.items()}


def _in_our_words(code: Code) -> Code:
    title, hint = IN_WORDS.get(code.code, ("", ""))
    return Code(code.code, title or code.title, hint or code.hint, code.file)


def every_place(libraries: Sequence[Path] = LIBRARIES) -> Iterator[Code]:
    """Every place where a code stands, with what is said there."""
    read = _read(libraries)
    for file, tree in read.trees.items():
        place = _Place(file, _texts_by_name(tree), read.hints)
        yield from _codes_of(tree, place)


def _says(code: Code) -> tuple[bool, bool, bool]:
    return bool(code.hint) and not code.inherited, bool(code.title), bool(code.hint)


def _read(libraries: Sequence[Path]) -> _Library:
    read = _Library()
    bases: dict[str, list[str]] = {}
    for path in (path for one in libraries for path in sorted(one.rglob("*.py"))):
        place = path.relative_to(_ROOT)
        if place.parts[:2] == ("muster", "simulator"):  # it speaks Azure's codes, not ours
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        read.trees[place.as_posix()] = tree
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                bases[node.name] = [base.id for base in node.bases if isinstance(base, ast.Name)]
                read.hints[node.name] = _attributes(node).get("hint", "")
    for name in bases:
        read.hints[name] = _inherited(name, bases, read.hints)
    return read


def _inherited(name: str, bases: dict[str, list[str]], hints: dict[str, str]) -> str:
    above = (_inherited(base, bases, hints) for base in bases.get(name, []))
    return hints.get(name, "") or next((hint for hint in above if hint), "")


def _codes_of(tree: ast.AST, place: _Place) -> Iterator[Code]:
    for node in ast.iter_child_nodes(tree):
        inner = place
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.lineno, node.end_lineno or node.lineno)
            inner = _Place(place.file, place.texts, place.hints, lines)
        yield from _of_node(node, place)
        yield from _codes_of(node, inner)


def _of_node(node: ast.AST, place: _Place) -> Iterator[Code]:
    match node:
        case ast.ClassDef():
            yield from _of_class(node, place)
        case ast.Call():
            yield from _of_call(node, place)
        case ast.Tuple() | ast.List():
            yield from _of_row([_text(item, place) for item in node.elts], place)
        case ast.Dict():
            yield from _of_table(node, place)
        case ast.Constant(value=str(text)) if CODE.match(text):
            yield Code(text, "", "", place.file)  # so that none is missed, however it is said
        case ast.JoinedStr() if printed := _PRINTED.match(_text(node, place)):
            title, _, hint = printed[2].partition(" -- ")
            yield Code(printed[1], title, hint.strip("\n…"), place.file)
        case _:
            pass


def _texts_by_name(tree: ast.Module) -> dict[str, list[tuple[int, str]]]:
    nowhere = _Place("", {}, {})
    found: dict[str, list[tuple[int, str]]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and (text := _text(node.value, nowhere)):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    found.setdefault(target.id, []).append((node.lineno, text))
    return {name: sorted(texts) for name, texts in found.items()}


def _attributes(node: ast.ClassDef) -> dict[str, str]:
    nowhere = _Place("", {}, {})
    values: dict[str, str] = {}
    for item in node.body:
        if isinstance(item, ast.Assign | ast.AnnAssign) and item.value is not None:
            targets = item.targets if isinstance(item, ast.Assign) else [item.target]
            text = _text(item.value, nowhere)
            values |= {target.id: text for target in targets if isinstance(target, ast.Name)}
    return values


def _of_class(node: ast.ClassDef, place: _Place) -> Iterator[Code]:
    code = _attributes(node).get("code", "")
    if CODE.match(code):
        title = (ast.get_docstring(node) or _in_words(node.name)).split("\n\n")[0]
        yield Code(code, title, place.hints.get(node.name, ""), place.file)


def _in_words(name: str) -> str:
    """`CredentialRefused` as people write it."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).capitalize() + "."


def _of_call(node: ast.Call, place: _Place) -> Iterator[Code]:
    named = {keyword.arg: _text(keyword.value, place) for keyword in node.keywords if keyword.arg}
    texts = [_text(argument, place) for argument in node.args]
    at = next((n for n, text in enumerate(texts) if CODE.match(text)), -1)
    code = texts[at] if at >= 0 else named.get("code", "")
    if not CODE.match(code):
        return
    rest = [text for text in texts[at + 1 :] if text and text not in _SEVERITIES]
    is_finding = code.startswith("VER-")  # code, place, sentence
    title = named.get("title") or (rest[-1 if is_finding else 0] if rest else "")
    hint = named.get("hint") or named.get("remedy") or ""
    if not hint and not is_finding:
        hint = rest[1] if len(rest) > 1 else ""
    raised = node.func.id if isinstance(node.func, ast.Name) else ""
    yield Code(code, title, hint or place.hints.get(raised, ""), place.file, inherited=not hint)


def _of_row(texts: list[str], place: _Place) -> Iterator[Code]:
    if len(texts) >= 2 and CODE.match(texts[0]):
        title, *rest = [text for text in texts[1:] if text] or [""]  # a severity is no text
        yield Code(texts[0], title, rest[0] if rest else "", place.file)


def _of_table(node: ast.Dict, place: _Place) -> Iterator[Code]:
    """`{CODE: Explained(title, hint, …)}`."""
    for key, value in zip(node.keys, node.values, strict=True):
        code = _text(key, place) if key is not None else ""
        if CODE.match(code) and isinstance(value, ast.Call):
            yield from _of_row([code, *(_text(one, place) for one in value.args)], place)


def _text(node: ast.expr, place: _Place) -> str:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(str(p.value) if isinstance(p, ast.Constant) else "…" for p in parts)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _text(left, place) + _text(right, place)
        case ast.Name(id=name):
            return place.named(name, node.lineno)
        case _:
            return ""
