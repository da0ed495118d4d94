"""What a client reads beside archives takes time that grows with its size.

That are the answers of servers, what git says of commits that are pushed, the settings
and logins of a person, and links that a browser hands over; see `test_growth`.
"""

from __future__ import annotations

import io
import json
import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from zope.app.fssync.client import netrcfile
from zope.app.fssync.client import news
from zope.app.fssync.client.absent import told
from zope.app.fssync.client.commitanswer import _tell_faults
from zope.app.fssync.client.configuration import read_toml
from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.externaleditor import linked
from zope.app.fssync.client.externaleditor import sent
from zope.app.fssync.client.git import differing
from zope.app.fssync.client.git.clone import Clone
from zope.app.fssync.client.git.helper import Helper
from zope.app.fssync.client.git.history import commit_of
from zope.app.fssync.client.git.plumbing import Git
from zope.app.fssync.client.git.plumbing import TreeFile
from zope.app.fssync.client.log import Query
from zope.app.fssync.client.log import log
from zope.app.fssync.client.making import types
from zope.app.fssync.client.mergebase import _NOTE
from zope.app.fssync.client.movedsince import composed
from zope.app.fssync.client.movedsince import in_order
from zope.app.fssync.client.transport.delayed import arrived
from zope.app.fssync.client.transport.document import summary_of
from zope.app.fssync.client.transport.messages import InvalidAnswer
from zope.app.fssync.client.transport.messages import read_answer
from zope.app.fssync.client.url import RootURL
from zope.app.fssync.client.workingcopy.operations import Operations
from zope.app.fssync.client.workingcopy.outside import followed
from zope.app.fssync.protocol.headers import FAULTS
from zope.app.fssync.protocol.headers import LEFT_OUT
from zope.app.fssync.protocol.headers import announced
from zope.app.fssync.tests.growth import Make
from zope.app.fssync.tests.growth import check_growth
from zope.fssync.ignorepatterns import read_rules
from zope.fssync.reversemerge import steps

pytestmark = pytest.mark.slow

URL = "http://localhost/demo"

TRANSACTION = {"time": 1, "user": "u", "message": "m", "changes": [], "count": 0}


