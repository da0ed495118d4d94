"""Every limit lets through what it names, and refuses one more."""

from __future__ import annotations

import io
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from zope.component import getSiteManager

from zope.app.fssync.client.transport.document import text_of
from zope.app.fssync.protocol import sshframing
from zope.app.fssync.testing.clientside import URL
from zope.app.fssync.testing.clientside import Client
from zope.app.fssync.testing.clientside import Server
from zope.fssync import description
from zope.fssync import xmlpickle
from zope.fssync.changeset import Scope
from zope.fssync.errors import Error
from zope.fssync.errors import LimitExceeded
from zope.fssync.interfaces import ILimits
from zope.fssync.limits import DEFAULT
from zope.fssync.limits import Limits
from zope.fssync.metadata import Metadata
from zope.fssync.metadata import dump_entries
from zope.fssync.metadata import load_entries
from zope.fssync.paths import check_name
from zope.fssync.paths import split_archive_path
from zope.fssync.pickle import XMLUnpickler
from zope.fssync.repository import SnarfRepository
from zope.fssync.snarf import inflated

Reader = Callable[[int, Limits], object]


def archive(data: bytes, limits: Limits) -> None:
    list(SnarfRepository(io.BytesIO(data), limits=limits).iterPaths())


def head(text: bytes, limits: Limits) -> None:
    stream = io.BufferedReader(sshframing.ByteStream(io.BytesIO(text).read))
    sshframing.read_request(stream, limits=limits)


def nested(depth: int) -> bytes:
    """A pickle of so many elements, each in the one before."""
    lists = depth - 1
    body = b"<list>" * lists + b"<none/>" + b"</list>" * lists
    return b"<pickle>" + body + b"</pickle>"


def equal_hashes(count: int) -> bytes:
    """A pickle of a dictionary with so many keys that have the same hash."""
    keys = (number * sys.hash_info.modulus for number in range(count))
    items = "".join(
        f"<item><key><int>{key}</int></key><value><none/></value></item>"
        for key in keys
    )
    return f"<pickle><dictionary>{items}</dictionary></pickle>".encode()


def document(size: int, limits: Limits) -> None:
    headers: Any = {"Content-Type": "text/plain"}
    text = text_of(io.BytesIO(b"x" * size), headers, limits.error_text_size)
    if text.endswith("[...]"):
        raise LimitExceeded("shortened")


def sized_entries(size: int) -> bytes:
    return dump_entries({}).ljust(size)


def head_of(lines: int) -> bytes:
    return b"GET /\r\n" + b"A: b\r\n" * (lines - 1) + b"\r\n"


#: What reads so many units of each limit.
READERS: dict[str, Reader] = {
    "archive_size": lambda n, limits: archive(
        b"5 a\nhello%d b\n%s" % (n - 5, b"x" * (n - 5)), limits
    ),
    "member_size": lambda n, limits: archive(b"%d a\n%s" % (n, b"x" * n), limits),
    "deflated_size": lambda n, limits: inflated(
        io.BytesIO(zlib.compress(bytes(n))), limits
    ),
    "members": lambda n, limits: archive(
        b"".join(b"0 f%d\n" % i for i in range(n)), limits
    ),
    "header_size": lambda n, limits: archive(b"0 %s\n" % (b"a" * (n - 3)), limits),
    "path_depth": lambda n, limits: split_archive_path("/".join("a" * n), limits),
    "name_size": lambda n, limits: check_name("a" * n, limits),
    "entries_size": lambda n, limits: load_entries(sized_entries(n), limits),
    "marks": lambda n, limits: Scope.loads(
        b"".join(b"tree f%d\n" % i for i in range(n)), limits
    ),
    "description_size": lambda n, limits: description.load(
        b"#".ljust(n), limits=limits
    ),
    "pickle_size": lambda n, limits: xmlpickle.loads(nested(4).ljust(n), None, limits),
    "pickle_depth": lambda n, limits: xmlpickle.loads(nested(n), None, limits),
    "pickle_elements": lambda n, limits: xmlpickle.loads(
        b"<pickle><list>%s</list></pickle>" % (b"<none/>" * (n - 2)), None, limits
    ),
    "equal_hashes": lambda n, limits: xmlpickle.loads(equal_hashes(n), None, limits),
    "error_text_size": document,
    "head_line_size": lambda n, limits: head(
        b"GET /%s\r\n\r\n" % (b"x" * (n - 7)), limits
    ),
    "head_size": lambda n, limits: head(
        b"GET /%s\r\nA: b\r\n\r\n" % (b"x" * (n - 15)), limits
    ),
    "head_lines": lambda n, limits: head(head_of(n), limits),
}

#: Limits that decide about files of a person, and refuse nothing; one that grows
#: with what is read, those of messages and of the parts of archives, which are tested
#: where they are sent, and that of exchanges, and of those who wait, of whom one more
#: is told when to ask again.
TESTED_ELSEWHERE = {
    *("uploads", "upload_size", "uploads_size"),
    *("merge_size", "deletions", "few_deletions", "note_size", "pickle_repeats"),
    *("exchanges", "watchers"),
}


def test_every_limit_is_tested() -> None:
    assert {*READERS, *TESTED_ELSEWHERE} == set(Limits._fields)


@pytest.mark.parametrize("name", READERS)
def test_the_limit_is_let_through_and_one_more_is_not(name: str) -> None:
    limits = DEFAULT._replace(**{name: 100})
    READERS[name](100, limits)
    with pytest.raises((LimitExceeded, sshframing.RequestRefused)):
        READERS[name](101, limits)


@pytest.mark.slow
def test_texts_are_merged_up_to_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    server = Server({})
    client = Client(server, tmp_path)
    size = DEFAULT.merge_size
    for number, length in enumerate((size, size + 1)):
        path = f"demo/large{number}"
        server.objects = {"demo": None, path: b"x" * (length - 12) + b"\n\n\n123456789"}
        client("checkout", f"co{number}", url=URL)
        mine = Path(f"co{number}/{path}")
        mine.write_bytes(b"y" + server.objects[path][1:])  # type: ignore[index]
        server.objects[path] = server.objects[path][:-1] + b"0"  # type: ignore[index]
        client("update", f"co{number}/demo")
        merged = mine.read_bytes()
        assert merged.startswith(b"y")
        assert merged.endswith(b"0") == (length <= size)
        assert bool(client.conflicts) == (length > size)


def test_a_site_has_limits_of_its_own() -> None:
    limits = DEFAULT._replace(pickle_elements=3)
    getSiteManager().registerUtility(limits, ILimits)
    try:
        XMLUnpickler(None).loads(b"<pickle><list><none/></list></pickle>")
        with pytest.raises(LimitExceeded):
            XMLUnpickler(None).loads(b"<pickle><list><none/><none/></list></pickle>")
    finally:
        getSiteManager().unregisterUtility(limits, ILimits)


def test_working_copies_have_the_limits_they_are_given(tmp_path: Path) -> None:
    (tmp_path / "@@Zope").mkdir()
    (tmp_path / "@@Zope" / "Entries.xml").write_bytes(sized_entries(100))
    Metadata(limits=DEFAULT._replace(entries_size=100)).getnames(str(tmp_path))
    with pytest.raises(Error):
        Metadata(limits=DEFAULT._replace(entries_size=99)).getnames(str(tmp_path))
