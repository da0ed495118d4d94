"""The versions that CMFEditions keeps of content."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from AccessControl import getSecurityManager
from Acquisition import aq_base
from Products.CMFCore.utils import getToolByName
from Products.CMFEditions.interfaces.IArchivist import ArchivistError
from Products.CMFEditions.Permissions import AccessPreviousVersions
from zope.annotation.interfaces import IAnnotations
from zope.globalrequest import getRequest

from zope.app.fssync.server.changes.versions import Version
from zope.fssync.limits import SHOWN_VERSIONS

__all__ = [
    "comment_versions",
    "save_no_versions",
    "saved_versions",
    "without_versions",
]

#: Where a request keeps what its user said of a change, as the edit form does.
NOTE = "plone.app.versioningbehavior-changeNote"

#: What a client sends where its user has said nothing.
UNSAID = ("fssync_commit", "fssync_checkin")

#: The attribute by which CMFEditions lets one object be without versions.
SWITCH = "versioning_enabled"


@contextmanager
def without_versions(obj: Any) -> Iterator[None]:
    """Have no version saved of an object that is not complete."""
    attributes = vars(aq_base(obj))
    kept = attributes.get(SWITCH)
    attributes[SWITCH] = False
    try:
        yield
    finally:
        del attributes[SWITCH]
        if kept is not None:
            attributes[SWITCH] = kept


def comment_versions(note: str) -> None:
    """Let the versions that this request saves have a comment."""
    request = getRequest()
    if request is not None and note and note not in UNSAID:
        IAnnotations(request)[NOTE] = note


def save_no_versions(obj: Any) -> None:
    """Have no versions saved in the site of an object, until the transaction ends.

    That takes longest of all, and a rehearsal undoes it.
    """
    repository = getToolByName(obj, "portal_repository", None)
    if repository is not None:
        repository.setVersionableContentTypes([])


def saved_versions(obj: Any) -> list[Version]:
    """Return the last versions of an object, the newest first.

    Empty if the caller may not see them in Plone.
    """
    repository = getToolByName(obj, "portal_repository", None)
    if repository is None or not repository.isVersionable(obj):
        return []
    if not getSecurityManager().checkPermission(AccessPreviousVersions, obj):
        return []
    try:
        history = repository.getHistoryMetadata(obj)
    except ArchivistError:
        # The object has no saved version.
        return []
    number = history.getLength(countPurged=False) if history else 0
    first = max(number - SHOWN_VERSIONS, 0)
    found = [_version(history, place) for place in range(first, number)]
    return sorted(found, key=lambda each: each.time, reverse=True)


def _version(history: Any, place: int) -> Version:
    data = history.retrieve(place, countPurged=False)["metadata"]["sys_metadata"]
    number = int(history.getVersionId(place, countPurged=False))
    user, comment = data.get("principal"), data.get("comment")
    return Version(
        number, float(data["timestamp"]), str(user or ""), str(comment or "")
    )
