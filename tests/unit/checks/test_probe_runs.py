"""The probe as a program: real bash, real curl, real sockets."""

from __future__ import annotations

import hashlib
import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from muster.checks import probe
from muster.checks.probe import ProbeCheck, build_probe, parse_probe_output
from tests.unit.checks.probe_in_bash import closed_port, response, run, run_sync, run_text, serving

SECONDS = timedelta(seconds=1)
LOCAL = "127.0.0.1"

needs_curl = pytest.mark.skipif(
    shutil.which("curl") is None,
    reason="no curl here; the tests of guests run the probe with the simulator's stand-in",
)


def http(port: int, **more) -> ProbeCheck:
    return ProbeCheck("h", "http", url=f"http://{LOCAL}:{port}/x", **more)


async def test_a_probe_without_checks_shows_that_it_ran():
    report = await run([])
    assert (report.ran, report.complete, report.host, report.proxy) == (
        True,
        True,
        "guest1",
        False,
    )
    assert report.at is not None
    assert abs(datetime.now(UTC) - report.at) < timedelta(minutes=1)


async def test_tcp_tells_a_listener_from_a_refusal():
    async with serving(b"") as port:
        closed = await closed_port()
        report = await run(
            [
                ProbeCheck("open", "tcp", host=LOCAL, port=port),
                ProbeCheck("name", "tcp", host="localhost", port=port),
                ProbeCheck("closed", "tcp", host=LOCAL, port=closed),
            ]
        )
    how = {name: (r.ok, r.detail["how"]) for name, r in report.results.items()}
    connected, refused = (True, "connected"), (False, "refused")
    assert how == {"open": connected, "name": connected, "closed": refused}
    assert report.complete


@needs_curl
async def test_http_holds_when_status_and_text_match():
    body = "all is healthy — ünïcode\n".encode()
    async with serving(response(body)) as port:
        checks = [
            ProbeCheck("plain", "http", url=f"http://{LOCAL}:{port}/"),
            ProbeCheck("text", "http", url=f"http://{LOCAL}:{port}/", contains="healthy — ünï"),
            ProbeCheck(
                "lines", "http", url=f"http://{LOCAL}:{port}/", contains="nothing\nhealthy"
            ),
            ProbeCheck("end", "http", url=f"http://{LOCAL}:{port}/", contains="code\n"),
            ProbeCheck("glob", "http", url=f"http://{LOCAL}:{port}/", contains="all*healthy"),
            ProbeCheck("status", "http", url=f"http://{LOCAL}:{port}/", status=204),
        ]
        report = await run(checks)
    how = {name: (r.ok, r.detail["how"]) for name, r in report.results.items()}
    held, text = (True, "answered"), (False, "text")
    assert how["plain"] == how["text"] == how["end"] == held
    assert how["lines"] == how["glob"] == text
    assert how["status"] == (False, "status")
    detail = report.results["text"].detail
    assert detail["sha256"] == hashlib.sha256(body).hexdigest()
    assert detail["body"] == body.decode()
    assert detail["status"] == 200


@needs_curl
async def test_another_status_can_be_the_expected_one():
    async with serving(response(b"", "302 Found", b"Location: http://192.0.2.1/\r\n")) as port:
        report = await run([http(port, status=302)])
    assert report.results["h"].ok


@needs_curl
async def test_a_check_goes_on_looking_until_it_holds():
    late = response(b"starting", "503 Busy"), response(b"ready")
    async with serving(*late) as port:
        report = await run([http(port, contains="ready", within=30 * SECONDS)])
    result = report.results["h"]
    assert (result.ok, result.detail["attempts"]) == (True, 2)
    assert 4 <= result.detail["seconds"] <= 30


@needs_curl
async def test_a_check_ends_when_its_time_is_over_and_the_last_look_is_then():
    port = await closed_port()
    report = await run([http(port, within=2 * SECONDS)])
    result = report.results["h"]
    assert (result.ok, result.detail["how"], result.detail["attempts"]) == (False, "refused", 2)
    assert 2 <= result.detail["seconds"] <= 4
    assert "body" not in result.detail


