"""DTML pages of zope.app.dtmlpage become files with their source."""

from __future__ import annotations

from zope.app.fssync.content.source import SourceSynchronizer

__all__ = ["DTMLPageAdapter"]


class DTMLPageAdapter(SourceSynchronizer):
    """Synchronizes a DTML page."""

    self_contained = True
