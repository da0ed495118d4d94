"""Plone as a host: what decides about rights and changes beyond what Zope has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from Acquisition import aq_base
from borg.localrole.default_adapter import DefaultLocalRoleAdapter
from borg.localrole.interfaces import ILocalRoleProvider
from plone.base.interfaces import IPloneSiteRoot
from plone.dexterity.interfaces import IDexterityContainer
from plone.dexterity.interfaces import IDexterityContent
from zope.component import getSiteManager
from zope.interface import providedBy

from zope.app.fssync.hosts.ofs.host import Access
from zope.app.fssync.hosts.ofs.host import ZopeHost
from zope.app.fssync.hosts.ofs.tracer import ZopeTracer
from zope.app.fssync.hosts.ofs.users import rights
from zope.app.fssync.hosts.plone.assignables import remember_today_only
from zope.app.fssync.hosts.plone.site import in_site
from zope.app.fssync.server.host import BaseAccess
from zope.fssync.synchronizer import dottedname

__all__ = ["PloneAccess", "PloneHost", "PloneTracer"]

USER = "Products.PlonePAS.plugins.ufactory.PloneUser"

#: Plugins that find local roles in the objects, or ask adapters for them.
LOCAL_ROLES = frozenset(
    (
        "borg.localrole.workspace.WorkspaceLocalRoleManager",
        "Products.PlonePAS.plugins.local_role.LocalRolesManager",
    )
)

#: Local utilities whose data are no content: indexes, ids, old versions.
SERVICES = (
    "Products.CMFEditions.",
    "Products.ExtendedPathIndex.",
    "Products.PluginIndexes.",
    "Products.ZCTextIndex.",
    "Products.ZCatalog.",
    "five.intid.",
    "plone.app.discussion.",
    "plone.app.linkintegrity.",
    "plone.app.redirector.",
    "plone.contentrules.",
    "plone.keyring.",
    "z3c.relationfield.",
    "zc.relation.",
    "zope.intid.",
)

#: Tools that the files of a profile tell of.
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

#: Attributes of a container that decide about what is in it, beside permissions.
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
    """See `IAccess`: adapters may give local roles."""

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
            # They may depend on anything.
            self.self_contained = False


class PloneTracer(ZopeTracer):
    """See `RecordTracer`: what services know of content is no content."""

    def decides(self, obj: Any) -> bool:
        """See `RecordTracer`: types say which fields there are."""
        return super().decides(obj) or type(obj).__module__ == "plone.dexterity.fti"

    def steps(self, oid: bytes, obj: Any, how: int) -> Iterator[tuple[bytes, int]]:
        """See `RecordTracer`."""
        for referrer, step in super().steps(oid, obj, how):
            if not self._is_service(self.get(referrer)):
                yield referrer, step

    def owners(self, oids: list[bytes], strict: bool = True) -> dict[bytes, int]:
        """See `RecordTracer`: tools are told in the files of the setup tool."""
        found = super().owners(oids, strict)
        for oid, how in list(found.items()):
            setup = self._setup_tool(oid)
            if setup is not None and setup != oid:
                found[setup] = found.get(setup, 0) | how
        return found

    def _setup_tool(self, oid: bytes) -> bytes | None:
        """Return the setup tool of the site whose tool an item is, or is in."""
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
        tool = aq_base(container)._getOb("portal_setup", None)
        return None if tool is None else bytes(aq_base(tool)._p_oid)

    def _is_service(self, obj: Any) -> bool:
        module = f"{type(obj).__module__}."
        return module.startswith(SERVICES)

    def is_deep(self, oid: bytes, obj: Any, how: int) -> bool:
        """See `RecordTracer`: fields of a container decide about nothing in it."""
        if not IDexterityContent.providedBy(obj):
            return super().is_deep(oid, obj, how)
        old = self._old_state(oid)
        if not isinstance(old, dict) or not hasattr(obj, "objectIds"):
            return True
        new = vars(obj)
        return any(
            old.get(name) != new.get(name)
            for name in old.keys() | new.keys()
            if name.startswith(DEEP) or name.endswith("_Permission")
        )


class PloneHost(ZopeHost):
    """See `IHost`."""

    accessor = PloneAccess
    tracer = PloneTracer

    def access(self, reading: bool = False) -> BaseAccess:
        """See `IHost`."""
        remember_today_only()
        return super().access(reading)

    def factories(self, obj: Any) -> Iterator[tuple[str, str]]:
        """See `IHost`: in content what the add menu offers."""
        if not IDexterityContainer.providedBy(obj):
            yield from super().factories(obj)
            return
        with in_site(obj):
            for fti in obj.allowedContentTypes():
                yield fti.getId(), str(fti.title)

    def user_rights(self, user: Any) -> list[Any] | None:
        """See `ZopeHost`: users of Plone have local roles by plugins."""
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
