"""Plone as a host: rights and changes beyond those of Zope."""

from __future__ import annotations

from collections import deque
from collections.abc import Container
from collections.abc import Iterator
from functools import partial
from typing import Any

import transaction
from Acquisition import aq_base
from Acquisition import aq_inner
from Acquisition import aq_parent
from borg.localrole.default_adapter import DefaultLocalRoleAdapter
from borg.localrole.interfaces import ILocalRoleProvider
from plone.base.interfaces import IPloneSiteRoot
from plone.dexterity.interfaces import IDexterityContainer
from plone.dexterity.interfaces import IDexterityContent
from ZODB.POSException import POSKeyError
from ZODB.utils import get_pickle_metadata
from zope.component import getSiteManager
from zope.interface import providedBy

from zope.app.fssync.hosts.ofs.detached import Detached
from zope.app.fssync.hosts.ofs.host import Access
from zope.app.fssync.hosts.ofs.host import ZopeHost
from zope.app.fssync.hosts.ofs.tracer import ZopeTracer
from zope.app.fssync.hosts.ofs.tracer import equal
from zope.app.fssync.hosts.ofs.users import rights
from zope.app.fssync.hosts.plone.assignables import remember_today_only
from zope.app.fssync.hosts.plone.profilefiles import ProfileEntry
from zope.app.fssync.hosts.plone.site import in_site
from zope.app.fssync.hosts.plone.unrecorded import is_kept_apart
from zope.app.fssync.hosts.plone.unrecorded import is_scale
from zope.app.fssync.hosts.plone.unrecorded import tells_nothing
from zope.app.fssync.hosts.plone.versions import comment_versions
from zope.app.fssync.hosts.plone.versions import save_no_versions
from zope.app.fssync.hosts.plone.versions import saved_versions
from zope.app.fssync.server.changes.roundtrips import ahead_in
from zope.app.fssync.server.changes.tracer import OWN
from zope.app.fssync.server.changes.tracer import Owned
from zope.app.fssync.server.changes.versions import Version
from zope.app.fssync.server.database import Database
from zope.app.fssync.server.host import BaseAccess
from zope.fssync.limits import TRACED_RECORDS
from zope.fssync.synchronizer import dottedname

__all__ = ["PloneAccess", "PloneHost", "PloneTracer"]

USER = "Products.PlonePAS.plugins.ufactory.PloneUser"

#: The plugins that find local roles in objects, or by adapters.
LOCAL_ROLES = frozenset(
    (
        "borg.localrole.workspace.WorkspaceLocalRoleManager",
        "Products.PlonePAS.plugins.local_role.LocalRolesManager",
    )
)

#: The modules of utilities whose data are not content: indexes, ids, old versions.
SERVICES = (
    "Products.CMFEditions.",
    "Products.ExtendedPathIndex.",
    "Products.PluginIndexes.",
    "Products.ZCTextIndex.",
    "Products.ZCatalog.",
    "Products.ZopeVersionControl.",
    "five.intid.",
    "plone.app.linkintegrity.",
    "plone.app.redirector.",
    "plone.keyring.",
    "z3c.relationfield.",
    "zc.relation.",
    "zope.intid.",
)

#: The modules of what old versions are made of, which no content refers to.
VERSIONS = (
    "Products.CMFEditions.ArchivistTool",
    "Products.CMFEditions.ZVCStorageTool",
    "Products.ZopeVersionControl.",
)

#: Modules of comments, and of what holds those on one object.
CONVERSATION = ("plone.app.discussion.conversation.",)
DISCUSSION = ("plone.app.discussion.comment.", *CONVERSATION)

#: The modules of settings that only the files of a profile have.
SETTINGS = (
    "plone.app.contentrules.",
    "plone.app.viewletmanager.",
    "plone.contentrules.",
    "plone.portlets.manager.",
)

#: The modules of portlets, which profiles and single objects have.
PORTLETS = ("plone.app.portlets.", "plone.portlets.")

#: See `OWN`: a record belongs to the settings of its site.
SETTING = OWN << 1

