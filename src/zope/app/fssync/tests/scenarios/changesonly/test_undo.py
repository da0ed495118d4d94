"""What was done on the server is taken back, as local changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from zope.app.file.file import File
from zope.copypastemove.interfaces import IContainerItemRenamer
from zope.copypastemove.interfaces import IObjectMover
from zope.dublincore.interfaces import IZopeDublinCore
from zope.site.folder import Folder

from zope.app.fssync.client.log import Query
from zope.app.fssync.tests.scenarios.changesonly.people import Person
from zope.app.fssync.tests.scenarios.changesonly.site import Site
from zope.app.fssync.tests.scenarios.changesonly.test_history import FIRST
from zope.app.fssync.tests.scenarios.changesonly.test_history import rename
from zope.app.fssync.tests.scenarios.changesonly.test_log import append
from zope.app.fssync.tests.scenarios.changesonly.test_log import change
from zope.fssync.errors import Error

pytestmark = pytest.mark.slow


@pytest.fixture
def copy(person: Callable[..., Person]) -> Person:
    return person()


def last(site: Site) -> str:
    return str(site.db.lastTransaction().hex())


def content(site: Site) -> dict[str, Any]:
    """What there is on the server: bodies, titles and types."""
    found: dict[str, Any] = {}

    def walk(path: str, obj: Any) -> None:
        title = getattr(IZopeDublinCore(obj, None), "title", None)
        if hasattr(obj, "keys"):
            found[path] = title
            for name in obj:
                walk(f"{path}/{name}", obj[name])
        else:
            body = getattr(obj, "data", None)
            found[path] = title, body and bytes(body), getattr(obj, "contentType", "")

    with site.changing() as root:
        walk("", root["area"]["demo"])
    return found


def change_all(demo: Any) -> None:
    """Do a bit of everything."""
    demo["docs"]["two.txt"].data = FIRST.replace(b"3", b"three")
    demo["docs"]["two.txt"].contentType = "text/html"
    IZopeDublinCore(demo["docs"]["two.txt"]).title = "Another"
    del demo["secret"]
    demo["new.txt"] = File(b"new", "text/plain")
    IZopeDublinCore(demo["docs"]).title = "Documents"


def test_a_transaction_is_taken_back_and_committed(copy, site):
    before = content(site)
    change(site, "a bit of everything", change_all)
    tid = last(site)
    assert content(site) != before
    copy("update")
    copy("undo_transaction", "", tid)
    assert not copy.conflicts
    copy("commit")
    assert content(site) == before


def test_a_move_is_taken_back(copy, site):
    before = content(site)
    change(site, "renamed", rename)
    copy("update")
    copy("undo_transaction", "", last(site))
    copy("commit")
    assert content(site) == before


def test_an_object_takes_back_its_own_move(copy, site):
    before = content(site)
    change(site, "renamed", rename)
    tid = last(site)
    copy("update")
    copy("undo_transaction", "docs/deux.txt", tid)
    copy("commit")
    assert content(site) == before
    change(site, "out", lambda demo: IObjectMover(demo["docs"]["deep"]).moveTo(demo))
    tid = last(site)
    copy("update")
    copy("undo_transaction", "deep", tid)
    assert not copy.conflicts
    copy("commit")
    assert content(site) == before


def test_a_move_of_a_container_is_not_taken_back_for_what_is_in_it(copy, site):
    def move(demo: Any) -> None:
        demo["docs"]["two.txt"].data = b"new"
        IContainerItemRenamer(demo).renameItem("docs", "papers")

    change(site, "renamed", move)
    copy("update")
    with copy._client() as fs:
        logged = fs.undo_transaction(str(copy.top / "papers/two.txt"), last(site))
    assert logged.origin == "../../docs/two.txt"
    assert copy.read("papers/two.txt") == FIRST


def test_objects_moved_since_are_found(copy, site):
    def edit(demo: Any) -> None:
        append("docs", "two.txt")(demo)
        del demo["secret"]["plan.txt"]

    def move(demo: Any) -> None:
        for name in ("docs", "secret"):
            IContainerItemRenamer(demo).renameItem(name, f"old-{name}")
        IContainerItemRenamer(demo["old-docs"]).renameItem("two.txt", "deux.txt")
        # What has the place now is something else.
        demo["docs"] = Folder()
        demo["docs"]["two.txt"] = File(FIRST + b"more\n", "text/plain")

    change(site, "edited", edit)
    tid = last(site)
    change(site, "moved", move)
    copy("update")
    copy("undo_transaction", "", tid)
    assert not copy.conflicts
    assert copy.read("old-docs/deux.txt") == FIRST
    assert copy.read("docs/two.txt") == FIRST + b"more\n"
    assert copy.read("old-secret/plan.txt") == b"a plan\n"
    copy("commit")
    assert copy("status", "", False, False) == []


def test_a_move_that_was_followed_by_another_is_in_conflict(copy, site):
    change(site, "once", rename)
    tid = last(site)
    change(site, "twice", lambda demo: rename_to(demo["docs"], "deux.txt", "II.txt"))
    copy("update")
    copy("undo_transaction", "", tid)
    assert copy.conflicts == [str(copy.top / "docs" / "two.txt")]
    assert copy.read("docs/II.txt") == FIRST


def rename_to(folder: Any, old: str, new: str) -> None:
    IContainerItemRenamer(folder).renameItem(old, new)


def test_objects_others_did_since_stay(copy, site):
    change(site, "first", append("docs", "two.txt"))
    tid = last(site)

    def prepend(demo: Any) -> None:
        two = demo["docs"]["two.txt"]
        two.data = b"0\n" + bytes(two.data)

    change(site, "second", prepend)
    copy("update")
    copy("undo_transaction", "", tid)
    assert not copy.conflicts
    assert copy.read("docs/two.txt") == b"0\n" + FIRST


def test_objects_others_changed_since_are_a_conflict(copy, site):
    change(site, "first", append("docs", "two.txt"))
    tid = last(site)
    change(site, "second", append("docs", "two.txt"))

    def shout(demo: Any) -> None:
        two = demo["docs"]["two.txt"]
        two.data = bytes(two.data).replace(b"more", b"MORE")

    change(site, "third", shout)
    copy("update")
    copy("undo_transaction", "", tid)
    assert copy.conflicts == [str(copy.top / "docs" / "two.txt")]
    assert b"MORE" in copy.read("docs/two.txt")
    with pytest.raises(Error, match="conflict"):
        copy("commit")


def test_objects_added_and_edited_since_stay(copy, site):
    change(site, "new", lambda demo: demo.__setitem__("new.txt", File(b"1", "text/a")))
    tid = last(site)
    change(site, "more", append("new.txt"))
    copy("update")
    copy("undo_transaction", "", tid)
    assert copy.conflicts == [str(copy.top / "new.txt")]
    assert copy.read("new.txt") == b"1more\n"


def test_only_a_part_of_a_transaction_is_taken_back(copy, site):
    change(site, "a bit of everything", change_all)
    copy("update")
    copy("undo_transaction", "docs/two.txt", last(site))
    assert copy.read("docs/two.txt") == FIRST
    assert not (copy.top / "secret").exists()


def test_a_transaction_elsewhere_is_not_taken_back(copy, site):
    change(site, "one", append("large.bin"))
    with pytest.raises(Error, match="changed nothing in"):
        copy("undo_transaction", "docs", last(site))


def test_objects_taken_back_are_not_taken_back_again(copy, site):
    change(site, "one", append("docs", "two.txt"))
    tid = last(site)
    copy("update")
    copy("undo_on_server", "", tid)
    assert copy("undo_transaction", "", tid) == []


def test_a_tree_is_as_it_was(copy, site):
    begin, before = last(site), content(site)
    change(site, "a bit of everything", change_all)
    change(site, "and more", append("docs", "two.txt"))
    copy("update")
    copy("revert_to", "", begin)
    assert not copy.conflicts
    copy("commit")
    assert content(site) == before


def test_a_tree_is_as_it_was_before_commits_of_its_own(copy, site):
    begin, before = last(site), content(site)
    copy.write("docs/two.txt", b"mine\n")
    copy("commit")
    with copy._client() as fs:
        fs.move([str(copy.top / "docs/two.txt")], str(copy.top / "two.txt"))
    copy("commit")
    copy("remove", "secret")
    copy("commit")
    # What is not committed is none of it.
    copy.write("large.bin", b"edited")
    (copy.top / "new.txt").write_bytes(b"new")
    copy("add", "new.txt")
    copy("revert_to", "", begin)
    assert not copy.conflicts
    assert copy.read("large.bin") == b"edited"
    assert copy.read("new.txt") == b"new"
    copy("revert", "large.bin")
    copy("revert", "new.txt")
    copy("commit")
    assert content(site) == before


def test_an_undo_on_the_server_is_one_commit(copy, site):
    before = content(site)
    change(site, "a bit of everything", change_all)
    tid = last(site)
    copy("update")
    copy("undo_on_server", "", tid, None, True)
    assert last(site) == tid
    assert copy("status", "", False, False) == []
    copy("undo_on_server", "", tid)
    assert content(site) == before
    with copy._client() as fs:
        (newest, *_) = fs.log(str(copy.top), Query(limit=1))
    assert newest.message == f"Undo {tid}: a bit of everything"


def test_an_undo_on_the_server_refuses_conflicts_and_changes_nothing(copy, site):
    change(site, "new", lambda demo: demo.__setitem__("new.txt", File(b"1", "text/a")))
    tid = last(site)
    change(site, "more", append("new.txt"))
    copy("update")
    newest = last(site)
    with pytest.raises(Error, match="others changed the same since"):
        copy("undo_on_server", "", tid)
    assert last(site) == newest
    assert copy("status", "", False, False) == []


def test_an_undo_on_the_server_refuses_local_changes(copy, site):
    change(site, "one", append("docs", "two.txt"))
    copy("update")
    copy.write("large.bin", b"mine")
    with pytest.raises(Error, match=r"large\.bin. has local changes"):
        copy("undo_on_server", "", last(site))
    assert copy.read("large.bin") == b"mine"


def test_an_update_without_news_is_no_operation(copy, site):
    copy("remove", "docs/two.txt")
    outside(site)
    seen = copy.state_file.read_bytes()
    copy("update")
    assert copy.state_file.read_bytes() != seen
    copy("undo")
    assert copy.read("docs/two.txt") == FIRST
    assert copy("status", "", False, False) == []


def test_an_update_is_taken_back_after_one_without_news(copy, site):
    change(site, "more", append("docs", "two.txt"))
    copy("update")
    outside(site)
    copy("update")
    copy("undo")
    assert not copy.conflicts
    assert copy.read("docs/two.txt") == FIRST
    assert copy("status", "", False, False) == []
    copy.update()
    assert copy.read("docs/two.txt") == FIRST + b"more\n"


def outside(site: Site) -> None:
    """Change what is not checked out."""
    with site.changing() as root:
        root["area"]["outside"]["target"].data = b"others"
