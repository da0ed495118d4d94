"""Whatever goes wrong: a clear message, its exit code, and nothing is lost.

Each test runs real `zsync` processes.  Where a server takes part it is the
demo server, or a socket that behaves as badly as the test wants.
"""

from __future__ import annotations

import base64
import os
import resource
import secrets
import socket
import threading
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from zope.app.fssync.testing.controldata import control
from zope.app.fssync.testing.demoserver import Demo
from zope.app.fssync.testing.demoserver import Place
from zope.app.fssync.testing.processes import free_port

pytestmark = pytest.mark.slow

Answer = Callable[[socket.socket], object]


@contextmanager
def rogue(answer: Answer) -> Iterator[int]:
    """A server of one answer; gives its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                request = b""
                while b"\r\n\r\n" not in request:
                    request += connection.recv(4096)
                answer(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(timeout=10)


def http(body: bytes, kind: str, length: int | None = None) -> Answer:
    head = (
        f"HTTP/1.0 200 OK\r\nX-FSSync-Server: 4\r\nContent-Type: {kind}\r\n"
        f"Content-Length: {len(body) if length is None else length}\r\n\r\n"
    )
    return lambda connection: connection.sendall(head.encode() + body)


def redirect_to(place: Place, port: int) -> None:
    """Make ``co`` a checkout from another port of this machine."""
    root = control(place.directory / "co") / "Root"
    root.write_text(f"http://127.0.0.1:{port}/demo/notes\n")


# Wrong addresses


@pytest.mark.parametrize(
    ("url", "status", "message"),
    [
        ("demo", 1, "root url must be"),
        ("ftp://localhost/demo", 1, "root url must be"),
        ("http://", 1, "host"),
        ("http://127.0.0.1:99999/demo", 1, "port"),
        ("http://nosuch.invalid/demo", 6, "nosuch.invalid"),
    ],
)
def test_checkout_refuses_a_wrong_url(
    place: Place, url: str, status: int, message: str
) -> None:
    with place.unchanged():
        assert message in place("checkout", url, "new", status=status)


def test_commands_name_a_server_they_cannot_reach(place: Place) -> None:
    port = free_port()
    redirect_to(place, port)
    place.todo.write_text("mine\n")
    with place.unchanged():
        for command in (
            ("checkout", f"http://127.0.0.1:{port}/demo", "new/deep"),
            ("update", "co"),
            ("commit", "co"),
        ):
            assert "cannot reach" in place(*command, status=6)


def test_checkout_names_a_path_that_is_not_there(place: Place) -> None:
    with place.unchanged():
        said = place("checkout", place.url("/demo/nosuch"), "new", status=6)
        assert "404" in said
        assert "Is the path right?" in said


def test_update_and_commit_name_an_object_that_was_removed(
    place: Place, demo: Demo
) -> None:
    place("checkin", place.url("/demo/passing"), "co/notes")
    place("checkout", place.url("/demo/passing"), "mine")
    place("checkout", place.url(), "parent")
    place("checkout", place.url("/demo"), "whole")
    place("remove", "whole/demo/passing")
    place("commit", "whole")
    (place.directory / "mine" / "passing" / "todo.txt").write_text("mine\n")
    with place.unchanged():
        for command in ("update", "commit"):
            assert "404" in place(command, "mine", status=6)


# Wrong people


def test_commands_end_with_4_on_a_wrong_password(place: Place) -> None:
    tokens = place.home / ".zsyncpass"
    right = base64.b64encode(b"zsync:zsync").decode()
    wrong = base64.b64encode(b"zsync:wrong").decode()
    tokens.write_text(tokens.read_text().replace(right, wrong))
    place.todo.write_text("mine\n")
    with place.unchanged():
        bad = place.url(user="zsync:wrong@")
        for command in (("checkout", bad, "new"), ("update", "co"), ("commit", "co")):
            said = place(*command, status=4)
            assert "401" in said
            assert "Is the password right?" in said
            assert "wrong" not in said


def test_commands_end_with_4_without_a_password(place: Place) -> None:
    os.unlink(place.home / ".zsyncpass")
    place.todo.write_text("mine\n")
    with place.unchanged():
        for command in ("update", "commit"):
            assert "zsync login" in place(command, "co", status=4)


def test_commit_needs_a_login(place: Place) -> None:
    # A login that is stored for the server would be used.
    place("logout", place.url())
    place("checkout", place.url(user=""), "public")
    (place.directory / "public" / "notes" / "todo.txt").write_text("mine\n")
    with place.unchanged():
        assert "401" in place("commit", "public", status=4)


# Wrong answers


@pytest.mark.parametrize("command", ["checkout", "update", "commit"])
@pytest.mark.parametrize(
    ("answer", "status", "message"),
    [
        (http(b"<html><p>Welcome!</p></html>", "text/html"), 6, "a web page"),
        (http(b"Hello", "text/plain"), 6, "Hello"),
        (http(b"00000100 notes/x\nshort", "application/x-snarf"), 6, "truncated"),
        (http(b"00000005 notes/x\nshort", "application/x-snarf", 900), 6, ""),
        (http(b"no archive at all\n", "application/x-snarf"), 6, "archive"),
        (lambda connection: None, 6, ""),
        (lambda connection: connection.sendall(b"\0" * 100), 6, ""),
        (http(b"00000001 ../evil\nx", "application/x-snarf"), 8, "unsafe name"),
        (http(b"00000001 /tmp/evil\nx", "application/x-snarf"), 8, "unsafe name"),
        (
            http(b"00000002 @@Zope/Entries.xml\nxx", "application/x-snarf"),
            6,
            "damaged metadata",
        ),
    ],
)
def test_commands_refuse_what_is_no_answer(
    place: Place, command: str, answer: Answer, status: int, message: str
) -> None:
    place.todo.write_text("mine\n")
    with rogue(answer) as port:
        redirect_to(place, port)
        with place.unchanged():
            target = [f"http://127.0.0.1:{port}/demo/notes", "new"]
            args = target if command == "checkout" else ["co"]
            said = place(command, *args, status=status)
    assert message in said
    assert said.strip()


# Wrong places


def test_checkout_refuses_a_target_that_is_a_file(place: Place) -> None:
    (place.directory / "file").write_text("mine")
    with place.unchanged():
        said = place("checkout", place.url(), "file", status=1)
        assert "target should be a directory 'file'" in said
        place("checkout", place.url(), "file/below", status=1)


@pytest.mark.parametrize("command", ["commit", "update", "revert", "resolve", "remove"])
def test_commands_name_a_directory_that_is_no_checkout(
    place: Place, command: str
) -> None:
    (place.directory / "loose").write_text("mine")
    with place.unchanged():
        said = place(command, "loose", status=1)
        assert "nothing known about 'loose'" in said


def test_add_names_a_file_that_is_not_there(place: Place) -> None:
    with place.unchanged():
        for path in ("co/notes/nosuch", "nosuch"):
            said = place("add", path, status=1)
            assert f"nothing known about '{path}'" in said


# Wrong states


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[:-20],
        lambda text: b"",
        lambda text: b"\xff" + text,
        lambda text: text.replace(b'name="todo.txt"', b'name="../todo.txt"'),
        lambda text: text.replace(b"<entries>", b"<pickle>"),
    ],
)
def test_commands_change_nothing_where_entries_are_damaged(
    place: Place, demo: Demo, damage: Any
) -> None:
    # An update with nothing to do would look at nothing.
    demo.put("demo/notes/todo.txt", secrets.token_bytes(8).hex().encode())
    entries = control(place.notes) / "Entries.xml"
    entries.write_bytes(damage(entries.read_bytes()))
    place.todo.write_text("mine\n")
    unsafe = b"../" in entries.read_bytes()
    with place.unchanged():
        for command in ("status", "diff", "update", "commit", "revert"):
            said = place(command, "co", status=8 if unsafe else 7)
            assert "Entries.xml" in said or "../todo.txt" in said


def limited(size: int) -> Callable[[], None]:
    """A disk on which no file becomes larger than this."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def test_update_changes_nothing_on_a_full_disk(place: Place, demo: Demo) -> None:
    demo.put("demo/notes/todo.txt", b"much to do\n" * 300_000)
    with place.unchanged():
        for command in (("update", "co"), ("checkout", place.url(), "new")):
            process = place.start(*command, preexec_fn=limited(2_000_000))
            _, said = process.communicate()
            assert process.returncode == 1
            assert said.startswith("zsync: ")
    place("update", "co")
    assert place.todo.stat().st_size == 3_300_000
    demo.put("demo/notes/todo.txt", b"little\n")


