"""Passwords and the like: they stay in the database unless a site decides else."""

from __future__ import annotations

from typing import Any

from zope.component import queryUtility
from zope.interface import implementer

from zope.app.fssync.ofs.types.interfaces import ISecretsPolicy

__all__ = ["RecordAll", "recorded"]


def recorded(obj: Any, what: str) -> bool:
    """Is a secret to be written to files?"""
    policy = queryUtility(ISecretsPolicy)
    return policy is not None and bool(policy.records(obj, what))


@implementer(ISecretsPolicy)
class RecordAll:
    """A policy that writes all secrets, for sites whose files are as safe."""

    def records(self, obj: Any, what: str) -> bool:
        """See `ISecretsPolicy`."""
        return True
