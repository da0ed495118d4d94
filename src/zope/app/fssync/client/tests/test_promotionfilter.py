"""Only wanted objects are promoted, and dates that sites set are no differences."""

from __future__ import annotations

import pytest

from zope.app.fssync.client.promotionfilter import _MADE
from zope.app.fssync.client.promotionfilter import _SAVED
from zope.app.fssync.client.promotionfilter import _essence
from zope.app.fssync.client.tests.publisher import LINES
from zope.app.fssync.client.tests.publisher import Publisher
from zope.app.fssync.client.tests.publisher import me as me
from zope.fssync.description.dublincore import dumps

#: Marks what starts a server.
slow = pytest.mark.slow


@slow
def test_paths_and_kinds_are_all_that_is_promoted(me: Publisher) -> None:
    for path in ("a.txt", "b.txt", "sub/c.txt"):
        me.edits("staging", path, "new\n")
    me.promotes(f"--since={me.since}", "sub")
    assert (me.there("sub/c.txt"), me.there("a.txt")) == ("new\n", LINES)
    assert "(sub)" in me.transactions("www")[0]["message"]
    me("mkdir", f"{me.here}/new")
    (me.here / "new" / "e.txt").write_text("e\n")
    me("add", f"{me.here}/new/e.txt")
    me("commit", "-q", "-m", "New", f"{me.here}/new")
    # A part is no base of the whole.
    me.promotes(status=1)
    me.promotes(f"--since={me.since}", "--kind=Folder")
    changes = me.transactions("www")[0]["changes"]
    added = [each["path"] for each in changes if each["letter"] == "A"]
    assert added == ["new"]
    assert me.there("a.txt") == LINES
    me.promotes(f"--since={me.since}", "--kind=File", "a.txt")
    assert (me.there("a.txt"), me.there("b.txt")) == ("new\n", "b\n")
    # Folders come with the objects that they hold.
    me("update", "-q", str(me.here))
    me("move", f"{me.here}/b.txt", f"{me.here}/new/b.txt")
    me("mkdir", f"{me.here}/other")
    (me.here / "other" / "f.txt").write_text("f\n")
    me("add", f"{me.here}/other/f.txt")
    me("mkdir", f"{me.here}/empty")
    me("commit", "-q", "-m", "Other", str(me.here))
    me.promotes(f"--since={me.since}", "--kind=File")
    found = [me.there(path) for path in ("b.txt", "new/b.txt", "new/e.txt")]
    assert found == [None, "new\n", "e\n"]
    assert me.there("other/f.txt") == "f\n"
    assert me.there("empty") is None
    me.promotes(f"--since={me.since}")
    assert me.there("empty") is not None
    assert me.promotes("sub").endswith("\nNothing to promote.\n")


def test_dates_that_a_site_sets_are_no_differences() -> None:
    def document(title: str, modified: str, created: str) -> bytes:
        data = {
            "Title": (title,),
            "Date.Modified": (modified,),
            "Date.Created": (created,),
        }
        return dumps(data, False)

    old = document("a", "2026-01-01", "2026-01-01")
    saved = document("a", "2026-01-02", "2026-01-01")
    made = document("a", "2026-01-02", "2026-01-02")
    assert _essence(old, _SAVED) == _essence(saved, _SAVED) != _essence(made, _SAVED)
    assert _essence(saved, _MADE) == _essence(made, _MADE)
    assert _essence(document("b", "", ""), _MADE) != _essence(made, _MADE)
    assert _essence(b"text", _MADE) == b"text"