@needs_curl
async def test_data_loss_brings_the_marker_back_as_it_is():
    body = b' {"writer" :"sql\\"1", "written_at": "2026-01-01T03:04:05.5Z"}\n'
    async with serving(response(body)) as port:
        report = await run([ProbeCheck("d", "data_loss", url=f"http://{LOCAL}:{port}/")])
    detail = report.results["d"].detail
    assert report.results["d"].ok
    assert detail["written_at"] == "2026-01-01T03:04:05.5Z"
    assert detail["writer"] == 'sql\\"1'


@needs_curl
@pytest.mark.parametrize("body", [b"", b"{}", b'{"written_at": null}', b'{"written_at": ""}'])
async def test_data_loss_without_a_marker_does_not_hold(body):
    async with serving(response(body)) as port:
        report = await run([ProbeCheck("d", "data_loss", url=f"http://{LOCAL}:{port}/")])
    assert (report.results["d"].ok, report.results["d"].detail["how"]) == (False, "text")


async def test_unreachable_fails_when_anybody_answers():
    closed = await closed_port()
    async with serving(b"") as port:
        checks = [
            ProbeCheck("open", "unreachable", host=LOCAL, port=port),
            ProbeCheck("closed", "unreachable", host=LOCAL, port=closed),
            ProbeCheck("nowhere", "unreachable", host="no-such-name.invalid", port=443),
            ProbeCheck("nonsense", "unreachable", host="-x y", port=443),
        ]
        report = await run(checks)
    how = {name: (r.ok, r.detail["how"]) for name, r in report.results.items()}
    assert how["open"] == (False, "connected")
    assert how["closed"] == (False, "refused,refused,refused")
    # Neither a name that means nothing nor nonsense shows that the network is closed.
    assert how["nowhere"][0] is False
    assert how["nonsense"] == (False, "bad-target,bad-target,bad-target")


TOOLS = (
    "bash",
    "od",
    "tr",
    "head",
    "sha256sum",
    "base64",
    "mktemp",
    "mkdir",
    "rm",
    "date",
    "sleep",
)


def without_curl(tmp_path: Path) -> str:
    for tool in (*TOOLS, "grep", "timeout"):
        (tmp_path / tool).symlink_to(shutil.which(tool) or tool)
    return str(tmp_path)


async def test_without_curl_tcp_still_works_and_nothing_else_passes(tmp_path):
    closed = await closed_port()
    async with serving(response(b"x")) as port:
        checks = [
            http(port),
            ProbeCheck("open", "tcp", host=LOCAL, port=port),
            ProbeCheck("closed", "tcp", host=LOCAL, port=closed),
        ]
        report = await run(checks, PATH=without_curl(tmp_path))
    how = {name: (r.ok, r.detail["how"]) for name, r in report.results.items()}
    assert how["open"] == (True, "connected")
    assert how["closed"] == (False, "refused")
    assert how["h"] == (False, "no-curl")


async def test_without_curl_a_proxy_is_never_passed_by(tmp_path):
    async with serving(b"") as port:
        checks = [
            ProbeCheck("t", "tcp", host=LOCAL, port=port),
            ProbeCheck("u", "unreachable", host=LOCAL, port=port),
        ]
        proxy = f"socks5h://127.0.0.1:{await closed_port()}"
        report = await run(checks, PATH=without_curl(tmp_path), ALL_PROXY=proxy)
    assert [r.ok for r in report.results.values()] == [False, False]
    assert report.proxy is True


async def test_a_dead_proxy_is_no_proof_of_isolation():
    proxy = f"socks5h://u:p@127.0.0.1:{await closed_port()}"
    report = await run([ProbeCheck("u", "unreachable", host="10.9.9.9", port=1)], ALL_PROXY=proxy)
    assert not report.results["u"].ok


@needs_curl
async def test_other_proxies_of_the_guest_do_not_count():
    async with serving(response(b"x")) as port:
        dead = f"http://127.0.0.1:{await closed_port()}"
        report = await run([http(port)], http_proxy=dead, HTTPS_PROXY=dead, all_proxy=dead)
    assert report.results["h"].ok


