"""Roles and grants become pickles, for those only who may change them."""

from __future__ import annotations

from zope.fssync.synchronizer import DefaultSynchronizer

__all__ = ["GrantsSynchronizer"]


class GrantsSynchronizer(DefaultSynchronizer):
    """Synchronizes the maps of zope.securitypolicy, with a permission of its own."""

    self_contained = True
