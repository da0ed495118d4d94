"""The working copy: its root, its lock, and changes that are all or nothing.

What is named here is imported when it is asked for: completion waits for none of it.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zope.app.fssync.client.workingcopy.compact import CompactChanges
    from zope.app.fssync.client.workingcopy.compact import CompactTree
    from zope.app.fssync.client.workingcopy.lock import Lock
    from zope.app.fssync.client.workingcopy.staging import Changes
    from zope.app.fssync.client.workingcopy.workingcopy import WorkingCopy

__all__ = ["Changes", "CompactChanges", "CompactTree", "Lock", "WorkingCopy"]

_modules = {
    "Changes": "staging",
    "CompactChanges": "compact",
    "CompactTree": "compact",
    "Lock": "lock",
    "WorkingCopy": "workingcopy",
}


def __getattr__(name: str) -> object:
    if name not in _modules:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_modules[name]}"), name)
