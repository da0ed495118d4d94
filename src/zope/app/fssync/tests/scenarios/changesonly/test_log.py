"""The log of an object: every transaction that changed it, whoever made it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import transaction
from persistent.TimeStamp import TimeStamp
from ZODB.POSException import UndoError
from zope.app.file.file import File
from zope.app.folder import Folder
from zope.copypastemove.interfaces import IContainerItemRenamer
from zope.copypastemove.interfaces import IObjectMover
from zope.proxy import removeAllProxies
from zope.securitypolicy.interfaces import IPrincipalPermissionManager

from zope.app.fssync.client import log as client_log
from zope.app.fssync.client.log import Logged
from zope.app.fssync.client.log import Query
from zope.app.fssync.server.changes import log as server_log
from zope.app.fssync.server.changes import reachable
from zope.app.fssync.server.changes.changedpaths import ChangedPaths
from zope.app.fssync.tests.scenarios.changesonly.people import Person
from zope.app.fssync.tests.scenarios.changesonly.site import INITIAL
from zope.app.fssync.tests.scenarios.changesonly.site import Site

pytestmark = pytest.mark.slow

#: What the site begins with: it is filled, and then a part is taken out.
BEGINNING = ["", INITIAL]


def log(copy: Person, path: str = "", **query: Any) -> list[Logged]:
    with copy._client() as fs:
        return list(fs.log(str(copy.top / path), Query(**query)))


def told(copy: Person, path: str = "", **query: Any) -> list[tuple[Any, ...]]:
    """Return message and changes of each transaction."""
    return [(each.message, *each.changes) for each in log(copy, path, **query)]


def change(site: Site, note: str, what: Callable[[Any], object]) -> None:
    with site.changing() as root:
        transaction.get().note(note)
        what(root["area"]["demo"])


def append(*path: str) -> Callable[[Any], None]:
    def changed(demo: Any) -> None:
        for name in path:
            demo = demo[name]
        demo.data = bytes(demo.data) + b"more\n"

    return changed


def hide(demo: Any) -> None:
    """Keep a folder from the editor."""
    rights = IPrincipalPermissionManager(removeAllProxies(demo["secret"]))
    rights.denyPermissionToPrincipal("zope.View", "zope.editor")


@pytest.fixture
def copy(person: Callable[..., Person]) -> Person:
    return person()


def test_log_shows_a_commit_with_user_and_message(copy, site):
    copy.write("docs/two.txt", b"mine\n")
    copy("commit", "docs/two.txt", "why not")
    (newest, *_) = log(copy)
    assert newest.user == "zope.manager"
    assert newest.message == "why not"
    assert newest.changes == [("M", "docs/two.txt")]
    assert newest.id == site.db.lastTransaction().hex()


def test_log_shows_changes_that_nobody_committed(copy, site):
    change(site, "in the browser", append("docs", "two.txt"))
    assert told(copy)[0] == ("in the browser", ("M", "docs/two.txt"))


def test_log_shows_additions_and_removals(copy, site):
    change(site, "new", lambda demo: demo.__setitem__("new.txt", File(b"1", "text/a")))
    change(site, "away", lambda demo: demo.__delitem__("new.txt"))
    (away, new, *_) = told(copy)
    assert ("D", "new.txt") in away
    assert ("A", "new.txt") in new


def test_log_shows_what_a_removed_folder_had(copy, site):
    change(site, "away", lambda demo: demo.__delitem__("docs"))
    (away, *_) = told(copy)
    assert ("D", "docs") in away


def test_log_shows_a_move_with_both_places(copy, site):
    def rename(demo: Any) -> None:
        IContainerItemRenamer(demo["docs"]).renameItem("two.txt", "deux.txt")

    change(site, "in French", rename)
    (newest, *_) = told(copy)
    assert ("R", "docs/deux.txt", "docs/two.txt") in newest


def test_log_of_a_file_shows_only_what_changed_it(copy, site):
    change(site, "one", append("docs", "two.txt"))
    change(site, "other", append("docs", "deep", "one.txt"))
    messages = [each.message for each in log(copy, "docs/two.txt")]
    assert messages == ["one", INITIAL]


def test_log_follows_an_object_to_where_it_was_before(copy, site):
    change(site, "before", append("docs", "two.txt"))

    def rename(demo: Any) -> None:
        IContainerItemRenamer(demo["docs"]).renameItem("two.txt", "deux.txt")

    change(site, "renamed", rename)
    copy("update")
    messages = [each.message for each in log(copy, "docs/deux.txt")]
    assert messages == ["renamed", "before", INITIAL]


def rename(name: str, wanted: str, *path: str) -> Callable[[Any], None]:
    def renamed(demo: Any) -> None:
        for each in path:
            demo = demo[each]
        IContainerItemRenamer(demo).renameItem(name, wanted)

    return renamed


def move(name: str, *path: str) -> Callable[[Any], None]:
    """Move an object of the folder into one below it."""

    def moved(demo: Any) -> None:
        target = demo
        for each in path:
            target = target[each]
        IObjectMover(demo[name]).moveTo(target, name)

    return moved


def origins(copy: Person, path: str, **query: Any) -> list[tuple[str, str]]:
    return [(each.message, each.origin) for each in log(copy, path, **query)]


@pytest.mark.parametrize("near", [0, 2000])
@pytest.mark.parametrize("size", [1, 100])
def test_log_of_a_file_shows_its_own_moves_with_the_old_place(
    copy, site, near, size, monkeypatch
):
    monkeypatch.setattr(server_log, "NEAR_RECORDS", near)
    monkeypatch.setattr(server_log, "LOG_PAGE", 2)
    monkeypatch.setattr(client_log, "LOG_PAGE", size)
    monkeypatch.setattr(client_log, "LOG_FIRST", size)
    change(site, "named", rename("two.txt", "deux.txt", "docs"))
    change(site, "beside", append("docs", "deep", "one.txt"))
    change(site, "edited", append("docs", "deux.txt"))
    change(site, "above", rename("docs", "papers"))
    change(site, "deeper", move("papers", "secret"))
    change(site, "away", lambda demo: demo["secret"].__delitem__("plan.txt"))
    copy("update")
    expected = [
        ("deeper", "../../../papers/deux.txt"),
        ("above", "../../docs/deux.txt"),
        ("edited", ""),
        ("named", "../two.txt"),
        (INITIAL, ""),
    ]
    assert origins(copy, "secret/papers/deux.txt") == expected
    assert origins(copy, "secret/papers", limit=2) == [
        ("deeper", "../../papers"),
        ("above", "../docs"),
    ]
    # What did not touch the file itself has no change but that.
    assert [each.changes for each in log(copy, "secret/papers/deux.txt")][:2] == [
        [],
        [],
    ]


def test_log_follows_containers_that_the_object_has_left(copy, site):
    change(site, "named", rename("docs", "papers"))
    change(
        site,
        "out",
        lambda demo: IObjectMover(demo["papers"]["two.txt"]).moveTo(demo, "two.txt"),
    )
    change(site, "named again", rename("papers", "books"))
    change(site, "gone", lambda demo: demo.__delitem__("books"))
    copy("update")
    assert origins(copy, "two.txt") == [
        ("out", "../papers/two.txt"),
        ("named", "../../docs/two.txt"),
        (INITIAL, ""),
    ]


def test_moves_of_an_object_from_a_hidden_place_are_kept_quiet(person, site):
    change(
        site,
        "out",
        lambda demo: IObjectMover(demo["secret"]["plan.txt"]).moveTo(demo, "plan.txt"),
    )
    change(site, "hidden", hide)
    editor, manager = person("editor"), person("manager")
    assert origins(manager, "plan.txt")[0] == ("out", "../secret/plan.txt")
    assert origins(editor, "plan.txt")[0] == ("out", "")
    change(
        site,
        "gone",
        lambda demo: demo.__delitem__("secret"),
    )
    assert origins(manager, "plan.txt")[0] == ("out", "../secret/plan.txt")


def test_log_of_a_folder_leaves_out_what_is_beside_it(copy, site):
    change(site, "beside", append("large.bin"))
    messages = [each.message for each in log(copy, "docs")]
    assert messages == [INITIAL]


def test_log_is_limited_and_goes_on_beyond_a_page(copy, site, monkeypatch):
    monkeypatch.setattr(client_log, "LOG_PAGE", 10)
    for number in range(13):
        change(site, f"number {number}", append("docs", "two.txt"))
    expected = [f"number {number}" for number in reversed(range(13))] + BEGINNING
    for near in (0, 2000):
        monkeypatch.setattr(server_log, "NEAR_RECORDS", near)
        monkeypatch.setattr(server_log, "LOG_PAGE", 4)
        assert [each.message for each in log(copy, limit=3)] == expected[:3]
        assert [each.message for each in log(copy)] == expected
        assert [each.message for each in log(copy, "docs/two.txt")] == [
            *expected[:-2],
            INITIAL,
        ]
    # All transactions are looked at where the records are too many.
    monkeypatch.setattr(server_log, "NEAR_RECORDS", 0)
    monkeypatch.setattr(reachable, "LISTED_RECORDS", 0)
    monkeypatch.setattr(server_log, "EXAMINED_TRANSACTIONS", 4)
    assert [each.message for each in log(copy)] == expected


@pytest.mark.parametrize("near", [0, 2000])
def test_log_shows_what_a_folder_had_that_is_gone(copy, site, near, monkeypatch):
    monkeypatch.setattr(server_log, "NEAR_RECORDS", near)
    monkeypatch.setattr(server_log, "LOG_PAGE", 1)
    change(site, "more", append("docs", "deep", "one.txt"))
    change(site, "away", lambda demo: demo["docs"].__delitem__("deep"))
    change(site, "beside", append("docs", "two.txt"))
    assert told(copy, "docs")[1:3] == [
        ("away", ("M", ""), ("D", "deep")),
        ("more", ("M", "deep/one.txt")),
    ]


def test_log_goes_on_while_the_database_is_packed(copy, site, monkeypatch):
    change(site, "more", append("docs", "two.txt"))
    monkeypatch.setattr(server_log, "NEAR_RECORDS", 0)
    monkeypatch.setattr(site.db.storage, "_pack_is_in_progress", True)
    with pytest.raises(UndoError):
        site.db.undoInfo()
    assert [m for m, *_ in told(copy)] == ["more", *BEGINNING]


def test_log_leaves_out_what_is_packed_while_it_is_asked_for(copy, site, monkeypatch):
    change(site, "first", append("docs", "two.txt"))
    change(site, "second", append("docs", "two.txt"))
    around = ChangedPaths.around

    def pack_and_look(self: Any, tid: bytes, *records: Any) -> Any:
        if tid != site.db.lastTransaction():
            site.db.pack()
            change(site, "third", append("docs", "two.txt"))
        return around(self, tid, *records)

    monkeypatch.setattr(ChangedPaths, "around", pack_and_look)
    begins: list[float] = []
    with copy._client() as fs:
        assert list(fs.log(str(copy.top), Query(), begins.append)) == []
    assert len(begins) == 1


def test_log_tells_when_the_history_begins(copy, site):
    change(site, "first", append("docs", "two.txt"))
    site.db.pack()
    packed = site.db.lastTransaction()
    change(site, "second", append("docs", "two.txt"))
    begins: list[float] = []
    with copy._client() as fs:
        found = fs.log(str(copy.top), Query(), begins.append)
        assert [each.message for each in found] == ["second"]
    assert begins == [TimeStamp(packed).timeTime()]


def test_log_finds_users_texts_and_times(copy, site):
    change(site, "first text", append("docs", "two.txt"))
    middle = site.db.lastTransaction().hex()
    change(site, "second text", append("docs", "two.txt"))
    assert [m for m, *_ in told(copy, text="FIRST")] == ["first text"]
    assert told(copy, user="nobody here") == []
    assert [m for m, *_ in told(copy, until=middle)] == ["first text", *BEGINNING]
    assert [m for m, *_ in told(copy, since=middle)] == ["second text", "first text"]


def test_log_keeps_quiet_about_what_the_caller_may_not_read(person, site):
    change(site, "hidden", hide)
    editor = person("editor")
    change(site, "secret plans", append("secret", "plan.txt"))
    change(site, "open", append("docs", "two.txt"))
    change(site, "gone", lambda demo: demo["secret"].__delitem__("plan.txt"))
    assert [m for m, *_ in told(editor)] == ["open", *BEGINNING]
    assert "secret plans" in [m for m, *_ in told(person("manager"))]
    paths = {path for _, *changes in told(editor) for _, path, *_ in changes}
    assert not [path for path in paths if path.startswith("secret")]


@pytest.mark.parametrize("listed", [0, 2000])
def test_log_does_not_count_what_the_caller_may_not_read(
    person, site, listed, monkeypatch
):
    change(site, "open", append("docs", "two.txt"))
    change(site, "hidden", hide)
    editor = person("editor")
    hidden = []
    for _ in range(8):
        change(site, "secret plans", append("secret", "plan.txt"))
        hidden.append(site.db.lastTransaction().hex())
    monkeypatch.setattr(server_log, "NEAR_RECORDS", 0)
    monkeypatch.setattr(reachable, "LISTED_RECORDS", listed)
    monkeypatch.setattr(server_log, "LOG_PAGE", 1)
    monkeypatch.setattr(server_log, "EXAMINED_TRANSACTIONS", 3)
    documents = []

    def ask(network: Any, path: str, arguments: str, seen: str) -> Any:
        documents.append(asked(network, path, arguments, seen))
        return documents[-1]

    asked = client_log._ask
    monkeypatch.setattr(client_log, "_ask", ask)
    assert [m for m, *_ in told(editor)] == ["open", *BEGINNING]
    stops = {each["before"] for each in documents}
    assert len(stops) > 2
    assert not stops.intersection(hidden)


def test_log_of_what_was_removed_with_a_withheld_folder_is_kept_quiet(person, site):
    change(site, "hidden", hide)
    editor = person("editor")
    change(site, "more", lambda demo: demo["secret"].__setitem__("in", Folder()))
    change(site, "none", lambda demo: demo["secret"].__delitem__("in"))
    assert [m for m, *_ in told(editor)] == BEGINNING


def test_log_shows_the_differences_that_each_transaction_made(copy, site):
    change(site, "more", append("docs", "two.txt"))
    change(site, "new", lambda demo: demo.__setitem__("new.txt", File(b"1", "text/a")))
    written: list[bytes] = []
    with copy._client() as fs:
        new, more, *_ = fs.log(str(copy.top), Query(limit=2))
        diff = fs.log_diff(str(copy.top), written.append, lambda path: None)
        assert diff.show(new) == []
        assert b"+1\n" in b"".join(written)
        written.clear()
        assert diff.show(more) == []
    assert b"".join(written).endswith(b" 7\n+more\n")
