"""A working copy becomes a new object."""

from __future__ import annotations

from pathlib import Path

import pytest

from zope.app.fssync.client.checkin import checkin
from zope.app.fssync.client.session import reading
from zope.app.fssync.testing.clientside import CannedNetwork
from zope.app.fssync.testing.clientside import Server
from zope.fssync.errors import Error

NEW = "http://localhost:8080/new%20one"


def copied(server: Server, co: Path, url: str | None = NEW) -> str:
    network = CannedNetwork(server, co.parent)
    network.setrooturl(url)
    return checkin(reading(str(co)), network, str(co), "a & b")


def test_the_last_part_of_the_url_names_the_object(server: Server, co: Path) -> None:
    assert copied(server, co) == ""
    assert server.requests[-1] == (
        "/ @@checkin.snarf?note=a%20%26%20b&name=new%20one&src=demo&report=1"
    )
    assert server.objects["demo/a.txt"] == b"one\ntwo\nthree\n"


def test_unregistered_files_are_not_sent(server: Server, co: Path) -> None:
    (co / "stray.txt").write_text("stray\n")
    assert copied(server, co) == f"not sent: {co}/stray.txt"
    assert "demo/stray.txt" not in server.objects


@pytest.mark.parametrize(
    ("url", "text"),
    [
        (None, "root url not set"),
        ("http://localhost:8080/", "root url should name an inferior object"),
        ("http://localhost:8080/demo/", "root url should not end in '/'"),
    ],
)
def test_a_url_that_names_no_new_object(
    server: Server, co: Path, url: str | None, text: str
) -> None:
    asked = list(server.requests)
    with pytest.raises(Error, match=text):
        copied(server, co, url)
    assert server.requests == asked


def test_a_copy_would_lack_what_is_lost_here(server: Server, co: Path) -> None:
    (co / "a.txt").unlink()
    with pytest.raises(Error, match=r"a\.txt is lost here, and the copy") as error:
        copied(server, co)
    assert "Nothing was copied. 'zsync update " in str(error.value)
