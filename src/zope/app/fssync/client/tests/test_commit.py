"""What was done here goes out, and what is done meanwhile stays."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from zope.app.fssync.testing import recorded
from zope.app.fssync.testing import snapshot
from zope.app.fssync.testing import working_copy
from zope.app.fssync.testing.clientside import URL
from zope.app.fssync.testing.clientside import Client
from zope.app.fssync.testing.clientside import Server
from zope.app.fssync.testing.clientside import pristine
from zope.fssync.errors import Error
from zope.fssync.errors import PathRefused


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


@pytest.mark.parametrize("verb", ["commit", "checkin"])
def test_files_a_link_leads_to_are_not_sent(
    client: Client, co: Path, home: Path, verb: str
) -> None:
    (home / "secret").write_text("secret")
    (co / "b.txt").unlink()
    (co / "b.txt").symlink_to(home / "secret")
    url = f"{URL}/new" if verb == "checkin" else None
    with pytest.raises(PathRefused):
        client(verb, "co/demo/b.txt", url=url)
    assert len(client.server.requests) == 1


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


def test_unregistered_files_cannot_be_checked_in(client: Client, home: Path) -> None:
    with pytest.raises(Error, match="nothing known about"):
        client("checkin", ".", url="http://localhost:8080/new")


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
