"""A stand-in for curl in simulated guests, where the host has none: what the probe asks for only.

A program of its own (`python -I -S guest_curl.py …`): it imports nothing of ours and little else,
for it starts once for every look of every check. Its remarks (`* …`) and exit codes are those of
curl 7.88 (https://everything.curl.dev/cmdline/exitcode), since the probe reads them. It goes
through the simulator's SOCKS proxy on loopback or nowhere: no guest ever reaches the real network.
Of HTTP it knows what the services of guests answer: no TLS, no chunked bodies.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from io import BufferedReader

VERSION = """\
curl 7.88.1 (a stand-in of Muster's simulator, not curl itself)
Protocols: http telnet
Features:
"""
FLAGS = frozenset({"-q", "-sS", "-v", "-g"})
VALUED = frozenset({"--proto", "-m", "--connect-timeout", "-o", "-w", "--url"})
PORTS = {"http": 80, "telnet": 23}
TOTAL_SECONDS, CONNECT_SECONDS = 86400.0, 300.0  # where no option says it; curl has no total
LINE_LIMIT = 100 * 1024  # bytes of a header line, as curl's
CHUNK = 65536  # bytes read at a time
BAD_URL = "URL using bad/illegal format or missing URL"

Remark = Callable[[str], None]


class Failed(Exception):
    """The transfer ended with one of curl's exit codes."""

    def __init__(self, code: int, said: str) -> None:
        super().__init__(said)
        self.code = code


class Target:
    """What a URL asks for. Raises: Failed."""

    def __init__(self, url: str, allowed: str) -> None:
        scheme, sep, rest = url.partition("://")
        self.scheme = scheme.lower()
        if not sep or any(sign <= " " or sign == "\x7f" for sign in url):
            raise Failed(3, BAD_URL)
        wanted = allowed.removeprefix("=").split(",") if allowed else list(PORTS)
        if self.scheme not in PORTS or self.scheme not in wanted:
            raise Failed(1, f'Protocol "{scheme}" not supported or disabled in libcurl')
        rest = rest.partition("#")[0]
        end = min((at for sign in "/?" if (at := rest.find(sign)) >= 0), default=len(rest))
        usual = PORTS[self.scheme]
        # A simulated service asks for no user name, so one in the URL is not passed on.
        self.host, self.port = _host_and_port(rest[:end].rpartition("@")[2], usual)
        host = f"[{self.host}]" if ":" in self.host else self.host
        self.authority = host if self.port == usual else f"{host}:{self.port}"
        path = rest[end:] if rest[end:].startswith("/") else "/" + rest[end:]
        self.path = "".join(
            chr(byte) if byte < 128 else f"%{byte:02x}" for byte in os.fsencode(path)
        )


class Transfer:
    """One URL asked for; `status` is the last HTTP status that was read, 0 for none."""

    def __init__(self, options: Mapping[str, str], remark: Remark) -> None:
        self.status = 0
        self._options, self._remark = options, remark
        self._began, self._got = time.monotonic(), 0

    def run(self, proxy: str) -> None:
        """Raises: Failed, as curl fails."""
        target = Target(self._options.get("--url", ""), self._options.get("--proto", ""))
        user, password, address = _proxy(proxy)
        total = _seconds(self._options, "-m", TOTAL_SECONDS)
        connect = _seconds(self._options, "--connect-timeout", CONNECT_SECONDS)
        self._late_after(min(total, connect), self._late_to_connect)
        with self._dial(address) as wire, wire.makefile("rb") as answer:
            there = f"Connected to {address[0]} ({address[0]}) port {address[1]} (#0)"
            self._remark(there)
            try:
                _through_socks(wire, answer, user, password, target, self._remark)
            except (EOFError, ConnectionError):
                raise Failed(97, "connection to proxy closed") from None
            self._remark("SOCKS5 request granted.")
            self._remark(there)
            is_telnet = target.scheme == "telnet"
            self._late_after(total, self._late_to_leave if is_telnet else self._late_to_answer)
            try:
                _stay(answer) if is_telnet else self._fetch(wire, answer, target)
            except ConnectionError as err:
                raise Failed(56, f"Recv failure: {err.strerror}") from None

    def _late_after(self, seconds: float, late: Callable[[], Failed]) -> None:
        """From `seconds` after the beginning on, whatever we wait for fails as `late` says."""

        def ring(*_: object) -> None:
            raise late()

        signal.signal(signal.SIGALRM, ring)
        left = self._began + seconds - time.monotonic()
        signal.setitimer(signal.ITIMER_REAL, max(left, 0.001))

    def _dial(self, address: tuple[str, int]) -> socket.socket:
        where = f"{address[0]} port {address[1]}"
        self._remark(f"  Trying {address[0]}:{address[1]}...")
        try:
            return socket.create_connection(address)
        except OSError as err:
            self._remark(f"connect to {where} failed: {err.strerror}")
            said = f"Failed to connect to {where} after {self._ms()} ms"
            raise Failed(7, f"{said}: Couldn't connect to server") from None

    def _fetch(self, wire: socket.socket, answer: BufferedReader, target: Target) -> None:
        ask = f"GET {target.path} HTTP/1.1\r\nHost: {target.authority}\r\n"
        wire.sendall(os.fsencode(f"{ask}User-Agent: curl/7.88.1\r\nAccept: */*\r\n\r\n"))
        length: int | None = 0
        while self.status < 200:  # 100 Continue and the like come before the answer
            self.status = _status(answer.readline(LINE_LIMIT))
            length = _length(answer)
        if self.status in (204, 304):
            length = 0
        out = os.open(self._options["-o"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        while length != 0 and (piece := answer.read1(min(length or CHUNK, CHUNK))):
            self._got += os.write(out, piece)
            length = None if length is None else length - len(piece)
        if length:
            raise Failed(18, f"transfer closed with {length} bytes remaining to read")

    def _ms(self) -> int:
        return int((time.monotonic() - self._began) * 1000)

    def _late_to_connect(self) -> Failed:
        return Failed(28, f"Connection timed out after {self._ms()} milliseconds")

    def _late_to_leave(self) -> Failed:
        return Failed(28, "Time-out")

    def _late_to_answer(self) -> Failed:
        after = f"after {self._ms()} milliseconds with {self._got} bytes received"
        return Failed(28, f"Operation timed out {after}")


def main(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Answers the exit code."""
    if list(arguments) == ["-V"]:
        sys.stdout.write(VERSION)
        return 0
    try:
        options = _options(arguments)
        quiet: list[str] = []
        remark = _remark if "-v" in options else quiet.append
        transfer = Transfer(options, remark)
        try:
            transfer.run(environment.get("ALL_PROXY", ""))
        except Failed as failed:
            remark(str(failed))
            raise
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            if "-w" in options:
                sys.stdout.write(f"{transfer.status:03d}")
    except Failed as failed:
        sys.stderr.write(f"curl: ({failed.code}) {failed}\n")
        return failed.code
    return 0


def _remark(text: str) -> None:
    """One write for a line: the probe ends us as soon as it has read the one it waits for."""
    sys.stderr.write(f"* {text}\n")


def _options(arguments: Sequence[str]) -> dict[str, str]:
    """The options that the probe uses. Raises: Failed (2) at any other."""
    found = {"-o": "/dev/stdout"}
    left = iter(arguments)
    for word in left:
        value = next(left, None) if word in VALUED else ""
        if value is None or (word not in VALUED and word not in FLAGS):
            raise Failed(2, f"option {word}: the simulator's stand-in for curl does not know it")
        found[word] = value
    if found.get("-w", "%{http_code}") != "%{http_code}":
        raise Failed(2, "option -w: the simulator's stand-in for curl knows %{http_code} only")
    return found


def _seconds(options: Mapping[str, str], name: str, default: float) -> float:
    text = options.get(name, "0")
    if not text.isdecimal():
        raise Failed(2, f"expected a proper numerical parameter for {name}")
    return float(text) or default


def _host_and_port(authority: str, default: int) -> tuple[str, int]:
    host, colon, port = authority.rpartition(":")
    if not colon or port.endswith("]"):
        host, port = authority, ""
    is_bracketed = host.startswith("[") and host.endswith("]")
    is_good = host and is_bracketed == (":" in host) and f"{port}0".isdecimal()
    if not is_good or int(port or 0) > 65535:
        raise Failed(3, BAD_URL)
    return host.strip("[]"), int(port) if port else default


def _proxy(url: str) -> tuple[bytes, bytes, tuple[str, int]]:
    """User name, password and address of the simulator's proxy; nothing else is one."""
    scheme, _, rest = url.partition("://")
    user, _, place = rest.partition("@")
    token, _, password = user.partition(":")
    host, _, port = place.partition(":")
    is_ours = token.isalnum() and password.isalnum() and port.isdecimal()
    if scheme != "socks5h" or host != "127.0.0.1" or not is_ours:
        raise Failed(2, "the simulator's stand-in for curl goes through its SOCKS proxy only")
    return token.encode(), password.encode(), (host, int(port))


def _through_socks(
    wire: socket.socket,
    answer: BufferedReader,
    user: bytes,
    password: bytes,
    target: Target,
    remark: Remark,
) -> None:
    """RFC 1928 and RFC 1929; names are resolved beyond. Raises: Failed, EOFError."""
    wire.sendall(b"\x05\x01\x02")
    if _exactly(answer, 2) != b"\x05\x02":
        raise Failed(97, "No authentication method was acceptable.")
    wire.sendall(bytes((1, len(user))) + user + bytes((len(password),)) + password)
    version, status = _exactly(answer, 2)
    if status != 0:
        raise Failed(97, f"User was rejected by the SOCKS5 server ({version} {status}).")
    remark(f"SOCKS5 connect to {target.host}:{target.port} (remotely resolved)")
    wire.sendall(b"\x05\x01\x00" + _socks_address(target.host) + target.port.to_bytes(2, "big"))
    _, code, _, kind = _exactly(answer, 4)
    if code != 0:
        raise Failed(97, f"Can't complete SOCKS5 connection to {target.host}. ({code})")
    _exactly(answer, ({1: 4, 4: 16}.get(kind) or _exactly(answer, 1)[0]) + 2)


def _exactly(answer: BufferedReader, count: int) -> bytes:
    found = answer.read(count)
    if len(found) < count:
        raise EOFError
    return found


def _socks_address(host: str) -> bytes:
    try:
        if ":" in host:
            return b"\x04" + socket.inet_pton(socket.AF_INET6, host)
        return b"\x01" + socket.inet_pton(socket.AF_INET, host)
    except OSError:
        name = os.fsencode(host)
    if len(name) > 255:
        raise Failed(97, "SOCKS5: the destination hostname is too long to be resolved remotely")
    return bytes((3, len(name))) + name


def _stay(answer: BufferedReader) -> None:
    """Telnet without a word of ours: until the server leaves or the time is up."""
    while piece := answer.read1(CHUNK):
        os.write(1, piece)


def _status(first: bytes) -> int:
    if not first:
        raise Failed(52, "Empty reply from server")
    version, _, rest = first.partition(b" ")
    if not version.startswith(b"HTTP/"):
        raise Failed(1, "Received HTTP/0.9 when not allowed")
    status = rest.strip()[:3]
    if version not in (b"HTTP/1.0", b"HTTP/1.1") or not (status.isdigit() and status >= b"100"):
        raise Failed(1, "Unsupported response code in HTTP response")
    return int(status)


def _length(answer: BufferedReader) -> int | None:
    """The length of the body as the headers say it, None for up to the end."""
    length: int | None = None
    # That headers break off is no fault to curl 7.88 either.
    while (header := answer.readline(LINE_LIMIT)).endswith(b"\n") and header.strip():
        name, _, value = (part.strip().lower() for part in header.partition(b":"))
        if name == b"content-length":
            if not value.isdigit():
                raise Failed(8, "Invalid Content-Length: value")
            length = int(value)
        elif name == b"transfer-encoding" and value != b"identity":
            raise Failed(61, "the simulator's stand-in for curl knows no transfer encoding")
    return length


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
