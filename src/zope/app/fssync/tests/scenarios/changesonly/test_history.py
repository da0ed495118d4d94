"""Objects as they were, for people of today."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from zope.app.file.file import File
from zope.copypastemove.interfaces import IContainerItemRenamer
from zope.copypastemove.interfaces import IObjectMover
from zope.dublincore.interfaces import IZopeDublinCore
from zope.proxy import removeAllProxies
from zope.securitypolicy.interfaces import IPrincipalPermissionManager

from zope.app.fssync.tests.scenarios.changesonly.people import Person
from zope.app.fssync.tests.scenarios.changesonly.site import Site
from zope.app.fssync.tests.scenarios.changesonly.test_log import append
from zope.app.fssync.tests.scenarios.changesonly.test_log import change
from zope.fssync.errors import AccessDenied
from zope.fssync.errors import Error
from zope.fssync.errors import ServerRefused

pytestmark = pytest.mark.slow

FIRST = b"1\n2\n3\n4\n5\n6\n7\n"


@pytest.fixture
def copy(person: Callable[..., Person]) -> Person:
    return person()


@pytest.fixture
def begin(site: Site) -> str:
    """The transaction after which the site is as the fixtures made it."""
    return str(site.db.lastTransaction().hex())


def cat(copy: Person, path: str, revision: str) -> bytes:
    found: list[bytes] = []
    target = path if "://" in path else str(copy.top / path)
    with copy._client() as fs:
        fs.cat(target, found.append, revision)
    return b"".join(found)


def difference(copy: Person, path: str, first: str, second: str | None = None) -> str:
    found: list[bytes] = []
    with copy._client() as fs:
        pair = (first, second)
        fs.diff_revisions(
            str(copy.top / path), pair, "-U 0", found.append, lambda path: None
        )
    return b"".join(found).decode()


def rename(demo: Any) -> None:
    IContainerItemRenamer(demo["docs"]).renameItem("two.txt", "deux.txt")


def test_cat_shows_a_file_as_it_was(copy, site, begin):
    change(site, "more", append("docs", "two.txt"))
    assert cat(copy, "docs/two.txt", begin) == FIRST
    assert cat(copy, "docs/two.txt", "HEAD") == FIRST + b"more\n"
    assert cat(copy, "docs/two.txt", "BASE") == FIRST


def test_cat_shows_what_was_before_the_last_change_that_was_received(copy, site):
    change(site, "more", append("docs", "two.txt"))
    copy("update")
    change(site, "and more", append("docs", "two.txt"))
    assert cat(copy, "docs/two.txt", "PREV") == FIRST


def test_cat_shows_what_was_before_the_last_commit(copy):
    for text in (b"mine\n", b"mine again\n"):
        copy.write("docs/two.txt", text)
        copy("commit")
    assert cat(copy, "docs/two.txt", "BASE") == b"mine again\n"
    assert cat(copy, "docs/two.txt", "PREV") == b"mine\n"


def test_cat_follows_an_object_to_where_it_was(copy, site, begin):
    change(site, "renamed", rename)
    change(site, "more", append("docs", "deux.txt"))
    copy("update")
    assert cat(copy, "docs/deux.txt", begin) == FIRST


def test_cat_shows_what_was_removed_since(copy, site, begin):
    change(site, "away", lambda demo: demo.__delitem__("docs"))
    assert cat(copy, "docs/two.txt", begin) == FIRST
    assert cat(copy, f"{copy.address}/docs/two.txt", begin) == FIRST
    copy("update")
    assert cat(copy, "docs/two.txt", begin) == FIRST


def test_cat_shows_a_part_as_it_was(copy, site, begin):
    def change_type(demo: Any) -> None:
        demo["docs"]["two.txt"].contentType = "text/html"

    change(site, "typed", change_type)
    part = "docs/@@Zope/Extra/two.txt/contentType"
    assert b"text/plain" in cat(copy, part, begin)
    assert b"text/html" in cat(copy, part, "HEAD")


def test_cat_refuses_what_was_not_there_yet(copy, site, begin):
    change(site, "new", lambda demo: demo.__setitem__("new.txt", File(b"1", "text/a")))
    copy("update")
    with pytest.raises(ServerRefused, match="was not there at that time"):
        cat(copy, "new.txt", begin)
    with pytest.raises(Error, match="was no file"):
        cat(copy, "docs", begin)


def test_diff_shows_what_a_transaction_changed(copy, site, begin):
    change(site, "more", append("docs", "two.txt"))
    last = site.db.lastTransaction().hex()
    told = difference(copy, "docs", begin, last)
    assert told.splitlines()[2:] == ["@@ -7,0 +8 @@", "+more"]
    assert "-more" in difference(copy, "docs", last).splitlines()
    copy("update")
    assert difference(copy, "docs", last) == ""


def test_diff_shows_what_came_and_went(copy, site, begin):
    change(site, "new", lambda demo: demo.__setitem__("new.txt", File(b"1", "text/a")))
    change(site, "away", lambda demo: demo["docs"].__delitem__("two.txt"))
    told = difference(copy, "", begin, "HEAD")
    assert "+1" in told.splitlines()
    assert "-7" in told.splitlines()
    assert difference(copy, "", "HEAD", "HEAD") == ""


def test_annotate_names_the_author_of_each_line(copy, site):
    copy.write("docs/two.txt", FIRST.replace(b"3\n", b"three\n"))
    copy("commit", "docs/two.txt", "in words")
    change(site, "renamed", rename)
    change(site, "more", append("docs", "deux.txt"))
    copy("update")
    with copy._client() as fs:
        found = fs.annotate(str(copy.top / "docs" / "deux.txt"))
    messages = [line.logged and line.logged.message for line in found]
    first = messages[0]
    assert messages == [first, first, "in words", *[first] * 4, "more"]
    assert found[2].logged.user == "zope.manager"
    assert [line.text for line in found][2:3] == ["three\n"]


def test_checkout_of_the_past_is_for_reading(copy, site, begin, tmp_path):
    change(site, "more", append("docs", "two.txt"))
    place = tmp_path / "old"
    with copy._client(copy.address) as fs:
        fs.checkout(str(place), revision=begin)
    top = place / "demo"
    assert (top / "docs" / "two.txt").read_bytes() == FIRST
    (top / "docs" / "two.txt").write_bytes(b"mine\n")
    with copy._client() as fs:
        assert fs.info(str(top))["revision"] == f"0x{begin}"
        for verb in (fs.commit, fs.update):
            with pytest.raises(Error, match="shows what was there"):
                verb(str(top))
    assert (top / "docs" / "two.txt").read_bytes() == b"mine\n"


# Permissions


def deny(*path: str, permission: str = "zope.View") -> Callable[[Any], None]:
    def denied(demo: Any) -> None:
        obj = removeAllProxies(demo)
        for name in path:
            obj = obj[name]
        rights = IPrincipalPermissionManager(obj)
        rights.denyPermissionToPrincipal(permission, "zope.editor")

    return denied


def test_old_states_of_a_hidden_object_are_hidden(person, site, begin):
    editor = person("editor")
    assert cat(editor, "secret/plan.txt", begin) == b"a plan\n"
    change(site, "hidden", deny("secret"))
    with pytest.raises((AccessDenied, ServerRefused)):
        cat(editor, "secret/plan.txt", begin)
    assert "plan" not in difference(editor, "", begin, "HEAD")


def test_old_states_of_an_object_that_is_hidden_no_more_are_shown(person, site, begin):
    editor = person("editor")
    change(site, "hidden", deny("secret"))
    hidden = site.db.lastTransaction().hex()

    def allow(demo: Any) -> None:
        rights = IPrincipalPermissionManager(removeAllProxies(demo["secret"]))
        rights.unsetPermissionForPrincipal("zope.View", "zope.editor")

    change(site, "open", allow)
    assert cat(editor, "secret/plan.txt", hidden) == b"a plan\n"


def test_objects_moved_to_a_hidden_place_are_hidden(person, site, begin):
    editor = person("editor")

    def move(demo: Any) -> None:
        IObjectMover(demo["docs"]["two.txt"]).moveTo(demo["secret"], "two.txt")

    change(site, "hidden", deny("secret"))
    change(site, "moved", move)
    with pytest.raises((AccessDenied, ServerRefused)):
        cat(editor, "docs/two.txt", begin)


def test_removed_objects_ask_their_container(person, site, begin):
    editor = person("editor")
    change(site, "away", lambda demo: demo["docs"].__delitem__("two.txt"))
    assert cat(editor, "docs/two.txt", begin) == FIRST
    change(site, "hidden", deny("docs"))
    with pytest.raises((AccessDenied, ServerRefused)):
        cat(editor, "docs/two.txt", begin)


def test_objects_removed_and_hidden_stay_hidden(person, site):
    editor = person("editor")
    change(site, "hidden", deny("secret"))
    hidden = site.db.lastTransaction().hex()
    change(site, "away", lambda demo: demo.__delitem__("secret"))
    with pytest.raises((AccessDenied, ServerRefused)):
        cat(editor, "secret/plan.txt", hidden)


def test_grants_of_the_past_are_not_shown_to_who_may_not_see_todays(person, site):
    change(site, "hidden", deny("docs", permission="zope.ManageSite"))
    then = site.db.lastTransaction().hex()
    told: dict[str, bytes] = {}
    for login in ("editor", "manager"):
        one = person(login)
        place = one.top.parent.parent / f"old-{login}"
        with one._client(one.address) as fs:
            fs.checkout(str(place), revision=then)
        told[login] = b"".join(path.read_bytes() for path in place.rglob("@@*.meta"))
    assert b"PrincipalPermission" in told["manager"]
    assert b"Permission" not in told["editor"]


def test_a_user_who_may_not_view_history_sees_nothing_old(person, site, begin):
    editor = person("editor")
    change(site, "no history", deny(permission="zope.ManageContent"))
    with pytest.raises(AccessDenied):
        cat(editor, "docs/two.txt", begin)


# What is not kept


def test_history_begins_where_the_database_was_packed(copy, site, begin):
    change(site, "more", append("docs", "two.txt"))
    site.db.pack()
    with pytest.raises(ServerRefused, match=r"history begins at 20\d\d-"):
        cat(copy, "docs/two.txt", begin)
    assert cat(copy, "docs/two.txt", "HEAD") == FIRST + b"more\n"


def test_old_states_are_read_by_connections_that_are_given_back(copy, site, begin):
    change(site, "more", append("docs", "two.txt"))
    for _ in range(10):
        cat(copy, "docs/two.txt", begin)
    pool = list(site.db.historical_pool)
    assert len(pool) == 1
    assert not any(each.opened for each in pool)
    assert sum(len(each._cache) for each in pool) < 5


def test_a_title_of_the_past_is_there_too(copy, site, begin):
    def retitle(demo: Any) -> None:
        IZopeDublinCore(demo["docs"]["two.txt"]).title = "Title 1"

    change(site, "title", retitle)
    told = difference(copy, "docs/two.txt", begin, "HEAD")
    assert "Title 0" in told
    assert "Title 1" in told


def test_nothing_is_written(copy, site, begin):
    last = site.db.lastTransaction()
    cat(copy, "docs/two.txt", begin)
    difference(copy, "", begin, "HEAD")
    assert site.db.lastTransaction() == last


def test_base_has_what_was_committed_here(copy, site):
    copy.write("docs/two.txt", b"mine\n")
    copy("commit")
    copy("remove", "docs/deep")
    copy("commit")
    assert difference(copy, "", "BASE") == ""
    assert difference(copy, "", "BASE", "HEAD") == ""
    copy.write("docs/two.txt", b"more\n")
    copy("remove", "large.bin")
    (copy.top / "new.txt").write_bytes(b"new\n")
    copy("add", "new.txt")
    lines = difference(copy, "", "BASE").splitlines()
    assert {"-mine", "+more", "+new"} <= set(lines)
    assert difference(copy, "", "BASE", "HEAD") == ""
