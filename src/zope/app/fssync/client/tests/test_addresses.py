"""Requests go below the checkout, whatever a server says that ids and keys are."""

from __future__ import annotations

from pathlib import Path

import pytest

from zope.app.fssync.client.addresses import address
from zope.app.fssync.client.addresses import check_address
from zope.app.fssync.client.url import RootURL
from zope.app.fssync.testing.clientside import Client
from zope.app.fssync.testing.clientside import Server
from zope.fssync.errors import Error
from zope.fssync.errors import NoLongerThere
from zope.fssync.errors import PathRefused
from zope.fssync.files import Tree
from zope.fssync.metadata import Metadata
from zope.fssync.metadata import dump_entries

HOSTILE = [
    "//evil.example/demo",
    "/demo/../../etc",
    "/..",
    "/elsewhere",
    "relative",
    "/demo\r\nX-Evil: yes",
    "http://evil.example/",
    "/" + "x" * 100_000,
]


class HostileServer(Server):
    """Says of every object below the top that it has an id of its choice."""

    hostile = ""

    def _entry(self, path: str) -> dict[str, str]:
        entry = super()._entry(path)
        if self.hostile:
            entry["id"] = self.hostile
        return entry


@pytest.mark.parametrize("said", HOSTILE)
@pytest.mark.parametrize("target", ["co", "co/demo", "co/demo/sub", "co/demo/a.txt"])
def test_no_id_of_a_server_becomes_a_part_of_a_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, target: str
) -> None:
    monkeypatch.chdir(tmp_path)
    server = HostileServer(
        {"demo": None, "demo/a.txt": b"a\n", "demo/sub": None, "demo/sub/b": b"b\n"}
    )
    server.hostile = said
    client = Client(server, tmp_path)
    client("checkout", "co", url="http://localhost/demo")
    (tmp_path / "co" / "demo" / "a.txt").write_bytes(b"mine\n")
    (tmp_path / "co" / "demo" / "sub" / "b").write_bytes(b"mine\n")
    client.each("update", target)
    client.each("commit", target)
    place = "/demo" + target.removeprefix("co").removeprefix("/demo")
    assert len(server.requests) == 3
    assert {each.split()[0] for each in server.requests[1:]} == {place}


def test_an_object_that_another_one_took_the_place_of_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    server = HostileServer({"demo": None, "demo/a.txt": b"a\n"})
    client = Client(server, tmp_path)
    client("checkout", "co", url="http://localhost/demo")
    server.hostile = "/elsewhere/demo"
    server.objects["demo/a.txt"] = b"theirs\n"
    with pytest.raises(NoLongerThere, match="co/demo is no longer there"):
        client("update", "co/demo")
    assert (tmp_path / "co" / "demo" / "a.txt").read_bytes() == b"a\n"


class Place:
    """A working copy with the entries that a test wants."""

    def __init__(self, root: Path, url: str) -> None:
        self.root = root
        self.url = RootURL.parse(url)

    def enter(self, directory: str, **entries: dict[str, str]) -> None:
        control = self.root / directory / "@@Zope"
        control.mkdir(parents=True)
        (control / "Entries.xml").write_bytes(dump_entries(entries))

    def address(self, target: str) -> str:
        files = Tree()
        return address(
            Metadata(files), files, str(self.root), self.url, str(self.root / target)
        )


@pytest.mark.parametrize(
    ("url", "inside"),
    [
        ("http://localhost/demo", "/demo"),
        ("http://localhost/demo/", "/demo"),
        ("http://localhost", ""),
        ("http://localhost/", ""),
        ("http://localhost/pre/fix", "/pre/fix"),
        (
            "http://localhost/++vh++http:localhost:80/pre/++/demo",
            "/++vh++http:localhost:80/pre/++/demo",
        ),
    ],
)
def test_the_address_is_that_of_the_checkout_and_the_place_below_it(
    tmp_path: Path, url: str, inside: str
) -> None:
    place = Place(tmp_path.resolve(), url)
    place.enter("", top={"id": "/x"})
    place.enter(
        "top",
        sub={"id": "/y"},
        **{
            "Readme-1.txt": {"key": "readme.txt"},
            "u\u0308.txt": {"id": "/u\u0308.txt"},
        },
    )
    place.enter("top/sub", **{"u\u0308": {}, "x": {"key": "X Y"}})
    assert place.address("top") == (inside or "/")
    assert place.address("top/sub") == f"{inside}/sub"
    assert place.address("top/Readme-1.txt") == f"{inside}/readme.txt"
    # Composed, unless the server says that it is not.
    assert place.address("top/sub/u\u0308") == f"{inside}/sub/\u00fc"
    assert place.address("top/u\u0308.txt") == f"{inside}/u\u0308.txt"
    assert place.address("top/sub/x") == f"{inside}/sub/X Y"


@pytest.mark.parametrize("key", ["..", ".", "", "a/b", "/", "../../etc"])
def test_a_key_that_leads_elsewhere_is_refused(tmp_path: Path, key: str) -> None:
    place = Place(tmp_path.resolve(), "http://localhost/demo")
    place.enter("", demo={})
    place.enter("demo", x={"key": key})
    with pytest.raises(PathRefused):
        place.address("demo/x")


@pytest.mark.parametrize("target", ["", "demo/@@Zope/Extra/x/y", "@@Zope", ".."])
def test_control_data_has_no_address(tmp_path: Path, target: str) -> None:
    place = Place(tmp_path.resolve(), "http://localhost/demo")
    place.enter("", demo={})
    with pytest.raises(Error, match="its path on the server is unknown"):
        place.address(target)


@pytest.mark.parametrize("path", ["//evil.example/x", "/a//b", "/a/../b", "/./a", "a"])
def test_paths_that_servers_understand_differently_are_refused(path: str) -> None:
    with pytest.raises(PathRefused):
        check_address(path)


@pytest.mark.parametrize("path", ["/", "/demo", "/demo/", "/a b/...", "/a/..b"])
def test_other_paths_are_not(path: str) -> None:
    assert check_address(path) == path
