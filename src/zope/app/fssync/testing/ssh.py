"""Real processes on loopback for the tests of zsync over ssh."""

from __future__ import annotations

import base64
import contextlib
import http.server
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path

TIMEOUT = 30.0

TOKEN = "Basic " + base64.b64encode(b"zsync:zsync").decode("ascii")


@dataclass
class Seen:
    """A request as the stand-in for Zope got it."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    size: int
    start: bytes


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: StandInZope

    def handle_request(self) -> None:
        self.close_connection = True
        size = int(self.headers.get("Content-Length") or 0)
        start = b""
        remaining = size
        while remaining:
            data = self.rfile.read(min(remaining, 1 << 16))
            if not data:
                return
            start = (start + data)[:20_000]
            remaining -= len(data)
            self.server.receiving.set()
        self.server.seen.append(
            Seen(self.command, self.path, self.headers.items(), size, start)
        )
        login = self.server.asks_for_login and "@@fromFS" in self.path
        if login and self.headers["Authorization"] != TOKEN:
            self.answer(401, b"Who are you?", "text/plain")
        elif self.path == "/@@fromFS.snarf":
            self.answer(405, b"Only POST.", "text/plain")
        elif "/broken/" in self.path:
            self.send_response(200)
            self.send_header("Content-Type", "application/x-snarf")
            self.send_header("Content-Length", "1000000")
            self.end_headers()
            self.wfile.write(b"x" * 100_000)
        elif "/chunked/" in self.path:
            self.chunked()
        elif "/hang/" in self.path:
            self.server.hanging.set()
            self.server.stop.wait(TIMEOUT)
        else:
            body, size = self.server.answer_body, self.server.answer_size
            self.answer(200, body, "application/x-snarf", 0 if body else size)

    do_GET = do_POST = do_PUT = handle_request

    def answer(self, status: int, body: bytes, kind: str, size: int = 0) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(size or len(body)))
        self.end_headers()
        block = b"0123456789abcdef" * 4096
        while size:
            self.wfile.write(block[:size])
            size -= min(size, len(block))
            self.server.started.set()
            if self.server.pause:
                self.server.stop.wait(self.server.pause)
        half = len(body) // 2
        self.wfile.write(body[:half])
        if self.server.stop_half_way and status == 200:
            self.server.started.set()
            self.server.stop.wait(TIMEOUT)
        self.wfile.write(body[half:])

    def chunked(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/x-snarf")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for _ in range(10):
            self.wfile.write(b"5\r\nhello\r\n")
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class StandInZope(http.server.ThreadingHTTPServer):
    """Answers the views of zsync with bytes of any number."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.seen: list[Seen] = []
        self.answer_size = 119
        self.answer_body = b""
        self.pause = 0.0
        self.asks_for_login = True
        self.stop_half_way = False
        self.started = threading.Event()
        self.receiving = threading.Event()
        self.hanging = threading.Event()
        self.stop = threading.Event()
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that is gone is no news."""

    def close(self) -> None:
        self.stop.set()
        self.shutdown()
        self.server_close()


@dataclass
class Process:
    """A server process with the lines it prints."""

    popen: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)
    port: int = 0

    def collect(self) -> None:
        assert self.popen.stdout is not None
        for line in self.popen.stdout:
            self.lines.append(line)

    def wait_for(self, pattern: str) -> re.Match[str]:
        """Wait until a line matches ``pattern``."""
        deadline = time.monotonic() + TIMEOUT
        while time.monotonic() < deadline:
            for line in list(self.lines):
                if match := re.search(pattern, line):
                    return match
            if self.popen.poll() is not None and not match_any(pattern, self.lines):
                break
            time.sleep(0.01)
        raise AssertionError(f"no {pattern!r} in:\n{''.join(self.lines)}")

    def peak_memory(self) -> int:
        """The most memory the process ever had, in bytes."""
        return peak_memory(self.popen.pid)

    def end(self) -> int:
        if self.popen.poll() is None:
            self.popen.send_signal(signal.SIGTERM)
        return self.popen.wait(TIMEOUT)


def wait_until(condition: Callable[[], object]) -> None:
    """Wait for what another process does in its own time."""
    deadline = time.monotonic() + TIMEOUT
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def match_any(pattern: str, lines: list[str]) -> bool:
    return any(re.search(pattern, line) for line in lines)


def peak_memory(pid: int) -> int:
    """The most memory process ``pid`` ever had, in bytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    match = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert match is not None
    return int(match[1]) * 1024


