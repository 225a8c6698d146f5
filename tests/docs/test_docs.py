"""What people read: fresh, complete, and every command in it exists."""

from __future__ import annotations

import re
import shutil
import subprocess
from importlib import import_module
from pathlib import Path

import pytest
import typer

from docs.codes import codes_in, every_place
from docs.generate import PAGES as GENERATED
from docs.generate import REFERENCE
from muster.cli.main import COMMANDS, dispatch
from muster.plan.loader import read_plan
from muster.replication.linked_rights import TO_ENABLE
from tests.docs.pages import BY_HAND, PAGES, ROOT, Command, anchors, commands, fences, links

README = ROOT / "README.md"
TYPED = [command for page in BY_HAND for command in commands(page)]
PLACEHOLDERS = {"RUN", "PLAN", "NAME", "QUESTION", "FILE", "COMMAND", "HASH", "KEYFILE"}


@pytest.mark.parametrize("name", GENERATED)
def test_a_generated_page_is_fresh(name: str) -> None:
    written = (REFERENCE / name).read_text(encoding="utf-8")
    assert written == GENERATED[name](), "run `python -m docs.generate`"


def test_every_page_of_the_reference_is_generated() -> None:
    assert {path.name for path in REFERENCE.glob("*.md")} == set(GENERATED)


def test_every_code_that_the_code_knows_is_explained() -> None:
    page = (REFERENCE / "errors.md").read_text(encoding="utf-8")
    raised = {place.code for place in every_place()}
    assert len(raised) > 100
    assert {code for code in raised if f"| `{code}` |" not in page} == set()


def test_every_code_says_what_it_means_and_all_but_findings_what_to_do() -> None:
    codes = codes_in().values()
    assert [code.code for code in codes if not code.title] == []
    silent = [code.code for code in codes if not code.hint and not code.code.startswith("VER-")]
    assert silent == []


def test_the_rights_that_enabling_takes_are_those_that_preflight_asks_for() -> None:
    page = (ROOT / "docs/how-to/replicate.md").read_text(encoding="utf-8")
    section = page.partition("## What Azure has to allow")[2]
    rows = [line for line in section.splitlines() if line.startswith("| `")]
    assert rows == [f"| `{one.action}` | {one.at} | {one.why} |" for one in TO_ENABLE]


def makefile_targets() -> set[str]:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z-]+):", text, re.MULTILINE))


def test_pages_tell_people_to_type_something() -> None:
    assert len(TYPED) > 60
    assert {command.words[0] for command in TYPED} == {"muster", "make"}


@pytest.mark.parametrize("command", [c for c in TYPED if c.words[0] == "make"], ids=str)
def test_a_make_target_that_a_page_names_exists(command: Command) -> None:
    targets = [word for word in command.words[1:] if "=" not in word]
    assert set(targets) <= makefile_targets()


@pytest.mark.parametrize("command", [c for c in TYPED if c.words[0] == "muster"], ids=str)
def test_a_muster_command_that_a_page_names_is_understood(command: Command) -> None:
    """By the command's own parser: names, options, values and their number have to fit."""
    name, *args = command.words[1:] or ["--help"]
    if name in ("COMMAND", "--help", "--version"):
        return
    assert name in COMMANDS, f"there is no command {name}"
    if not args:  # a command's name in a sentence
        return
    known = typer.main.get_command(import_module(f"muster.cli.{name}").app)
    known.make_context(name, args)


def test_a_command_that_does_not_exist_would_be_seen() -> None:
    known = typer.main.get_command(import_module("muster.cli.drill").app)
    with pytest.raises(Exception, match="No such option"):
        known.make_context("drill", ["contoso-erp", "--rehearsal"])
    assert "rehearse" not in makefile_targets()


QUICK = sorted(
    {
        command.words
        for command in TYPED
        if command.words[:2] in (("muster", "check"), ("muster", "graph"), ("muster", "--help"))
        and not PLACEHOLDERS & set(command.words)
        and not any("northwind" in word for word in command.words)
        and "--svg" not in command.words
    }
)


