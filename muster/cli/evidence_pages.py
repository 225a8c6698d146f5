"""A small web server for reports: `muster up` starts it, so that links in Prefect lead to the
pages.
"""

from __future__ import annotations

import html
import sys
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from muster.journal.stores import is_name

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".jsonl": "text/plain; charset=utf-8",
    ".svg": "image/svg+xml",
}
"""What is served. Keys lie in the same folder as the journal: whatever is not named here does
not exist."""

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Muster: runs</title>
<style>body{{font:16px/1.5 system-ui;margin:2rem auto;max-width:48rem}}li{{margin:.3rem 0}}</style>
<h1>Runs</h1>{body}"""


class Pages(BaseHTTPRequestHandler):
    """`/` lists the runs, `/<run>/<file>` is a file of a run's evidence."""

    protocol_version = "HTTP/1.1"

    def __init__(self, *args: object, journal: Path) -> None:
        self._runs = journal / "runs"
        super().__init__(*args)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        path = self.path.partition("?")[0].strip("/")
        if not path:
            self._answer(HTTPStatus.OK, TYPES[".html"], self._index())
            return
        found = self._file(path)
        if found is None:
            self._answer(HTTPStatus.NOT_FOUND, "text/plain", b"There is no such page.\n")
            return
        self._answer(HTTPStatus.OK, TYPES[found.suffix], found.read_bytes())

    def _file(self, path: str) -> Path | None:
        parts = path.split("/")
        if len(parts) != 2 or not all(map(is_name, parts)):
            return None
        file = self._runs.joinpath(*parts)
        return file if file.suffix in TYPES and file.is_file() else None

    def _index(self) -> bytes:
        reports = sorted(
            self._runs.glob("*/report.html"), key=lambda p: p.stat().st_mtime, reverse=True
        )
        items = "".join(
            f'<li><a href="/{name}/report.html">{name}</a>'
            f' · <a href="/{name}/record.json">record</a>'
            for name in (html.escape(report.parent.name) for report in reports)
        )
        body = f"<ul>{items}</ul>" if items else "<p>No run has ended yet.</p>"
        return _PAGE.format(body=body).encode()

    def _answer(self, status: HTTPStatus, kind: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        self.wfile.write(content)

    def log_request(self, code: object = "-", size: object = "-") -> None:
        """Requests are not worth a line; errors still get theirs."""


def serve(journal: Path, port: int) -> None:
    """Serve until the process is ended; on the loopback only."""
    with ThreadingHTTPServer(("127.0.0.1", port), partial(Pages, journal=journal)) as server:
        server.serve_forever()


if __name__ == "__main__":
    serve(Path(sys.argv[1]), int(sys.argv[2]))
