"""Users of a pluggable user folder get short answers, and never less than all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import transaction
from OFS.Folder import Folder
from OFS.Image import File
from ZEO.ClientStorage import ClientStorage
from ZODB import DB

from zope.app.fssync.testing.ofs.instance import ZopeInstance
from zope.app.fssync.testing.person import Person
from zope.app.fssync.testing.serversite import Archive
from zope.app.fssync.tests.scenarios.changesonly.described import described
from zope.app.fssync.tests.scenarios.changesonly.described import difference
from zope.app.fssync.tests.scenarios.changesonly.described import fetched
from zope.app.fssync.tests.scenarios.changesonly.described import kept
from zope.app.fssync.tests.scenarios.changesonly.described import sent

pytestmark = pytest.mark.slow

#: Who reads needs the permissions to check out, and to see what there is.
SITE = """
from OFS.Folder import Folder
from OFS.Image import File
from zope.app.fssync.testing.ofs.pas import replace
replace(app)
app._addRole("Editor")
OPEN = [
    *("FSSync: Check out", "FSSync: Commit"),
    *("View management screens", "Change Images and Files"),
]
for name in OPEN:
    app.manage_permission(name, ["Manager", "Authenticated"])
app._setObject("demo", Folder("demo"))
demo = app.demo
for name in ("open", "shut", "theirs"):
    demo._setObject(name, Folder(name))
    demo[name]._setObject("a.txt", File("a.txt", "", name.encode(), "text/plain"))
for name in ("shut", "theirs"):
    demo[name].manage_permission("View management screens", ["Manager", "Editor"])
