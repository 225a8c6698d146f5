"""What the how-to for other clients shows is run as it stands there, against a simulator."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, fences
from tests.simulator_process import WORLDS, environment_with, running_simulator

PAGE = ROOT / "docs" / "how-to" / "point-your-client-at-the-simulator.md"
WITHIN = 60.0
AIOHTTP = """
import asyncio, os, aiohttp

async def main():
    arm = os.environ["MUSTER_ARM_ENDPOINT"]
    async with aiohttp.ClientSession() as http:
        async with http.get(f"{arm}/metadata/endpoints?api-version=2022-09-01") as got:
            print(got.status)

asyncio.run(main())
"""


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    state = tmp_path_factory.mktemp("foreign") / "state"
    with running_simulator(WORLDS / "contoso.world.yaml", state, 60) as found:
        yield found


def said(command: list[str], settings: dict[str, str], **more: str) -> str:
    """What a command prints, which has to end well."""
    done = subprocess.run(
        command,
        env=environment_with(settings) | more,
        capture_output=True,
        text=True,
        timeout=WITHIN,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def kept(folder: Path, name: str, language: str) -> str:
    """The page's one snippet in a language, as a file."""
    (snippet,) = fences(PAGE, language)
    (folder / name).write_text(snippet)
    return str(folder / name)


def test_the_snippet_for_python_lists_the_items(tmp_path: Path, settings: dict[str, str]) -> None:
    told = said([sys.executable, kept(tmp_path, "client.py", "python")], settings)
    assert "web1 Protected" in told.splitlines()


def test_pythons_requests_go_by_the_bundle_alone(tmp_path: Path, settings: dict[str, str]) -> None:
    file = Path(kept(tmp_path, "client.py", "python"))
    file.write_text(file.read_text().replace("    connection_verify=ca,\n", ""))
    told = said(
        [sys.executable, str(file)], settings, REQUESTS_CA_BUNDLE=settings["MUSTER_CA_FILE"]
    )
    assert "web1 Protected" in told.splitlines()


def test_aiohttp_goes_by_openssls_file(settings: dict[str, str]) -> None:
    told = said(
        [sys.executable, "-c", AIOHTTP], settings, SSL_CERT_FILE=settings["MUSTER_CA_FILE"]
    )
    assert told.strip() == "200"


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_the_snippet_for_curl_lists_the_groups(tmp_path: Path, settings: dict[str, str]) -> None:
    told = json.loads(said(["bash", kept(tmp_path, "client.sh", "bash")], settings))
    assert "rg-dr" in [group["name"] for group in told["value"]]


@pytest.mark.skipif(not shutil.which("node"), reason="node is not installed")
def test_the_snippet_for_node_lists_the_groups(tmp_path: Path, settings: dict[str, str]) -> None:
    ca = settings["MUSTER_CA_FILE"]
    told = said(["node", kept(tmp_path, "client.mjs", "js")], settings, NODE_EXTRA_CA_CERTS=ca)
    assert "'rg-dr'" in told
