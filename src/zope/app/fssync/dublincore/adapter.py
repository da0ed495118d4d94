"""Dublin Core metadata become a pickle that content managers may read and write."""

from __future__ import annotations

from zope.fssync.synchronizer import DefaultSynchronizer

__all__ = ["ZDCAnnotationDataSynchronizer"]


class ZDCAnnotationDataSynchronizer(DefaultSynchronizer):
    """A default synchronizer that can be registered with a lesser permission."""

    self_contained = True
