"""Who may do what in a real instance: no commit by the weaker changes it.

Who edits content there has every permission but those that give rights, write
sources, or import.  Everything that an entry or a part can name is sent, by them, by a
reader, and by an author who owns a folder and edits in it; what everybody may do with
each object is compared before and after.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from importlib import import_module
from itertools import chain
from itertools import cycle
from itertools import islice
from itertools import product
from typing import Any

import pytest
from zope.interface.interface import InterfaceClass

from zope.app.fssync.testing.ofs.instance import ZopeInstance
from zope.app.fssync.testing.serversite import Archive

pytestmark = pytest.mark.slow

VIEW = '<include package="zope.app.fssync.testing.ofs" file="rights.zcml" />'

SITE = """
from OFS.DTMLDocument import DTMLDocument
from OFS.Folder import Folder
from OFS.Image import File
from OFS.OrderedFolder import OrderedFolder
from Products.StandardCacheManagers.RAMCacheManager import RAMCacheManager
from zope.app.fssync.testing.ofs import pas
app._addRole("Editor")
for name, roles in (("reader", []), ("editor", ["Editor"]), ("author", [])):
    app.acl_users._doAddUser(name, name, roles, [])
app._setObject("demo", Folder("demo"))
demo = app.demo
KEPT = {
    "Change permissions", "Change proxy roles", "Change DTML Documents",
    "Change DTML Methods", "Import/Export objects", "FSSync: Change owner",
    "Manage users", "Take ownership", "Add User Folders", "Add Site Roots",
    "Change Python Scripts", "Change Page Templates",
}
from AccessControl.Permission import getPermissions
for permission, *_ in getPermissions():
    if permission not in KEPT:
        app.manage_permission(permission, ["Manager", "Editor"], acquire=1)
demo._setObject("sub", Folder("sub"))
demo.sub._setObject("a.txt", File("a.txt", "A", b"a", "text/plain"))
demo.sub.manage_setLocalRoles("author", ["Owner", "Editor"])
demo.sub.manage_permission("View", ["Manager", "Editor", "Owner"], acquire=0)
demo._setObject("guarded", DTMLDocument("<p>x</p>", __name__="guarded"))
demo.guarded._proxy_roles = ("Manager",)
demo.guarded._owner = (["acl_users"], "zsync")
demo._setObject("b.txt", File("b.txt", "B", b"b", "text/plain"))
demo._setObject("ordered", OrderedFolder("ordered"))
for name in ("one", "two"):
    demo.ordered._setObject(name, File(name, "", b"", "text/plain"))
