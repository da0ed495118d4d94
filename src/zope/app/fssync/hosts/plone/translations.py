"""The group of objects that are translations of each other: plone.app.multilingual."""

from __future__ import annotations

from typing import Any

from Acquisition import aq_base
from plone.app.uuid.utils import uuidToObject
from plone.base.interfaces import ILanguage
from plone.uuid.interfaces import IUUID
from Products.CMFCore.utils import getToolByName
from Products.ZCatalog.ZCatalog import ZCatalog
from zope.annotation.interfaces import IAnnotations
from zope.globalrequest import getRequest

try:
    from plone.app.multilingual.interfaces import ATTRIBUTE_NAME
    from plone.app.multilingual.interfaces import ITranslatable
except ImportError:
    # It is an add-on of Plone.
    ITranslatable = None

__all__ = ["group_of", "join"]

#: The key of the groups and languages that a request has given to new objects.
_JOINED = "zope.app.fssync.hosts.plone.translations"


def group_of(obj: Any) -> str | None:
    """Return the id of the group of an object, None if it has no translations."""
    if ITranslatable is None or not ITranslatable.providedBy(obj):
        return None
    found = getattr(aq_base(obj), ATTRIBUTE_NAME, None)
    return str(found) if found else None


def join(obj: Any, group: str) -> None:
    """Give a new object the group, unless that has another object in its language."""
    if group_of(obj) is None:
        return
    joining = (group, ILanguage(obj).get_language())
    joined = IAnnotations(getRequest()).setdefault(_JOINED, set())
    if joining in joined or _has(obj, *joining):
        return
    joined.add(joining)
    setattr(aq_base(obj), ATTRIBUTE_NAME, group)
    # A new object was in no place when its text was loaded.
    placed = uuidToObject(IUUID(obj, None), unrestricted=True)
    if placed is not None:
        placed.reindexObject(idxs=["Language", "TranslationGroup"])


def _has(obj: Any, group: str, language: str) -> bool:
    catalog = getToolByName(obj, "portal_catalog")
    if "TranslationGroup" not in catalog.indexes():
        return False
    # Without processing the indexing queue.
    return bool(
        ZCatalog.searchResults(catalog, TranslationGroup=group, Language=language)
    )
