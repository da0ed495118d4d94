"""The log of objects of a Zope instance."""

from __future__ import annotations

from pathlib import Path

import pytest

from zope.app.fssync.testing.controldata import Part
from zope.app.fssync.testing.ofs.instance import ZopeInstance
from zope.app.fssync.testing.person import Person

pytestmark = pytest.mark.slow

SITE = """
import transaction
from OFS.Folder import Folder
from OFS.OrderedFolder import OrderedFolder
app._setObject("demo", Folder("demo"))
app.demo._setObject("ordered", OrderedFolder("ordered"))
for name in ("one", "two", "three"):
    app.demo.ordered._setObject(name, Folder(name))
    app.demo.ordered[name].title = name.upper()
app.demo.ordered.one.manage_addFile("in.txt", b"in", content_type="text/plain")
app.demo.manage_addUserFolder()
app.demo.acl_users._doAddUser("spy", "hunter2", ["Manager"], [])
app.demo._setObject("sub", Folder("sub"))
for name in ("a.txt", "b.txt"):
    app.demo.manage_addFile(name, b"Hello\\n", content_type="text/plain")
transaction.commit()

def noted(text):
    transaction.get().note(text)
    transaction.commit()

app.demo["b.txt"].manage_upload(b"Bye\\n")
noted("in the ZMI")
app.demo.manage_renameObject("b.txt", "c.txt")
noted("renamed")
app.demo.sub.manage_addFile("d.txt", b"d", content_type="text/plain")
noted("added below")
app.demo.manage_delObjects(["sub"])
noted("deleted")
app.manage_addFile("beside.txt", b"d", content_type="text/plain")
noted("beside")
app.acl_users._doAddUser("weak", "weak", ["weak"], [])
app._addRole("weak")
for permission in ("FSSync: Check out", "View History", "View management screens"):
    known = app.rolesOfPermission(permission)
    granted = [each["name"] for each in known if each["selected"]]
    app.manage_permission(permission, [*granted, "weak"], acquire=0)
app.demo.manage_addLocalRoles("weak", ["Manager"])
app.demo.manage_addFile("secret.txt", b"then", content_type="text/plain")
noted("open")
app.demo["secret.txt"].manage_permission("View management screens", ["Manager"])
app.demo.manage_delLocalRoles(["weak"])
app.demo.manage_delObjects(["acl_users"])
noted("closed")
app.demo.ordered.manage_delObjects(["one"])
noted("first one removed")
"""

FIRST = "first one removed"


def check_old_states(
    instance: ZopeInstance, person: Person, url: str, told: str
) -> None:
    """What was removed or renamed is there as it was; the rights are those of today."""
    ids = {
        lines.splitlines()[1].strip(): lines.split()[0] for lines in told.split("\n\n")
    }
    assert person.zsync("cat", "-r", ids["added below"], "mine/demo/sub/d.txt") == "d"
    begin = ids["in the ZMI"]
    assert person.zsync("cat", "-r", begin, "mine/demo/c.txt") == "Bye\n"
    assert person.zsync("cat", "-r", begin, f"{url}/b.txt") == "Bye\n"
    assert "-Hello\n+Bye\n" in person.zsync("diff", "--change", begin, url)
    annotated = person.zsync("annotate", "mine/demo/c.txt")
    assert annotated.startswith(begin)
    person.zsync("checkout", "-r", ids["renamed"], url, "old")
    assert (person.place / "old" / "demo" / "c.txt").read_text() == "Bye\n"
    assert (person.place / "old" / "demo" / "sub").is_dir()
    person.zsync("commit", "-m", "no", "old", status=1)
    weak = Person(person.place.parent / "weak")
    url = url.replace("zsync:zsync", "weak:weak")
    then = ids["open"]
    assert weak.zsync("cat", "-r", then, f"{url}/a.txt") == "Hello\n"
    assert "then" not in weak.zsync("cat", "-r", then, f"{url}/secret.txt", status=4)
    weak.zsync("checkout", "-r", then, url, "old")
    assert not (weak.place / "old" / "demo" / "secret.txt").exists()
    for path in (weak.place / "old").rglob("*"):
        assert "roles-local" not in path.name
        content = b"" if path.is_dir() else path.read_bytes()
        assert not any(each in content for each in (b"spy", b"roles-local")), path


