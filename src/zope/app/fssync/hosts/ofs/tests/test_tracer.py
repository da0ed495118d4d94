"""Zope tells what changed since a state: all of it, and not much more."""

from __future__ import annotations

import io

import pytest
import transaction
from OFS.Folder import Folder
from OFS.Image import File
from Products.BTreeFolder2.BTreeFolder2 import BTreeFolder2
from ZODB.FileStorage import FileStorage
from ZPublisher.BeforeTraverse import NameCaller
from ZPublisher.BeforeTraverse import registerBeforeTraverse
from ZPublisher.BeforeTraverse import unregisterBeforeTraverse

from zope.app.fssync.hosts.ofs.host import ZopeHost
from zope.app.fssync.server.changes.history import History
from zope.app.fssync.server.changes.history import HistoryUnavailable
from zope.app.fssync.server.checkout import checkout
from zope.app.fssync.testing.ofs.site import application
from zope.app.fssync.testing.ofs.site import calling
from zope.app.fssync.testing.ofs.site import configured
from zope.app.fssync.testing.serversite import Archive


@pytest.fixture(scope="module")
def components():
    with configured():
        yield


@pytest.fixture
def app(components, tmp_path):
    with application(FileStorage(str(tmp_path / "Data.fs"))) as app:
        app._setObject("demo", Folder("demo"))
        for place in (app.demo, app):
            place._setObject("sub", Folder("sub"))
            for name in ("a.txt", "b.txt"):
                place.sub._setObject(name, File(name, "", b"x", "text/plain"))
        app.demo._setObject("many", BTreeFolder2("many"))
        for number in range(100):
            name = f"f{number}"
            app.demo.many._setObject(name, File(name, "", b"x", "text/plain"))
        app.demo._setObject("large", File("large", "", b""))
        app.demo.large.manage_upload(b"x" * 300_000)
        transaction.commit()
        with calling(app, "manager"):
            yield app


class Change:
    """What an edit changes in the demo folder."""

    def __init__(self, app, edit):
        self.app = app
        history = History(app._p_jar)
        before = self.archive()
        edit(app.demo)
        transaction.commit()
        self.changed = ZopeHost().changes(
            app.demo, History(app._p_jar), history.now, False
        )
        after = self.archive()
        #: Paths in the archive that are new or other than before.
        self.paths = [path for path in after if before.get(path) != after[path]]

    def archive(self):
        stream = io.BytesIO()
        checkout(self.app.demo, "demo", stream)
        return Archive.parse(stream.getvalue())

    @property
    def marks(self):
        found = {}

        def walk(changed, path):
            if changed.marks:
                found[path] = " ".join(sorted(changed.marks))
            for key, item in changed.items.items():
                walk(item, f"{path}/{key}" if path else key)

        walk(self.changed, "")
        return found


def add(folder):
    folder.sub._setObject("c.txt", File("c.txt", "", b"c", "text/plain"))


def replace(folder):
    folder.sub._delObject("a.txt")
    folder.sub._setObject("a.txt", File("a.txt", "", b"other", "text/plain"))


def arrange(folder):
    folder.sub._objects = folder.sub._objects[::-1]


def rename(folder):
    folder.sub.manage_renameObject("a.txt", "d.txt")


def move(folder):
    cut = folder.sub.manage_cutObjects(["a.txt"])
    folder.many.manage_pasteObjects(cut)


def rule(folder):
    registerBeforeTraverse(folder.sub, NameCaller("a.txt"), "AccessRule")


def other_rule(folder):
    unregisterBeforeTraverse(folder.sub, "AccessRule")
    registerBeforeTraverse(folder.sub, NameCaller("b.txt"), "AccessRule")