#: The tools that the files of a profile describe.
TOOLS = frozenset(
    (
        "portal_actions",
        "portal_catalog",
        "portal_controlpanel",
        "portal_memberdata",
        "portal_registry",
        "portal_repository",
        "portal_skins",
        "portal_types",
        "portal_workflow",
    )
)

#: Prefixes of attributes of a container that concern its items, besides permissions.
DEEP = (
    "__ac_",
    "__before_",
    "__provides__",
    "__roles__",
    "_components",
    "_owner",
    "portal_type",
)


class PloneAccess(Access):
    """See `IAccess`: adapters may grant local roles."""

    def __init__(self, reading: bool = False) -> None:
        super().__init__(reading)
        self._asked: set[Any] = set()

    def _note_computed_roles(self, place: Any) -> None:
        super()._note_computed_roles(place)
        provided = providedBy(aq_base(place))
        if provided in self._asked:
            return
        self._asked.add(provided)
        found = getSiteManager().adapters.lookupAll([provided], ILocalRoleProvider)
        if any(factory is not DefaultLocalRoleAdapter for _, factory in found):
            # Computed roles may depend on anything.
            self.self_contained = False


class PloneTracer(ZopeTracer):
    """See `RecordTracer`: the data of services are not content."""

    def decides(self, obj: Any) -> bool:
        """See `RecordTracer`: types decide about the fields of objects."""
        return super().decides(obj) or type(obj).__module__ == "plone.dexterity.fti"

    def concerns(self, data: bytes) -> bool:
        """See `RecordTracer`: many records are of old versions."""
        return not str(get_pickle_metadata(data)[0]).startswith(VERSIONS)

    def telling(self, oids: list[bytes], tid: bytes) -> list[bytes]:
        """See `RecordTracer`: old versions, scales and locks are not recorded."""
        several = ahead_in(self.connection, oids)
        return [oid for oid in several if self._tells(oid, tid)]

    def _tells(self, oid: bytes, tid: bytes) -> bool:
        try:
            data, _ = self.connection._storage.load(oid)
        except POSKeyError:
            return True
        # The state of most records need not be unpickled.
        if not self.concerns(data):
            return False
        obj = self.get(oid)
        return obj is None or not tells_nothing(obj, partial(self.old_state, oid, tid))

    def steps(self, oid: bytes, obj: Any, how: int) -> Iterator[tuple[bytes, int]]:
        """See `RecordTracer`."""
        if _is_of(obj, SETTINGS):
            setup = self._setup_of_settings(oid)
            if setup is not None:
                yield setup, how
            return
        if is_scale(obj):
            return
        if _is_of(obj, PORTLETS):
            how |= SETTING
        for referrer, step in super().steps(oid, obj, how):
            found = self.get(referrer)
            if is_kept_apart(obj, found):
                continue
            if _are_annotations(oid, found):
                # Some settings of a site are plain values in its annotations.
                step |= SETTING
            if _leads_up(obj, found):
                yield referrer, step

    def owners(
        self,
        oids: list[bytes],
        strict: bool = True,
        made: Container[bytes] = (),
        stored: bool = False,
    ) -> dict[bytes, Owned]:
        """See `RecordTracer`: settings belong to the setup tool."""
        found = super().owners(oids, strict, made, stored)
        for oid, (how, first) in list(found.items()):
            obj = self.get(oid)
            if IPloneSiteRoot.providedBy(obj):
                setup = _setup_in(obj) if how & SETTING else None
            else:
                setup = self._setup_tool(oid)
            if setup is not None and setup != oid:
                found[setup] = found.get(setup, Owned(0, first)).also(how)
        return found

    def _setup_of_settings(self, oid: bytes) -> bytes | None:
        """Return the setup tool of the site whose settings a record belongs to."""
        seen, pending = {oid}, deque([oid])
        while pending and len(seen) <= TRACED_RECORDS:
            for referrer in self._referrers(pending.popleft()):
                obj = self.get(referrer)
                while obj is not None and self.is_item(obj):
                    if IPloneSiteRoot.providedBy(obj):
                        return _setup_in(obj)
                    place = self.place(obj._p_oid, obj)
                    obj = None if place is None else self.get(place[0])
                if referrer not in seen:
                    seen.add(referrer)
                    pending.append(referrer)
        return None

    def _setup_tool(self, oid: bytes) -> bytes | None:
        """Return the setup tool of a site for an item in one of its tools, or None."""
        place = self.place(oid)
        while place is not None:
            container = self.get(place[0])
            if IPloneSiteRoot.providedBy(container):
                break
            place = self.place(place[0])
        else:
            return None
        if place[1] not in TOOLS:
            return None
        return _setup_in(container)

    def is_deep(self, oid: bytes, obj: Any, how: int) -> bool:
        """See `RecordTracer`: fields of a container do not concern its items."""
        if not IDexterityContent.providedBy(obj):
            return super().is_deep(oid, obj, how)
        if not hasattr(obj, "objectIds"):
            return True
        if obj._p_serial <= self.tid:
            # Only the annotations of the object have changed.
            return False
        old = self.old_state(oid, self.tid)
        if not isinstance(old, dict):
            return True
        new = vars(obj)
        return any(
            not equal(old.get(name), new.get(name))
            for name in old.keys() | new.keys()
            if name.startswith(DEEP) or name.endswith("_Permission")
        )