def test_commit_is_refused_where_others_changed_the_file(
    place: Place, demo: Demo
) -> None:
    demo.put("demo/notes/todo.txt", b"theirs\n")
    place.todo.write_text("mine\n")
    with place.unchanged():
        said = place("commit", "co", status=5)
        assert said.startswith("zsync: Up-to-date check failed:\nnotes/todo.txt\n")
        assert "zsync update" in said


def test_update_marks_a_conflict(place: Place, demo: Demo) -> None:
    place.todo.write_text("mine\n")
    demo.put("demo/notes/todo.txt", b"theirs, this time\n")
    assert "zsync resolve" in place("update", "co", status=3)
    text = place.todo.read_text()
    assert "mine\n" in text
    assert "theirs, this time\n" in text
    with place.unchanged():
        assert "notes/todo.txt" in place("commit", "co", status=5)
    place("resolve", "co", status=1)
    place.todo.write_text("both\n")
    place("resolve", "co")
    place("commit", "co")
    assert demo.get("demo/notes/todo.txt") == b"both\n"


# Two commands at once


def test_a_second_command_is_refused_while_one_runs(place: Place) -> None:
    place.todo.write_text("mine\n")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        redirect_to(place, listener.getsockname()[1])
        first = place.start("update", "co")
        connection, _ = listener.accept()
        with connection:
            # It waits for its answer.
            for command in (
                ("commit", "co"),
                ("add", "co/notes/todo.txt"),
                ("revert", "co"),
            ):
                said = place(*command, status=7)
                assert f"locked by zsync update, process {first.pid} " in said
            assert "M  co/notes/todo.txt" in place("status", "co")
            first.kill()
            first.communicate()
    assert place("revert", "co/notes/todo.txt") == "Reverted co/notes/todo.txt\n"
