"""The `muster` command as people meet it: a process, its words, its exit code, its evidence."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from tests.waiting import wait_until

END_WITHIN = 100.0


class Ended:
    """What a command left when it ended."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err
        assert "Traceback (most recent call last)" not in out + err, out + err
        assert "[MUSTER-001]" not in err, err

    def json(self) -> Any:
        return json.loads(self.out)

    def __repr__(self) -> str:
        return f"exit {self.code}\n--- stdout\n{self.out}\n--- stderr\n{self.err}"


class Running:
    """A command under way; its output goes to files, so that no pipe fills up."""

    begun: ClassVar[list[Running]] = []

    def __init__(
        self,
        args: tuple[str, ...],
        environ: Mapping[str, str],
        home: Path,
        *,
        cwd: Path | None = None,
    ) -> None:
        home.mkdir(parents=True, exist_ok=True)
        number = len(list(home.glob("command-*.out")))
        self._out, self._err = home / f"command-{number}.out", home / f"command-{number}.err"
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "muster", *args],
                cwd=cwd or home,
                env=dict(environ),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                process_group=0,  # a Ctrl-C at the terminal of the tests is not one of theirs
            )
        self.begun.append(self)

    def interrupt(self) -> None:
        """Ctrl-C: the terminal sends it to the whole group."""
        os.killpg(self.process.pid, signal.SIGINT)

    def kill(self) -> Ended:
        """As if the machine lost power under it."""
        os.killpg(self.process.pid, signal.SIGKILL)
        return self.end()

    @classmethod
    def end_all(cls) -> None:
        """End what a test that failed has left running."""
        while cls.begun:
            process = cls.begun.pop().process
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(10)

    def has_said(self, words: str) -> bool:
        return words in self._out.read_text(errors="replace") + self._err.read_text(
            errors="replace"
        )

    def end(self, within: float = END_WITHIN) -> Ended:
        try:
            code = self.process.wait(within)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(10)
            said = self._err.read_text(errors="replace")
            raise AssertionError(f"it did not end within {within} s; it said:\n{said}") from None
        return Ended(
            code, self._out.read_text(errors="replace"), self._err.read_text(errors="replace")
        )


def muster(*args: str, environ: Mapping[str, str], home: Path) -> Ended:
    """Run a command to its end."""
    return Running(args, environ, home).end()


class Evidence:
    """The folder of one run, read as an auditor would: without Muster's own readers."""

    def __init__(self, journal: Path, run: str) -> None:
        self.run = run
        self.folder = journal / "runs" / run

    def events(self) -> list[dict[str, Any]]:
        """Every event so far; segments are whole as soon as they have their name."""
        segments = sorted(self.folder.glob("[0-9]*.jsonl"))
        lines = [line for one in segments for line in one.read_text().splitlines()]
        return [json.loads(line) for line in lines]

    def of(self, kind: str, **data: Any) -> list[dict[str, Any]]:
        """Events of a kind whose data hold these."""
        return [
            event
            for event in self.events()
            if event["kind"] == kind
            and all(event["data"].get(name) == value for name, value in data.items())
        ]

    def record(self) -> dict[str, Any]:
        value: dict[str, Any] = json.loads((self.folder / "record.json").read_text())
        return value

    def report(self) -> str:
        return (self.folder / "report.html").read_text(encoding="utf-8")


def the_run(journal: Path, running: Running, within: float = 30.0) -> Evidence:
    """The newest run of a journal, as soon as the command has opened one.

    Nobody has to be told its name: that is what the journal's folder is for.
    """

    def newest() -> str | None:
        found = sorted((journal / "runs").glob("*/*.jsonl"), key=lambda one: one.stat().st_mtime)
        if not found:
            assert running.process.poll() is None, running.end()
        return found[-1].parent.name if found else None

    return Evidence(journal, wait_until(newest, within, f"a run in {journal}"))


def await_event(
    evidence: Evidence, kind: str, *, within: float = 60.0, times: int = 1, **data: Any
) -> list[dict[str, Any]]:
    """Look at the journal's folder until it holds such an event; looks often enough to kill
    right behind it.
    """
    seen: dict[str, list[dict[str, Any]]] = {}

    def found() -> list[dict[str, Any]] | None:
        for file in evidence.folder.glob("[0-9]*.jsonl"):
            if (name := file.name) not in seen:
                text = file.read_text()
                seen[name] = [json.loads(line) for line in text.splitlines()]
        fitting = [
            event
            for name in sorted(seen)
            for event in seen[name]
            if event["kind"] == kind and all(event["data"].get(k) == v for k, v in data.items())
        ]
        return fitting if len(fitting) >= times else None

    return wait_until(found, within, f"{kind} {data} in {evidence.run}", every=0.002)
