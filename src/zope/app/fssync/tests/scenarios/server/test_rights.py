"""Who may do what: no commit by the weaker changes it, whatever it names.

Everything that an entry, an extra or an annotation can name is put into everything
that there is, and sent by each who may commit.  What everybody may do with each object
is the same before and after, and with a new one what it is with its container.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from itertools import cycle
from itertools import islice
from itertools import product
from typing import Any

import pytest
from zope.app.file.file import File
from zope.component import getUtilitiesFor
from zope.container.interfaces import IReadContainer
from zope.dublincore.interfaces import IZopeDublinCore
from zope.interface.interfaces import IInterface
from zope.principalregistry.principalregistry import principalRegistry
from zope.security.interfaces import IPermission
from zope.security.management import endInteraction
from zope.security.management import newInteraction
from zope.security.management import queryInteraction
from zope.securitypolicy.interfaces import IPrincipalPermissionManager
from zope.securitypolicy.interfaces import IPrincipalRoleManager
from zope.securitypolicy.interfaces import IRolePermissionManager
from zope.securitypolicy.securitymap import PersistentSecurityMap
from zope.securitypolicy.settings import Allow
from zope.site.folder import Folder
from zope.site.site import LocalSiteManager

from zope.app.fssync.testing.serversite import Archive
from zope.app.fssync.tests.scenarios.server.found import WAYS
from zope.app.fssync.tests.scenarios.server.found import Kinds
from zope.app.fssync.tests.scenarios.server.found import found_by
from zope.fssync.interfaces import IAllowedGlobal
from zope.fssync.interfaces import IMarker
from zope.fssync.interfaces import ISynchronizerFactory
from zope.fssync.xmlpickle import dumps

pytestmark = pytest.mark.slow

DUBLIN_CORE = "zope.app.dublincore.ZopeDublinCore"
#: Changes an archive.
Edit = Callable[[Archive], object]

KEYS = [
    "zopel.app.security.AnnotationPrincipalPermissionManager",
    "zope.app.security.AnnotationPrincipalRoleManager",
    "zope.app.security.AnnotationRolePermissionManager",
]


def populate(site: Any, kinds: Kinds) -> Any:
    """Make grants of each kind; ``local`` may all but change security."""
    folder = site.root["demo"] = kinds.folder()
    folder["a.txt"] = kinds.file(b"a", "text/plain")
    IZopeDublinCore(folder["a.txt"]).title = "A"
    folder["site"] = kinds.folder()
    folder["site"].setSiteManager(LocalSiteManager(folder["site"]))
    folder["site"]["b.txt"] = kinds.file(b"b", "text/plain")
    for name in ("private", "given"):
        folder[name] = kinds.folder()
        folder[name]["c.txt"] = kinds.file(b"c", "text/plain")
    private = IPrincipalPermissionManager(folder["private"])
    for who in ("zope.anybody", "zope.reader"):
        private.denyPermissionToPrincipal("zope.View", who)
    IPrincipalRoleManager(folder["given"]).assignRoleToPrincipal(
        "zope.Member", "zope.reader"
    )
    IRolePermissionManager(folder["given"]).grantPermissionToRole(
        "zope.ManageContent", "zope.Member"
    )
    inner = folder["given"]["inner"] = kinds.folder()
    inner["d.txt"] = kinds.file(b"d", "text/plain")
    IPrincipalPermissionManager(inner).denyPermissionToPrincipal(
        "zope.View", "zope.anybody"
    )
    everywhere = IPrincipalPermissionManager(site.root)
    for permission in ("zope.ManageContent", "zope.ManageSite", "zope.ManageCode"):
        everywhere.grantPermissionToPrincipal(permission, "zope.local")
    site.commit()
    return site


@pytest.fixture
def demo(site):
    return populate(site, Kinds(Folder, File))


@pytest.fixture(params=[way for way in WAYS if way != "class"])
def found_otherwise(site, request):
    """The same, with synchronizers that are found in the other ways."""
    with found_by(request.param) as kinds:
        yield populate(site, kinds)


class Participation:
    """Somebody who asks."""

    interaction: Any = None

    def __init__(self, principal: Any) -> None:
        self.principal = principal


def objects(obj: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Iterate over an object and all below it."""
    yield path, obj
    if IReadContainer.providedBy(obj):
        for name in list(obj):
            yield from objects(obj[name], f"{path}/{name}")


