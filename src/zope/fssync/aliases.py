"""Today's names of what pickles and entries of Python 2 and Zope 3.4 call otherwise.

One table serves all readers: `NAMES` holds single classes and functions,
`MODULES` whole modules and packages (the longest matching one wins, and only the
module part of the name changes).  Nothing is imported to answer a question, so a
name may stand here whose package is not installed.
"""

from __future__ import annotations

from zope.fssync.limits import REMEMBERED_NAMES

__all__ = ["MODULES", "NAMES", "modern", "old_names", "register", "register_module"]

#: Old dotted names of single objects.
NAMES: dict[str, str] = {
    # Python 2
    "UserDict.IterableUserDict": "collections.UserDict",
    "UserDict.UserDict": "collections.UserDict",
    "UserList.UserList": "collections.UserList",
    "UserString.UserString": "collections.UserString",
    "__builtin__.buffer": "builtins.memoryview",
    "__builtin__.long": "builtins.int",
    "__builtin__.unicode": "builtins.str",
    "__builtin__.xrange": "builtins.range",
    "exceptions.StandardError": "builtins.Exception",
    "sets.ImmutableSet": "builtins.frozenset",
    "sets.Set": "builtins.set",
    # persistent
    "Persistence.Persistent": "persistent.Persistent",
    "Persistence.PersistentMapping": "persistent.mapping.PersistentMapping",
    "persistent.dict.PersistentDict": "persistent.mapping.PersistentMapping",
    "zodb.utils.PersistentMapping": "persistent.mapping.PersistentMapping",
    # zope.i18nmessageid: where the C implementation lives
    "_zope_i18nmessageid_message.Message": "zope.i18nmessageid.message.Message",
    "zope.i18nmessageid.Message": "zope.i18nmessageid.message.Message",
    "zope.i18nmessageid.messageid.MessageID": "zope.i18nmessageid.message.Message",
    # classes and functions that 3.4 applications name by their short way
    "zope.app.container.btree.BTreeContainer": "zope.container.btree.BTreeContainer",
    "zope.app.file.File": "zope.app.file.file.File",
    "zope.app.file.Image": "zope.app.file.image.Image",
    "zope.app.folder.Folder": "zope.site.folder.Folder",
    "zope.app.folder.rootFolder": "zope.site.folder.rootFolder",
    "zope.app.security.permission.LocalPermission": (
        "zope.app.localpermission.permission.LocalPermission"
    ),
    "zope.security.permission.LocalPermission": (
        "zope.app.localpermission.permission.LocalPermission"
    ),
    # registrations moved down into zope.interface
    "zope.component.registry.AdapterRegistration": (
        "zope.interface.registry.AdapterRegistration"
    ),
    "zope.component.registry.Components": "zope.interface.registry.Components",
    "zope.component.registry.HandlerRegistration": (
        "zope.interface.registry.HandlerRegistration"
    ),
    "zope.component.registry.SubscriptionRegistration": (
        "zope.interface.registry.SubscriptionRegistration"
    ),
    "zope.component.registry.UtilityRegistration": (
        "zope.interface.registry.UtilityRegistration"
    ),
    # interfaces
    "zope.app.component.interfaces.ISite": "zope.component.interfaces.ISite",
    "zope.app.folder.interfaces.IFolder": "zope.site.interfaces.IFolder",
    "zope.app.folder.interfaces.IRootFolder": "zope.site.interfaces.IRootFolder",
    "zope.location.interfaces.ISite": "zope.component.interfaces.ISite",
    "zope.interface.Provides": "zope.interface.declarations.Provides",
    "zope.interface.implementedBy": "zope.interface.declarations.implementedBy",
}

#: Old modules and packages, with all that is below them.
MODULES: dict[str, str] = {
    # Python 2
    "__builtin__": "builtins",
    "copy_reg": "copyreg",
    "exceptions": "builtins",
    "urlparse": "urllib.parse",
    # Zope 3.4
    "zope.app.annotation": "zope.annotation",
    "zope.app.cache": "zope.ramcache",
    "zope.app.catalog": "zope.catalog",
    "zope.app.component.interfaces.registration": "zope.site.interfaces",
    "zope.app.component.site": "zope.site.site",
    "zope.app.container": "zope.container",
    "zope.app.copypastemove": "zope.copypastemove",
    "zope.app.dublincore": "zope.dublincore",
    "zope.app.error": "zope.error",
    "zope.app.event": "zope.lifecycleevent",
    "zope.app.folder.folder": "zope.site.folder",
    "zope.app.intid": "zope.intid",
    "zope.app.keyreference": "zope.keyreference",
    "zope.app.location": "zope.location",
    "zope.app.principalannotation": "zope.principalannotation.utility",
    "zope.app.principalannotation.interfaces": "zope.principalannotation.interfaces",
    "zope.app.security.principalregistry": ("zope.principalregistry.principalregistry"),
    "zope.app.securitypolicy": "zope.securitypolicy",
    "zope.app.session": "zope.session",
    "zope.app.size": "zope.size",
    "zope.app.traversing": "zope.traversing",
}

_old: dict[str, tuple[str, ...]] = {}
_spellings: dict[str, tuple[str, ...]] = {}


def modern(dotted: str) -> str:
    """Return today's name of ``dotted``, which may be today's name already."""
    exact = NAMES.get(dotted)
    if exact is not None:
        return exact
    end = dotted.rfind(".")
    while end > 0:
        module = MODULES.get(dotted[:end])
        if module is not None:
            return module + dotted[end:]
        end = dotted.rfind(".", 0, end)
    return dotted


def old_names(dotted: str) -> tuple[str, ...]:
    """Return the old names of ``dotted``, in a fixed order.

    Where a whole module moved, any name in it has the old module's name too,
    whether or not something of that name ever was there.
    """
    cached = _old.get(dotted)
    if cached is None:
        names = {old for old, new in NAMES.items() if new == dotted}
        for old, new in MODULES.items():
            if dotted.startswith(new + "."):
                candidate = old + dotted[len(new) :]
                if modern(candidate) == dotted:
                    names.add(candidate)
        names.discard(dotted)
        cached = tuple(sorted(names))
        if len(_old) < REMEMBERED_NAMES:
            _old[dotted] = cached
    return cached


def spellings(dotted: str) -> tuple[str, ...]:
    """Return the names a class may be registered under, today's first."""
    cached = _spellings.get(dotted)
    if cached is None:
        today = modern(dotted)
        cached = tuple(dict.fromkeys((today, dotted, *old_names(today))))
        if len(_spellings) < REMEMBERED_NAMES:
            _spellings[dotted] = cached
    return cached


def register(old: str, new: str) -> None:
    """Make ``new`` today's name of the class or function ``old``."""
    NAMES[old] = new
    forget()


def register_module(old: str, new: str) -> None:
    """Make ``new`` today's name of the module or package ``old``."""
    MODULES[old] = new
    forget()


def forget() -> None:
    """Forget what was found by `NAMES` and `MODULES`: they have changed."""
    _old.clear()
    _spellings.clear()
