"""What was done here goes out, and what is done meanwhile stays."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from zope.app.fssync.client.commit import _tell_faults
from zope.app.fssync.protocol.headers import FAULTS
from zope.app.fssync.testing import recorded
from zope.app.fssync.testing import snapshot
from zope.app.fssync.testing import working_copy
from zope.app.fssync.testing.clientside import URL
from zope.app.fssync.testing.clientside import Client
from zope.app.fssync.testing.clientside import Server
from zope.app.fssync.testing.clientside import pristine
from zope.fssync import files
from zope.fssync.errors import ArchiveDamaged
from zope.fssync.errors import Error
from zope.fssync.errors import OutOfDate
from zope.fssync.errors import PathRefused
from zope.fssync.errors import ProxyFailed
from zope.fssync.errors import ServerUnreachable


def test_a_commit_sends_what_changed_here(
    client: Client, server: Server, co: Path
) -> None:
    (co / "a.txt").write_bytes(b"changed\n")
    (co / "new.txt").write_bytes(b"new\n")
    (co / "stray.txt").write_bytes(b"stray\n")
    (co / "backup~").write_bytes(b"backup\n")
    client("add", "co/demo/new.txt")
    client("remove", "co/demo/b.txt")
    assert client.each("commit", "co", note="two & more") == [
        "U co/demo/a.txt",
        "D co/demo/b.txt",
        "U co/demo/new.txt",
        "? co/demo/stray.txt",
    ]
    assert server.requests[-1] == "/demo @@fromFS.snarf?note=two%20%26%20more"
    assert server.objects["demo/a.txt"] == b"changed\n"
    assert server.objects["demo/new.txt"] == b"new\n"
    assert "demo/b.txt" not in server.objects
    assert "demo/stray.txt" not in server.objects
    assert client.each("status", "co", verbose=False) == ["? co/demo/stray.txt"]


def test_a_commit_sends_what_the_description_of_a_new_file_says(
    client: Client, server: Server, co: Path
) -> None:
    (co / "new.txt").write_bytes(b"new\n")
    client("add", "co/demo/new.txt")
    (co / "@@new.txt.meta").write_text("provides = example.IMarked\n")
    client("commit", "co/demo")
    assert server.submission is not None
    entry = server.submission.getMetadata().getentry("demo/new.txt")
    assert entry["provides"] == "example.IMarked"


def test_a_refused_commit_can_raise_on_the_server(client: Client, co: Path) -> None:
    client.each("commit", "co", raise_on_conflicts=True)
    assert client.server.requests[-1].endswith("?note=fssync_commit&raise=1")


def test_a_refused_commit_changes_nothing(
    client: Client, server: Server, co: Path, home: Path
) -> None:
    (co / "a.txt").write_bytes(b"changed\n")
    before = snapshot(home)
    server.refusal = OutOfDate("Up-to-date check failed:\ndemo/a.txt", ["demo/a.txt"])
    with pytest.raises(OutOfDate):
        client.each("commit", "co")
    assert snapshot(home) == before


def test_a_commit_shows_full_paths_as_before(client: Client, co: Path) -> None:
    (co / "a.txt").write_bytes(b"changed\n")
    fs_lines: list[str] = []
    from zope.app.fssync.client.api import FSSync
    from zope.app.fssync.testing.clientside import CannedNetwork

    network = CannedNetwork(client.server, client.home)
    FSSync(network=network, reporter=fs_lines.append).commit("co/demo")
    assert fs_lines == [f"U {co}/a.txt"]


def test_the_commit_that_3_6_0_answered_says_what_3_6_0_said(
    client: Client, server: Server, home: Path
) -> None:
    working_copy("demo-pending.tar.gz", home)
    (home / "co" / "demo" / "crlf.txt").write_bytes(
        pristine(home / "co" / "demo" / "crlf.txt")
    )
    server.answer = recorded("commit-demo.snarf")
    server.store = lambda top, archive: None  # type: ignore[method-assign]
    said = recorded("commit.txt").decode().splitlines()
    assert client.each("commit", "co") == said
    committed = working_copy("demo-committed.tar.gz", home / "theirs")
    ours, theirs = (
        {
            name: content
            for name, content in snapshot(root).items()
            if not name.endswith(("Entries.xml", "Root", "Zope/Extra", "utf8.txt"))
        }
        for root in (home / "co", committed)
    )
    assert ours == theirs


def test_an_edit_during_a_commit_survives(
    client: Client, server: Server, co: Path
) -> None:
    (co / "a.txt").write_bytes(b"first\n")
    server.before_answer = lambda _: (co / "a.txt").write_bytes(b"second\n")
    client.each("commit", "co")
    server.before_answer = None
    assert server.objects["demo/a.txt"] == b"first\n"
    assert (co / "a.txt").read_bytes() == b"second\n"
    assert client.each("status", "co", verbose=False) == ["M co/demo/a.txt"]
    client.each("commit", "co")
    assert server.objects["demo/a.txt"] == b"second\n"


def test_undoing_an_edit_during_its_commit_survives(
    client: Client, server: Server, co: Path
) -> None:
    old = (co / "a.txt").read_bytes()
    (co / "a.txt").write_bytes(b"first\n")
    server.before_answer = lambda _: (co / "a.txt").write_bytes(old)
    client.each("commit", "co")
    assert (co / "a.txt").read_bytes() == old
    assert client.each("status", "co", verbose=False) == ["M co/demo/a.txt"]


def test_an_edit_of_an_unchanged_file_during_a_commit_survives(
    client: Client, server: Server, co: Path
) -> None:
    (co / "a.txt").write_bytes(b"first\n")
    server.before_answer = lambda _: (co / "b.txt").write_bytes(b"edited\n")
    client.each("commit", "co")
    assert (co / "b.txt").read_bytes() == b"edited\n"
    assert client.each("status", "co", verbose=False) == ["M co/demo/b.txt"]


def test_an_edit_of_an_added_file_during_its_commit_survives(
    client: Client, server: Server, co: Path
) -> None:
    (co / "new.txt").write_bytes(b"first\n")
    client("add", "co/demo/new.txt")
    server.before_answer = lambda _: (co / "new.txt").write_bytes(b"second\n")
    client.each("commit", "co")
    assert (co / "new.txt").read_bytes() == b"second\n"
    assert client.each("status", "co", verbose=False) == ["M co/demo/new.txt"]


def test_what_the_server_makes_of_a_file_is_taken_over(
    client: Client, server: Server, co: Path
) -> None:
    (co / "a.txt").write_bytes(b"sent\n")
    store = server.store

    def normalizing(top, archive):
        store(top, archive)
        server.objects["demo/a.txt"] = b"normalized\n"

    server.store = normalizing  # type: ignore[method-assign]
    assert client.each("commit", "co") == ["U co/demo/a.txt"]
    assert (co / "a.txt").read_bytes() == b"normalized\n"


def test_a_commit_of_one_file_sends_no_other(
    client: Client, server: Server, co: Path
) -> None:
    for name in ("a.txt", "b.txt"):
        (co / name).write_bytes(b"changed\n")
    assert client.each("commit", "co/demo/a.txt") == ["U co/demo/a.txt"]
    assert server.objects["demo/b.txt"] == b"b\n"
    assert server.requests[-1].startswith("/demo/a.txt @@fromFS")
    assert client.each("status", "co", verbose=False) == ["M co/demo/b.txt"]


def test_an_answer_that_is_lost_after_the_commit_can_be_fetched(
    client: Client, server: Server, co: Path, home: Path
) -> None:
    (co / "a.txt").write_bytes(b"changed\n")
    before = snapshot(home)
    server.answer = b"00000100 demo/a.txt\nbroken"
    with pytest.raises(ArchiveDamaged) as caught:
        client.each("commit", "co")
    assert "The commit is done" in str(caught.value)
    assert snapshot(home) == before
    server.answer = None
    assert client.each("update", "co") == ["U co/demo/a.txt"]
    assert client.each("status", "co", verbose=False) == []


@pytest.mark.parametrize("named", [True, False])
def test_a_full_disk_after_the_commit_says_that_it_is_done(
    client: Client,
    co: Path,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    named: bool,
) -> None:
    (co / "a.txt").write_bytes(b"changed\n")
    before = snapshot(home)

    def full(path: str, chunks: Iterable[bytes]) -> None:
        raise OSError(28, "No space left on device", *([path] if named else []))

    with monkeypatch.context() as patch:
        patch.setattr(files, "write_new", full)
        with pytest.raises(Error, match="No space left on device") as caught:
            client.each("commit", "co")
    assert "None" not in str(caught.value)
    assert "The commit is done; 'zsync update'" in str(caught.value)
    assert snapshot(home) == before
    assert client.each("update", "co") == ["U co/demo/a.txt"]


@pytest.mark.parametrize("verb", ["commit", "checkin"])
def test_what_a_link_leads_to_is_not_sent(
    client: Client, co: Path, home: Path, verb: str
) -> None:
    (home / "secret").write_text("secret")
    (co / "b.txt").unlink()
    (co / "b.txt").symlink_to(home / "secret")
    url = f"{URL}/new" if verb == "checkin" else None
    with pytest.raises(PathRefused):
        client(verb, "co/demo/b.txt", url=url)
    assert len(client.server.requests) == 1


def test_a_commit_outside_of_a_checkout_asks_nobody(client: Client, home: Path) -> None:
    (home / "x.txt").write_text("x")
    for target in (".", "x.txt", "nosuch"):
        with pytest.raises(Error, match="nothing known about"):
            client.each("commit", target)
    assert client.server.requests == []
    assert sorted(snapshot(home)) == ["x.txt"]


def test_a_checkin_makes_a_new_object(client: Client, server: Server, co: Path) -> None:
    client("checkin", "co/demo", url="http://localhost:8080/copies/new%20name")
    assert server.requests[-1] == (
        "/copies @@checkin.snarf?note=fssync_checkin&name=new%20name&src=demo&report=1"
    )
    assert server.submission is not None
    assert server.submission.isfile("demo/sub/deep.txt")


def test_a_directory_that_holds_one_object_stands_for_it(
    client: Client, server: Server, co: Path
) -> None:
    client("checkin", "co", url="http://localhost:8080/new", note="n")
    assert server.requests[-1] == "/ @@checkin.snarf?note=n&name=new&src=demo&report=1"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        (None, "root url not set"),
        ("http://localhost:8080", "should name an inferior object"),
        ("http://localhost:8080/", "should name an inferior object"),
        ("http://localhost:8080/x/", "should not end in '/'"),
    ],
)
def test_a_checkin_needs_a_name(
    client: Client, co: Path, url: str | None, message: str
) -> None:
    with pytest.raises(Error, match=message):
        client("checkin", "co/demo", url=url)


def test_what_is_not_registered_cannot_be_checked_in(
    client: Client, home: Path
) -> None:
    with pytest.raises(Error, match="nothing known about"):
        client("checkin", ".", url="http://localhost:8080/new")


@pytest.mark.parametrize("path", ["a.txt", "sub"])
def test_what_is_deleted_while_a_commit_waits_hinders_no_merge_of_the_rest(
    client: Client, server: Server, co: Path, path: str
) -> None:
    (co / "a.txt").write_bytes(b"first\n")
    (co / "b.txt").write_bytes(b"second\n")
    (co / "sub" / "deep.txt").write_bytes(b"third\n")

    def delete(server: Server) -> None:
        place = co / path
        shutil.rmtree(place) if place.is_dir() else place.unlink()

    server.before_answer = delete
    client.each("commit", "co")
    server.before_answer = None
    assert pristine(co / "b.txt") == b"second\n"
    client.each("update", "co")
    assert client.each("status", "co", verbose=False) == []


UNKNOWN = [
    ServerUnreachable("it closed the connection without an answer"),
    ProxyFailed("HTTP error 504 (Gateway Timeout) for /demo"),
]


@pytest.mark.parametrize("refusal", UNKNOWN)
def test_a_commit_without_an_answer_may_have_been_done(
    client: Client, server: Server, co: Path, refusal: Error
) -> None:
    (co / "a.txt").write_bytes(b"changed\n")
    server.refusal = refusal
    with pytest.raises(type(refusal)) as caught:
        client.each("commit", "co")
    assert "It is not known" in str(caught.value.advice)
    assert "Nothing was committed" not in str(caught.value.advice)


def test_what_the_server_has_not_taken_is_set_aside_and_told(
    client: Client, server: Server, co: Path
) -> None:
    """It would be sent again for ever."""
    old = (co / "a.txt").read_bytes()
    (co / "a.txt").write_bytes(b"mine\n")
    (co / "a.txt.mine").write_bytes(b"another\n")
    server.store = lambda top, archive: None  # type: ignore[method-assign]
    said = client.each("commit", "co")
    assert [warning.partition(": ")[0] for warning in client.warnings] == ["warning"]
    assert "as it had it before" in client.warnings[0]
    assert said == [
        "? co/demo/a.txt-1.mine",
        "U co/demo/a.txt",
        "? co/demo/a.txt.mine",
    ]
    assert (co / "a.txt").read_bytes() == old
    assert (co / "a.txt-1.mine").read_bytes() == b"mine\n"
    assert client.each("status", "co", verbose=False) == [
        "? co/demo/a.txt-1.mine",
        "? co/demo/a.txt.mine",
    ]


def test_what_the_server_has_in_another_order_is_taken_over(
    client: Client, server: Server, co: Path
) -> None:
    old = b"title = a\nauthor = b\n"
    server.objects["demo/a.txt"] = old
    client.each("update", "co")
    (co / "a.txt").write_bytes(b"author = b\n\ntitle = a\n")
    server.store = lambda top, archive: None  # type: ignore[method-assign]
    assert client.each("commit", "co") == ["U co/demo/a.txt"]
    assert (co / "a.txt").read_bytes() == old
    assert client.each("status", "co", verbose=False) == []


@pytest.mark.parametrize(
    ("header", "told"),
    [
        (None, []),
        (
            '[["demo/b.py", 1, "\'(\' was never closed"], ["a", 0, "\\u001b"]]',
            ["warning: co/demo/b.py:1: '(' was never closed", "warning: co/a: \\x1b"],
        ),
        ("[[1]]", ["warning: the server found faults, and this client cannot"]),
        ("{", ["warning: the server found faults, and this client cannot"]),
    ],
)
def test_faults_that_the_server_found_are_warnings(
    header: str | None, told: list[str]
) -> None:
    said: list[str] = []
    network: Any = SimpleNamespace(options=SimpleNamespace(warn=said.append))
    _tell_faults(network, {} if header is None else {FAULTS: header}, "co/demo")
    assert len(said) == len(told)
    assert all(line.startswith(start) for line, start in zip(said, told, strict=True))


@pytest.mark.layout(2)
@pytest.mark.parametrize("copied_over", [False, True])
def test_a_folder_made_anew_is_not_copied_without_what_is_lost(
    client: Client, server: Server, co: Path, copied_over: bool
) -> None:
    server.objects |= {"demo/sub": None, "demo/sub/x.txt": b"x\n"}
    client.each("update", "co")
    shutil.rmtree(co / "sub")
    (co / "sub").mkdir()
    if copied_over:
        (co / "sub" / "x.txt").write_bytes(b"x\n")
    before = list(server.requests)
    with pytest.raises(Error, match="co/demo/sub/ is lost here") as caught:
        client("checkin", "co/demo", url="http://localhost:8080/new")
    assert "Nothing was copied. 'zsync update co/demo'" in (caught.value.advice or "")
    assert server.requests == before
    client.each("update", "co")
    client("checkin", "co/demo", url="http://localhost:8080/new")


def test_a_lost_file_is_not_left_out_of_a_copy(client: Client, co: Path) -> None:
    (co / "a.txt").unlink()
    with pytest.raises(Error, match=r"co/demo/a\.txt is lost here"):
        client("checkin", "co", url="http://localhost:8080/new")
    client("remove", "co/demo/a.txt")
    client("checkin", "co", url="http://localhost:8080/new")
