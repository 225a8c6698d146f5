"""What this host lends to simulated guests: bash, small tools, and its curl or the stand-in."""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
import sys
from asyncio.subprocess import DEVNULL, PIPE
from dataclasses import dataclass
from pathlib import Path

from muster.simulator.errors import SimulatorError

# What the probe and `azure_time.sh` call besides bash and curl.
_TOOLS = (
    "base64",
    "date",
    "grep",
    "head",
    "mkdir",
    "mktemp",
    "od",
    "rm",
    "sha256sum",
    "sleep",
    "tr",
)
_OLDEST_BASH = 4
_PATIENCE = 30.0  # wall seconds
_CURL = Path(__file__).with_name("guest_curl.py")

# One line of `word value` for each thing found. Written so that a bash older than 4 reads it too.
# A curl that speaks SOCKS says the word when the proxy turns it away; one that does not meets
# a port of loopback that nobody listens on.
_LOOK = """
echo "bash ${BASH_VERSINFO[0]:-0}"
for tool in "$@"; do
  command -v "$tool" >/dev/null 2>&1 || echo "missing $tool"
done
[ "$(date -u -d @0 +%s 2>/dev/null)" = 0 ] || echo "bad date"
protocols=" $(curl -V 2>/dev/null | tr '\\n' ' ') "
case $protocols in *" http "*) ;; *) exit 0 ;; esac
case $protocols in *" telnet "*) ;; *) exit 0 ;; esac
said=$(curl -q -sS -v --proto =telnet -m 5 --url telnet://127.0.0.1:1 2>&1 </dev/null)
case $said in *SOCKS5*) echo "curl found" ;; esac
"""


@dataclass(frozen=True, slots=True)
class Host:
    """How a guest's script runs here; `has_curl` False: with the stand-in before the PATH."""

    bash: str
    path: str
    has_curl: bool


async def look_round(proxy_url: str) -> Host:
    """See what there is. `proxy_url` is a SOCKS proxy that turns its user away.

    Raises: SimulatorError, in sentences: what is missing and how to get it.
    """
    # Relative folders would be looked for in the guest's own folder.
    found = os.environ.get("PATH", os.defpath).split(os.pathsep)
    path = os.pathsep.join(folder for folder in found if Path(folder).is_absolute())
    bash = shutil.which("bash", path=path)
    if bash is None:
        raise SimulatorError(
            "There is no bash on the PATH. Simulated guests run Muster's probe with it: install "
            "bash 4 or newer."
        )
    said = await _answers(bash, {"PATH": path, "LC_ALL": "C", "ALL_PROXY": proxy_url})
    _complain(bash, said)
    return Host(bash, path, "curl found" in said)


def write_stand_in(folder: Path) -> Path:
    """A new folder in this one with a program `curl`: the stand-in, run by our own Python."""
    programs = folder / "bin"
    programs.mkdir()
    command = shlex.join([sys.executable, "-I", "-S", str(_CURL)])
    (programs / "curl").write_text(f'#!/bin/sh\nexec {command} "$@"\n', encoding="utf-8")
    (programs / "curl").chmod(0o700)
    return programs


async def _answers(bash: str, environment: dict[str, str]) -> list[str]:
    words = (bash, "--noprofile", "--norc", "-c", _LOOK, "bash", *_TOOLS)
    try:
        process = await asyncio.create_subprocess_exec(
            *words, stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL, env=environment
        )
    except OSError as err:
        raise SimulatorError(f"{bash} cannot be started: {err.strerror}.") from err
    try:
        out, _ = await asyncio.wait_for(process.communicate(), _PATIENCE)
    except TimeoutError as err:
        process.kill()
        await process.wait()
        raise SimulatorError(f"{bash} did not answer within {_PATIENCE:.0f} s.") from err
    return out.decode("ascii", "replace").splitlines()


def _complain(bash: str, said: list[str]) -> None:
    """Raises: SimulatorError for everything that is missing, at once."""
    problems = []
    version = next((line.partition(" ")[2] for line in said if line.startswith("bash ")), "0")
    if not version.isdecimal() or int(version) < _OLDEST_BASH:
        problems.append(
            f"{bash} is version {version}, but simulated guests run Muster's probe with bash "
            f"{_OLDEST_BASH} or newer: put a newer one first on the PATH."
        )
    missing = [line.partition(" ")[2] for line in said if line.startswith("missing ")]
    if missing:
        problems.append(
            f"Simulated guests run Muster's probe with small programs that are not on the PATH: "
            f"{', '.join(missing)}. Install coreutils and grep."
        )
    elif "bad date" in said:
        problems.append(
            "The `date` on the PATH does not know `-d @SECONDS`, which simulated guests need: "
            "put coreutils before it on the PATH."
        )
    if problems:
        raise SimulatorError("\n".join(problems))
