"""What a client has sent is what it is sent back."""

from __future__ import annotations

import io

from zope.app.fssync.server.submitted import submitted
from zope.app.fssync.testing.serversite import Archive
from zope.fssync.changeset import NODE
from zope.fssync.changeset import TREE
from zope.fssync.changeset import Scope
from zope.fssync.repository import SnarfRepository


def repository(archive: Archive) -> SnarfRepository:
    return SnarfRepository(io.BytesIO(archive.dump()))


def sent() -> Archive:
    archive = Archive()
    archive.set_entry("demo", type="folder")
    archive.set_entry("demo/a.txt", type="file")
    archive["demo/a.txt"] = b"a"
    return archive


def test_a_changed_object_is_marked_by_its_key() -> None:
    archive = sent()
    archive.set_entry("demo/a.txt", key="A.txt")
    scope = Scope.loads(b"node demo/a.txt\n")
    changed, gone = submitted(repository(archive), scope, "Demo", "demo")
    assert changed.at(["A.txt"]).marks == {NODE}
    assert changed.marks == set()
    assert gone == []


def test_a_whole_tree_is_not_looked_into() -> None:
    archive = sent()
    archive.remove("demo/a.txt")
    scope = Scope.loads(b"tree demo\n")
    changed, gone = submitted(repository(archive), scope, "demo", "demo")
    assert changed.marks == {TREE}
    assert gone == []


def test_a_removed_object_is_gone_and_marks_its_container() -> None:
    archive = sent()
    archive.remove("demo/a.txt")
    scope = Scope.loads(b"tree demo/a.txt\n")
    changed, gone = submitted(repository(archive), scope, "demo", "demo")
    assert gone == ["demo/a.txt"]
    assert changed.marks == {NODE}
    assert changed.at(["a.txt"]).marks == set()


def test_an_added_object_marks_its_container_too() -> None:
    archive = sent()
    archive.add("demo/new.txt", b"new", type="file")
    scope = Scope.loads(b"tree demo/new.txt\n")
    changed, _ = submitted(repository(archive), scope, "demo", "demo")
    assert changed.marks == {NODE}
    assert changed.at(["new.txt"]).marks == {TREE}


def test_objects_out_of_scope_are_left_out() -> None:
    archive = sent()
    archive.remove("demo/a.txt")
    changed, gone = submitted(repository(archive), Scope.loads(b""), "demo", "demo")
    assert gone == []
    assert changed.marks == set()