def _is_of(obj: Any, modules: tuple[str, ...]) -> bool:
    return f"{type(obj).__module__}.".startswith(modules)


def _leads_up(obj: Any, referrer: Any) -> bool:
    """Return whether what refers to a record is above it, as content is to comments."""
    if _is_of(referrer, DISCUSSION):
        # Comments refer to their conversation, and that to its object.
        return not IDexterityContent.providedBy(obj) and not _is_of(obj, CONVERSATION)
    return not _is_of(referrer, SERVICES)


def _are_annotations(oid: bytes, obj: Any) -> bool:
    """Return True if ``oid`` is the oid of the annotations of ``obj``."""
    found = getattr(aq_base(obj), "__annotations__", None)
    return getattr(found, "_p_oid", None) == oid


def _setup_in(site: Any) -> bytes | None:
    tool = aq_base(site)._getOb("portal_setup", None)
    return None if tool is None else bytes(aq_base(tool)._p_oid)


class PloneHost(ZopeHost):
    """See `IHost`."""

    accessor = PloneAccess
    tracer = PloneTracer

    def access(self, reading: bool = False) -> BaseAccess:
        """See `IHost`."""
        remember_today_only()
        return super().access(reading)

    def contained(self, obj: Any) -> bool:
        """See `IHost`: an entry of a profile must exist in the written profile."""
        while isinstance(aq_base(obj), ProfileEntry):
            if not obj.exists():
                return False
            obj = aq_parent(aq_inner(obj))
        return super().contained(obj)

    def detached(self, obj: Any) -> Detached | None:
        """See `IHost`: entries of a profile are not stored, and have no `IDetached`."""
        if isinstance(aq_base(obj), ProfileEntry):
            return None
        return super().detached(obj)

    def factories(self, obj: Any) -> Iterator[tuple[str, str]]:
        """See `IHost`: in content returns the types of the add menu."""
        if not IDexterityContainer.providedBy(obj):
            yield from super().factories(obj)
            return
        with in_site(obj):
            for fti in obj.allowedContentTypes():
                yield fti.getId(), str(fti.title)

    def database(self, obj: Any, writing: bool = False, access: Any = None) -> Database:
        """See `IHost`: the message of a commit is the comment of the versions."""
        if writing:
            # Zope puts the path of the request on a line before it.
            _, _, message = transaction.get().description.partition("\n")
            comment_versions(message.strip())
        return super().database(obj, writing, access)

    def rehearse(self, obj: Any) -> None:
        """See `IHost`."""
        save_no_versions(obj)

    def versions(self, obj: Any) -> list[Version]:
        """See `IHost`."""
        return saved_versions(obj)

    def user_rights(self, user: Any) -> list[Any] | None:
        """See `ZopeHost`: users of Plone get local roles from plugins."""
        if dottedname(type(aq_base(user))) != USER:
            return super().user_rights(user)
        plugins = [
            dottedname(type(aq_base(plugin)))
            for _, plugin in user._getLocalRolesPlugins()
        ]
        if not LOCAL_ROLES.issuperset(plugins):
            return None
        known = rights(user, {USER})
        return None if known is None else [plugins, known]