@pytest.mark.parametrize("words", QUICK, ids=" ".join)
def test_a_quick_command_that_a_page_names_runs(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    assert dispatch(words[1:]) == 0
    assert capsys.readouterr().out


def test_there_are_quick_commands() -> None:
    assert {words[1] for words in QUICK} == {"check", "graph", "--help"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    broken = [
        f"{target}#{anchor}"
        for target, anchor in links(page)
        if not target.exists()
        or (anchor and target.suffix == ".md" and anchor not in anchors(target))
    ]
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_prose_fits_a_window(page: Path) -> None:
    lines = enumerate(page.read_text(encoding="utf-8").splitlines(), start=1)
    long = [number for number, line in lines if len(line) > 165 and not line.startswith("|")]
    assert long == []


def test_whole_plans_in_the_pages_load(tmp_path: Path) -> None:
    shown = [
        text
        for page in BY_HAND
        for text in fences(page, "yaml")
        if re.search(r"^plan:", text, re.M)
    ]
    assert shown
    for text in shown:
        name = re.search(r"^plan: (\S+)", text, re.M)
        assert name
        file = tmp_path / f"{name[1]}.yaml"
        file.write_text(text, encoding="utf-8")
        assert [str(problem) for problem in read_plan(file, {}).problems] == []


def test_a_key_made_as_the_page_says_is_attested(tmp_path: Path) -> None:
    from muster.journal.signing import load_signer

    if not (shutil.which("openssl") and shutil.which("bash")):
        pytest.skip("openssl is not here")
    page = ROOT / "docs" / "how-to" / "rotate-or-bring-a-signing-key.md"
    steps = next(text for text in fences(page, "sh") if "genpkey" in text)
    subprocess.run(["bash", "-euc", steps], cwd=tmp_path, check=True, capture_output=True)
    assert not load_signer(tmp_path / "dr-signing.pem").unattested
    (tmp_path / "dr-signing.json").unlink()
    assert load_signer(tmp_path / "dr-signing.pem").unattested


def journey() -> list[str]:
    text = README.read_text(encoding="utf-8")
    section = text.partition("\n## How it is built\n")[2].partition("\n## ")[0]
    sentence = section.strip().partition("\n\n")[0]
    return re.findall(r"\]\(([^)]+)\)", sentence)


def test_the_journey_of_a_vm_passes_through_files_that_exist() -> None:
    ways = journey()
    wanted = ("recovery_plans/", "plan/", "compile/", "flows/", "walk", "tasks/", "steps/",
              "gateway/", "journal/", "report/")  # fmt: skip
    places = [next((n for n, way in enumerate(ways) if part in way), -1) for part in wanted]
    assert -1 not in places
    assert [way for way in ways if not (ROOT / way).is_file()] == []


def test_the_readmes_first_screen_shows_one_command_and_its_end() -> None:
    screen = README.read_text(encoding="utf-8").splitlines()[:60]
    blocks = "\n".join(screen)
    assert "```sh\nmake drill\n```" in blocks
    assert "drill PASSED" in blocks
    assert "Left-overs     none" in blocks
    assert any(line.startswith("![") for line in screen)


def test_every_exit_code_is_in_the_readme() -> None:
    import muster.errors as errors

    codes = {str(value) for name, value in vars(errors).items() if name.startswith("EXIT_")}
    rows = set(re.findall(r"^\| (\d+) \|", README.read_text(encoding="utf-8"), re.MULTILINE))
    assert rows == codes


def test_every_word_of_the_glossary_is_used() -> None:
    glossary = ROOT / "docs" / "glossary.md"
    rows = re.findall(r"^\| ([^|]+) \|", glossary.read_text(encoding="utf-8"), re.MULTILINE)
    words = [word.strip() for row in rows[1:] for word in re.split(r",|/", row)]
    elsewhere = " ".join(p.read_text(encoding="utf-8") for p in PAGES if p != glossary).casefold()
    assert len(words) > 20
    assert [word for word in words if word.casefold() not in elsewhere] == []


AVOIDED = re.compile(r"\b(seamless|powerful|blazing|world-class|leverag\w+|effortless\w*)\b", re.I)


@pytest.mark.parametrize("page", BY_HAND, ids=lambda page: str(page.relative_to(ROOT)))
def test_pages_advertise_nothing(page: Path) -> None:
    assert AVOIDED.findall(page.read_text(encoding="utf-8")) == []


def test_pictures_are_small_and_name_nothing_outside() -> None:
    pictures = list((ROOT / "docs" / "pictures").glob("*.svg"))
    assert pictures
    for picture in pictures:
        text = picture.read_text(encoding="utf-8")
        assert len(text) < 60_000
        assert re.findall(r"(?:href|src)=", text) == []
        assert "SIMULATOR" in text
    assert [one.name for one in (ROOT / "docs" / "pictures").iterdir()
            if one.stat().st_size > 150_000] == []  # fmt: skip
