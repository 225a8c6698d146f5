"""The report in a real Chromium: on screen, on a phone, on paper."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from muster.report.render_html import render_html
from tests.browser.chromium import chromium, dom_of
from tests.browser.devtools import chromium_open, tab

MUSTER = Path(sys.executable).with_name("muster")
PAPER = 680  # CSS pixels between the margins of an A4 page, as `@page` has them
# Words of the tables that stand on more than one line, how many were looked at, and how far
# the page and its tables reach. Raw evidence may break anywhere.
LAID_OUT = r"""(() => {
  const broken = [], tables = [...document.querySelectorAll("table")];
  let looked = 0;
  for (const cell of document.querySelectorAll("td, th")) {
    const texts = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
    for (let text; (text = texts.nextNode()); ) {
      if (text.parentElement.closest("pre")) continue;
      for (const word of text.data.matchAll(/[\p{L}\p{N}]+/gu)) {
        const range = document.createRange();
        range.setStart(text, word.index);
        range.setEnd(text, word.index + word[0].length);
        const seen = [...range.getClientRects()].filter((one) => one.width);
        looked += seen.length > 0;
        if (new Set(seen.map((one) => Math.round(one.top))).size > 1) broken.push(word[0]);
      }
    }
  }
  const free = tables.filter((one) => getComputedStyle(one.parentElement).overflowX !== "auto");
  const right = Math.max(0, ...free.map((one) => one.getBoundingClientRect().right));
  return { broken, looked, right, page: document.documentElement.scrollWidth };
})()"""


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


def with_long_names(record: dict[str, Any]) -> dict[str, Any]:
    """The same drill with a first check whose address, group and finding never end."""
    first, *others = record["checks"]
    host = "https://erp.contoso-internal-frontend.privatelink.westus2.example:8443"
    named = first | {
        "title": f"http {host}/health/{'deep' * 20}?token=none",
        "group": "internationalization-of-the-application_and_its_databases",
        "why": f"{host}/ answered {'3dfc3743' * 12}",
    }
    return record | {"checks": [named, *others]}


@pytest.mark.parametrize(
    ("width", "media"), [(1280, "screen"), (360, "screen"), (PAPER, "print")],
    ids=["desk", "phone", "paper"],
)  # fmt: skip
@pytest.mark.parametrize("names", ["as_drilled", "long"])
async def test_no_table_breaks_a_word_and_none_leaves_the_page(
    evidence: Path, tmp_path: Path, width: int, media: str, names: str
) -> None:
    record = json.loads((evidence / "record.json").read_text())
    file = tmp_path / "page.html"
    file.write_text(render_html(record if names == "as_drilled" else with_long_names(record)))
    async with chromium_open(tmp_path / "profile") as session, tab(session) as page:
        await page.size(width, 1000, phone=width < 640)
        await page.send("Emulation.setEmulatedMedia", media=media)
        await page.open(file.as_uri())
        await page.until("document.readyState === 'complete'")
        told = await page.value(LAID_OUT)
    assert told["looked"] > 300
    # A run of more letters than any word has may break, and only there.
    assert [word for word in told["broken"] if len(word) <= 24] == []
    assert told["right"] <= width
    assert told["page"] <= width
