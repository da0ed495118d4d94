"""A working copy follows its server to another URL."""

from __future__ import annotations

from pathlib import Path

import pytest

from zope.app.fssync.client.relocating import relocate
from zope.app.fssync.client.session import changing
from zope.app.fssync.client.workingcopy.workingcopy import WorkingCopy
from zope.app.fssync.testing.clientside import CannedNetwork
from zope.app.fssync.testing.clientside import Client
from zope.app.fssync.testing.clientside import Server
from zope.app.fssync.testing.controldata import control
from zope.fssync.errors import Error

OLD = "http://localhost:8080"


def relocated(server: Server, co: Path, old: str, new: str) -> str:
    network = CannedNetwork(server, co.parent)
    copy = WorkingCopy.find(str(co))
    with changing(copy, "relocate", lambda line: None) as session:
        return relocate(session, network, old, new)


def test_the_beginning_of_the_url_is_replaced(
    client: Client, server: Server, co: Path
) -> None:
    url = relocated(server, co, OLD, "https://me@there")
    assert url == "https://me@there/demo"
    assert (control(co.parent) / "Root").read_text() == f"{url}\n"
    assert client.each("status", str(co), verbose=False) == []
    assert (
        relocated(server, co, f"{url}/", "http://back/demo/") == "http://me@back/demo"
    )


@pytest.mark.parametrize(
    "old", ["http://other", f"{OLD}/dem", "https://localhost:8080"]
)
def test_a_url_that_is_not_of_the_working_copy_is_refused(
    server: Server, co: Path, old: str
) -> None:
    with pytest.raises(Error, match="the working copy is not of ") as error:
        relocated(server, co, old, "http://there/demo")
    assert f"its URL is {OLD}/demo" in str(error.value)


def test_another_object_is_refused(server: Server, co: Path) -> None:
    server.objects = {"demo": b"a file\n"}
    before = (control(co.parent) / "Root").read_text()
    with pytest.raises(Error, match="another object answers at http://there/demo"):
        relocated(server, co, OLD, "http://there")
    assert (control(co.parent) / "Root").read_text() == before
