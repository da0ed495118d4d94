"""Synchronize the setup tool of a site as a directory with the files of a profile.

See `profile`.  A copy of the directory is the ``profiles/default`` of an add-on.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from AccessControl import ClassSecurityInfo
from AccessControl.class_init import InitializeClass
from Acquisition import Implicit
from Acquisition import aq_base
from Acquisition import aq_inner
from Acquisition import aq_parent
from Products.CMFCore.permissions import ManagePortal
from Products.GenericSetup.interfaces import ISetupTool
from zope.component import queryUtility
from zope.interface import implementer
from zope.interface import provider

from zope.app.fssync.hosts.ofs.interfaces import IGuarded
from zope.app.fssync.hosts.plone.profile import Profile
from zope.fssync.errors import LimitExceeded
from zope.fssync.errors import SynchronizationError
from zope.fssync.interfaces import IExclusive
from zope.fssync.interfaces import IFileSynchronizer
from zope.fssync.interfaces import ILimits
from zope.fssync.interfaces import INamedItems
from zope.fssync.limits import DEFAULT
from zope.fssync.messages import _
from zope.fssync.synchronizer import DirectorySynchronizer
from zope.fssync.synchronizer import FileSynchronizer

__all__ = [
    "ProfileDirectory",
    "ProfileDirectorySynchronizer",
    "ProfileEntry",
    "ProfileFile",
    "ProfileFileSynchronizer",
    "SetupToolSynchronizer",
    "entry_in",
]

_PERMISSIONS = dict.fromkeys(("read", "write", "add", "delete"), ManagePortal)


class ProfileEntry(Implicit):
    """A file or a directory of a profile, named ``path``."""

    #: Entries are not stored themselves.
    _p_jar = _p_oid = None

    security = ClassSecurityInfo()
    security.declareObjectProtected(ManagePortal)

    def __init__(self, path: str) -> None:
        self.path = path

    def getId(self) -> str:
        """Return the last part of the path."""
        return self.path.rpartition("/")[2]

    def getPhysicalPath(self) -> tuple[str, ...]:
        """Return the physical path, below that of the setup tool."""
        return (*aq_parent(aq_inner(self)).getPhysicalPath(), self.getId())

    def profile(self) -> Profile:
        """Return the profile."""
        tool = aq_inner(self)
        while not ISetupTool.providedBy(tool):
            tool = aq_parent(tool)
        return Profile(tool)

    def exists(self) -> bool:
        """Return True if the profile has this entry, and it is of this kind."""
        there = self.profile().is_directory(self.path)
        return there is isinstance(aq_base(self), ProfileDirectory)


InitializeClass(ProfileEntry)


class ProfileFile(ProfileEntry):
    """A file of a profile."""


class ProfileDirectory(ProfileEntry):
    """A directory of a profile."""


def entry_in(context: Any, name: str, kind: type[ProfileEntry]) -> ProfileEntry | None:
    """Return a new entry in a directory of a profile; None for other containers."""
    if ISetupTool.providedBy(context):
        return kind(name)
    if isinstance(aq_base(context), ProfileDirectory):
        return kind(f"{context.path}/{name}")
    return None


class Described:
    """Base of the synchronizers: an entry has only a name and a content."""

    complete = True
    permissions: Mapping[str, str | None] = _PERMISSIONS

    def metadata(self) -> None:
        """See `ISerializer`."""

    def annotations(self) -> None:
        """See `ISerializer`."""


@implementer(IGuarded, INamedItems)
@provider(IExclusive)
class ProfileDirectorySynchronizer(Described, DirectorySynchronizer):
    """Synchronize a directory of a profile."""

    # Its items depend on other objects.
    self_contained = False

    @property
    def path(self) -> str:
        """The name of the directory in the profile."""
        found: str = self.context.path
        return found

    def profile(self) -> Profile:
        """Return the profile."""
        found: Profile = self.context.profile()
        return found

    def iteritems(self) -> Iterator[tuple[str, Any]]:
        """See `IDirectorySerializer`."""
        for name, is_directory in self.profile().names(self.path):
            yield name, self._entry(name, is_directory)

    def _path(self, name: str) -> str:
        return f"{self.path}/{name}" if self.path else name

    def _entry(self, name: str, is_directory: bool) -> ProfileEntry:
        kind = ProfileDirectory if is_directory else ProfileFile
        entry: ProfileEntry = kind(self._path(name)).__of__(self.context)
        return entry

    def __getitem__(self, key: str) -> Any:
        is_directory = self.profile().is_directory(self._path(key))
        if is_directory is None:
            raise KeyError(key)
        return self._entry(key, is_directory)

    def __setitem__(self, key: str, value: Any) -> None:
        if not isinstance(value, ProfileEntry):
            raise SynchronizationError(
                _("the settings of a site are files of a profile")
            )
        if isinstance(value, ProfileDirectory):
            self.profile().make_directory(value.path)

    def __delitem__(self, key: str) -> None:
        self.profile().remove(self[key].path)


@provider(IExclusive)
class SetupToolSynchronizer(ProfileDirectorySynchronizer):
    """Synchronize the setup tool of a site, without the items stored in it."""

    path = ""

    def profile(self) -> Profile:
        """See `ProfileDirectorySynchronizer`."""
        return Profile(self.context)


@implementer(IFileSynchronizer, IGuarded)
@provider(IExclusive)
class ProfileFileSynchronizer(Described, FileSynchronizer):
    """Synchronize a file of a profile."""

    def dump(self, writeable: Any) -> None:
        """See `IFileSerializer`."""
        writeable.write(self.context.profile().read(self.context.path) or b"")

    def load(self, readable: Any) -> Any:
        """See `IFileDeserializer`: the file is imported together with the others."""
        limit = queryUtility(ILimits, default=DEFAULT).pickle_size
        data = readable.read(limit + 1)
        if len(data) > limit:
            raise LimitExceeded(
                _("settings of more than ${limit} bytes", mapping={"limit": limit})
            )
        profile = self.context.profile()
        profile.write(self.context.path, data)
        return profile.apply