def check_undo(person: Person, told: str) -> None:
    """What was removed comes back in its place, with all that was in it."""
    mine = person.place / "mine" / "demo"
    order = Part(mine / "@@Zope" / "Extra" / "ordered" / "order")
    (removal,) = (each.split()[0] for each in told.split("\n\n") if FIRST in each)
    said = person.zsync("undo", removal, "mine/demo")
    assert "A  mine/demo/ordered/one/in.txt" in said
    person.zsync("commit", "-m", "back again", "mine")
    person.zsync("update", "mine")
    assert order.read_text().split() == ["one", "two", "three"]
    assert (mine / "ordered" / "one" / "in.txt").read_text() == "in"
    shown = person.zsync("log", "-v", "--diff", "-l", "1", "mine/demo")
    assert "A   ordered/one/in.txt" in shown
    assert "+in" in shown
    properties = Part(mine / "ordered" / "@@Zope" / "Extra" / "one" / "properties")
    assert "ONE" in properties.read_text()


def check_undo_on_the_server(instance: ZopeInstance, person: Person) -> None:
    """There, too, it has its title, its content and its place, in one commit."""
    mine = person.place / "mine" / "demo"
    person.zsync("remove", "mine/demo/ordered/one")
    person.zsync("commit", "-m", "gone once more", "mine")
    (removal, *_) = person.zsync("log", "-l", "1", "mine/demo").split()
    shown = person.zsync("undo", "--server", "-n", removal, "mine/demo")
    assert "ordered/one/in.txt" in shown
    assert person.zsync("log", "-l", "1", "mine/demo").split()[0] == removal
    person.zsync("undo", "--server", removal, "mine/demo")
    newest = person.zsync("log", "-v", "-l", "1", "mine/demo")
    assert f"Undo {removal}: gone once more" in newest
    assert "A   ordered/one/in.txt" in newest
    assert person.zsync("status", "mine") == ""
    assert (mine / "ordered" / "one" / "in.txt").read_text() == "in"
    other = Person(person.place.parent / "other")
    other.zsync(
        "checkout",
        "--layout",
        "2",
        f"{instance.url.replace('//', '//zsync:zsync@')}/demo",
        "co",
    )
    got = other.place / "co" / "demo"
    order = got / "@@Zope" / "Extra" / "ordered" / "order"
    assert order.read_text().split() == ["one", "two", "three"]
    titles = (got / "ordered" / "@@Zope" / "Extra" / "one").iterdir()
    assert any("ONE" in each.read_text() for each in titles if each.is_file())


def test_log_shows_what_happened_to_a_folder(tmp_path: Path) -> None:
    instance = ZopeInstance(tmp_path / "instance")
    instance.script(SITE)
    person = Person(tmp_path / "person")
    url = f"{instance.url.replace('//', '//zsync:zsync@')}/demo"
    with instance.running():
        person.zsync("checkout", url, "mine")
        mine = person.place / "mine" / "demo"
        (mine / "a.txt").write_text("mine\n")
        person.zsync("commit", "-m", "my reasons", "mine")
        told = person.zsync("log", "-v", "mine/demo")
        of_a_file = person.zsync("log", "mine/demo/c.txt")
        at_a_url = person.zsync("log", "-l", "1", url)
        stranger = Person(tmp_path / "stranger")
        private = stranger.zsync("log", f"{instance.url}/demo", status=4)
        check_old_states(instance, person, url, told)
        check_undo(person, told)
        check_undo_on_the_server(instance, person)
    found = told.split("\n\n")
    heads = [each.splitlines()[1].strip() for each in found]
    assert heads[:8] == [
        "my reasons",
        FIRST,
        "closed",
        "open",
        "deleted",
        "added below",
        "renamed",
        "in the ZMI",
    ]
    changes = [sorted(each.splitlines()[2:]) for each in found]
    assert changes[0] == ["M   a.txt"]
    assert "D   sub" in changes[4]
    assert "A   sub/d.txt" in changes[5]
    assert "R   c.txt (from b.txt)" in changes[6]
    assert changes[7] == ["M   b.txt"]
    assert "  zsync\n" in found[0]
    assert "beside" not in told
    assert [line.strip() for line in of_a_file.splitlines()[1::3]][:2] == [
        "renamed",
        "in the ZMI",
    ]
    assert "my reasons" in at_a_url
    assert "renamed" not in private