EDITS = {
    "body": (
        lambda demo: demo.sub["a.txt"].manage_upload(b"new"),
        {"sub/a.txt": "tree"},
    ),
    "end of a large body": (
        lambda demo: setattr(demo.large.data.next.next, "data", b"y" * 10),
        {"large": "tree"},
    ),
    "title": (
        lambda demo: demo.sub["a.txt"].manage_changeProperties(title="T"),
        {"sub/a.txt": "tree"},
    ),
    "in a tree": (
        lambda demo: demo.many["f7"].manage_upload(b"new"),
        {"many/f7": "tree"},
    ),
    "add": (add, {"sub": "list node", "sub/c.txt": "tree"}),
    "add to a tree": (
        lambda demo: demo.many._setObject("new", File("new", "", b"n")),
        {"many": "list node", "many/new": "tree"},
    ),
    "remove": (
        lambda demo: demo.sub._delObject("a.txt"),
        {"sub": "list node"},
    ),
    "replace": (replace, {"sub": "list node", "sub/a.txt": "tree"}),
    "arrange": (arrange, {"sub": "list node"}),
    "rename": (rename, {"sub": "list node", "sub/d.txt": "tree"}),
    "move": (
        move,
        {"many": "list node", "many/a.txt": "tree", "sub": "list node"},
    ),
    "property of a folder": (
        lambda demo: demo.sub.manage_addProperty("n", 1, "int"),
        {"sub": "tree"},
    ),
    "local roles": (
        lambda demo: demo.sub.manage_addLocalRoles("reader", ["Manager"]),
        {"sub": "tree"},
    ),
    "permission": (
        lambda demo: demo.sub.manage_permission("View", ["Manager"]),
        {"sub": "tree"},
    ),
    "access rule": (rule, {"sub": "tree"}),
    "elsewhere": (
        lambda demo: demo.aq_parent.sub["a.txt"].manage_upload(b"new"),
        {},
    ),
    "added above": (
        lambda demo: demo.aq_parent._setObject("other", Folder("other")),
        {},
    ),
    "nothing": (lambda demo: None, {}),
}


def is_covered(path, marks):
    """Is a path of the archive within what is sent for these marks?"""
    head, control, tail = path.removeprefix("demo/").partition("@@Zope/")
    where = head.rstrip("/") if control else path.removeprefix("demo/")
    if tail.startswith(("Extra/", "Annotations/")):
        where = f"{head}{tail.split('/')[1]}"
        if "node" in marks.get(where, ""):
            return True
    if tail == "Entries.xml" and any(m.rpartition("/")[0] == where for m in marks):
        # The entries of what changed come along.
        return True
    while where:
        if marks.get(where) == "tree":
            return True
        if tail == "Entries.xml" and "list" in marks.get(where, ""):
            return True
        where = where.rpartition("/")[0]
    return False


@pytest.mark.parametrize("name", EDITS)
def test_a_change_is_told_where_it_is(app, name):
    edit, marks = EDITS[name]
    change = Change(app, edit)
    assert change.marks == marks
    assert [path for path in change.paths if not is_covered(path, marks)] == []


def test_a_hook_is_no_change_of_a_folder_unless_it_changes(app):
    rule(app.demo)
    transaction.commit()
    assert Change(app, add).marks == EDITS["add"][1]
    assert Change(app, other_rule).marks == {"sub": "tree"}


@pytest.mark.parametrize(
    "edit",
    [
        lambda demo: demo.manage_addLocalRoles("reader", ["Manager"]),
        lambda demo: demo.aq_parent.manage_permission("View", ["Manager"]),
    ],
)
def test_a_change_that_concerns_everything_has_no_bounds(app, edit):
    with pytest.raises(HistoryUnavailable):
        Change(app, edit)


def test_references_are_not_bounded(app):
    now = History(app._p_jar).now
    app.demo.title = "x"
    transaction.commit()
    with pytest.raises(HistoryUnavailable):
        ZopeHost().changes(app.demo, History(app._p_jar), now, True)


def test_large_objects_do_not_fill_the_memory(app):
    now = History(app._p_jar).now
    app.demo.large.manage_upload(io.BytesIO(b"x" * 20_000_000))
    transaction.commit()
    app._p_jar.cacheMinimize()
    changed = ZopeHost().changes(app.demo, History(app._p_jar), now, False)
    assert list(changed.items) == ["large"]
    kept = [each._p_estimated_size for _, each in app._p_jar._cache.lru_items()]
    assert sum(kept) < 2_000_000
