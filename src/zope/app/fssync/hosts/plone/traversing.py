"""Traverse to the files of a profile, only for the views of zsync."""

from __future__ import annotations

from typing import Any

from Acquisition import aq_base
from Acquisition import aq_inner
from ZPublisher.BaseRequest import DefaultPublishTraverse

from zope.app.fssync.hosts.plone.challenge import is_ours
from zope.app.fssync.hosts.plone.profilefiles import ProfileDirectory
from zope.app.fssync.hosts.plone.profilefiles import ProfileFile
from zope.app.fssync.hosts.plone.profilesteps import is_directory
from zope.app.fssync.hosts.plone.profilesteps import step_of

__all__ = ["ProfileTraverse"]


class ProfileTraverse(DefaultPublishTraverse):
    """Find a file or a directory of a profile in the setup tool.

    The user is not known during traversal, so that the profile is not exported to
    find out whether the file exists: see `PloneHost.contained`.  For browsers the
    items of the tool itself are found.
    """

    def publishTraverse(self, request: Any, name: str) -> Any:
        """See `IPublishTraverse`."""
        entry = self._entry(name) if is_ours(request) else None
        return super().publishTraverse(request, name) if entry is None else entry

    def _entry(self, name: str) -> Any:
        context = aq_inner(self.context)
        path = "/".join((*_above(context), name))
        kind = ProfileDirectory if is_directory(path) else ProfileFile
        if kind is ProfileFile and step_of(path) is None:
            return None
        return kind(path).__of__(context)


def _above(context: Any) -> tuple[str, ...]:
    return (context.path,) if isinstance(aq_base(context), ProfileDirectory) else ()
