"""The stand-in says and ends as curl does: every case is asked of both, with one expectation."""

from __future__ import annotations

import pytest

from tests.unit.checks.probe_in_bash import closed_port
from tests.unit.simulator.guests.curls import BOTH, curl, path_with, raw_proxy

CONNECT = ("-q", "-sS", "-v", "--proto", "=telnet")
FETCH = ("-q", "-sS", "-v", "-g", "--proto", "=http,https", "-w", "%{http_code}")
OK = b"HTTP/1.1 200 OK\r\n"


@pytest.fixture(params=BOTH)
def path(request, tmp_path):
    return path_with(request.param, tmp_path)


def fetching(folder, url: str) -> tuple[str, ...]:
    limits = ("--connect-timeout", "1", "-m", "2")
    return (*FETCH, *limits, "-o", str(folder / "body"), "--url", url)


@pytest.mark.parametrize(
    ("answer", "code", "status", "body"),
    [
        (OK + b"Content-Length: 2\r\n\r\nhi", 0, "200", b"hi"),
        (OK + b"CONTENT-LENGTH:2\r\n\r\nhi and more", 0, "200", b"hi"),
        (OK + b"Content-Length: 0\r\n\r\n", 0, "200", b""),
        (OK + b"Content-Length: 300000\r\n\r\n" + b"y" * 300_000, 0, "200", b"y" * 300_000),
        (b"HTTP/1.0 404 No\r\n\r\nbye", 0, "404", b"bye"),
        (b"HTTP/1.1 503\r\n\r\nbusy", 0, "503", b"busy"),
        (b"HTTP/1.1 204 No\r\nContent-Length: 3\r\n\r\n", 0, "204", b""),
        (b"HTTP/1.1 304 No\r\n\r\n", 0, "304", b""),
        (b"HTTP/1.1 100 Go\r\n\r\n" + OK + b"Content-Length: 2\r\n\r\nhi", 0, "200", b"hi"),
        (OK + b"Content-Length: 9\r\n\r\nhi", 18, "200", b"hi"),
        (OK + b"Content-Length: x\r\n\r\nhi", 8, "200", b""),
        (b"", 52, "000", b""),
        (b"SSH-2.0-x\r\n", 1, "000", b""),
        (b"HTTP/1.1 99 No\r\n\r\nhi", 1, "000", b""),
    ],
)
async def test_an_http_answer_is_read_as_curl_reads_it(path, tmp_path, answer, code, status, body):
    (tmp_path / "body").touch()
    async with raw_proxy(answer) as proxy:
        told = await curl(path, proxy.url, *fetching(tmp_path, "http://10.1.0.4:8080/x"))
    assert told[:2] == (code, status)
    assert (tmp_path / "body").read_bytes() == body
    assert (f"curl: ({code}) " in told[2]) == (code != 0)


@pytest.mark.parametrize(
    ("url", "asked", "target", "host"),
    [
        (
            "http://10.1.0.4:8080/x?a=b#c",
            b"\x01\x0a\x01\x00\x04\x1f\x90",
            "/x?a=b",
            "10.1.0.4:8080",
        ),
        ("http://web1", b"\x03web1\x00\x50", "/", "web1"),
        ("HTTP://Web1:80?q", b"\x03Web1\x00\x50", "/?q", "Web1"),
        ("http://web1/ü%20/{a}[1]", b"\x03web1\x00\x50", "/%c3%bc%20/{a}[1]", "web1"),
        ("http://[::1]:81/", b"\x04" + bytes(15) + b"\x01\x00\x51", "/", "[::1]:81"),
        ("http://me:pw@web1:81/", b"\x03web1\x00\x51", "/", "web1:81"),
    ],
)
async def test_a_url_is_asked_for_as_curl_asks(path, tmp_path, url, asked, target, host):
    async with raw_proxy(OK + b"Content-Length: 0\r\n\r\n") as proxy:
        told = await curl(path, proxy.url, *fetching(tmp_path, url))
    assert told[:2] == (0, "200")
    assert proxy.asked == asked
    lines = proxy.request.decode().split("\r\n")
    assert lines[0] == f"GET {target} HTTP/1.1"
    assert f"Host: {host}" in lines


@pytest.mark.parametrize(
    "url",
    [
        *("http://web1:99999/", "http://web1:x/", "http://web1/a b", "http://::1/"),
        *("http://[::1/", "http://:80/"),
    ],
)
async def test_a_bad_url_is_not_asked_for(path, tmp_path, url):
    async with raw_proxy(OK) as proxy:
        told = await curl(path, proxy.url, *fetching(tmp_path, url))
        assert (told[:2], proxy.connections) == ((3, "000"), 0)


async def test_another_protocol_than_the_ones_allowed_is_not_asked_for(path, tmp_path):
    async with raw_proxy(OK) as proxy:
        for words in (fetching(tmp_path, "telnet://web1"), (*CONNECT, "--url", "http://web1")):
            assert (await curl(path, proxy.url, *words))[0] == 1
        assert proxy.connections == 0


