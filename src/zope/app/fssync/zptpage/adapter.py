"""Page templates of zope.app.zptpage become files with their source."""

from __future__ import annotations

from zope.app.fssync.content.source import SourceSynchronizer

__all__ = ["ZPTPageAdapter"]


class ZPTPageAdapter(SourceSynchronizer):
    """Synchronizes a page template."""

    self_contained = True
