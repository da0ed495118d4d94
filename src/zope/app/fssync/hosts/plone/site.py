"""Find the site of an object, in which its types and settings are registered."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from AccessControl import getSecurityManager
from AccessControl.SecurityManagement import newSecurityManager
from AccessControl.SecurityManagement import setSecurityManager
from Acquisition import aq_base
from Acquisition import aq_chain
from Acquisition import aq_inner
from Acquisition import aq_parent
from zope.component.hooks import getSite
from zope.component.hooks import setSite
from zope.component.interfaces import ISite

__all__ = ["in_site", "of_its_state", "site_of"]


def site_of(obj: Any) -> Any:
    """Return the closest site that an object is in, or is; None outside of sites."""
    return next((each for each in aq_chain(obj) if _is_site(each)), None)


def _is_site(obj: Any) -> bool:
    # To ask content for its interfaces takes long, and most of it can be no site.
    if not hasattr(type(aq_base(obj)), "getSiteManager"):
        return False
    return bool(ISite.providedBy(obj))


@contextmanager
def in_site(obj: Any) -> Iterator[None]:
    """Run a block with the registrations of the site of an object.

    A checkout of the root of Zope has objects of sites that the request did not
    traverse.
    """
    current, wanted = getSite(), site_of(obj)
    if wanted is None or aq_base(wanted) is aq_base(current):
        yield
        return
    setSite(wanted)
    try:
        yield
    finally:
        setSite(current)


@contextmanager
def of_its_state(obj: Any) -> Iterator[None]:
    """Run a block as the caller in the state of the database that an object is of.

    Restricted code, as of page templates, trusts no user of another state.  A user
    folder that was not there then lends nothing.
    """
    manager = getSecurityManager()
    user = manager.getUser()
    folder = aq_parent(aq_inner(user))
    jar = aq_base(obj)._p_jar
    if folder is None or aq_base(folder)._p_jar in (None, jar):
        yield
        return
    path = folder.getPhysicalPath()
    then = obj.getPhysicalRoot().unrestrictedTraverse(path, None)
    if then is None:
        yield
        return
    newSecurityManager(None, aq_base(user).__of__(then))
    try:
        yield
    finally:
        setSecurityManager(manager)
