"""Objects without a described type become pickles as a whole."""

from __future__ import annotations

from typing import Any

from Acquisition import aq_base

from zope.fssync.synchronizer import DefaultSynchronizer

__all__ = ["WholeSynchronizer"]


class WholeSynchronizer(DefaultSynchronizer):
    """Writes an object without the place it was found in."""

    self_contained = True

    def __init__(self, context: Any) -> None:
        super().__init__(aq_base(context))