class Answering(Network):
    """Answers all requests with the same document."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self.data = data

    def httpreq(self, path: str, view: str, *more: Any, **named: Any) -> Any:
        return io.BytesIO(self.data), {}


def logged(data: bytes) -> None:
    for each in log(Answering(data), URL, Query()):
        commit_of(each)
        list(steps(each.changes))
        moved = composed([each.changes])
        composed([change] for change in each.changes)
        in_order(moved)
        _NOTE.findall(each.message)


def makeable(data: bytes) -> None:
    types(Answering(data), URL)


def faults(data: bytes) -> None:
    _tell_faults(Network(), {FAULTS: data.decode()}, "/demo")


def absent(data: bytes) -> None:
    list(told({LEFT_OUT: data.decode()}, None))
    announced(data.decode())


def answered(data: bytes) -> None:
    """Read an answer of HTTP from a socket, with its body."""
    here, there = socket.socketpair()

    def send() -> None:
        try:
            there.sendall(data)
        except OSError:
            pass
        there.close()

    sender = threading.Thread(target=send)
    sender.start()
    buffer = bytearray(1 << 16)
    answer = None
    try:
        with here:
            answer = read_answer(here)
            while answer.readinto(buffer):
                pass
    except InvalidAnswer:
        pass
    finally:
        if answer is not None:
            answer.close()
        sender.join()


class Late:
    """An answer that comes after signs of life."""

    def __init__(self, data: bytes) -> None:
        self.fp = io.BytesIO(data)

    def close(self) -> None:
        pass


def delayed(data: bytes) -> None:
    arrived(Late(data), lambda number: None)


def watched(data: bytes) -> None:
    news._word(io.BytesIO(data))
    news._seconds(data.decode())


def summed_up(kind: str) -> Callable[[bytes], object]:
    return lambda data: summary_of(data, {"Content-Type": kind})


def ignored(data: bytes) -> None:
    """Match a pattern with a name as long as itself."""
    for rule in read_rules(data.decode()):
        name = rule.text.replace("*", "a").replace("/", "")
        rule.matches([name], False)
        rule.matches(name.split("a"), False)


class Objects:
    """Has those of commits that nobody made."""

    def __init__(self, gone: set[str]) -> None:
        self.gone = gone

    def has(self, name: str) -> bool:
        return name not in self.gone

    def look(self, name: str) -> tuple[str, int] | None:
        return (name, 9)

    def content(self, name: str) -> bytes | None:
        return b"content\n"


def renamed(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], None]:
    """Return what finds the moves in names: each line is that of a renamed file."""

    def read(data: bytes) -> None:
        found, gone = [], set()
        for line in data.decode().splitlines():
            file = TreeFile("100644", line)
            found.append(("R", differing.FileChange(f"new/{line}", file, file), line))
            gone |= {f"second:{line}", f"first:new/{line}"}
        monkeypatch.setattr(differing, "differing_files", lambda *given: found)
        objects: Any = Objects(gone)
        git: Any = None
        difference = differing.Difference(git, objects, "first", "second")
        assert (difference.gone, len(difference.moves)) == ([], len(found))

    return read


def conversation(data: bytes) -> None:
    git = Git(os.devnull)
    network: Any = None
    helper = Helper(
        Clone(git, "origin", URL), network, io.BytesIO(data), io.BytesIO(), str, max
    )
    helper.run()


def pushed(data: bytes) -> None:
    """Refuse each of many branches."""
    conversation(data.replace(b"%", b"refs/heads/b"))


def document(**told: Any) -> bytes:
    return json.dumps(
        {"transactions": [{**TRANSACTION, "id": "a", **told}], "before": None}
    ).encode()


def repeated(before: bytes, each: bytes, after: bytes = b"") -> Make:
    return lambda count: before + each * count + after


def numbered(line: str) -> Make:
    return lambda count: "".join(
        line.replace("%", str(i)) for i in range(count)
    ).encode()


HEAD = b"HTTP/1.1 200 OK\r\n"

ANSWERS: dict[str, tuple[Callable[[bytes], Any], Make]] = {
    "log: transactions": (
        logged,
        lambda n: json.dumps(
            {"transactions": [{**TRANSACTION, "id": f"{n - i:x}"} for i in range(n)]}
        ).encode(),
    ),
    "log: changes": (
        logged,
        lambda n: document(changes=[["M", f"f{i}"] for i in range(n)]),
    ),
    "log: moves": (
        logged,
        lambda n: document(changes=[["R", f"b{i}", f"a{i}"] for i in range(n)]),
    ),
    "log: moves in folders": (
        logged,
        lambda n: document(changes=[["R", f"b{i}/x", f"a{i}/x"] for i in range(n)]),
    ),
    "log: moves in a circle": (
        logged,
        lambda n: document(changes=[["R", f"a{i + 1}", f"a{i}"] for i in range(n)]),
    ),
    "log: moves of what is in each other": (
        logged,
        lambda n: document(
            changes=[["R", "b/" * (i % 20) + f"x{i}", f"a{i}"] for i in range(n)]
        ),
    ),
    "log: removed": (
        logged,
        lambda n: document(changes=[["D", f"f{i}"] for i in range(n)]),
    ),
    "log: a message": (
        logged,
        lambda n: document(message="Promoted from a as of " * n),
    ),
    "log: a message of blanks": (
        logged,
        lambda n: document(
            message="Promoted from a as of 0x0000000000000000" + " " * n + "x"
        ),
    ),
    "log: a user": (logged, lambda n: document(user="<" * n)),
    "log: nested": (logged, repeated(b"", b"[")),
    "log: digits": (logged, repeated(b'{"transactions": [{"time": ', b"9", b"}]}")),
    "types": (
        makeable,
        lambda n: json.dumps(
            {
                "types": [
                    {"factory": f"f{i}", "kind": "file", "title": ""} for i in range(n)
                ],
                "names": {f"n{i}": None for i in range(n)},
            }
        ).encode(),
    ),
    "faults": (
        faults,
        lambda n: json.dumps([[f"/a{i}", 1, "m"] for i in range(n)]).encode(),
    ),
    "absent": (absent, repeated(b"", b"%0a ")),
    "absent: digits": (absent, repeated(b"", b"1")),
    "http: headers": (answered, repeated(HEAD, b"A: b\r\n", b"\r\n")),
    "http: lines of a header": (
        answered,
        repeated(HEAD + b"A: b\r\n", b" c\r\n", b"\r\n"),
    ),
    "http: a long header": (answered, repeated(HEAD + b"A: ", b"b", b"\r\n\r\n")),
    "http: a long length": (
        answered,
        repeated(HEAD + b"Content-Length: ", b"1", b"\r\n\r\n"),
    ),
    "http: interim answers": (answered, repeated(b"", b"HTTP/1.1 100 Go\r\n\r\n")),
    "http: chunks": (
        answered,
        repeated(
            HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n", b"0\r\n\r\n"
        ),
    ),
    "http: a long size": (
        answered,
        repeated(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"f", b"\r\na\r\n"),
    ),
    "http: trailers": (
        answered,
        repeated(
            HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"A: b\r\n", b"\r\n"
        ),
    ),
    "delayed: signs": (delayed, repeated(b"", b"wait 1\n", b"200 OK\n\n")),
    "delayed: headers": (delayed, repeated(b"200 OK\n", b"A: b\n", b"\n")),
    "watch: signs": (watched, repeated(b"", b"\n", b"news\n")),
    "watch: words": (watched, repeated(b"", b"news\n")),
    "watch: a long word": (watched, repeated(b"", b"n")),
    "watch: digits": (watched, repeated(b"", b"1")),
    "json: a message": (
        summed_up("application/json"),
        lambda n: json.dumps({"message": "m" * n}).encode(),
    ),
    "json: nested": (summed_up("application/json"), repeated(b"", b"{")),
    "html: titles": (summed_up("text/html"), repeated(b"", b"<title>")),
    "html: blanks": (summed_up("text/html"), repeated(b"<title>", b" ", b"</title>")),
    "ignored: stars": (ignored, repeated(b"", b"*a", b"b")),
    "ignored: directories": (ignored, repeated(b"", b"**/a/", b"b")),
    "ignored: brackets": (ignored, repeated(b"", b"[")),
    "ignored: classes": (ignored, repeated(b"[", b"[:")),
    "ignored: names of classes": (ignored, repeated(b"[", b"[:alpha:]", b"]")),
    "ignored: ranges": (ignored, repeated(b"[", b"a-z", b"]*")),
    "ignored: backslashes": (ignored, repeated(b"", b"\\")),
    "ignored: rules": (ignored, repeated(b"", b"*.a\n")),
    "git: options": (conversation, repeated(b"", b"option verbosity 1\n", b"\n")),
    "git: branches": (pushed, numbered("push HEAD:%\n")),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_four_times_as_long_takes_no_more_than_that(name: str) -> None:
    check_growth(*ANSWERS[name])


@pytest.mark.parametrize("line", ["f%\n", "d%/e/f\n", f"{'d/' * 50}f%\n"])
def test_moves_of_a_commit_take_no_more_than_that(
    line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_growth(renamed(monkeypatch), numbered(line))


FILES: dict[str, Make] = {
    "lines": repeated(b"", b"a\n"),
    "words": repeated(b"", b"machine "),
    "machines": numbered("machine h% login u password p\n"),
    "macros": repeated(b"", b"macdef m\na\n\n"),
    "comments": repeated(b"", b"# a\n"),
    "quotes": repeated(b"", b'"'),
    "no text": repeated(b"", b"\0"),
    "fields": numbered("f%:value\n"),
    "one field": repeated(b"url:http://", b"a", b"\n\n"),
    "authorization": repeated(b"url:http://h/\nauth:Basic ", b"YWJj", b"\n\n"),
    "settings": numbered("[a%]\nb = 1\n"),
    "arrays": repeated(b"a = ", b"["),
    "tables": repeated(b"a = ", b"{b = "),
    "keys": repeated(b"", b"a.", b"b = 1\n"),
    "escapes": repeated(b'a = "', b"\\u0041", b'"\n'),
    "digits": repeated(b"a = ", b"1", b"\n"),
    "path": repeated(b"", b"a/", b"\n"),
    "steps": repeated(
        b'{"verb": "update", "time": 1, "size": 1}\n',
        b'["move", "a", "", null, "1", "a"]\n',
    ),
    "one step": repeated(
        b'{"verb": "u", "time": 1, "size": 1}\n["move", "', b"a/", b'a"]\n'
    ),
    "nested": repeated(b'{"verb": "u", "time": 1, "size": 1}\n', b"["),
}


@pytest.mark.parametrize("kind", ["config", "netrc", "link", "pointer", "operations"])
@pytest.mark.parametrize("name", FILES)
def test_files_that_are_handed_over_take_no_more_than_that(
    tmp_path: Path, kind: str, name: str
) -> None:
    root = tmp_path.resolve()
    path = {
        "pointer": root / ".zsync" / "Control",
        "operations": root / ".zsync" / "Operations" / "1" / "steps",
    }.get(kind, root / kind)
    path.parent.mkdir(parents=True, exist_ok=True)

    def read(data: bytes) -> None:
        path.write_bytes(data)
        path.chmod(0o600)
        if kind == "config":
            read_toml(str(path))
        elif kind == "netrc":
            url = RootURL.parse("https://h1/")
            netrcfile.find(url, None, str(path), lambda line: None)
        elif kind == "link":
            linked(f"zsync-edit:{data.decode()}") if b"\n" not in data else sent(
                str(path)
            )
        elif kind == "pointer":
            followed(str(root))
        else:
            operations = Operations(str(root))
            operations.newest_first()
            list(operations.back(1))

    check_growth(read, FILES[name])