@contextlib.contextmanager
def process(*command: str, env: dict[str, str], cwd: Path) -> Iterator[Process]:
    """Run a server process for the time of the context."""
    popen = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=env,
        cwd=cwd,
    )
    server = Process(popen)
    reader = threading.Thread(target=server.collect, daemon=True)
    reader.start()
    try:
        yield server
    finally:
        if popen.poll() is None:
            popen.kill()
        popen.wait(TIMEOUT)
        reader.join(5)
        assert popen.stdout is not None
        # A child that lives on keeps the pipe open; closing it would wait for it.
        if not reader.is_alive():
            popen.stdout.close()


def make_key(path: Path, passphrase: str = "", kind: str = "ed25519") -> Path:
    """Make a key pair at ``path``."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    subprocess.run(
        ["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-f", str(path)],
        check=True,
        stdin=subprocess.DEVNULL,
    )
    return path


@dataclass
class Home:
    """A home folder of its own, with the environment that makes it one."""

    path: Path

    def __post_init__(self) -> None:
        self.ssh.mkdir(mode=0o700, parents=True)

    @property
    def ssh(self) -> Path:
        return self.path / ".ssh"

    @property
    def env(self) -> dict[str, str]:
        keep = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("SSH_", "ZSYNC_"))
        }
        return {**keep, "HOME": str(self.path), "LC_ALL": "C.UTF-8"}

    def trust(self, name: str, public_key: Path, file: str = "known_hosts") -> None:
        kind, blob = public_key.read_text().split()[:2]
        with (self.ssh / file).open("a") as known:
            known.write(f"{name} {kind} {blob}\n")


#: What a command does that asks for one object.
GET = """
import sys
from zope.fssync.errors import Error
from zope.app.fssync.client.transport import open_transport
from zope.app.fssync.client.url import RootURL
url = RootURL.parse(sys.argv[1])
transport = open_transport(url)
try:
    answer = transport.request("GET", url.path.rstrip("/") + "/@@toFS.snarf", [])
    size = 0
    while block := answer.fp.read(1 << 16):
        size += len(block)
    print("status", answer.status, "bytes", size)
except Error as error:
    print(type(error).__name__ + ":", error, file=sys.stderr)
    sys.exit(error.exit_code)
finally:
    transport.close()
for line in open("/proc/self/status"):
    if line.startswith("VmHWM"):
        print("peak", int(line.split()[1]) * 1024)
"""


def get(url: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Ask for ``url`` in a process without a terminal."""
    return subprocess.run(
        [sys.executable, "-c", GET, url],
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        start_new_session=True,
    )


def get_on_terminal(
    url: str, env: dict[str, str], answers: list[tuple[str, str]]
) -> tuple[int, str]:
    """Ask for ``url`` on a pseudo-terminal, where each question gets its answer."""
    return on_terminal([sys.executable, "-c", GET, url], env, answers)


def on_terminal(
    command: list[str],
    env: dict[str, str],
    answers: list[tuple[str, str]],
    folder: Path | None = None,
) -> tuple[int, str]:
    """Run ``command`` on a pseudo-terminal; return its exit code and output."""
    pid, terminal = pty.fork()
    if pid == 0:
        if folder is not None:
            os.chdir(folder)
        os.execve(command[0], command, env)
    output = b""
    asked = 0
    deadline = time.monotonic() + TIMEOUT
    try:
        while True:
            if not select.select([terminal], [], [], deadline - time.monotonic())[0]:
                os.kill(pid, signal.SIGKILL)
                raise AssertionError(f"still waiting after:\n{output.decode()}")
            try:
                data = os.read(terminal, 4096)
            except OSError:
                break
            if not data:
                break
            output += data
            if answers and output.find(answers[0][0].encode(), asked) >= 0:
                asked = len(output)
                os.write(terminal, answers.pop(0)[1].encode() + b"\n")
    finally:
        os.close(terminal)
        status = os.waitpid(pid, 0)[1]
    text = output.decode().replace("\r\n", "\n")
    assert not answers, f"never asked {answers[0][0]!r}:\n{text}"
    return os.waitstatus_to_exitcode(status), text


def demo_command(zope: str, host_key: Path, *options: str) -> list[str]:
    return [
        sys.executable,
        "-m",
        "zope.app.fssync.demo_server",
        "--port=0",
        f"--zope={zope}",
        f"--host-key={host_key}",
        *options,
    ]


def sshd() -> str | None:
    """The OpenSSH server, if this machine has it."""
    return shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
