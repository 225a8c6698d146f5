from __future__ import annotations

import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest

from muster.cli.evidence_pages import Pages
from muster.journal.register import register_run
from muster.journal.stores import DirectoryStore


@pytest.fixture
def pages(tmp_path: Path) -> Iterator[str]:
    run = tmp_path / "runs" / "a-drill-1"
    (run / "inbox").mkdir(parents=True)
    (run / "report.html").write_text("<p>the report</p>")
    (run / "record.json").write_text("{}")
    (run / "key.pem").write_text("private")
    (run / "inbox" / "x.json").write_text("{}")
    (tmp_path / "signing-key.pem").write_text("private")
    store = DirectoryStore(tmp_path)
    register_run(store, run="a-drill-1", plan="a", operation="drill", at=datetime.now(UTC))
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Pages, journal=tmp_path)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310  the fixture's
        return str(answer.read().decode())


def test_runs_are_listed_and_reports_are_served(pages: str) -> None:
    assert 'href="/a-drill-1/report.html"' in get(pages)
    assert get(f"{pages}/a-drill-1/report.html") == "<p>the report</p>"
    assert get(f"{pages}/a-drill-1/record.json") == "{}"


@pytest.mark.parametrize(
    "path",
    [
        "signing-key.pem",
        "../signing-key.pem",
        "a-drill-1/../../signing-key.pem",
        "a-drill-1/key.pem",
        "a-drill-1/inbox/x.json",
        "%2e%2e/signing-key.pem",
        "nowhere/report.html",
    ],
)
def test_keys_and_everything_else_do_not_exist(pages: str, path: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        get(f"{pages}/{path}")
    refused.value.close()
    assert refused.value.code == 404