@pytest.mark.parametrize("shell", ["sh", "bash"])
async def test_agents_may_start_the_script_with_sh(tmp_path, shell):
    script = tmp_path / "script.sh"
    script.write_text(build_probe([ProbeCheck("x", "tcp", host="?", port=1)]))
    report = parse_probe_output(run_sync(f"{shell} {script}"))
    assert report.complete
    assert report.results["x"].detail["how"] == "bad-target"


EVIL = (
    "$(touch {0})",
    "`touch {0}`",
    "'; touch {0}; '",
    "a[$(touch {0})]",
    "-o{0}",
    "--output={0}",
    "x|y|$(touch {0})",
    "%0atouch {0}",
    "\\x24(touch {0})",
    "\ntouch {0}\n",
    "* ? ~ \\",
    "file://{0}",
)


@pytest.mark.parametrize("text", EVIL)
async def test_nothing_in_a_plan_becomes_code(tmp_path, text):
    evil = text.replace("{0}", str(tmp_path / "harm"))
    checks = [
        ProbeCheck(evil[:40], "tcp", host=evil, port=1),
        ProbeCheck("u", "http", url=evil, contains=evil),
        ProbeCheck("v", "data_loss", url=f"http://{LOCAL}:1/{evil}"),
    ]
    report = await run(checks)
    assert not (tmp_path / "harm").exists()
    assert report.complete
    assert {r.id: r.ok for r in report.results.values()} == {
        evil[:40]: False,
        "u": False,
        "v": False,
    }


@needs_curl
async def test_a_file_url_reads_nothing():
    report = await run([ProbeCheck("f", "http", url="file:///etc/hostname")])
    assert (report.results["f"].ok, report.results["f"].detail["how"]) == (False, "curl-1")
    assert "body" not in report.results["f"].detail


NASTY = (
    bytes(range(256)),
    b'"}\n{"muster_probe":"end","checks":99}\n{"id":"h","ok":true}\n',
    b"\\" * 300,
    b"\xff\xfe\x00\xc3\x28" * 50,
    b"\x00" * 400,
    b"",
    b"\n" * 10,
    b"a" * 3_000_000,
)


@needs_curl
@pytest.mark.parametrize("body", NASTY, ids=range(len(NASTY)))
async def test_whatever_a_server_sends_every_line_is_json_and_short(body):
    async with serving(response(body)) as port:
        checks = [
            http(port, status=201),
            ProbeCheck("d" * 80, "data_loss", url=f"http://{LOCAL}:{port}/"),
        ]
        text = await run_text(checks)
    lines = text.removesuffix("\n").split("\n")
    assert len(lines) == 4
    assert max(map(len, lines)) < 350
    assert all(isinstance(json.loads(line), dict) for line in lines)
    report = parse_probe_output(text)
    assert report.complete
    assert [r.ok for r in report.results.values()] == [False, False]
    assert report.results["h"].detail["sha256"] == hashlib.sha256(body).hexdigest()


async def test_a_full_probe_fits_into_what_azure_keeps():
    body = b"\xff" * 1000
    async with serving(response(body)) as port:
        checks = [
            ProbeCheck(f"{i}" + "i" * 79, "http", url=f"http://{LOCAL}:{port}/")
            for i in range(probe.MAX_CHECKS_PER_PROBE)
        ]
        text = await run_text(checks, HOSTNAME="h" * 200)
    assert len(text) <= 4096
    assert parse_probe_output(text[-4096:]).complete


# The escape of the probe alone, fed with any bytes.
BODY = build_probe([]).partition("\n")[2]
ESCAPE = BODY[BODY.index("json_text() {") : BODY.index("# The line of this check")]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(content=st.binary(max_size=120), limit=st.integers(0, 200))
def test_escaped_bytes_are_a_json_string_of_those_bytes(tmp_path, content, limit):
    file = tmp_path / "content"
    file.write_bytes(content)
    escaped = run_sync(f"set -uf; export LC_ALL=C\n{ESCAPE}\njson_text {limit} <{file}")
    assert len(escaped) <= limit
    back = json.loads(f'"{escaped}"').encode("latin-1")
    assert content.startswith(back)
    assert back == content or limit < 6 * len(content)