@pytest.mark.parametrize(
    ("reply", "code", "said"),
    [
        *(
            (bytes((5, n, 0, 1)) + bytes(6), 97, f"connection to 10.1.0.4. ({n})")
            for n in range(1, 9)
        ),
        (b"", 97, "connection to proxy closed"),
        (None, 28, "timed out after "),
    ],
)
async def test_what_the_proxy_says_is_said_as_curl_says_it(path, reply, code, said):
    words = (*CONNECT, "-m", "1", "--url", "telnet://10.1.0.4:1433")
    async with raw_proxy(reply=reply) as proxy:
        told = await curl(path, proxy.url, *words)
    assert told[:2] == (code, "")
    assert any(said in remark for remark in remarks_of(told[2]))
    assert "SOCKS5 request granted" not in told[2]


async def test_a_proxy_that_turns_us_away_is_told_apart(path):
    words = (*CONNECT, "-m", "1", "--url", "telnet://10.1.0.4:1433")
    async with raw_proxy(status=b"\x01\x01") as proxy:
        told = await curl(path, proxy.url, *words)
    assert told[0] == 97
    assert "* User was rejected by the SOCKS5 server (1 1)." in remarks_of(told[2])
    async with raw_proxy(method=b"\x05\xff") as proxy:
        told = await curl(path, proxy.url, *words)
    assert told[0] == 97
    assert "* No authentication method was acceptable." in remarks_of(told[2])


async def test_a_dead_proxy_is_a_connection_that_was_refused(path):
    url = f"socks5h://token:guest@127.0.0.1:{await closed_port()}"
    told = await curl(path, url, *CONNECT, "-m", "1", "--url", "telnet://10.1.0.4:1433")
    assert told[0] == 7
    assert any("failed: Connection refused" in remark for remark in remarks_of(told[2]))


async def test_a_connection_that_stands_is_said_at_once_and_kept_until_its_time_is_up(path):
    words = (*CONNECT, "-m", "1", "--url", "telnet://web1:1433")
    async with raw_proxy() as proxy:
        told = await curl(path, proxy.url, *words)
        assert proxy.asked == b"\x03web1\x05\x99"
    assert told[0] == 28
    granted = remarks_of(told[2]).index("* SOCKS5 request granted.")
    assert any("* Connected to 127.0.0.1 " in line for line in remarks_of(told[2])[granted:])


async def test_a_server_that_says_nothing_is_given_up_when_the_time_is_over(path, tmp_path):
    async with raw_proxy() as proxy:
        told = await curl(path, proxy.url, *fetching(tmp_path, "http://10.1.0.4/"))
    assert told[:2] == (28, "000")
    assert "* Operation timed out after 2" in told[2]


async def test_without_being_asked_for_more_only_the_error_is_said(path):
    words = ("-q", "-sS", "--proto", "=telnet", "-m", "1", "--url", "telnet://10.1.0.4:9")
    async with raw_proxy(reply=bytes((5, 5, 0, 1)) + bytes(6)) as proxy:
        told = await curl(path, proxy.url, *words)
    assert told == (97, "", "curl: (97) Can't complete SOCKS5 connection to 10.1.0.4. (5)\n")


@pytest.fixture
def stand_in(tmp_path) -> str:
    return path_with("stand-in", tmp_path)


async def test_the_stand_in_says_what_it_is_and_what_it_speaks(stand_in):
    code, out, _ = await curl(stand_in, "", "-V")
    assert code == 0
    assert "stand-in" in out
    assert " telnet " in out.replace("\n", " ")


@pytest.mark.parametrize(
    "words",
    [
        ("-L",),
        ("-k",),
        ("--noproxy", "*"),
        ("-x", "http://192.0.2.1:3128"),
        ("--data", "x"),
        ("-w", "%{remote_ip}"),
        ("-m", "soon"),
        ("-V",),
        ("http://10.1.0.4/",),
        ("-o",),
    ],
)
async def test_the_stand_in_refuses_what_the_probe_does_not_use(stand_in, tmp_path, words):
    async with raw_proxy(OK) as proxy:
        told = await curl(stand_in, proxy.url, *fetching(tmp_path, "http://10.1.0.4/"), *words)
        assert (told[0], proxy.connections) == (2, 0)
    assert "stand-in" in told[2] or "numerical" in told[2]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "socks5://token:guest@127.0.0.1:{port}",  # names would be resolved here
        "http://token:guest@127.0.0.1:{port}",
        "socks5h://127.0.0.1:{port}",
        "socks5h://token:guest@localhost:{port}",
        "socks5h://token:guest@192.0.2.1:{port}",
        "socks5h://token:guest@127.0.0.1",
        "socks5h://token:guest@127.0.0.1:{port}/x",
    ],
)
async def test_the_stand_in_goes_through_the_simulators_proxy_or_nowhere(stand_in, tmp_path, url):
    async with raw_proxy(OK) as proxy:
        port = proxy.url.rpartition(":")[2]
        here = f"http://127.0.0.1:{port}/"
        told = await curl(stand_in, url.format(port=port), *fetching(tmp_path, here))
        assert (told[:2], proxy.connections) == ((2, "000"), 0)


async def test_the_stand_in_does_not_guess_at_chunks(stand_in, tmp_path):
    answer = OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"
    async with raw_proxy(answer) as proxy:
        told = await curl(stand_in, proxy.url, *fetching(tmp_path, "http://10.1.0.4/"))
    assert told[0] == 61


def remarks_of(said: str) -> list[str]:
    return [line for line in said.splitlines() if line.startswith("* ")]
