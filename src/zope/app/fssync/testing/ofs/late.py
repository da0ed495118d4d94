"""What undoes a transaction after a view has answered, in an instance that tests run.

Objects whose changes have it done are called as what is done.
"""

from __future__ import annotations

from typing import Any

import transaction
from OFS.interfaces import IItem
from zope.component import adapter
from zope.lifecycleevent.interfaces import IObjectModifiedEvent
from ZPublisher.interfaces import IPubBeforeCommit

try:
    from plone.protect.interfaces import IDisableCSRFProtection
except ImportError:
    IDisableCSRFProtection = None

__all__ = ["change", "protect"]

#: What is in the files of the tests.
NEW = b"Hello\n"


def fail() -> None:
    raise ZeroDivisionError("a secret of the server")


@adapter(IItem, IObjectModifiedEvent)
def change(obj: Any, event: Any) -> None:
    """Do what the id of a file says, once it is not as it was made."""
    name = obj.getId()
    if getattr(obj, "data", NEW) == NEW:
        return
    if name == "doom":
        transaction.doom()
    elif name == "abort":
        transaction.get().addBeforeCommitHook(transaction.abort)
    elif name == "raise":
        transaction.get().addBeforeCommitHook(fail)


@adapter(IPubBeforeCommit)
def protect(event: Any) -> None:
    """Do as plone.protect does with every request that writes and has no token."""
    if IDisableCSRFProtection is None:
        return
    if not IDisableCSRFProtection.providedBy(event.request):
        transaction.abort()