demo._setObject("ram", RAMCacheManager("ram"))
demo._setObject("club", Folder("club"))
pas.install(demo.club)
from zope.app.fssync.testing.ofs.described import Bottle, Tagged
demo._setObject("bottle", Bottle("bottle"))
demo.bottle._proxy_roles = ("Manager",)
demo.bottle._owner = (["acl_users"], "zsync")
demo.bottle.manage_permission("View", ["Manager", "Editor"], acquire=1)
demo._setObject("tagged", Tagged("tagged"))
"""

#: Changes an archive.
Edit = Callable[[Archive], object]

EXTRA = "demo/@@Zope/Extra"
ASPECTS = "zope.app.fssync.hosts.ofs.content"

#: Parts, what they are written as, and what they would do.
PARTS = {
    "owner": ("security.Owner", "user = editor\nfolder = acl_users\n"),
    "roles": ("security.Roles", "Manager2\n"),
    "roles-local": ("security.LocalRoles", "editor\n    Manager\n"),
    "permissions": ("security.PermissionSettings", "View\n    Anonymous\n"),
    "proxy-roles": ("security.ProxyRoles", "Manager\n"),
    "access-rule": ("folder.AccessRule", "method = guarded\n"),
    "order": ("folder.Order", "two\nacl_users\n_owner (sorted)\n"),
    "cache": ("cache.CacheSettings", "manager = ram\n"),
    "precondition": ("file.Precondition", "method = guarded\n"),
    "settings": ("dtml.DTMLMethodSettings", "title = x\n"),
    "attributes": (
        "attributes.OtherAttributes",
        '<pickle><dictionary><item key="_owner"><none/></item></dictionary></pickle>',
    ),
}

MACHINERY = [
    "AccessControl.interfaces",
    "OFS.interfaces",
    "zope.annotation.interfaces",
    "zope.component.interfaces",
    "zope.location.interfaces",
    "zope.publisher.interfaces",
    "zope.traversing.interfaces",
]

PLUGINS = "Products.PluggableAuthService.plugins"

#: What people are kept in, as what it is written, and what would help an editor.
PEOPLE = {
    "plugins": (
        "Products.PluginRegistry.PluginRegistry.PluginRegistry",
        "IAuthenticationPlugin\n    people\nIRolesPlugin\n    roles\n",
    ),
    "people": (f"{PLUGINS}.ZODBUserManager.ZODBUserManager", "eve (user)\n"),
    "roles": (
        f"{PLUGINS}.ZODBRoleManager.ZODBRoleManager",
        "Manager (role)\n    principal: editor\n    principal: zsync\n",
    ),
    "groups": (
        f"{PLUGINS}.ZODBGroupManager.ZODBGroupManager",
        "editors (group)\n    member: editor\n",
    ),
    "basic": (f"{PLUGINS}.HTTPBasicAuthHelper.HTTPBasicAuthHelper", "title = x\n"),
    "acl_users": (
        "OFS.userfolder.UserFolder",
        "encrypt passwords (setting) = no\neve (user)\n    role: Manager\n",
    ),
    "ram": (
        "Products.StandardCacheManagers.RAMCacheManager.RAMCacheManager",
        "title = x\nrequest variables\n    AUTHENTICATED_USER\n",
    ),
}

#: Of properties: for each of the objects, and for one of them.
KINDS = ["string, holds pickled", "text, holds nothing", "lines", ""]
MORE_KINDS = [
    *("selection of acl_users", "multiple selection of objectValues", "date"),
    *("string, mode wd", "boolean", "int, holds lines", "tokens", "utext"),
]

PROPERTIES = [
    *("raw", "data", "_owner", "_proxy_roles", "__ac_local_roles__", "globals", "id"),
    *("_View_Permission", "manage_proxy", "validate", "_validateProxy", "_objects"),
    *("__roles__", "__allow_groups__", "aq_parent", "getOwner", "a.txt", "acl_users"),
]


@pytest.fixture(scope="module")
def zope(tmp_path_factory):
    place = tmp_path_factory.mktemp("zope") / "instance"
    instance = ZopeInstance(place, zcml=VIEW)
    instance.script(SITE)
    with instance.running():
        yield instance


def call(method: str, *args: Any, **named: Any) -> Edit:
    """Return what calls a method of an archive."""
    return lambda archive: getattr(archive, method)(*args, **named)


class Sides:
    """Who sends what to an instance."""

    def __init__(self, zope: ZopeInstance) -> None:
        self.zope = zope
        #: What was sent to whom of which place, until something is committed.
        self._sent: dict[tuple[str, str], bytes] = {}

    def rights(self) -> dict[str, Any]:
        answer = self.zope.request("GET", "/demo/@@rights.json")
        assert answer.status == 200, answer.text
        found: dict[str, Any] = json.loads(answer.text)
        return found

    def checkout(self, user: str, path: str = "/demo") -> Archive:
        if (user, path) not in self._sent:
            answer = self.zope.request("GET", f"{path}/@@toFS.snarf", f"{user}:{user}")
            assert answer.status == 200, answer.text
            self._sent[user, path] = answer.body
        return Archive.fresh(self._sent[user, path])

    def submit(self, archive: Archive, user: str, path: str = "/demo") -> bool:
        """Commit, and tell whether that was done."""
        who = f"{user}:{user}"
        body = archive.dump()
        answer = self.zope.request("POST", f"{path}/@@fromFS.snarf", who, body)
        assert answer.status < 500, answer.text
        self.said = answer.text if len(answer.body) < 5000 else ""
        done = answer.headers["Content-Type"] == "application/x-snarf"
        if done:
            self._sent.clear()
        return done


def entries() -> Iterator[tuple[str, Edit]]:
    """Put names of classes and interfaces into entries."""
    names = [
        *("os.system", "AccessControl.users.User", "OFS.userfolder.UserFolder"),
        *("Products.PythonScripts.PythonScript.PythonScript", "OFS.Folder.Folder"),
        *("OFS.DTMLMethod.DTMLMethod", "OFS.Application.Application"),
        *(f"{ASPECTS}.{kind}" for kind, _ in PARTS.values()),
    ]
    for name in names:
        for path in ("demo/b.txt", "demo/guarded", "demo/sub", "demo/bottle"):
            told = {"type": name, "factory": name, "keytype": name}
            yield f"{path} is {name}", call("set_entry", path, **told)
        for new, body in (("new", b"return 1\n"), ("acl_users", b"x (user)\n")):
            yield (
                f"{new} is {name}",
                call("add", f"demo/{new}", body, type=name, factory=name),
            )


def bookkeeping() -> Iterator[tuple[str, Edit]]:
    """Put other objects, and what is none, into what tells one from another."""
    values = ("guarded", "acl_users", "../acl_users", "_owner", "demo/guarded", "1", "")
    told = ("key", "keytype", "id", "base", "binary", "owner", "moved", "moved-to")
    for attribute, value in product(told, values):
        for path in ("demo/b.txt", "demo/sub"):
            what = f"{path} {attribute}={value}"
            yield what, call("set_entry", path, **{attribute: value})


def people() -> Iterator[tuple[str, Edit]]:
    """Write users, roles, groups, plugins and cache managers, there and elsewhere."""
    for place in ("club/acl_users", "club", "sub", "sub/acl_users", "acl_users"):
        for name, (kind, text) in PEOPLE.items():
            path = f"demo/{place}/{name}"
            what = f"{path} {kind}"
            new = call("add", path, text.encode(), type=kind, factory=kind)
            yield what, new
            yield f"{path} removed", call("remove", path)


def interfaces() -> Iterator[tuple[str, Edit]]:
    """Let things provide what security and publication ask about."""
    names = {
        value.__identifier__
        for module in MACHINERY
        for value in vars(import_module(module)).values()
        if isinstance(value, InterfaceClass)
    }
    for name in sorted(names):
        for path in ("demo/b.txt", "demo/sub", "demo/bottle", "demo/tagged"):
            yield f"{path} provides {name}", call("set_entry", path, provides=name)


def parts() -> Iterator[tuple[str, Edit]]:
    """Write each part of each object."""
    for path in (
        *("b.txt", "guarded", "sub", "ordered", "ram", "club", "bottle", "tagged"),
    ):
        for part, (kind, text) in PARTS.items():
            for told in (text, ""):
                name = f"{EXTRA}/{path}/{part}"
                kind_ = f"{ASPECTS}.{kind}"
                yield (
                    f"{path}: {part} {told!r}",
                    call("add", name, told.encode(), type=kind_, factory=kind_),
                )


def properties() -> Iterator[tuple[str, Edit]]:
    """Declare properties that are something else, change them, take them out."""
    paths = ("b.txt", "guarded", "sub", "tagged")
    each = product(PROPERTIES, KINDS, paths[:3])
    some = zip(product(PROPERTIES, MORE_KINDS), cycle(paths), strict=False)
    for name, kind, path in chain(each, ((*what, path) for what, path in some)):
        line = f"{name} ({kind})\n" if kind else ""
        yield f"{path}: {name} ({kind})", partial(redeclare, path, name, line)


def redeclare(path: str, name: str, line: str, archive: Archive) -> None:
    """Put a property in the place of another, or take it out."""
    where = "demo/tagged" if path == "tagged" else f"{EXTRA}/{path}/properties"
    told = archive[where].decode().splitlines(keepends=True)
    kept = [each for each in told if not each.startswith((f"{name} (", " "))]
    archive.edit(where, "".join([*kept, line]).encode())


# The last one replaces objects by others, which is allowed.
@pytest.mark.parametrize(
    "generate", [properties, parts, interfaces, bookkeeping, people, entries]
)
def test_no_commit_changes_who_may_do_what(zope, generate):
    sides = Sides(zope)
    before = sides.rights()
    _, may, has = before["objects"]["/guarded"]
    assert "editor: Manage properties" in may
    assert "editor: Change DTML Documents" not in may
    assert "role Manager" in has
    archive = sides.checkout("editor")
    archive.edit("demo/b.txt", f"Edited before {generate.__name__}.".encode())
    assert sides.submit(archive, "editor"), sides.said
    sent = 0
    for what, edit in generate():
        archive = sides.checkout("editor")
        edit(archive)
        sent += 1
        assert not sides.submit(archive, "reader"), what
        # Each of them, whatever became of it for the other.
        if any([sides.submit(archive, "author"), sides.submit(archive, "editor")]):
            check(before, sides.rights(), what)
    assert sent > 15


class InSub:
    """An archive of ``sub`` for edits of one of ``demo``."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def __getattr__(self, method: str) -> Callable[..., object]:
        return lambda path, *args, **named: getattr(self._archive, method)(
            _in_sub(path), *args, **named
        )

    def __getitem__(self, path: str) -> bytes:
        return self._archive[_in_sub(path)]


