"""A site of the toolkit tells what changed since a state: all, and not much more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from zope.annotation.interfaces import IAnnotations
from zope.app.file.file import File
from zope.component import getSiteManager
from zope.copypastemove.interfaces import IContainerItemRenamer
from zope.dublincore.interfaces import IZopeDublinCore
from zope.proxy import removeAllProxies
from zope.securitypolicy.interfaces import IPrincipalRoleManager

from zope.app.fssync.hosts.toolkit.tests.containers import DERIVED
from zope.app.fssync.server.changes.history import History
from zope.app.fssync.server.changes.history import HistoryUnavailable
from zope.app.fssync.server.changes.tests.callers import MANAGER
from zope.app.fssync.server.changes.tests.callers import called_by
from zope.app.fssync.server.changes.tests.callers import demo
from zope.app.fssync.tests.scenarios.changesonly.conftest import server as server
from zope.app.fssync.tests.scenarios.changesonly.conftest import site as site
from zope.app.fssync.tests.scenarios.changesonly.site import Site
from zope.fssync.task.delta import Changed


def told(site: Site, change: Callable[[Any], object]) -> Changed:
    """Return what is told of a change."""
    with demo(site) as obj:
        before = History(removeAllProxies(obj)._p_jar).now
    with site.changing() as root:
        change(root["area"]["demo"])
    with called_by(MANAGER) as host, demo(site) as obj:
        bare = host.bare(obj)
        found: Changed = host.changes(obj, History(bare._p_jar), before, False)
        return found


def paths(changed: Changed, above: str = "") -> dict[str, set[str]]:
    """Return the marks by path."""
    found = {above: set(changed.marks)} if changed.marks else {}
    for key, each in changed.items.items():
        found |= paths(each, f"{above}/{key}")
    return found


def title(demo: Any) -> None:
    IZopeDublinCore(demo["docs"]["two.txt"]).title = "New"


def rename(demo: Any) -> None:
    IContainerItemRenamer(demo).renameItem("docs", "texts")


def grant(demo: Any) -> None:
    roles = IPrincipalRoleManager(demo["docs"])
    roles.assignRoleToPrincipal("zope.Member", "zope.weak")


@pytest.mark.parametrize(
    ("change", "marks"),
    [
        (
            lambda demo: setattr(demo["docs"]["two.txt"], "data", b"2"),
            {"/docs/two.txt": {"tree"}},
        ),
        (title, {"/docs/two.txt": {"tree"}}),
        (
            lambda demo: demo["docs"].__setitem__("new.txt", File(b"n")),
            {"/docs": {"node", "list"}, "/docs/new.txt": {"tree"}},
        ),
        (
            lambda demo: demo["docs"].__delitem__("two.txt"),
            {"/docs": {"node", "list"}},
        ),
        (rename, {"": {"node", "list"}, "/texts": {"tree"}}),
        (grant, {"/docs": {"tree"}}),
        (lambda demo: IAnnotations(demo.__parent__["outside"]).update(a="b"), {}),
    ],
    ids=["content", "title", "addition", "removal", "move", "grant", "outside"],
)
def test_a_change_is_told_where_it_is(
    server: object, site: Site, change: Any, marks: dict[str, set[str]]
) -> None:
    assert paths(told(site, change)) == marks


@pytest.mark.parametrize("kind", DERIVED)
def test_a_change_in_a_container_of_any_class_is_told(
    server: object, site: Site, kind: type
) -> None:
    with site.changing() as root:
        box = root["area"]["demo"]["box"] = kind()
        box["one.txt"], box["two.txt"] = File(b"1"), File(b"2")

    def change(demo: Any) -> None:
        demo["box"]["one.txt"].data = b"one"
        del demo["box"]["two.txt"]
        demo["box"]["new.txt"] = File(b"n")

    found = paths(told(site, change))
    assert found["/box"] == {"node", "list"}
    assert {"/box/one.txt", "/box/new.txt"} <= found.keys()
    assert found.keys() <= {"/box", *(f"/box/{n}.txt" for n in ("one", "two", "new"))}


def test_registrations_concern_everything(server: object, site: Site) -> None:
    def register(demo: Any) -> None:
        manager = getSiteManager(demo.__parent__)
        manager["default"]["new"] = File(b"")
        manager._p_changed = True

    with pytest.raises(HistoryUnavailable):
        told(site, register)
