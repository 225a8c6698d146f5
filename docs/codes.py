"""Every stable code of Muster, found where it is raised: for docs/reference/errors.md."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CODE = re.compile(r"^(?:[A-Z]{2,8}-\d{3}|AZ-[A-Z0-9]{2,8})$")
LIBRARY = Path(__file__).parents[1] / "muster"


@dataclass(frozen=True, slots=True)
class Code:
    """One code: what is said with it, what to do, and where it comes from."""

    code: str
    title: str
    hint: str
    file: str


def codes_in(library: Path = LIBRARY) -> dict[str, Code]:
    """Codes by name. A class that carries one, a call that names one, the tables of plan and preflight."""
    found: dict[str, Code] = {}
    for path in sorted(library.rglob("*.py")):
        if "simulator" in path.parts:  # it speaks Azure's codes, not ours
            continue
        file = path.relative_to(library.parent).as_posix()
        for code in _codes_of(ast.parse(path.read_text(encoding="utf-8")), file):
            if code.code not in found or (not found[code.code].hint and code.hint):
                found[code.code] = code
    return found


def _codes_of(tree: ast.Module, file: str) -> Iterator[Code]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            yield from _of_class(node, file)
        elif isinstance(node, ast.Call):
            yield from _of_call(node, file)
        elif isinstance(node, ast.Tuple):
            yield from _of_row(node, file)


def _of_class(node: ast.ClassDef, file: str) -> Iterator[Code]:
    values = {
        target.id: item.value.value
        for item in node.body
        if isinstance(item, ast.Assign | ast.AnnAssign) and isinstance(item.value, ast.Constant)
        for target in (item.targets if isinstance(item, ast.Assign) else [item.target])
        if isinstance(target, ast.Name)
    }
    code = values.get("code")
    if isinstance(code, str) and CODE.match(code):
        title = (ast.get_docstring(node) or node.name).split("\n")[0]
        yield Code(code, title, str(values.get("hint", "")), file)


def _of_call(node: ast.Call, file: str) -> Iterator[Code]:
    named = {keyword.arg: _text(keyword.value) for keyword in node.keywords if keyword.arg}
    places = [_text(argument) for argument in node.args]
    code = named.get("code") or (places[0] if places and CODE.match(places[0]) else "")
    if not CODE.match(code):
        return
    rest = [place for place in places if place and place != code]
    title = named.get("title") or (rest[0] if rest else "")
    hint = named.get("hint") or named.get("remedy") or (rest[1] if len(rest) > 1 else "")
    yield Code(code, title, hint, file)


def _of_row(node: ast.Tuple, file: str) -> Iterator[Code]:
    texts = [_text(item) for item in node.elts]
    if len(texts) >= 2 and CODE.match(texts[0]):
        yield Code(texts[0], texts[1], texts[2] if len(texts) > 2 else "", file)


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values
        )
    return ""
