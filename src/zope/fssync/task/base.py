"""The base of all tasks: the lookup of synchronizers, hooks, and path arithmetic.

A task touches objects only through the synchronizers that its lookup returns.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from contextlib import AbstractContextManager
from inspect import Parameter
from inspect import signature
from typing import Any

from zope.component import adapter
from zope.interface import Interface
from zope.interface import implementer
from zope.location.interfaces import ILocationInfo

from zope.fssync import paths
from zope.fssync.errors import MissingSynchronizer
from zope.fssync.errors import SynchronizationError
from zope.fssync.errors import Withheld
from zope.fssync.interfaces import IDirectorySynchronizer
from zope.fssync.interfaces import IEntryId
from zope.fssync.interfaces import IObjectSynchronized
from zope.fssync.interfaces import IPartsSynchronizer
from zope.fssync.interfaces import IRepository
from zope.fssync.interfaces import ISyncTask
from zope.fssync.messages import _
from zope.fssync.picklecontext import using
from zope.fssync.synchronizer import DirectorySynchronizer
from zope.fssync.synchronizer import dottedname
from zope.fssync.task.hooks import NullHooks
from zope.fssync.terminal import escape

__all__ = ["EntryId", "ObjectSynchronized", "SyncTask", "identifier", "typeIdentifier"]


@adapter(Interface)
@implementer(IEntryId)
def EntryId(obj: Any) -> str | None:
    """Return the path of an object, or None where it has no place in a tree."""
    parent = getattr(obj, "__parent__", None)
    name = getattr(obj, "__name__", None)
    # The parent is asked: containers may wrap the object itself, costly.
    info = ILocationInfo(obj if parent is None or not name else parent, None)
    if info is None:
        return None
    try:
        path = info.getPath()
    except (TypeError, KeyError, AttributeError):
        # Values of annotations and extras have no name in the content space.
        return None
    if parent is None or not name:
        found: str | None = path
        return found
    return f"/{name}" if path == "/" else f"{path}/{name}"


@implementer(IObjectSynchronized)
class ObjectSynchronized:
    """See `IObjectSynchronized`."""


def identifier(found: str | bytes | None) -> str | None:
    """Return what an adapter to `IEntryId` answers as text; 3.6.0 had UTF-8."""
    return found.decode() if isinstance(found, bytes) else found and str(found)


def typeIdentifier(obj: Any) -> str:
    """Return the ``type`` of an object in its entry."""
    return dottedname(obj.__class__)


@implementer(ISyncTask)
class SyncTask:
    """Base of the tasks, see `ISyncTask`.

    ``hooks`` is the `ITaskHooks` by which the application takes part.
    """

    def __init__(
        self,
        getSynchronizer: Callable[..., Any],
        repository: IRepository,
        context: Any = None,
        *,
        hooks: Any = None,
    ) -> None:
        self.getSynchronizer = getSynchronizer
        self.repository = repository
        self.context = context
        self.hooks = hooks = NullHooks() if hooks is None else hooks
        self.checkpoint: Callable[[], object] = hooks.checkpoint
        self.pause: Callable[[], object] = hooks.pause
        self.bare: Callable[[Any], Any] = hooks.bare
        self.class_of: Callable[[Any], type] = hooks.class_of
        #: Returns the synchronizer of an object in a context, None if it is withheld.
        self.lookup: Callable[..., Any] = _with_context(getSynchronizer)

    def required(self, obj: Any, context: Any, path: str) -> Any:
        """Return the synchronizer of an object that the task cannot do without."""
        return self._required(self.lookup(obj, context=context), path)

    def in_parts(self, synchronizer: Any) -> AbstractContextManager[Any]:
        """Let what is pickled be parts of an object, which ``synchronizer`` lists."""
        beside = IPartsSynchronizer.providedBy(self.bare(synchronizer))
        return using(is_part=True, blobs_beside=beside)

    def readable_container(self, container: Any, path: str) -> Any:
        """Return the synchronizer of the container that ``path`` stands for."""
        return self._required(self.container_synchronizer(container), path)

    def _required(self, synchronizer: Any, path: str) -> Any:
        if synchronizer is None:
            raise Withheld(
                _("you may not access ${path}", mapping={"path": escape(path)}),
                path=path,
            )
        return synchronizer

    def container_synchronizer(self, container: Any) -> Any:
        """Return the synchronizer of a container, None if it is withheld.

        A plain dictionary needs no description.
        """
        is_plain = type(container) is dict
        try:
            found = self.lookup(container, context=None)
        except MissingSynchronizer:
            if not is_plain:
                raise
        else:
            if found is None or isdirectory(found) or not is_plain:
                return found
        return DirectorySynchronizer(container)

    def directory(self, container: Any, path: str) -> Any:
        """Return the synchronizer of the container in which ``path`` is changed."""
        synchronizer = self.container_synchronizer(container)
        if synchronizer is None:
            raise Withheld(
                _(
                    "you may not access the container of ${path}",
                    mapping={"path": escape(path)},
                ),
                path=path,
            )
        if not isdirectory(synchronizer):
            raise SynchronizationError(
                _(
                    "${path} cannot be added, replaced or removed: nothing "
                    "describes ${class}, the class of its container",
                    mapping={
                        "path": escape(path),
                        "class": typeIdentifier(self.bare(container)),
                    },
                ),
                path=path,
                advice=_("Register a synchronizer of directories for that class."),
            )
        return synchronizer

    def items(self, synchronizer: Any) -> Iterable[tuple[Any, Any]]:
        """Return the keys and the objects of a directory.

        The objects are bare: look up the synchronizer of one before any use of it.
        """
        items: Iterable[tuple[Any, Any]] = self.bare(synchronizer.iteritems())
        return items

    def special(self, path: str, what: str) -> str:
        """Return where the Original, Extra or Annotations of ``path`` are."""
        repository = self.repository
        head = repository.dirname(path)
        tail = path[len(head) :].lstrip("/\\") if head else path
        found: str = repository.join(head, paths.CONTROL, what, tail)
        return found


def isdirectory(synchronizer: Any) -> bool:
    """Return whether the object becomes a directory."""
    return bool(IDirectorySynchronizer.providedBy(synchronizer))


def _with_context(lookup: Callable[..., Any]) -> Callable[..., Any]:
    """Return a lookup that takes a context, as those of 3.6.0 do not."""
    if _accepts(lookup, "context"):
        return lookup

    def without_context(obj: Any, raise_error: bool = True, context: Any = None) -> Any:
        return lookup(obj, raise_error=raise_error)

    return without_context


def _accepts(function: Callable[..., Any], name: str) -> bool:
    try:
        parameters = signature(function).parameters
    except (TypeError, ValueError):
        return False
    return name in parameters or any(
        each.kind is Parameter.VAR_KEYWORD for each in parameters.values()
    )
