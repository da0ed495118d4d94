"""What a checkout makes, says, and leaves where it fails."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from zope.app.fssync.testing import recorded
from zope.app.fssync.testing import snapshot
from zope.app.fssync.testing import working_copy
from zope.app.fssync.testing.clientside import URL
from zope.app.fssync.testing.clientside import Client
from zope.app.fssync.testing.clientside import Server
from zope.app.fssync.testing.clientside import metadata
from zope.app.fssync.testing.clientside import pristine
from zope.app.fssync.testing.controldata import control
from zope.fssync.errors import AccessDenied
from zope.fssync.errors import ArchiveDamaged
from zope.fssync.errors import Error
from zope.fssync.errors import PathRefused
from zope.fssync.errors import ServerUnreachable
from zope.fssync.errors import UnsafeData


def entry(path: Path) -> dict[str, str]:
    return metadata().getentry(str(path))


def test_checkout_copies_the_object_and_says_so(client: Client, home: Path) -> None:
    assert client("checkout", "co", url=URL) == [
        "N co/demo/",
        "U co/demo/a.txt",
        "U co/demo/b.txt",
        "N co/demo/sub/",
        "U co/demo/sub/deep.txt",
        "N co/demo/void/",
    ]
    co = home / "co"
    assert (co / "demo" / "sub" / "deep.txt").read_text() == "deep\n"
    assert pristine(co / "demo" / "a.txt") == (b"one\ntwo\nthree\n")
    assert (control(co) / "Root").read_text() == f"{URL}\n"
    assert {"Base", "Entries.xml", "Format", "Root"} <= {*os.listdir(control(co))}
    assert entry(co / "demo" / "void")["id"] == "/demo/void"


def test_checkout_of_what_3_6_0_served_says_what_3_6_0_said(
    client: Client, server: Server
) -> None:
    server.answer = recorded("demo.snarf")
    said = recorded("checkout.txt").decode().splitlines()
    assert client("checkout", "co", url=URL) == said


def test_checkout_makes_the_same_files_as_3_6_0(
    client: Client, server: Server, home: Path
) -> None:
    server.answer = recorded("demo.snarf")
    client("checkout", "ours", url=URL)
    client("downgrade", "ours")
    original = working_copy("demo-checkout.tar.gz", home)
    ours, theirs = (
        {
            name: content
            for name, content in snapshot(root).items()
            if not name.endswith(("Entries.xml", "Root"))
        }
        for root in (home / "ours", original)
    )
    assert ours == theirs


def test_checkout_of_the_root_folder(client: Client, server: Server) -> None:
    server.objects = {"root": None, "root/x": b"x"}
    server.answer = server.archive("root")
    assert client("checkout", "co", url="http://localhost:8080/") == [
        "N co/root/",
        "U co/root/x",
    ]


def test_checkout_of_one_file(client: Client, home: Path) -> None:
    assert client("checkout", "co", url=f"{URL}/a.txt") == ["U co/a.txt"]
    assert pristine(home / "co" / "a.txt")


def test_checkout_finds_a_name_that_the_server_decomposed(
    client: Client, server: Server, home: Path
) -> None:
    server.objects = {"gro\u0308\u00dfe": None, "gro\u0308\u00dfe/x": b"x"}
    server.answer = server.archive("gro\u0308\u00dfe")
    client("checkout", "co", url="http://localhost:8080/gr%C3%B6%C3%9Fe")
    assert (home / "co" / "gro\u0308\u00dfe" / "x").read_bytes() == b"x"


def test_a_password_of_the_url_is_not_in_the_working_copy(
    client: Client, home: Path
) -> None:
    client("checkout", "co", url="http://me:secret@localhost:8080/demo")
    text = (control(home / "co") / "Root").read_text()
    assert text == "http://me@localhost:8080/demo\n"
    assert "localhost:8080 me " in (home / "tokens").read_text()
    assert "secret" not in (home / "tokens").read_text()


def test_an_unregistered_file_in_the_way_is_kept(client: Client, home: Path) -> None:
    (home / "co" / "demo").mkdir(parents=True)
    (home / "co" / "demo" / "a.txt").write_text("mine\n")
    (home / "co" / "demo" / "b.txt").write_text("b\n")
    lines = client("checkout", "co", url=URL)
    assert "C co/demo/a.txt" in lines
    assert "U co/demo/b.txt" in lines
    assert client.conflicts == ["co/demo/a.txt"]
    assert (home / "co" / "demo" / "a.txt").read_text() == "mine\n"


@pytest.mark.parametrize("target", ["co", "new/deep/co"])
@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (recorded("demo.snarf")[:-100], ArchiveDamaged),
        (b"<html>Hello</html>\n", ArchiveDamaged),
        (b"", AccessDenied),
        (b"00000001 ../evil\nx", PathRefused),
        (b"00000003 @@Zope/Entries.xml\n<a>", ArchiveDamaged),
        (b"00000028 @@Zope/Entries.xml\n<!DOCTYPE entries><entries/>", UnsafeData),
        (b"00000026 @@Zope/Entries.xml\n<pickle><object/></pickle>", UnsafeData),
    ],
)
def test_a_checkout_that_fails_leaves_nothing(
    client: Client,
    server: Server,
    home: Path,
    target: str,
    answer: bytes,
    error: type[Exception],
) -> None:
    server.answer = answer
    before = snapshot(home)
    with pytest.raises(error):
        client("checkout", target, url=URL)
    assert snapshot(home) == before


def test_damage_deep_in_the_archive_leaves_nothing(
    client: Client, server: Server, home: Path
) -> None:
    whole = recorded("demo.snarf")
    server.answer = whole.replace(
        b" demo/sub/deep/leaf.txt", b" demo/sub/deep/fall.txt"
    )
    with pytest.raises(ArchiveDamaged, match="entry without a file"):
        client("checkout", "co", url=URL)
    assert snapshot(home) == {}


def test_a_server_out_of_reach_leaves_nothing(
    client: Client, server: Server, home: Path
) -> None:
    server.refusal = ServerUnreachable("no connection")
    with pytest.raises(ServerUnreachable):
        client("checkout", "co", url=URL)
    assert snapshot(home) == {}


def test_a_target_that_is_a_file_is_left_alone(client: Client, home: Path) -> None:
    (home / "co").write_text("mine")
    with pytest.raises(Error, match="target should be a directory"):
        client("checkout", "co", url=URL)
    assert (home / "co").read_text() == "mine"
    assert client.server.requests == []


def test_a_registered_directory_is_no_target(client: Client, co: Path) -> None:
    with pytest.raises(Error, match="target already registered"):
        client("checkout", "co/demo/sub", url=URL)


def test_objects_of_two_servers_do_not_share_a_working_copy(
    client: Client, co: Path, home: Path
) -> None:
    before = snapshot(home)
    with pytest.raises(Error, match="another server"):
        client("checkout", "co", url="http://elsewhere/demo")
    assert snapshot(home) == before


def test_a_checkout_over_a_checkout_is_an_update(
    client: Client, server: Server, co: Path
) -> None:
    (co / "b.txt").write_text("mine\n")
    server.objects["demo/a.txt"] = b"changed\n"
    assert client("checkout", "co", url=URL) == [
        "U co/demo/a.txt",
        "M co/demo/b.txt",
    ]


def test_objects_of_one_server_share_a_working_copy(
    client: Client, server: Server, co: Path, home: Path
) -> None:
    server.objects["other"] = b"other\n"
    client("checkout", "co", url="http://localhost:8080/other")
    assert client.each("status", "co")[-1] == "= co/other"
    client.each("update", "co")
    assert server.requests[-2:] == ["/demo @@toFS.snarf", "/other @@toFS.snarf"]


def test_without_a_url_there_is_no_checkout(client: Client) -> None:
    with pytest.raises(Error, match="root url not set"):
        client("checkout", "co")