def rights(site: Any) -> dict[str, frozenset[tuple[str, str]]]:
    """Return who has which permission, by the path of each object."""
    found: dict[str, set[tuple[str, str]]] = {}
    tree = list(objects(site.root))
    permissions = [name for name, _ in getUtilitiesFor(IPermission)]
    ids = ["zope.anybody", "zope.reader", "zope.editor", "zope.local", "zope.manager"]
    for who in ids:
        newInteraction(Participation(principalRegistry.getPrincipal(who)))
        try:
            for path, obj in tree:
                found.setdefault(path, set()).update(
                    (who, permission)
                    for permission in permissions
                    if queryInteraction().checkPermission(permission, obj)
                )
        finally:
            endInteraction()
    return {path: frozenset(each) for path, each in found.items()}


def check(before: dict[str, Any], after: dict[str, Any], what: object) -> None:
    """Nobody may more, or less, with what there is."""
    for path, may in after.items():
        known = path
        while known not in before:
            known = known.rpartition("/")[0]
        assert may == before[known], (what, path, may ^ before[known])


def names() -> list[str]:
    """What the application has registered, and what nobody has."""
    found = {
        "",
        "os.system",
        "builtins.eval",
        "builtins.dict",
        "zope.security.proxy.Proxy",
    }
    for kind in (IAllowedGlobal, ISynchronizerFactory, IMarker):
        found.update(name for name, _ in getUtilitiesFor(kind))
    return sorted(found)


def planted() -> dict[str, bytes]:
    """Pickles that make somebody a manager, if somebody looks into them."""
    grants = PersistentSecurityMap()
    for who in ("zope.anybody", "zope.reader", "zope.editor", "zope.local"):
        grants.addCell("zope.Manager", who, Allow)
    told = dumps(grants)
    folder = Folder()
    folder.__annotations__ = {KEYS[1]: grants}
    return {
        "map": told,
        "dict": dumps({"_byrow": dict(grants._byrow), "_bycol": dict(grants._bycol)}),
        "folder": dumps(folder),
        "core": told.replace(b"PersistentSecurityMap", b"ZDCAnnotationData").replace(
            b"zope.securitypolicy.securitymap", b"zope.dublincore.annotatableadapter"
        ),
    }


def call(method: str, *args: Any, **named: Any) -> Edit:
    """Return what calls a method of an archive."""
    return lambda archive: getattr(archive, method)(*args, **named)


