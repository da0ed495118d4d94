"""Synchronize objects without a described type as one pickle."""

from __future__ import annotations

from typing import Any

from Acquisition import aq_base

from zope.fssync.synchronizer import DefaultSynchronizer

__all__ = ["WholeSynchronizer"]


class WholeSynchronizer(DefaultSynchronizer):
    """Synchronize an object as a pickle, without its acquisition context."""

    self_contained = True

    def __init__(self, context: Any) -> None:
        super().__init__(aq_base(context))
