"""What was done on the server is taken back in a browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import webtest
from zope.app.file.file import File
from zope.copypastemove.interfaces import IObjectMover
from zope.dublincore.interfaces import IZopeDublinCore
from zope.securitypolicy.interfaces import IPrincipalPermissionManager

from zope.app.fssync.tests.scenarios.changesonly.site import Site
from zope.app.fssync.tests.scenarios.changesonly.test_log import append
from zope.app.fssync.tests.scenarios.changesonly.test_log import change
from zope.app.fssync.tests.scenarios.changesonly.test_undo import change_all
from zope.app.fssync.tests.scenarios.changesonly.test_undo import content
from zope.app.fssync.tests.scenarios.changesonly.test_undo import last

pytestmark = pytest.mark.slow

DEMO = "/area/demo"
UNDO = f"{DEMO}/@@synchronize-undo.html"


class Person:
    """Somebody with a browser."""

    def __init__(self, site: Site, user: str = "manager") -> None:
        self.app = webtest.TestApp(site)
        self.app.authorization = ("Basic", (user, f"{user}pw"))

    def see(self, tid: str, path: str = DEMO) -> Any:
        """Look at the differences of a transaction."""
        return self.app.get(f"{path}/@@synchronize-history.html?at={tid}")

    def rehearse(self, tid: str, path: str = DEMO) -> Any:
        """Choose to take it back."""
        return self.see(tid, path).form.submit(expect_errors=True)

    def take_back(self, tid: str) -> Any:
        """Confirm it as well."""
        page = self.rehearse(tid)
        assert page.status_int == 200, page.text
        assert 'id="zsync-refused"' not in page.text, page.text
        done = page.form.submit("confirm")
        assert 'role="status"' in done.text, done.text
        return page


@pytest.fixture
def person(server: Any, site: Site) -> Person:
    return Person(site)


def rename(name: str, new: str) -> Callable[[Any], object]:
    return lambda demo: IObjectMover(demo[name]).moveTo(demo, new)


def test_a_transaction_is_taken_back_once_it_is_confirmed(person, site):
    before = content(site)
    change(site, "a bit of everything", change_all)
    after, tid = content(site), last(site)
    page = person.rehearse(tid)
    for line in ("-three", "+3", "-new", "+a plan"):
        assert line in page.text
    assert page.form["note"].value == f"Undo {tid}: a bit of everything"
    assert (content(site), last(site)) == (after, tid)
    page.form["note"].value = "no, <not> that"
    done = page.form.submit("confirm")
    assert 'role="status"' in done.text
    assert content(site) == before
    told = person.app.get(f"{DEMO}/@@synchronize-history.html").text
    assert "no, &lt;not&gt; that" in told
    assert "zope.manager" in told


def test_taking_back_is_taken_back(person, site):
    change(site, "a bit of everything", change_all)
    after = content(site)
    person.take_back(last(site))
    person.take_back(last(site))
    assert content(site) == after


def prepend(demo: Any) -> None:
    two = demo["docs"]["two.txt"]
    two.data = b"0\n" + bytes(two.data)
    IZopeDublinCore(two).title = "Since"


def test_objects_others_did_since_stay(person, site):
    change(site, "first", append("docs", "two.txt"))
    tid = last(site)

    change(site, "second", prepend)
    since = content(site)
    person.take_back(tid)
    title, data, kind = since["/docs/two.txt"]
    expected = {"/docs/two.txt": (title, data.replace(b"more\n", b""), kind)}
    assert content(site) == {**since, **expected}


@pytest.mark.parametrize(
    ("first", "second", "path", "reason"),
    [
        (
            append("docs", "two.txt"),
            lambda demo: setattr(demo["docs"]["two.txt"], "data", b"other\n"),
            "demo/docs/two.txt",
            "changed since",
        ),
        (
            lambda demo: setattr(IZopeDublinCore(demo["docs"]), "title", "First"),
            lambda demo: setattr(IZopeDublinCore(demo["docs"]), "title", "Second"),
            "demo/docs",
            "changed since",
        ),
        (
            lambda demo: demo.__setitem__("new.txt", File(b"1", "text/plain")),
            append("new.txt"),
            "demo/new.txt",
            "changed since",
        ),
        (
            lambda demo: demo.__delitem__("large.bin"),
            lambda demo: demo.__setitem__("large.bin", File(b"1", "text/plain")),
            "demo/large.bin",
            "another object",
        ),
        (
            lambda demo: demo["docs"].__delitem__("deep"),
            lambda demo: demo.__delitem__("docs"),
            "demo/docs/deep",
            "no folder",
        ),
        (
            append("docs", "two.txt"),
            lambda demo: demo.__delitem__("docs"),
            "demo/docs/two.txt",
            "changed since",
        ),
        (
            rename("large.bin", "small.bin"),
            lambda demo: demo.__setitem__("large.bin", File(b"1", "text/plain")),
            "demo/small.bin",
            "another object",
        ),
        (
            rename("large.bin", "small.bin"),
            lambda demo: demo.__delitem__("small.bin"),
            "demo/small.bin",
            "changed since",
        ),
    ],
)
def test_objects_that_cannot_be_taken_back_are_shown_with_the_reason(
    person, site, first, second, path, reason
):
    change(site, "first", first)
    tid = last(site)
    change(site, "second", second)
    now = content(site)
    page = person.rehearse(tid)
    rows = page.html.select("#zsync-refused tbody tr")
    told = dict([cell.text for cell in row.select("td")] for row in rows)
    assert len(told) == len(rows)
    assert reason in told[path]
    assert "zsync-confirm" not in page.text
    assert content(site) == now


@pytest.mark.parametrize("names", [("docs", "Papers"), ("large.bin", "small.bin")])
def test_moved_objects_move_back(person, site, names):
    before = content(site)
    with site.changing() as root:
        oid = root["area"]["demo"][names[0]]._p_oid
    change(site, "moved", rename(*names))
    page = person.take_back(last(site))
    assert f"demo/{names[1]} -> demo/{names[0]}" in page.html.select("td")[1].text
    assert content(site) == before
    with site.changing() as root:
        assert root["area"]["demo"][names[0]]._p_oid == oid


def test_moves_and_changes_of_an_object_are_both_taken_back(person, site):
    before = content(site)

    def both(demo: Any) -> None:
        append("docs", "two.txt")(demo)
        IZopeDublinCore(demo["docs"]["two.txt"]).title = "New"
        IObjectMover(demo["docs"]["two.txt"]).moveTo(demo, "2.txt")
        demo["docs"]["other.txt"] = File(b"", "text/plain")

    change(site, "both", both)
    after, tid = content(site), last(site)
    change(site, "since", append("docs", "deep", "one.txt"))
    person.take_back(last(site))
    assert content(site) == after
    assert "-more" in person.take_back(tid).text
    assert content(site) == before


def test_a_conflict_is_shown_in_the_text(person, site):
    change(site, "first", append("docs", "two.txt"))
    tid = last(site)

    def shout(demo: Any) -> None:
        two = demo["docs"]["two.txt"]
        two.data = bytes(two.data).replace(b"more", b"MORE")

    change(site, "second", shout)
    assert "+&lt;&lt;&lt;&lt;&lt;&lt;&lt; two.txt (mine)" in person.rehearse(tid).text


def test_objects_gone_already_need_no_commit(person, site):
    change(site, "new", lambda demo: demo.__setitem__("new.txt", File(b"1", "text/a")))
    tid = last(site)
    change(site, "away", lambda demo: demo.__delitem__("new.txt"))
    page = person.rehearse(tid)
    assert "Nothing of this is left" in page.text
    assert "zsync-confirm" not in page.text


def test_a_change_meanwhile_is_shown_again(person, site):
    change(site, "first", append("docs", "two.txt"))
    page = person.rehearse(last(site))
    change(site, "elsewhere", append("docs", "deep", "one.txt"))
    change(site, "meanwhile", prepend)
    now = content(site)
    again = page.form.submit("confirm")
    assert "have changed in the meantime" in again.text
    assert content(site) == now
    again.form.submit("confirm")
    assert b"more" not in content(site)["/docs/two.txt"][1]


def test_a_change_elsewhere_needs_no_second_look(person, site):
    change(site, "first", append("docs", "two.txt"))
    page = person.rehearse(last(site))
    change(site, "elsewhere", append("docs", "deep", "one.txt"))
    assert 'role="status"' in page.form.submit("confirm").text
    assert b"more" not in content(site)["/docs/two.txt"][1]


def test_only_what_is_below_the_object_is_taken_back(person, site):
    change(site, "a bit of everything", change_all)
    after, tid = content(site), last(site)
    page = person.rehearse(tid, f"{DEMO}/docs")
    page.form.submit("confirm")
    now = content(site)
    assert now["/docs"] == "Title 0"
    assert now["/new.txt"] == after["/new.txt"]
    assert "/secret" not in now


def test_an_object_does_not_remove_itself(person, site):
    change(site, "new", lambda demo: demo.__setitem__("new.txt", File(b"1", "text/a")))
    page = person.rehearse(last(site), f"{DEMO}/new.txt")
    assert "in the folder that it is in" in page.text
    assert "zsync-confirm" not in page.text


def test_a_transaction_that_is_not_wholly_readable_is_not_taken_back(site, server):
    def close(demo: Any) -> None:
        rights = IPrincipalPermissionManager(demo["docs"]["deep"])
        rights.denyPermissionToPrincipal("zope.View", "zope.editor")

    change(site, "closed", close)
    change(site, "removed", lambda demo: demo.__delitem__("docs"))
    now = content(site)
    page = Person(site, "editor").rehearse(last(site))
    assert "you may not read all of it" in page.text
    assert "zsync-confirm" not in page.text
    assert content(site) == now


def test_a_form_of_another_site_changes_nothing(person, site):
    change(site, "first", append("docs", "two.txt"))
    page = person.rehearse(last(site))
    now = content(site)
    for fields in (
        page.form.submit_fields("confirm"),
        person.see(last(site)).form.submit_fields(),
    ):
        forged = Person(site).app.post(UNDO, dict(fields), expect_errors=True)
        assert forged.status_int == 403
    assert content(site) == now


def test_get_changes_nothing(person, site):
    change(site, "first", append("docs", "two.txt"))
    fields = person.rehearse(last(site)).form.submit_fields("confirm")
    now = content(site)
    response = person.app.get(UNDO, dict(fields), expect_errors=True)
    assert response.status_int == 400
    assert content(site) == now


def test_a_user_who_may_commit_some_takes_that_back(site, server):
    before = content(site)
    change(site, "first", append("docs", "two.txt"))
    page = Person(site, "editor").rehearse(last(site))
    page.form.submit("confirm")
    assert content(site) == before


def test_a_user_who_may_not_commit_takes_nothing_back(site, server):
    change(site, "first", append("docs", "two.txt"))
    now, tid = content(site), last(site)
    for user in ("reader", "weak"):
        app = Person(site, user).app
        response = app.post(UNDO, {"at": tid}, expect_errors=True)
        assert response.status_int in (401, 403)
    assert content(site) == now