def _in_sub(path: str) -> str:
    """Return what in ``sub`` is like a path in ``demo``."""
    inside = path.removeprefix("demo/").replace("b.txt", "a.txt")
    for own in ("sub", "@@Zope/Extra/sub"):
        if f"{inside}/".startswith(f"{own}/"):
            return inside
    return f"sub/{inside}"


@pytest.mark.parametrize(
    "generate", [properties, parts, interfaces, bookkeeping, people, entries]
)
def test_a_user_who_may_write_in_one_place_changes_no_rights_there(zope, generate):
    sides = Sides(zope)
    before = sides.rights()
    archive = sides.checkout("author", "/demo/sub")
    archive.edit("sub/a.txt", f"Edited before {generate.__name__}.".encode())
    assert sides.submit(archive, "author", "/demo/sub"), sides.said
    # An editor sends all of them.
    for what, edit in islice(generate(), 0, None, 15):
        archive = sides.checkout("author", "/demo/sub")
        with suppress(KeyError):
            # There are no documents in it.
            edit(InSub(archive))
        if sides.submit(archive, "author", "/demo/sub"):
            check(before, sides.rights(), what)
    assert not sides.submit(archive, "author")


def check(before: dict[str, Any], after: dict[str, Any], what: str) -> None:
    """Nobody may more with what there is, and there is nobody new."""
    assert after["users"] == before["users"], what
    for path, rights in after["objects"].items():
        known = before["objects"].get(path)
        if known is not None and known[0] == rights[0]:
            assert rights == known, (what, path)
        else:
            # What is new belongs to whoever made it, and has no roles.
            assert not any(each.startswith("role ") for each in rights[2]), what
