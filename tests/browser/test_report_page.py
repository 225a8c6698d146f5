"""The report in a real Chromium: on screen, on a phone, on paper."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.browser.chromium import chromium, dom_of

MUSTER = Path(sys.executable).with_name("muster")


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Path:
    journal = tmp_path_factory.mktemp("journal")
    run = subprocess.run(
        [MUSTER, "drill", "contoso-erp", "--rehearse", "--direct", "--json"],
        env=os.environ | {"MUSTER_JOURNAL": str(journal)},
        capture_output=True, text=True, check=True, timeout=110,
    )  # fmt: skip
    return Path(json.loads(run.stdout)["evidence"])


def test_the_page_asks_for_nothing_outside_itself_and_shows_the_verdict(
    evidence: Path, tmp_path: Path
) -> None:
    dom = dom_of(f"file://{evidence}/report.html", tmp_path)
    assert re.search(r">\s*passed\s*<", dom, re.IGNORECASE)
    assert "SIMULATOR" in dom
    assert "<svg" in dom
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//(?!www\.w3\.org)""", dom)


@pytest.mark.parametrize(("width", "height"), [(1280, 2400), (390, 2400)])
def test_the_page_is_a_picture_with_something_on_it(
    evidence: Path, tmp_path: Path, width: int, height: int
) -> None:
    picture = tmp_path / "page.png"
    page = f"file://{evidence}/report.html"
    chromium(
        tmp_path / "profile", f"--screenshot={picture}", f"--window-size={width},{height}", page
    )
    # A blank page of this size packs to under 20 kB.
    assert picture.stat().st_size > 60_000


def test_every_printed_page_says_that_it_was_a_simulator(evidence: Path, tmp_path: Path) -> None:
    assert shutil.which("pdftotext"), "no pdftotext: `apt-get install poppler-utils`"
    printed = tmp_path / "report.pdf"
    page = f"file://{evidence}/report.html"
    chromium(tmp_path / "profile", "--no-pdf-header-footer", f"--print-to-pdf={printed}", page)
    text = subprocess.run(
        ["pdftotext", "-layout", str(printed), "-"], capture_output=True, text=True, check=True
    ).stdout
    pages = text.rstrip("\f").split("\f")
    assert len(pages) >= 5
    assert [number for number, page in enumerate(pages, 1) if "SIMULATOR" not in page] == []
    assert "accepted a connection" in text  # raw evidence opens in print
