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

from muster.journal.stores import DirectoryStore, is_name
from muster.runs.status import RunLine, run_overview, verified

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".jsonl": "text/plain; charset=utf-8",
    ".svg": "image/svg+xml",
}
"""What is served. A key may lie in the same folder as the journal: whatever is not named here
does not exist."""

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Muster: runs</title>
<meta name="viewport" content="width=device-width">
<style>
body{{font:16px/1.5 system-ui,sans-serif;color:#1b1f24;margin:2.5rem auto;max-
width:60rem;padding:0 1rem}}
table{{border-collapse:collapse;width:100%}}th{{text-align:left;font-size:.8rem;color:#57606a}}
th,td{{padding:.45rem .8rem .45rem 0;border-bottom:1px solid #d0d7de;vertical-align:top}}
.passed{{color:#116329;font-weight:600}}.failed,.aborted,.broken{{color:#a40e26;font-weight:600}}
small{{color:#57606a}}
</style>
<h1>Runs</h1>{body}"""
_HEAD = "<tr><th>run<th>opened (UTC)<th>against<th>outcome<th>"


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
        store = DirectoryStore(self._runs.parent)
        lines = reversed(verified(store, run_overview(store)))
        rows = "".join(self._row(line) for line in lines)
        body = f"<table>{_HEAD}{rows}</table>" if rows else "<p>No run has begun yet.</p>"
        return _PAGE.format(body=body).encode()

    def _row(self, line: RunLine) -> str:
        run, outcome = html.escape(line.run), html.escape(line.outcome or line.state)
        has_report = (self._runs / line.run / "report.html").is_file()
        name = f'<a href="/{run}/report.html">{run}</a>' if has_report else run
        record = f'<a href="/{run}/record.json">record</a>' if has_report else ""
        against = "SIMULATOR" if line.target == "simulator" else html.escape(line.target)
        opened = html.escape(line.opened_at[:19].replace("T", " "))
        note = f"<br><small>{html.escape(line.note)}</small>" if line.note else ""
        return (
            f"<tr><td>{name}{note}<td>{opened}<td>{against}"
            f'<td class="{outcome}">{outcome}<td>{record}'
        )

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
