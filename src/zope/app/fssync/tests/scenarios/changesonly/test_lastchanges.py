"""An answer with changes tells who made them, as the log does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import transaction
from zope.app.file.file import File
from zope.app.folder import Folder
from zope.copypastemove.interfaces import IObjectMover
from zope.dublincore.interfaces import IZopeDublinCore
from zope.proxy import removeAllProxies
from zope.securitypolicy.interfaces import IPrincipalPermissionManager

from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.log import last_changes
from zope.app.fssync.client.workingcopy.serverstate import States
from zope.app.fssync.hosts.toolkit.request import ToolkitViewRequest
from zope.app.fssync.protocol.views import LAST_CHANGES
from zope.app.fssync.tests.scenarios.changesonly.people import Person
from zope.app.fssync.tests.scenarios.changesonly.people import Wire
from zope.app.fssync.tests.scenarios.changesonly.site import Site
from zope.fssync.files import Tree
from zope.fssync.report import LastChange

pytestmark = pytest.mark.slow


def change(site: Site, user: str, what: Callable[[Any], object]) -> None:
    with site.changing() as root:
        transaction.get().setUser(user)
        what(root["area"]["demo"])


def edit(demo: Any) -> None:
    demo["docs"]["two.txt"].data = b"new\n"


def retitle(demo: Any) -> None:
    IZopeDublinCore(demo["docs"]["two.txt"]).title = "Second"


def add(demo: Any) -> None:
    demo["new"] = Folder()
    demo["new"]["a.txt"] = File(b"a", "text/plain")


def remove(demo: Any) -> None:
    del demo["docs"]["deep"]["one.txt"]


def move(demo: Any) -> None:
    IObjectMover(demo["docs"]["two.txt"]).moveTo(demo["new"])


CHANGES = {"ann": edit, "bob": retitle, "cid": add, "dora": remove, "eve": move}


def known(copy: Person) -> dict[str, LastChange]:
    """Return the last changes that the working copy knows, by path on the server."""
    root = str(copy.root)
    states = States(Tree(root), root)
    found = {path: states.last_change(path) for path in states._changes}
    return {path: each for path, each in found.items() if each is not None}


def logged(copy: Person, since: str) -> dict[str, LastChange]:
    """Return the last changes of what there is, as the log tells them."""
    network = Network()
    network.setrooturl(copy.address)
    found = last_changes(network, "/area/demo", since)
    changes = [change for each in found.values() for change in each.changes]
    gone = {change[-1] for change in changes if change[0] in "DR"}
    network.close()
    return {
        f"/area/demo/{place}".rstrip("/"): each.last_change()
        for place, each in found.items()
        if place not in gone
    }


def test_an_update_learns_what_the_log_tells(
    person: Callable[..., Person], site: Site, wire: Wire
) -> None:
    copy = person()
    since = site.db.lastTransaction().hex()
    for user, what in CHANGES.items():
        change(site, user, what)
    copy.update()
    assert wire.logs == []
    assert known(copy) == logged(copy, since)
    assert {each.user for each in known(copy).values()} == {"cid", "dora", "eve"}


def test_a_conflict_tells_who_made_the_change(
    person: Callable[..., Person], site: Site, wire: Wire
) -> None:
    copy = person()
    change(site, "ann", edit)
    copy.write("docs/two.txt", b"mine\n")
    copy("update")
    assert copy.conflicts
    assert wire.logs == []
    assert b"ann" in copy.read("docs/two.txt")


def test_the_log_is_asked_who_removed_an_object_in_conflict(
    person: Callable[..., Person], site: Site, wire: Wire
) -> None:
    copy = person()
    change(site, "dora", remove)
    copy.write("docs/deep/one.txt", b"mine\n")
    copy("update")
    assert copy.conflicts
    assert len(wire.logs) == 1


def test_a_user_who_may_not_see_the_log_is_told_nothing(
    person: Callable[..., Person],
    site: Site,
    wire: Wire,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    copy = person("editor")
    monkeypatch.setattr(ToolkitViewRequest, "may", lambda *args: False)
    change(site, "ann", edit)
    copy.update()
    (said,) = wire.said
    assert said.scope is not None
    assert not said.archive.isfile(LAST_CHANGES)
    assert len(wire.logs) == 1


def test_nothing_is_told_of_what_is_withheld(
    person: Callable[..., Person], site: Site, wire: Wire
) -> None:
    def hide(demo: Any) -> None:
        rights = IPrincipalPermissionManager(removeAllProxies(demo["secret"]))
        rights.denyPermissionToPrincipal("zope.View", "zope.editor")

    change(site, "ann", hide)
    copy = person("editor")

    def both(demo: Any) -> None:
        edit(demo)
        IZopeDublinCore(demo["secret"]).title = "Secret"

    change(site, "ann", both)
    copy.update()
    assert "/area/demo/docs/two.txt" in known(copy)
    assert not any("secret" in path for path in known(copy))