def attributes() -> Iterator[tuple[str, Edit]]:
    """Put every name into the entries of what there is, and of what is new."""
    for number, name in enumerate(names()):
        for attribute in ("factory", "type", "keytype"):
            path = ("a.txt", "given")[number % 2]
            what = f"{path} {attribute}={name}"
            yield what, call("set_entry", f"demo/{path}", **{attribute: name})
        body = (None, planted()["folder"])[number % 2]
        what = f"new {name} {body!r:.40}"
        new = {"factory": name, "type": name, "keytype": names()[number // 2]}
        yield what, call("add", "demo/given/new", body, **new)


def bookkeeping() -> Iterator[tuple[str, Edit]]:
    """Put other objects, and what is none, into what tells one from another."""
    values = [
        *("private", "given", "../private", "@@private", "++annotations++", ""),
        *("demo/private", "demo/private/c.txt", "/demo/private", "editor", "yes"),
    ]
    told = ("key", "id", "base", "binary", "conflict", "flag", "withheld", "owner")
    paths = cycle(["a.txt", "private", "given"])
    for attribute, value in product((*told, "moved", "moved-to"), values):
        path = next(paths)
        what = f"{path} {attribute}={value}"
        yield what, call("set_entry", f"demo/{path}", **{attribute: value})


def interfaces() -> Iterator[tuple[str, Edit]]:
    """Let something with grants provide all that there is."""
    found = {
        name for kind in (IInterface, IMarker) for name, _ in getUtilitiesFor(kind)
    }
    for name in sorted(found):
        yield f"provides={name}", call("set_entry", "demo/given", provides=name)


def parts() -> Iterator[tuple[str, Edit]]:
    """Write and remove extras and annotations, and children of their names."""
    kinds = [
        "builtins.dict",
        "zope.dublincore.annotatableadapter.ZDCAnnotationData",
        "zope.securitypolicy.securitymap.PersistentSecurityMap",
        "zope.site.folder.Folder",
    ]
    bodies = planted()
    places = [
        *(f"@@Zope/Annotations/private/{key}" for key in (KEYS[1], DUBLIN_CORE, "new")),
        *(f"@@Zope/Extra/a.txt/{key}" for key in ("contentType", "__annotations__")),
        f"private/{KEYS[1]}",
    ]
    for place, kind, what in product(places, kinds, bodies):
        yield (
            f"{place} {what} {kind}",
            call("add", f"demo/{place}", bodies[what], type=kind, factory=kind),
        )
    for place in places:
        yield f"{place} removed", call("remove", f"demo/{place}")


@pytest.mark.parametrize("user", ["editor", "local"])
@pytest.mark.parametrize("generate", [attributes, bookkeeping, interfaces, parts])
def test_no_commit_changes_who_may_do_what(demo, user, generate):
    try_all(demo, user, generate())


@pytest.mark.parametrize("generate", [attributes, bookkeeping, interfaces, parts])
def test_rights_is_the_same_however_synchronizers_are_found(found_otherwise, generate):
    try_all(found_otherwise, "local", islice(generate(), 0, None, 7))


def try_all(demo: Any, user: str, edits: Iterator[tuple[str, Edit]]) -> None:
    """Send edits, of which none may change rights."""
    before = rights(demo)
    assert ("zope.reader", "zope.View") not in before["/demo/private"]
    assert ("zope.reader", "zope.ManageContent") in before["/demo/given"]
    archive = demo.checkout("/demo", user)
    # Each may commit something.
    archive.edit("demo/given/c.txt", b"b")
    archive = demo.accept("/demo", archive, user)
    sent = 0
    for what, edit in edits:
        changed = Archive(archive)
        edit(changed)
        response = demo.submit("/demo", changed, user)
        sent += 1
        if response.headers["Content-Type"] == "application/x-snarf":
            check(before, rights(demo), what)
            archive = demo.checkout("/demo", user)
    assert sent > 3


class Given:
    """An archive of ``given`` for edits of one of ``demo``."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def __getattr__(self, method: str) -> Callable[..., object]:
        def changed(path: str, *args: Any, **named: Any) -> object:
            return getattr(self._archive, method)(_in_given(path), *args, **named)

        return changed


def _in_given(path: str) -> str:
    """Return what in ``given`` is like a path in ``demo``."""
    inside = path.removeprefix("demo/").replace("private", "inner")
    inside = inside.replace("a.txt", "c.txt")
    if inside.split("/")[0] == "given" or "/given/" in f"/{inside}/":
        return inside
    return f"given/{inside}"


@pytest.mark.parametrize("generate", [attributes, bookkeeping, interfaces, parts])
def test_a_user_who_may_write_in_one_place_changes_no_rights_there(demo, generate):
    before = rights(demo)
    assert ("zope.reader", "zope.ManageContent") in before["/demo/given/inner"]
    assert ("zope.reader", "zope.ManageContent") not in before["/demo"]
    assert ("zope.anybody", "zope.View") not in before["/demo/given/inner"]
    archive = demo.checkout("/demo/given", "reader")
    archive.edit("given/c.txt", b"b")
    archive = demo.accept("/demo/given", archive, "reader")
    accepted = 0
    # An editor sends all of them.  Of parts, the last ones are removed.
    edits = list(generate())
    for what, edit in [*edits[:-6:5], *edits[-6:]]:
        changed = Archive(archive)
        edit(Given(changed))
        response = demo.submit("/demo/given", changed, "reader")
        if response.headers["Content-Type"] == "application/x-snarf":
            accepted += 1
            check(before, rights(demo), what)
            archive = demo.checkout("/demo/given", "reader")
    assert accepted
    changed = Archive(archive)
    changed.edit("given/c.txt", b"elsewhere")
    for elsewhere in ("/demo", "/demo/private", "/demo/site"):
        assert demo.submit(elsewhere, changed, "reader").status_int in (401, 403)


@pytest.mark.parametrize("generate", [attributes, bookkeeping, interfaces, parts])
def test_a_user_who_may_commit_nothing_changes_nothing(demo, generate):
    before = rights(demo)
    archive = demo.checkout("/demo", "manager")
    for number, (what, edit) in enumerate(generate()):
        changed = Archive(archive)
        edit(changed)
        user = ("reader", None)[number % 2]
        assert demo.submit("/demo", changed, user).status_int in (401, 403), what
    check(before, rights(demo), "nothing")
