"""The lookup of synchronizers: by name, by adapter, by base class, by default.

1. The `ISynchronizerFactory` utility named by the class, as in release 3.6.0.
2. The `ISynchronizer` adapter that comes first in the resolution order of what the
   object provides: interfaces it provides directly, its class, interfaces of the
   class, its bases.
3. The utility named by the nearest base class.
4. A general adapter (`ISynchronizerFactory.general`), in the order of 2.
5. The unnamed utility, which writes a pickle.

Registrations are those of the current site, and of the sites above it.  A synchronizer
of a base class is skipped if its factory is not to be inherited
(`ISynchronizerFactory.inherited`), if it writes pickles, or if the object provides
`IOwnSynchronizer`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any
from typing import NamedTuple
from weakref import WeakKeyDictionary

from zope.component import getSiteManager
from zope.component import getUtilitiesFor
from zope.component import queryUtility
from zope.component.interfaces import IFactory
from zope.interface import implementedBy
from zope.interface import providedBy

from zope.fssync import interfaces
from zope.fssync.aliases import spellings
from zope.fssync.limits import KNOWN_KINDS
from zope.fssync.messages import _

__all__ = [
    "ADAPTER",
    "BASE",
    "DEFAULT",
    "NAME",
    "Explanation",
    "Found",
    "adapters",
    "explain",
    "find",
    "inheriting_class",
    "loaded",
    "registered_class",
    "registered_names",
]

#: How a registration was found.
NAME, ADAPTER, BASE, DEFAULT = "name", "adapter", "base", "default"

#: What adapters are registered to provide.
_PROVIDED = (
    interfaces.ISynchronizer,
    interfaces.IFileSynchronizer,
    interfaces.IDirectorySynchronizer,
    interfaces.IDefaultSynchronizer,
)


class Found(NamedTuple):
    """A registration that was taken for an object.

    ``base`` is the class whose objects it was made for, where that is not the class
    of the object itself: the object may have more.
    """

    factory: Any
    how: str
    registered_for: str
    base: type | None = None


class Explanation(NamedTuple):
    """Which registration `find` takes for an object, and why.

    ``how`` is one of `NAME`, `ADAPTER`, `BASE` and `DEFAULT`; ``registered_for`` the
    dotted name of the class or the interface, empty for the default; ``factory`` the
    dotted name of the synchronizer; ``skipped`` are sentences, one for each
    registration that would have come first.
    """

    how: str
    registered_for: str
    factory: str
    skipped: tuple[str, ...]

    def __str__(self) -> str:
        """Return a sentence for people, without the skipped ones."""
        return f"{self.factory}, {self.reason}"

    @property
    def reason(self) -> str:
        """Why it is taken, in words for people."""
        mapping = {"name": self.registered_for}
        if self.how == NAME:
            form = _("registered under the name of the class, ${name}", mapping=mapping)
        elif self.how == ADAPTER:
            form = _("the adapter for ${name}", mapping=mapping)
        elif self.how == BASE:
            form = _(
                "registered under the name of a base class, ${name}", mapping=mapping
            )
        else:
            form = _("since nothing describes the class")
        return form


def find(obj: Any, klass: type | None = None, provided: Any = None) -> Found | None:
    """Return the registration for an object, None where there is not even a default.

    ``klass`` and ``provided`` are its class and what it provides, for objects in a
    wrapper.
    """
    klass = obj.__class__ if klass is None else klass
    provided = providedBy(obj) if provided is None else provided
    return next((each for each, refusal in _all(klass, provided) if not refusal), None)


def explain(obj: Any) -> Explanation | None:
    """Return the `Explanation` for an object without wrappers.

    None where not even a default is registered.  It names registrations, not content:
    still ask for the permission to read the object first.
    """
    skipped: list[str] = []
    for found, refusal in _all(obj.__class__, providedBy(obj)):
        name = _factory_name(found.factory)
        if not refusal:
            return Explanation(found.how, found.registered_for, name, tuple(skipped))
        skipped.append(
            _(
                "${synchronizer} for ${name}: ${reason}",
                mapping={
                    "synchronizer": name,
                    "name": found.registered_for,
                    "reason": refusal,
                },
            )
        )
    return None


def adapters() -> list[tuple[str, Any]]:
    """Return all adapters, as pairs of what they are for and the factory."""
    registry = getSiteManager().adapters
    known = _known_of(registry)
    if known.registered is None:
        registered = list(_registered_in(registry))
        known = _known[registry] = known._replace(registered=registered)
    return list(known.registered or ())


def _registered_in(registry: Any) -> Iterator[tuple[str, Any]]:
    for each in registry.ro:
        for required, provided, _name, factory in each.allRegistrations():
            if provided in _PROVIDED and len(required) == 1:
                name = getattr(required[0], "__identifier__", required[0].__name__)
                yield f"for {name}", factory


def registered_names() -> Iterator[str]:
    """Iterate over the names of the classes that have a registration of their own."""
    for name, _factory in getUtilitiesFor(interfaces.ISynchronizerFactory):
        if name:
            yield name
    for registry in getSiteManager().adapters.ro:
        for required, provided, _name, _factory in registry.allRegistrations():
            klass = getattr(required[0], "inherit", None)
            if provided in _PROVIDED and len(required) == 1 and klass is not None:
                yield _dotted(klass)


def registered_class(dotted: str) -> tuple[type, Any] | None:
    """Return the class of that name with an adapter of its own, and the adapter.

    Nothing is imported: the class of a registration is there.
    """
    for name in spellings(dotted):
        klass = loaded(name)
        required = None if klass is None else implementedBy(klass)
        for registry in getSiteManager().adapters.ro if klass else ():
            factory = _registered(registry, required)
            if klass is not None and factory is not None:
                return klass, factory
    return None


def inheriting_class(dotted: str) -> tuple[type, Any] | None:
    """Return the class of that name which only an interface or a base describes.

    It counts if the application has registered an `IFactory` under that name as well,
    by which it offers to make such objects.
    """
    for name in spellings(dotted):
        klass = loaded(name)
        if klass is None or queryUtility(IFactory, name=name) is None:
            continue
        found = find(None, klass, implementedBy(klass))
        if found is not None and found.how != DEFAULT:
            return klass, found.factory
    return None


def _all(klass: type, provided: Any) -> Iterator[tuple[Found, str]]:
    """Yield what is registered, in the order of `find`, and why it is not taken."""
    name = _dotted(klass)
    factory = _named(name)
    if factory is not None:
        yield Found(factory, NAME, name), ""
    own = interfaces.IOwnSynchronizer in provided.__iro__
    registry = getSiteManager().adapters
    general = []
    if registry.lookup1(provided, interfaces.ISynchronizer) is not None:
        for found in _adapters(klass, provided, registry):
            if getattr(found.factory, "general", False):
                general.append(found)
            else:
                yield found, _refusal(found, own)
    # Mappings of parts, which differ in more than their attributes.
    if not interfaces.ISynchronizableExtras.implementedBy(
        klass
    ) and not interfaces.ISynchronizableAnnotations.implementedBy(klass):
        for base in klass.__mro__[1:-1]:
            base_name = _dotted(base)
            # A kind of dict or str is something else to its application.
            plain = base.__module__ == "builtins"
            factory = None if plain else _named(base_name)
            if factory is not None:
                found = Found(factory, BASE, base_name, base)
                yield found, _refusal(found, own)
    for found in general:
        yield found, _refusal(found, own)
    factory = queryUtility(interfaces.ISynchronizerFactory)
    if factory is not None:
        yield Found(factory, DEFAULT, ""), ""


def _named(dotted: str) -> Any:
    for name in spellings(dotted):
        factory = queryUtility(interfaces.ISynchronizerFactory, name=name)
        if factory is not None:
            return factory
    return None


def _adapters(klass: type, provided: Any, registry: Any) -> tuple[Found, ...]:
    """Return the adapters of a class, which are looked for once for all its objects."""
    # Objects of one class may each have a declaration of their own.
    key = (klass, provided.__iro__)
    known = _known_of(registry)
    found = known.adapters.get(key)
    if found is None:
        if len(known.adapters) >= KNOWN_KINDS:
            known.adapters.clear()
        found = known.adapters[key] = tuple(_look_up(klass, provided, registry))
    return found


class _Known(NamedTuple):
    """What was looked up in a registry, as long as no registration is changed."""

    states: tuple[tuple[int, object], ...]
    #: For each kind of objects.
    adapters: dict[Any, tuple[Found, ...]]
    #: All of them, see `adapters`.
    registered: list[tuple[str, Any]] | None = None


def _known_of(registry: Any) -> _Known:
    states = tuple(map(_state, registry.ro))
    known = _known.get(registry)
    if known is None or known.states != states:
        known = _known[registry] = _Known(states, {})
    return known


_known: WeakKeyDictionary[Any, _Known] = WeakKeyDictionary()


def _state(registry: Any) -> tuple[int, object]:
    """Return what is another one after each change of a registry.

    One in the database counts anew from an earlier number when a transaction is aborted
    or undone.  It is loaded again then, without its volatile attributes.
    """
    generation: int = registry._generation
    mark = getattr(registry, _MARK, None)
    if mark is None:
        mark = object()
        setattr(registry, _MARK, mark)
    return generation, mark


#: The attribute by which a registry is known until it is loaded again.
_MARK = "_v_fssync_mark"


def _look_up(klass: type, provided: Any, registry: Any) -> Iterator[Found]:
    for each in registry.ro:
        for required in provided.__sro__:
            factory = _registered(each, required)
            if factory is not None:
                base = _base(klass, required)
                # A class stands for itself here, an interface has a module as well.
                name = getattr(required, "__identifier__", required.__name__)
                yield Found(factory, ADAPTER, name, None if base is klass else base)


def _registered(registry: Any, required: Any) -> Any:
    for provided in _PROVIDED:
        factory = registry.registered((required,), provided)
        if factory is not None:
            return factory
    return None


def _base(klass: type, required: Any) -> type:
    """Return the class that a registration was made for, the first in the family."""
    inherit = getattr(required, "inherit", None)
    if isinstance(inherit, type):
        return inherit
    found = klass
    for each in klass.__mro__[:-1]:
        if implementedBy(each).isOrExtends(required):
            found = each
    return found


def _refusal(found: Found, own: bool) -> str:
    """Return why a registration for a base class is not taken."""
    general = getattr(found.factory, "general", False)
    if found.base is None and not general:
        return ""
    if own:
        return _("the class wants a synchronizer of its own")
    if not getattr(found.factory, "inherited", True):
        return _("it is not for classes derived from that")
    if interfaces.IDefaultSynchronizer.implementedBy(_bare(found.factory)):
        return _("it writes pickles")
    return ""


def _bare(factory: Any) -> Any:
    """Return what a wrapper of zope.component calls."""
    while hasattr(factory, "factory") and not isinstance(factory, type):
        factory = factory.factory
    return factory


def loaded(dotted: str) -> type | None:
    """Return the class of that name if its module is imported already."""
    module, _, name = dotted.rpartition(".")
    found = getattr(sys.modules.get(module), name, None)
    return found if isinstance(found, type) and _dotted(found) == dotted else None


def _dotted(klass: type) -> str:
    return f"{klass.__module__}.{klass.__name__}"


def _factory_name(factory: Any) -> str:
    bare = _bare(factory)
    if not hasattr(bare, "__name__"):
        bare = type(bare)
    return f"{bare.__module__}.{bare.__name__}"
