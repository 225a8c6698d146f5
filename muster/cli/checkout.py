"""Which checkout a command works in, and the settings that stand for a plan's environment."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

from muster.errors import InputError, SettingsError

if TYPE_CHECKING:
    from muster.plan.actions import Operation
    from muster.settings import Settings

PLANS = "recovery_plans"


def find_checkout(start: Path | None = None) -> Path:
    """The nearest folder, from `start` (the current one) upwards, that holds `recovery_plans/`.

    Falls back to `start`: commands that need no plan work anywhere.
    """
    start = (start or Path.cwd()).resolve()
    for folder in (start, *start.parents):
        if (folder / PLANS).is_dir():
            return folder
    return start


def checkout_of(plan: Path) -> Path:
    """The checkout that holds a plan's file."""
    return find_checkout(plan.resolve().parent)


def flows_in(checkout: Path) -> Path:
    """The folder of the flows of a checkout.

    Raises:
        InputError: There is none: the plan does not lie in a checkout.
    """
    folder = checkout / "flows"
    if not (folder / "run.py").is_file():
        raise InputError(
            f"{checkout} holds no flows/, so there is no Prefect flow to run",
            code="INPUT-004",
            hint="Go to a checkout of the project, or use --direct, which needs no Prefect.",
        )
    return folder


def settings_of(checkout: Path, environ: Mapping[str, str] | None = None) -> Settings:
    """The settings, with relative defaults in the checkout.

    Raises:
        SettingsError: A value cannot be used; the journal is no folder.
    """
    from muster.settings import settings_from

    settings = settings_from(os.environ if environ is None else environ, home=checkout)
    if settings.journal.exists() and not settings.journal.is_dir():
        raise SettingsError(
            f"The journal {settings.journal} is no folder",
            code="SET-008",
            hint="MUSTER_JOURNAL names the folder that evidence is kept in.",
        )
    return settings


def ready_to_open(settings: Settings, plan: str, *, going_on: Operation | None = None) -> None:
    """What would refuse a new run anyway, found before anything is started for it.

    Args:
        settings: Where the journal is.
        plan: Its name.
        going_on: An operation whose open run is gone on with, instead of being in the way.

    Raises:
        SettingsError: The journal cannot be written.
        InputError: A run of the plan is still open.
    """
    from muster.journal.stores import DirectoryStore
    from muster.runs.rivals import refuse_second_run
    from muster.runs.unfinished import unfinished_run

    try:
        settings.journal.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=settings.journal):
            pass
    except OSError as err:
        raise SettingsError(
            f"The journal {settings.journal} cannot be written: {err.strerror}",
            code="SET-008",
            hint="MUSTER_JOURNAL names the folder that evidence is kept in.",
        ) from err
    store = DirectoryStore(settings.journal)
    if going_on is None or unfinished_run(store, plan, going_on) is None:
        refuse_second_run(store, plan, "")


def read_env_file(path: Path) -> dict[str, str]:
    """The variables of a file of `NAME=value` lines, `export` allowed, quoted as a shell would.

    Raises:
        SettingsError: The file cannot be read, or a line is none.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as err:
        raise SettingsError(f"{path} cannot be read: {err.strerror}", code="SET-005") from err
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        words = shlex.split(line, comments=True)
        for word in words[1:] if words[:1] == ["export"] else words:
            name, sign, value = word.partition("=")
            if not sign:
                raise SettingsError(f"{path}:{number} is not NAME=value", code="SET-005")
            found[name] = value
    return found


def environment_for(name: str, environ: Mapping[str, str]) -> dict[str, str]:
    """The variables under which a plan, or a run of it, is worked on.

    `MUSTER_ENV_DIR` may name a folder with one `<plan>.env` per plan: plans then live in
    different clouds or
    simulators side by side. What is set outright wins.

    Args:
        name: A plan's name or a run's id.
        environ: Usually the process environment.
    """
    folder = environ.get("MUSTER_ENV_DIR")
    if not folder or not Path(folder).is_dir():
        return dict(environ)
    fitting = [
        p for p in Path(folder).glob("*.env") if name == p.stem or name.startswith(f"{p.stem}-")
    ]
    if not fitting:
        return dict(environ)
    return read_env_file(max(fitting, key=lambda path: len(path.stem))) | dict(environ)


@contextmanager
def variables_set(environ: Mapping[str, str]) -> Iterator[None]:
    """While inside, the process has these variables: a credential reads its own ones there."""
    before = dict(os.environ)
    os.environ.update(environ)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
