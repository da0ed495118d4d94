"""Bodies that lie, clients that are slow or go away, against the real demo server."""

from __future__ import annotations

import base64
import contextlib
import os
import resource
import signal
import socket
import struct
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from zope.app.fssync.testing.demoserver import LOGIN
from zope.app.fssync.testing.demoserver import Demo
from zope.app.fssync.testing.serversite import Archive

pytestmark = pytest.mark.slow

MB = 1 << 20
TOKEN = base64.b64encode(LOGIN.encode()).decode()
FACTORY = "zope.app.file.file.File"
#: Seconds that a good client may have to wait.
PATIENCE = 30


class Process:
    """The server's process, looked at from outside."""

    def __init__(self, demo: Demo) -> None:
        self.demo = demo
        self.port = demo.running.port

    @property
    def pid(self) -> int:
        return self.demo.running.pid

    def peak(self) -> int:
        """The most memory it ever had, in bytes."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
        raise AssertionError("no VmHWM")

    def spooled(self) -> list[int]:
        """The sizes of the temporary files that it has open."""
        sizes = []
        for each in Path(f"/proc/{self.pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                if os.readlink(each).endswith("(deleted)"):
                    sizes.append(os.stat(each).st_size)
        return sizes

    def settle(self) -> None:
        """Wait until no temporary file is left."""
        deadline = time.monotonic() + PATIENCE
        while self.spooled():
            assert time.monotonic() < deadline, self.spooled()
            time.sleep(0.05)

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), PATIENCE)


def head(
    method: str, path: str, *lines: str, length: object = None, login: str = TOKEN
) -> bytes:
    headers = [f"{method} {path} HTTP/1.1", "Host: localhost", "Connection: close"]
    if login:
        headers.append(f"Authorization: Basic {login}")
    if method == "POST":
        headers.append("Content-Type: application/x-snarf")
    if length is not None:
        headers.append(f"Content-Length: {length}")
    return "\r\n".join([*headers, *lines, "", ""]).encode("latin-1")


def received(connection: socket.socket) -> bytes:
    """All that comes until the server closes."""
    found = b""
    with contextlib.suppress(ConnectionResetError):
        while data := connection.recv(1 << 16):
            found += data
    return found


def ask(process: Process, *pieces: bytes, finish: bool = False) -> bytes:
    with process.connect() as connection:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            for piece in pieces:
                connection.sendall(piece)
        if finish:
            connection.shutdown(socket.SHUT_WR)
        return received(connection)


def statuses(answer: bytes) -> list[int]:
    """The status of each answer on one connection."""
    found = []
    while answer:
        top, _, rest = answer.partition(b"\r\n\r\n")
        assert top.startswith(b"HTTP/1."), answer[:200]
        found.append(int(top.split()[1]))
        length = 0
        for line in top.split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        answer = rest[length:]
    return found


def status(answer: bytes) -> int:
    return statuses(answer)[-1]


def body(answer: bytes) -> bytes:
    return answer.partition(b"\r\n\r\n")[2]


def checkout(process: Process, name: str = "work") -> Archive:
    answer = ask(process, head("GET", f"/{name}/@@toFS.snarf"))
    assert status(answer) == 200
    return Archive.fresh(body(answer))


def content(process: Process, name: str = "work") -> bytes:
    return checkout(process, name)[f"{name}/a.txt"]


def edited(process: Process, data: bytes, name: str = "work") -> bytes:
    """A submission that changes the file."""
    archive = checkout(process, name)
    archive.edit(f"{name}/a.txt", data)
    return archive.dump()


def submit(process: Process, data: bytes) -> bytes:
    return ask(process, head("POST", "/work/@@fromFS.snarf", length=len(data)), data)


def check_in(process: Process, name: str, data: bytes) -> None:
    """Make a folder with one file."""
    archive = Archive()
    folder = "zope.site.folder.Folder"
    archive.set_entry(name, type=folder, factory=folder)
    archive.set_entry(f"{name}/a.txt", type=FACTORY, factory=FACTORY)
    archive[f"{name}/a.txt"] = data
    sent = archive.dump()
    path = f"/@@checkin.snarf?name={name}"
    made = ask(process, head("POST", path, length=len(sent)), sent)
    assert status(made) == 200, made


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """One server for all: none of them may do it any harm."""
    demo = Demo(tmp_path_factory.mktemp("server") / "data")
    demo("start", "--port", "0")
    try:
        process = Process(demo)
        check_in(process, "work", b"start")
        check_in(process, "large", os.urandom(1024) * (24 << 10))
        yield process
    finally:
        demo("stop")


LIES = {
    "negative": "-1",
    "signed": "+5",
    "underscore": "1_0",
    "hex": "0x10",
    "words": "many",
    "empty list": ",",
    "two": "5, 6",
    "arabic": "\u0665".encode().decode("latin-1"),
}


class TestLength:
    @pytest.mark.parametrize("name", LIES)
    def test_invalid_length_is_refused(self, process: Process, name: str) -> None:
        data = edited(process, b"lie")
        answer = ask(
            process, head("POST", "/work/@@fromFS.snarf", length=LIES[name]), data
        )
        assert status(answer) == 400
        assert b"Traceback" not in answer
        assert content(process) == b"start"

    def test_two_lengths_are_refused(self, process: Process) -> None:
        data = edited(process, b"lie")
        start = head(
            "POST", "/work/@@fromFS.snarf", "Content-Length: 5", length=len(data)
        )
        assert status(ask(process, start, data)) == 400
        assert content(process) == b"start"

    @pytest.mark.parametrize("length", [1 << 41, 1 << 60, 10**30])
    def test_more_than_is_allowed_is_refused_at_once(
        self, process: Process, length: int
    ) -> None:
        answer = ask(process, head("POST", "/work/@@fromFS.snarf", length=length))
        assert status(answer) == 413

    @pytest.mark.parametrize("login", ["", "enNzbmM6d3Jvbmc=", "!"])
    def test_nothing_large_is_stored_before_the_login(
        self, process: Process, login: str
    ) -> None:
        start = head("POST", "/work/@@fromFS.snarf", length=1 << 30, login=login)
        with process.connect() as connection:
            connection.sendall(start)
            # The answer does not wait for the body.
            answer = received(connection)
        assert status(answer) == 401
        assert process.spooled() == []

    def test_more_than_is_sent_changes_nothing(self, process: Process) -> None:
        data = edited(process, b"lie")
        start = head("POST", "/work/@@fromFS.snarf", length=len(data) + 1)
        ask(process, start, data, finish=True)
        process.settle()
        assert content(process) == b"start"

    def test_less_than_is_sent_is_half_an_archive(self, process: Process) -> None:
        data = edited(process, b"lie")
        for length in (0, 1, 40, len(data) - 1):
            start = head("POST", "/work/@@fromFS.snarf", length=length)
            start = start.replace(b"Connection: close\r\n", b"")
            answer = ask(process, start, data, finish=True)
            assert not answer or statuses(answer)[0] in (200, 400)
            assert b"application/x-snarf" not in answer
        assert content(process) == b"start"

    def test_a_second_request_in_the_rest_is_a_request_like_others(
        self, process: Process
    ) -> None:
        # Without a login of its own it has no rights.
        inner = head("GET", "/@@contents.html", login="")
        start = head("POST", "/work/@@fromFS.snarf", length=4)
        answer = ask(
            process, start.replace(b"Connection: close\r\n", b""), b"0 a\n", inner
        )
        assert statuses(answer)[1:] in ([], [401], [303])

    def test_no_length_is_no_archive(self, process: Process) -> None:
        data = edited(process, b"lie")
        answer = ask(process, head("POST", "/work/@@fromFS.snarf"), data)
        assert b"application/x-snarf" not in answer
        assert content(process) == b"start"


def chunked(data: bytes, size: int = 1000) -> bytes:
    pieces = [data[i : i + size] for i in range(0, len(data), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in pieces) + b"0\r\n\r\n"


CHUNKED = "Transfer-Encoding: chunked"


class TestChunks:
    def test_a_chunked_archive_is_an_archive(self, process: Process) -> None:
        data = edited(process, b"chunked")
        start = head("POST", "/work/@@fromFS.snarf", CHUNKED)
        assert status(ask(process, start, chunked(data))) == 200
        assert content(process) == b"chunked"
        assert status(submit(process, edited(process, b"start"))) == 200

    @pytest.mark.parametrize(
        "mangle",
        [
            lambda data: b"-5\r\n" + data,
            lambda data: b"0x10\r\n" + data,
            lambda data: b"ZZ\r\n" + data,
            lambda data: b"1" * 5000,
        ],
    )
    def test_broken_chunks_are_refused(self, process: Process, mangle) -> None:
        data = mangle(chunked(edited(process, b"lie")))
        start = head("POST", "/work/@@fromFS.snarf", CHUNKED)
        answer = ask(process, start, data, finish=True)
        assert not answer or statuses(answer)[0] in (400, 413)
        assert content(process) == b"start"

    def test_chunks_without_an_end_change_nothing(self, process: Process) -> None:
        data = chunked(edited(process, b"lie"))[:-5]
        start = head("POST", "/work/@@fromFS.snarf", CHUNKED)
        assert ask(process, start, data, finish=True) == b""
        process.settle()
        assert content(process) == b"start"

    def test_chunks_and_a_length_are_one_request(self, process: Process) -> None:
        data = edited(process, b"lie")
        start = head("POST", "/work/@@fromFS.snarf", CHUNKED, length=4)
        answer = ask(process, start, chunked(data))
        assert len(statuses(answer)) == 1
        assert content(process) in (b"start", b"lie")
        submit(process, edited(process, b"start"))

    def test_other_codings_are_refused(self, process: Process) -> None:
        for coding in ("gzip, chunked", "identity", "xchunked"):
            line = f"Transfer-Encoding: {coding}"
            answer = ask(
                process,
                head("POST", "/work/@@fromFS.snarf", line),
                chunked(edited(process, b"lie")),
            )
            assert b"application/x-snarf" not in answer
        assert content(process) == b"start"


class TestExpectation:
    def test_the_body_is_asked_for(self, process: Process) -> None:
        data = edited(process, b"start")
        start = head(
            "POST", "/work/@@fromFS.snarf", "Expect: 100-continue", length=len(data)
        )
        with process.connect() as connection:
            connection.sendall(start)
            assert b" 100 " in connection.recv(1000)
            connection.sendall(data)
            assert status(received(connection)) == 200


#: Who sends this gets the archive while it is being read.
STREAMED: list[list[str]] = [[], ["X-Zsync-State: none"]]


class TestSlowness:
    def test_slow_senders_and_idle_ones_keep_nobody_out(self, process: Process) -> None:
        before = process.peak()
        data = edited(process, b"lie")
        start = head("POST", "/work/@@fromFS.snarf", length=len(data))
        with contextlib.ExitStack() as stack:
            for number in range(300):
                connection = stack.enter_context(process.connect())
                # Some never say a word, some stop in the header, some in the body.
                said = (b"", start[:-20], start + data[:-1])[number % 3]
                connection.sendall(said)
            began = time.monotonic()
            assert content(process) == b"start"
            assert time.monotonic() - began < 10
            assert process.peak() - before < 60 * MB
        assert content(process) == b"start"

    @pytest.mark.parametrize("lines", STREAMED, ids=["spooled", "streamed"])
    def test_slow_readers_keep_nobody_out(
        self, process: Process, lines: list[str]
    ) -> None:
        """More than there are threads, each with more than fits into buffers."""
        before = process.peak()
        with contextlib.ExitStack() as stack:
            for _ in range(8):
                connection = stack.enter_context(process.connect())
                connection.sendall(head("GET", "/large/@@toFS.snarf", *lines))
                assert connection.recv(100).startswith(b"HTTP/1.1 200")
            assert content(process) == b"start"
            assert process.peak() - before < 60 * MB
        process.settle()

    def test_a_byte_at_a_time_is_a_request_in_the_end(self, process: Process) -> None:
        data = edited(process, b"start")[:300]
        pieces = head("POST", "/work/@@fromFS.snarf", length=len(data)) + data
        with process.connect() as connection:
            for number in range(len(pieces)):
                connection.sendall(pieces[number : number + 1])
            assert status(received(connection)) == 400


class TestDisconnection:
    @pytest.mark.parametrize("lines", STREAMED, ids=["spooled", "streamed"])
    @pytest.mark.parametrize("size", [0, 100, 100_000])
    def test_in_a_download_nothing_is_left(
        self, process: Process, lines: list[str], size: int
    ) -> None:
        process.settle()
        # More than there are threads, or connections in a pool of the database.
        for _ in range(10):
            with process.connect() as connection:
                connection.sendall(head("GET", "/large/@@toFS.snarf", *lines))
                if size:
                    connection.recv(size)
                reset(connection)
        process.settle()
        assert content(process) == b"start"

    def test_in_an_upload_nothing_is_changed_and_nothing_left(
        self, process: Process
    ) -> None:
        before = process.peak()
        data = edited(process, b"x" * (8 * MB))
        start = head("POST", "/work/@@fromFS.snarf", length=len(data))
        for share in (0, 0.1, 0.5, 0.999):
            with process.connect() as connection:
                connection.sendall(start + data[: int(len(data) * share)])
                reset(connection)
        process.settle()
        assert content(process) == b"start"
        assert process.peak() - before < 60 * MB

    def test_after_the_upload_it_is_done_or_not(self, process: Process) -> None:
        # In an object of its own: the server may take its time.
        check_in(process, "left", b"start")
        data = edited(process, b"done", "left")
        with process.connect() as connection:
            start = head("POST", "/left/@@fromFS.snarf", length=len(data))
            connection.sendall(start + data)
            reset(connection)
        process.settle()
        assert content(process, "left") in (b"start", b"done")
        assert content(process) == b"start"


def reset(connection: socket.socket) -> None:
    linger = struct.pack("ii", 1, 0)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    connection.close()


class TestDisk:
    """The limit on the size of a file stands for a disk that is full."""

    @contextlib.contextmanager
    def full(self, process: Process) -> Iterator[None]:
        database = process.demo.data / "Data.fs"
        before = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
        limit = database.stat().st_size + 200_000
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (limit, before[1]))
        try:
            yield
        finally:
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, before)

    def test_a_commit_is_refused_in_words_and_can_be_repeated(
        self, process: Process
    ) -> None:
        data = edited(process, os.urandom(1 << 18))
        with self.full(process):
            answer = submit(process, data)
            assert content(process) == b"start"
        assert status(answer) == 503
        assert body(answer) == (
            b"The server failed to read or write a file; is its disk full? "
            b"Nothing was changed.\n"
        )
        assert status(submit(process, data)) == 200
        assert status(submit(process, edited(process, b"start"))) == 200

    def test_an_upload_that_cannot_be_spooled_is_refused(
        self, process: Process
    ) -> None:
        size = (process.demo.data / "Data.fs").stat().st_size
        data = edited(process, os.urandom(size + 1 * MB))
        with self.full(process):
            answer = submit(process, data)
            assert content(process) == b"start"
        assert not answer or status(answer) >= 500
        assert b"Traceback" not in answer
        assert str(process.demo.data).encode() not in answer


class TestDeath:
    def test_a_commit_of_a_server_that_is_killed_is_done_or_not(
        self, process: Process
    ) -> None:
        database = process.demo.data / "Data.fs"
        archive = checkout(process)
        files = {f"{number}.txt": b"%d" % number * 1000 for number in range(300)}
        archive.edit("work/a.txt", b"survived")
        for name, text in files.items():
            archive.add(f"work/{name}", text, factory=FACTORY)
        data = archive.dump()
        before = database.stat().st_size
        with process.connect() as connection:
            start = head("POST", "/work/@@fromFS.snarf", length=len(data))
            connection.sendall(start + data)
            deadline = time.monotonic() + PATIENCE
            while database.stat().st_size == before:
                assert time.monotonic() < deadline
                time.sleep(0.001)
            os.kill(process.pid, signal.SIGKILL)
            assert process.demo.instance.wait_until_stopped(PATIENCE)
        process.demo("start", "--port", str(process.port))
        found = checkout(process)
        if found["work/a.txt"] == b"start":
            assert not [path for path in found if path.endswith("0.txt")]
        else:
            assert all(found[f"work/{name}"] == text for name, text in files.items())
