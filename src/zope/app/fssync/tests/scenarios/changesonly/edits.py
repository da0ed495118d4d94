"""What others do to a site, each change a function of the site and two numbers.

A number picks one of what there is, so that any sequence of changes can be made;
a change that has nothing to work on does nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from typing import Any
from typing import TypeVar

import transaction
from persistent.mapping import PersistentMapping
from zope.annotation.interfaces import IAnnotations
from zope.app.file.file import File
from zope.app.file.file import FileChunk
from zope.app.file.image import Image
from zope.app.file.interfaces import IFile
from zope.component import getGlobalSiteManager
from zope.component.interfaces import ISite
from zope.copypastemove.interfaces import IObjectMover
from zope.dublincore.interfaces import IZopeDublinCore
from zope.event import notify
from zope.file.file import File as BlobFile
from zope.lifecycleevent import ObjectModifiedEvent
from zope.principalregistry.principalregistry import principalRegistry
from zope.proxy import removeAllProxies
from zope.securitypolicy.interfaces import IPrincipalPermissionManager
from zope.securitypolicy.interfaces import IPrincipalRoleManager
from zope.securitypolicy.interfaces import IRolePermissionManager
from zope.securitypolicy.rolepermission import rolePermissionManager
from zope.site.folder import Folder
from zope.site.site import LocalSiteManager

from zope.app.fssync.tests.scenarios.changesonly.content import Bare
from zope.app.fssync.tests.scenarios.changesonly.content import Note
from zope.app.fssync.tests.scenarios.changesonly.content import SwappedCase
from zope.app.fssync.tests.scenarios.changesonly.site import INITIAL
from zope.app.fssync.tests.scenarios.changesonly.site import Site
from zope.fssync.interfaces import ISynchronizer
from zope.fssync.interfaces import ISynchronizerFactory

__all__ = ["AFAR", "CONTENT", "RIGHTS", "SETTINGS", "STORAGE", "put_back"]

#: Names that meet again as files: in other cases, and composed otherwise.
NAMES = ("a", "A", "b.txt", "B.txt", "ä", "ä", "with space", "docs", "x.html")

FILE = "zope.app.file.file.File"

Change = Callable[[Site, int, int], None]
T = TypeVar("T")


def pick(choices: Sequence[T], number: int) -> T:
    return choices[number % len(choices)]


def below(folder: Any) -> Iterator[tuple[Any, str, Any]]:
    """Yield container, name and object of everything below a folder."""
    for name, obj in sorted(folder.items()):
        yield folder, name, obj
        if isinstance(obj, Folder):
            yield from below(obj)


def demo(root: Any) -> Any:
    return root["area"]["demo"]


def found(root: Any, number: int, *kinds: type) -> tuple[Any, str, Any] | None:
    """Pick something that is checked out, or lies beside that."""
    area = root["area"]
    choices = [
        each
        for each in below(area)
        if each[0] is not area and (not kinds or isinstance(each[2], kinds))
    ]
    return pick(choices, number) if choices else None


def outside(root: Any) -> Any:
    area = root["area"]
    return area["outside" if "outside" in area else "elsewhere"]


def folder(root: Any, number: int) -> Any:
    """Pick a folder that is checked out, or the one outside."""
    area = root["area"]
    inner = [obj for _, _, obj in below(area["demo"]) if isinstance(obj, Folder)]
    return pick([area["demo"], *inner, outside(root)], number)


def places(root: Any) -> list[Any]:
    """Where rights are granted: above the tree, at its top, and in it."""
    area = root["area"]
    inner = [
        removeAllProxies(obj)
        for _, _, obj in below(area["demo"])
        if not isinstance(removeAllProxies(obj), Bare)
    ]
    return [root, area, area["demo"], *inner]


# Content


def edit(site: Site, a: int, b: int) -> None:
    with site.changing() as root:
        if place := found(root, a, File):
            file = place[2]
            file.data = file.data[:200] + b"line %d\n" % b
            if b % 2:
                notify(ObjectModifiedEvent(file))


def edit_a_line(site: Site, a: int, b: int) -> None:
    with site.changing() as root:
        if place := found(root, a, File):
            lines = place[2].data[:200].splitlines(keepends=True)
            lines[b % (len(lines) or 1) :][:1] = [b"changed %d\n" % b]
            place[2].data = b"".join(lines)


def edit_a_chunk(site: Site, a: int, b: int) -> None:
    with site.changing() as root:
        if place := found(root, a, File):
            file = place[2]
            if isinstance(file._data, FileChunk):
                last = file._data
                while last.next is not None:
                    last = last.next
                last._data = b"%05d" % b + last._data[5:]
                file._size = len(file.data)


def edit_a_blob(site: Site, a: int, b: int) -> None:
    with site.changing() as root:
        if place := found(root, a, BlobFile):
            with place[2].open("w") as stream:
                stream.write(b"blob %d\n" % b)


def retype_content(site: Site, a: int, b: int) -> None:
    with site.changing() as root:
        if place := found(root, a, File):
            kinds = ("text/plain", "text/html", "image/png", "")
            place[2].contentType = pick(kinds, b)


def entitle(site: Site, a: int, b: int) -> None:
    with site.changing() as root:
        if (place := found(root, a, File, Folder, Note)) and b % 5:
            core = IZopeDublinCore(place[2])
            setattr(core, pick(("title", "description"), b), f"Title {b}")
        elif place:
            IZopeDublinCore(place[2]).creators = (f"creator {b}", "ü")


def annotate(site: Site, a: int, b: int) -> None:
    with site.changing() as root:
        if place := found(root, a, File, Folder, Note):
            annotations = IAnnotations(removeAllProxies(place[2]))
            key = pick(("note", "other"), b)
            if key in annotations and b % 3:
                annotations[key]["n"] = b
            elif key in annotations:
                del annotations[key]
            else:
                annotations[key] = PersistentMapping(n=b)


def share_an_annotation(site: Site, a: int, b: int) -> None:
    with site.changing() as root:
        places = found(root, a, File, Folder), found(root, b, File, Folder)
        values = [IAnnotations(removeAllProxies(each[2])) for each in places if each]
        shared = next((v["shared"] for v in values if "shared" in v), None)
        if shared is None:
            shared = PersistentMapping()
        shared["n"] = a * 100 + b
        for value in values:
            value["shared"] = shared


def write_a_note(site: Site, a: int, b: int) -> None:
    with site.changing() as root:
        if place := found(root, a, Note):
            note = place[2]
            note.text = f"text {b}"
            if other := found(root, b):
                note.about = removeAllProxies(other[2])
                if isinstance(note.about, Bare):
                    note.about = None


def write_a_bare_one(site: Site, a: int, b: int) -> None:
    with site.changing() as root:
        bare = [o for _, _, o in below(root["area"]) if isinstance(o, Bare)]
        if bare:
            pick(bare, a).text = f"text {b}"


def made(number: int) -> Any:
    makers: tuple[Callable[[], Any], ...] = (
        lambda: File(b"new %d\n" % number, "text/plain"),
        lambda: File(b"\0\1%d" % number, "application/octet-stream"),
        lambda: Image(b"GIF89a\x02\x00\x03\x00"),
        Folder,
        Note,
        Bare,
        BlobFile,
        lambda: File(b"%d" % number * 70_000, "text/plain"),
        _full,
    )
    return pick(makers, number)()


def _full() -> Folder:
    outer, inner = Folder(), Folder()
    inner["file"] = File(b"in it\n", "text/plain")
    outer["inner"] = inner
    outer["other"] = File(b"beside\n", "text/plain")
    return outer


def add(site: Site, a: int, b: int) -> None:
    with site.changing() as root:
        container, name = folder(root, a), pick(NAMES, b)
        if name not in container:
            container[name] = made(a + b)


def remove(site: Site, a: int, b: int) -> None:
    with site.changing() as root:
        if place := found(root, a):
            container, name, _ = place
            del container[name]


def replace(site: Site, a: int, b: int) -> None:
    with site.changing() as root:
        if place := found(root, a):
            container, name, _ = place
            del container[name]
            container[name] = made(b)


def rename(site: Site, a: int, b: int) -> None:
    with site.changing() as root:
        if place := found(root, a):
            _move(place, place[0], pick(NAMES, b))


def move(site: Site, a: int, b: int) -> None:
    with site.changing() as root:
        if place := found(root, a):
            _move(place, folder(root, b), place[1])


def _move(place: tuple[Any, str, Any], target: Any, name: str) -> None:
    _, _, obj = place
    above = target
    while above is not None:
        if above is obj:
            return
        above = above.__parent__
    if name not in target:
        IObjectMover(obj).moveTo(target, name)


def swap_names(site: Site, a: int, b: int) -> None:
    with site.changing() as root:
        container = folder(root, a)
        names = sorted(container)
        if len(names) > 1:
            first, second = names[b % len(names)], names[(b + 1) % len(names)]
            one, two = container[first], container[second]
            del container[first], container[second]
            container[first], container[second] = two, one


def add_many(site: Site, a: int, b: int) -> None:
    with site.changing() as root:
        container = folder(root, a)
        for number in range(120):
            name = f"many{number:03d}"
            if name in container and b % 2:
                del container[name]
            elif name in container:
                container[name].data = b"changed %d %d\n" % (number, b)
            else:
                container[name] = File(b"many %d\n" % number, "text/plain")


def toggle_site(site: Site, a: int, b: int) -> None:
    with site.changing() as root:
        place = folder(root, a)
        if not ISite.providedBy(place):
            place.setSiteManager(LocalSiteManager(place))
        else:
            place.getSiteManager()["default"][f"item{b % 3}"] = Folder()


CONTENT: list[Change] = [
    *(edit, edit_a_line, edit_a_chunk, edit_a_blob, retype_content, entitle),
    *(annotate, share_an_annotation, write_a_note, write_a_bare_one),
    *(add, remove, replace, rename, move, swap_names, add_many),
    toggle_site,
]


# What lies elsewhere, and shows in the tree all the same


def rename_what_is_named(site: Site, a: int, b: int) -> None:
    """Rename an object in whose path a note in the tree takes part."""
    with site.changing() as root:
        area = root["area"]
        for name in ("outside", "elsewhere"):
            if name in area and a % 2:
                other = {"outside": "elsewhere", "elsewhere": "outside"}[name]
                IObjectMover(area[name]).moveTo(area, other)
                return
            for each in list(area.get(name, ())):
                _move((area[name], each, area[name][each]), area[name], f"named{b}")
                return


def touch_nothing_of_it(site: Site, a: int, b: int) -> None:
    with site.changing() as root:
        IZopeDublinCore(root["area"]).title = f"Title {b}"
        if a % 2:
            root[f"unrelated{b}"] = Folder()
            del root[f"unrelated{b}"]


AFAR: list[Change] = [rename_what_is_named, touch_nothing_of_it]


# Rights

PERMISSIONS = ("zope.View", "zope.ManageContent", "zope.ManageSite")
WHO = ("zope.weak", "zope.Staff")


def above(root: Any, a: int) -> Any:
    """Pick a place; every other one is above the tree or its top."""
    everything = places(root)
    return pick(everything[:3] if a % 2 else everything, a // 2)


def change_permission(site: Site, a: int, b: int) -> None:
    with site.changing() as root:
        grants = IPrincipalPermissionManager(above(root, a))
        verbs = (
            grants.grantPermissionToPrincipal,
            grants.denyPermissionToPrincipal,
            grants.unsetPermissionForPrincipal,
        )
        pick(verbs, b)(pick(PERMISSIONS, b // 3), pick(WHO, b // 9))


def change_role(site: Site, a: int, b: int) -> None:
    with site.changing() as root:
        roles = IPrincipalRoleManager(above(root, a))
        verbs = (
            roles.assignRoleToPrincipal,
            roles.removeRoleFromPrincipal,
            roles.unsetRoleForPrincipal,
        )
        pick(verbs, b)(pick(("zope.Member", "zope.Manager"), b // 3), pick(WHO, b // 6))


def change_meaning_of_role(site: Site, a: int, b: int) -> None:
    with site.changing() as root:
        grants = IRolePermissionManager(above(root, a))
        verbs = (
            grants.grantPermissionToRole,
            grants.denyPermissionToRole,
            grants.unsetPermissionFromRole,
        )
        roles = ("zope.Member", "zope.Anonymous")
        pick(verbs, b)(pick(PERMISSIONS, b // 3), pick(roles, b // 9))


RIGHTS: list[Change] = [change_permission, change_role, change_meaning_of_role]


# What is configured rather than stored, and what is registered locally


def register_globally(site: Site, a: int, b: int) -> None:
    if not put_back_synchronizer():
        getGlobalSiteManager().registerUtility(SwappedCase, ISynchronizerFactory, FILE)


def register_locally(site: Site, a: int, b: int) -> None:
    with site.changing() as root:
        manager = pick((root, root["area"]), a).getSiteManager()
        if not unregister(manager):
            if b % 2:
                manager.registerUtility(SwappedCase, ISynchronizerFactory, FILE)
            else:
                manager.registerAdapter(SwappedCase, [IFile], ISynchronizer)


def change_global_role(site: Site, a: int, b: int) -> None:
    if b % 2:
        rolePermissionManager.grantPermissionToRole("zope.ManageContent", "zope.Member")
    else:
        put_back_role()


def change_membership(site: Site, a: int, b: int) -> None:
    groups = principalRegistry.getPrincipal("zope.weak").groups
    if "zope.Staff" in groups:
        groups.remove("zope.Staff")
    else:
        groups.append("zope.Staff")


def unregister(registry: Any) -> bool:
    """Take the registered one again; False if it was not another."""
    named = registry.unregisterUtility(SwappedCase, ISynchronizerFactory, FILE)
    adapter = registry.unregisterAdapter(SwappedCase, [IFile], ISynchronizer)
    return bool(named or adapter)


def put_back_synchronizer() -> bool:
    return unregister(getGlobalSiteManager())


def put_back_role() -> None:
    rolePermissionManager.unsetPermissionFromRole("zope.ManageContent", "zope.Member")


def put_back() -> None:
    """Configure everything as it was."""
    put_back_synchronizer()
    put_back_role()
    groups = principalRegistry.getPrincipal("zope.weak").groups
    if "zope.Staff" not in groups:
        groups.append("zope.Staff")


SETTINGS: list[Change] = [
    *(register_globally, register_locally, change_global_role, change_membership),
]


# The database


def pack(site: Site, a: int, b: int) -> None:
    site.db.pack()


def restart(site: Site, a: int, b: int) -> None:
    site.restart()


def back_up(site: Site, a: int, b: int) -> None:
    site.database.back_up("backup")


def restore(site: Site, a: int, b: int) -> None:
    if (site.database.place / "backup").exists():
        site.restore("backup")


def undo(site: Site, a: int, b: int) -> None:
    log = site.db.undoLog(0, 1)
    if log and INITIAL not in log[0]["description"]:
        site.db.undo(log[0]["id"])
        transaction.commit()


def hurry(site: Site, a: int, b: int) -> None:
    """Let many small transactions go by."""
    for number in range(30):
        with site.changing() as root:
            IZopeDublinCore(outside(root)).title = f"{number} {b}"


STORAGE: list[Change] = [pack, restart, back_up, restore, restore, undo, hurry]