"""


STATE = "X-Zsync-State"


class PasSite:
    """An instance over ZEO, with the database in the hands of the test too."""

    def __init__(self, instance: ZopeInstance) -> None:
        self.instance = instance

    @contextmanager
    def edited(self) -> Iterator[Any]:
        """Change the database while the server runs."""
        database = DB(ClientStorage(("127.0.0.1", self.instance.zeo_port), wait=True))
        connection = database.open()
        try:
            yield connection.root()["Application"]
            transaction.commit()
        finally:
            transaction.abort()
            connection.close()
            database.close()

    def ask(self, user: str, state: str = "none") -> tuple[Archive, str | None]:
        """Return the files that are new since a state, and the state then."""
        answer = self.instance.request(
            "GET", "/demo/@@toFS.snarf", f"{user}:{user}", X_Zsync_State=state
        )
        assert answer.status == 200, answer.text
        archive = Archive.parse(answer.body)
        said = archive.pop("@@Zope/Answer", b"").decode().split()
        if STATE in said:
            return archive, said[said.index(STATE) + 1]
        return archive, answer.headers.get(STATE)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    instance = ZopeInstance(tmp_path_factory.mktemp("pas") / "instance", zeo=True)
    with instance.storage():
        instance.script(SITE)
        with instance.running():
            yield PasSite(instance)


@pytest.mark.parametrize("user", ["zsync", "ann"])
def test_an_unchanged_tree_has_nothing_sent(site, user):
    files, state = site.ask(user)
    assert "demo/open/a.txt" in files
    assert ("demo/shut/a.txt" in files) == (user == "zsync")
    assert state is not None
    assert site.ask(user, state) == ({"@@Zope/Changes": b""}, state)


def test_only_what_has_changed_is_sent(site):
    _, state = site.ask("ann")
    with site.edited() as app:
        app.demo.open["a.txt"].data = b"changed"
    files, state = site.ask("ann", state)
    assert files["@@Zope/Changes"] == b"tree demo/open/a.txt\n"
    assert files["demo/open/a.txt"] == b"changed"
    assert site.ask("ann", state)[0] == {"@@Zope/Changes": b""}


def test_a_state_is_of_one_user(site):
    _, state = site.ask("ann")
    assert "@@Zope/Changes" not in site.ask("bob", state)[0]


def give_role(app):
    app.acl_users.roles.assignRoleToPrincipal("Editor", "ann")


def take_role(app):
    app.acl_users.roles.removeRoleFromPrincipal("Editor", "ann")


def give_role_to_group(app):
    app.acl_users.groups.addGroup("staff")
    app.acl_users.roles.assignRoleToPrincipal("Editor", "staff")
    app.demo.shut["a.txt"].data = b"seen by none of them"


def join_group(app):
    app.acl_users.groups.addPrincipalToGroup("ann", "staff")


def leave_group(app):
    app.acl_users.groups.removePrincipalFromGroup("ann", "staff")


def join_other_group(app):
    app.acl_users.groups.addPrincipalToGroup("ann", "editors")


def give_local_role_to_group(app):
    app.demo.theirs.__ac_local_roles__ = {"editors": ["Editor"]}


def take_local_role_from_group(app):
    app.demo.theirs.__ac_local_roles__ = {}


def give_local_role_above(app):
    app.demo.__ac_local_roles__ = {"editors": ["Editor"]}


def leave_other_group(app):
    leaving = app.acl_users.groups
    leaving.removePrincipalFromGroup("ann", "editors")
    app.demo.open._setObject("b.txt", File("b.txt", "", b"b", "text/plain"))


def deactivate_roles(app):
    give_role(app)
    registry = app.acl_users.plugins
    roles = registry._getInterfaceFromName("IRolesPlugin")
    registry.deactivatePlugin(roles, "roles")


def activate_roles(app):
    registry = app.acl_users.plugins
    roles = registry._getInterfaceFromName("IRolesPlugin")
    registry.activatePlugin(roles, "roles")


CLOSED = ("shut", "theirs")

#: What the manager does, in this order, and what Ann then sees of the closed folders.
EDITS = [
    (give_role, {"shut", "theirs"}),
    (take_role, set()),
    (give_role_to_group, set()),
    (join_group, {"shut", "theirs"}),
    (leave_group, set()),
    (join_other_group, set()),
    (give_local_role_to_group, {"theirs"}),
    (take_local_role_from_group, set()),
    (give_local_role_above, {"shut", "theirs"}),
    (leave_other_group, set()),
    (deactivate_roles, set()),
    (activate_roles, {"shut", "theirs"}),
]


def test_an_update_brings_what_a_fresh_checkout_has(site, tmp_path):
    person = Person(tmp_path / "person")
    url = site.instance.url
    person.zsync("checkout", f"{url.replace('//', '//ann:ann@')}/demo", "work")
    for edit, seen in EDITS:
        with site.edited() as app:
            edit(app)
        person.zsync("update", "work")
        found, clean = described(str(person.place / "work" / "demo"))
        assert clean
        answer = fetched(url, "ann", "/demo", "ann")
        assert isinstance(answer, bytes)
        wanted = sent(answer)
        assert {path for path in CLOSED if f"/{path}/a.txt" in wanted} == seen
        assert difference(found, wanted) == {}, edit.__name__
        # What she may not see any more is kept, and marked.
        hidden = {id.split("/")[2] for id, _ in kept(found, wanted).values()}
        assert not hidden & seen, edit.__name__


def test_a_commit_writes_what_has_changed(site, tmp_path):
    person = Person(tmp_path / "person")
    url = f"{site.instance.url.replace('//', '//bob:bob@')}/demo"
    person.zsync("checkout", url, "work")
    (person.place / "work" / "demo" / "open" / "a.txt").write_text("Bob's")
    person.zsync("commit", "work")
    assert site.ask("ann")[0]["demo/open/a.txt"] == b"Bob's"
    assert person.zsync("update", "work") == "Up to date.\n"


def test_users_travel_to_another_folder_without_their_passwords(site, tmp_path):
    person = Person(tmp_path / "person")
    login = site.instance.url.replace("//", "//zsync:zsync@")
    person.zsync("checkout", f"{login}/acl_users", "work")
    with site.edited() as app:
        app._setObject("copy", Folder("copy"))
        digests = [bytes(p) for p in app.acl_users.people._user_passwords.values()]
    person.zsync("checkin", f"{login}/copy/acl_users", "work/acl_users")
    bodies = [p.read_bytes() for p in person.place.rglob("*") if p.is_file()]
    assert [body for body in bodies for digest in digests if digest in body] == []
    with site.edited() as app:
        assert list(app.copy.acl_users.people.listUserIds()) == ["ann", "bob", "zsync"]
