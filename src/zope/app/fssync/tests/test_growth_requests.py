"""What a server reads beside archives takes time that grows with its size.

That are the headers, arguments and forms of requests; see `test_growth`.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote
from urllib.parse import unquote

import pytest
from zope.publisher.browser import BrowserRequest
from zope.publisher.browser import TestRequest

from zope.app.fssync.browser.arguments import number
from zope.app.fssync.browser.arguments import transaction_id
from zope.app.fssync.browser.hidden import _paths
from zope.app.fssync.browser.pages.get import disposition
from zope.app.fssync.browser.promoted import _told
from zope.app.fssync.browser.replay import _steps
from zope.app.fssync.browser.types import _names
from zope.app.fssync.protocol.headers import left_out
from zope.app.fssync.server.changes.token import State
from zope.app.fssync.server.frame import _cookie
from zope.app.fssync.server.messages import translated
from zope.app.fssync.server.uploadedfolder import zipped_folder
from zope.app.fssync.tests.growth import Make
from zope.app.fssync.tests.growth import check_growth
from zope.fssync.limits import DEFAULT
from zope.fssync.messages import _
from zope.fssync.paths import fold
from zope.fssync.paths import nfc
from zope.fssync.sparse import Sparse

pytestmark = pytest.mark.slow


def sparse(data: bytes) -> None:
    found = Sparse.of_header(data.decode())
    if found is not None:
        for number in range(len(data) // 8):
            found.leaves_out(["d", f"f{number}"], False)


def meant(data: bytes) -> None:
    """Compare the object that a client means with the one that is there."""
    text = unquote(quote(data.decode()))
    assert nfc(text) != nfc("/demo")
    assert fold(text) != fold("/demo")


def arguments(data: bytes) -> None:
    text = data.decode()
    number("a", text)
    transaction_id("a", text)


def state(data: bytes) -> None:
    State.parse(data.decode())


def languages(data: bytes) -> None:
    told = {"HTTP_ACCEPT_LANGUAGE": data.decode()}
    request = BrowserRequest(io.BytesIO(), told)
    translated(_("no folder ${name}", mapping={"name": "n"}), request)


def cookies(data: bytes) -> None:
    request: Any = SimpleNamespace(header=lambda name: data.decode())
    _cookie(request)


def message(data: bytes) -> None:
    translated(_("no folder ${name}", mapping={"name": data.decode()}), TestRequest())


class Sent(io.BytesIO):
    """A file of a form, with a name."""

    def __init__(self, filename: str) -> None:
        super().__init__()
        self.filename = filename


def folder(data: bytes) -> None:
    with zipped_folder(map(Sent, data.decode().splitlines())):
        pass


def repeated(before: bytes, each: bytes, after: bytes = b"") -> Make:
    return lambda count: before + each * count + after


def numbered(line: str) -> Make:
    return lambda count: "".join(
        line.replace("%", str(i)) for i in range(count)
    ).encode()


def replayed(path: str) -> Make:
    return lambda count: json.dumps(
        [["0" * 16, [["tree", path.replace("%", str(i))] for i in range(count)]]]
    ).encode()


REQUESTS: dict[str, tuple[Callable[[bytes], Any], Make]] = {
    "sparse: places": (sparse, numbered("empty:d/f% ")),
    "sparse: patterns": (sparse, lambda n: b" ".join([b"not:a"] * n)),
    "sparse: a pattern": (sparse, repeated(b"not:", b"*a")),
    "sparse: a deep place": (sparse, repeated(b"empty:", b"a/", b"a")),
    "sparse: escapes": (sparse, repeated(b"empty:", b"%61")),
    "object: marks": (meant, repeated(b"/demo", "\u0315\u0300".encode())),
    "object: names of marks": (
        meant,
        repeated(b"/demo", b"/a" + "\u0315\u0300".encode() * 500),
    ),
    "state": (state, repeated(b"4-", b"0")),
    "arguments: digits": (arguments, repeated(b"", b"1")),
    "replay: marks": (_steps, replayed("f%")),
    "replay: deep": (_steps, replayed(f"{'d/' * 90}f%")),
    "replay: a long path": (_steps, lambda n: replayed("d/" * n)(1)),
    "replay: nested": (_steps, repeated(b"", b"[")),
    "promoted": (
        _told,
        lambda n: json.dumps(
            {"until": "0" * 16, "to": "x" * n, "transaction": "0" * 16}
        ).encode(),
    ),
    "promoted: digits": (_told, repeated(b'{"until": ', b"1", b"}")),
    "types: names": (lambda data: list(_names(data)), numbered("f%\n")),
    "types: a long name": (lambda data: list(_names(data)), repeated(b"", b"f")),
    "hidden: paths": (
        lambda data: list(_paths(io.BytesIO(data), DEFAULT)),
        numbered("d/f%\n"),
    ),
    "languages": (languages, numbered("l%,")),
    "languages: one": (languages, repeated(b"", b"de,")),
    "languages: parts": (languages, repeated(b"de", b"-x")),
    "languages: weights": (languages, repeated(b"de;q=0.", b"1")),
    "cookies": (cookies, repeated(b"", b"zsync-form=;")),
    "cookies: a value": (cookies, repeated(b'zsync-form="', b"\\", b'"')),
    "cookies: blanks": (cookies, repeated(b"", b"; ")),
    "message: variables": (message, repeated(b"", b"${name}")),
    "message: a variable without an end": (message, repeated(b"", b"${")),
    "folder": (folder, numbered("d/f%\n")),
    "folder: backslashes": (folder, repeated(b"d", b"\\", b"f")),
    "title: marks": (lambda data: disposition(data.decode()), repeated(b"", b'"')),
    "left out": (
        lambda data: left_out(data.decode().splitlines()),
        numbered("\n%"),
    ),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_four_times_as_long_takes_no_more_than_that(name: str) -> None:
    check_growth(*REQUESTS[name])
