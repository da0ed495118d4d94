"""What is left out does not come, is not lost on the server, and comes when wanted.

The server in memory sends everything, as one of 3.6.0 does.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from zope.app.fssync.client.api import FSSync
from zope.app.fssync.testing.clientside import URL
from zope.app.fssync.testing.clientside import Client
from zope.app.fssync.testing.clientside import Server
from zope.app.fssync.testing.controldata import control
from zope.app.fssync.testing.controldata import listed
from zope.fssync.errors import Error


def files(co: Path) -> list[str]:
    found = []
    for top, below, _ in os.walk(co):
        known = listed(Path(top))
        below[:] = [name for name in below if name in known]
        found += [f"{name}/" if name in below else name for name in known]
    return sorted(found)


def sparse(client: Client, home: Path, **options: object) -> Path:
    client("checkout", "co", url=URL, **options)
    return home / "co" / "demo"


@pytest.mark.parametrize(
    ("depth", "expected"),
    [
        ("empty", []),
        ("files", ["a.txt", "b.txt"]),
        ("immediates", ["a.txt", "b.txt", "sub/", "void/"]),
    ],
)
@pytest.mark.parametrize("streamed", [False, True])
def test_checkout_to_a_depth(
    client: Client,
    server: Server,
    home: Path,
    depth: str,
    expected: list[str],
    streamed: bool,
) -> None:
    server.streamed = streamed
    co = sparse(client, home, depth=depth)
    assert files(co) == expected
    server.objects |= {"demo/new": b"", "demo/sub/new": b"", "demo/newsub": None}
    client("update", "co/demo")
    more = {"files": ["new"], "immediates": ["new", "newsub/"]}.get(depth, [])
    assert files(co) == sorted([*expected, *more])
    client("set_depth", "co/demo", "infinity")
    assert files(co) == sorted(
        ["a.txt", "b.txt", "deep.txt", "new", "new", "newsub/", "sub/", "void/"]
    )
    assert not (control(home / "co") / "Sparse").exists()


def test_checkout_leaves_out_what_patterns_match(
    client: Client, server: Server, home: Path
) -> None:
    server.objects |= {"demo/x.png": b"", "demo/sub/y.png": b""}
    co = sparse(client, home, exclude=["*.png", "/sub/deep.txt", "void/"])
    assert files(co) == ["a.txt", "b.txt", "sub/"]
    client("update", "co/demo/sub")
    assert files(co) == ["a.txt", "b.txt", "sub/"]
    client("update", "co/demo/void")
    client("update", "co/demo/sub/y.png")
    client("update", "co/demo")
    assert files(co) == ["a.txt", "b.txt", "sub/", "void/", "y.png"]


def test_checkout_once_more_completes_and_remembers(
    client: Client, server: Server, home: Path
) -> None:
    co = sparse(client, home, depth="files")
    (co / "a.txt").unlink()
    client("checkout", "co", url=URL)
    client("checkout", "co", url=URL, depth="files")
    assert files(co) == ["a.txt", "b.txt"]
    with pytest.raises(Error, match="leaves out something else"):
        client("checkout", "co", url=URL, depth="empty")
    assert files(co) == ["a.txt", "b.txt"]


def test_a_file_in_the_place_of_what_is_left_out_stays(
    client: Client, server: Server, home: Path
) -> None:
    co = sparse(client, home, depth="empty")
    (co / "a.txt").write_text("mine")
    assert client("update", "co/demo") == ["? co/demo/a.txt"]
    assert client("update", "co/demo/a.txt") == ["C co/demo/a.txt"]
    assert (co / "a.txt").read_text() == "mine"


def test_a_file_that_is_added_is_not_left_out_any_more(
    client: Client, server: Server, home: Path
) -> None:
    co = sparse(client, home, exclude=["*.txt"])
    (co / "new.txt").write_text("mine")
    client("add", "co/demo/new.txt")
    server.objects["demo/new.txt"] = b"theirs"
    assert client("update", "co/demo") == ["C co/demo/new.txt"]


def test_update_names_the_folder_that_is_left_out(
    client: Client, server: Server, home: Path
) -> None:
    co = sparse(client, home, depth="files")
    fs = FSSync()
    assert fs.leaves_out(str(co / "sub" / "deep.txt"))
    assert not fs.leaves_out(str(co / "a.txt"))
    # The server knows of what kind it is.
    assert fs.leaves_out(str(co / "nosuch"))
    with pytest.raises(Error, match="its folder is left out") as caught:
        client("update", "co/demo/sub/deep.txt")
    assert caught.value.advice == "Bring the folder first: 'zsync update co/demo/sub'."


def test_a_folder_may_be_brought_without_what_is_in_it(
    client: Client, server: Server, home: Path
) -> None:
    co = sparse(client, home, depth="files")
    client("set_depth", "co/demo/sub", "empty")
    assert files(co) == ["a.txt", "b.txt", "sub/"]
    client("update", "co/demo/sub/deep.txt")
    client("update", "co/demo")
    assert files(co) == ["a.txt", "b.txt", "deep.txt", "sub/"]


def test_set_depth_deletes_what_is_too_much_here_only(
    client: Client, server: Server, home: Path
) -> None:
    co = sparse(client, home)
    (co / "sub" / "mine").write_text("not registered")
    before = dict(server.objects)
    said = client("set_depth", "co/demo", "files")
    assert [line for line in said if line[0] == "D"] == [
        "D co/demo/sub/",
        "D co/demo/void/",
    ]
    assert files(co) == ["a.txt", "b.txt", "mine", "sub/"]
    said = client("set_depth", "co/demo/b.txt", "exclude")
    assert said == ["D co/demo/b.txt"]
    assert client("update", "co/demo") == ["? co/demo/sub/"]
    assert client("status", "co/demo", verbose=False) == ["? co/demo/sub/"]
    assert server.objects == before
    client("set_depth", "co/demo", "infinity")
    assert files(co) == ["a.txt", "b.txt", "deep.txt", "mine", "sub/", "void/"]


@pytest.mark.parametrize("edit", ["change", "remove", "add"])
def test_set_depth_loses_no_change(
    client: Client, server: Server, home: Path, edit: str
) -> None:
    co = sparse(client, home)
    if edit == "change":
        (co / "sub" / "deep.txt").write_text("mine")
    elif edit == "remove":
        client("remove", "co/demo/sub/deep.txt")
    else:
        (co / "sub" / "new").write_text("mine")
        client("add", "co/demo/sub/new")
    before = files(co)
    with pytest.raises(Error, match="has changes that are not on the server"):
        client("set_depth", "co/demo", "files")
    assert files(co) == before
    assert not (control(home / "co") / "Sparse").exists()


def test_set_depth_tells_what_has_no_depth(
    client: Client, server: Server, co: Path
) -> None:
    with pytest.raises(Error, match="is no directory"):
        client("set_depth", "co/demo/a.txt", "files")
    with pytest.raises(Error, match="it is all of the checkout"):
        client("set_depth", "co/demo", "exclude")


def test_a_rehearsal_changes_nothing(client: Client, server: Server, co: Path) -> None:
    client("set_depth", "co/demo", "empty", dry_run=True)
    assert "sub/" in files(co)
    assert not (control(co.parent) / "Sparse").exists()


@pytest.mark.parametrize("verb", ["remove", "move", "commit"])
def test_nothing_is_done_to_a_folder_that_may_lack_something(
    client: Client, server: Server, home: Path, verb: str
) -> None:
    sparse(client, home, depth="immediates")
    before = dict(server.objects)
    moved = ["co/demo/sub"], "co/demo/other"
    args = moved if verb == "move" else ("co/demo/sub",)
    with pytest.raises(Error, match=rf"can't {verb}") as caught:
        client(verb, *args)
    assert "--set-depth infinity co/demo/sub" in (caught.value.advice or "")
    assert server.objects == before
    client("set_depth", "co/demo/sub", "infinity")
    client(verb, *args)


def test_files_of_a_partial_folder_are_committed(
    client: Client, server: Server, home: Path
) -> None:
    co = sparse(client, home, depth="files")
    (co / "a.txt").write_text("mine")
    client("commit", "co/demo/a.txt")
    assert server.objects["demo/a.txt"] == b"mine"
    assert "demo/sub/deep.txt" in server.objects
