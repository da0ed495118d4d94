"""Work around a memory leak in the security checkers of zope.security.

`Checker_check_int` of zope.security 8.4 leaks two objects of some 45 bytes for each
check of a name that is always available without a permission (``__class__``,
``__providedBy__``).  That happens some sixty times in a request, since each adaptation
of an object in a security proxy reads such names.  It does not leak for names with a
permission.  `name_available` therefore gives these names the permission that they have
in effect, `CheckerPublic`, in all registered checkers.

Remove this when `loses_names` is False for all supported releases of zope.security.
"""

from __future__ import annotations

import sys
from typing import Any

from zope.component import adapter
from zope.processlifetime import IDatabaseOpened
from zope.security.checker import Checker
from zope.security.checker import CheckerPublic
from zope.security.checker import _available_by_default
from zope.security.checker import _checkers
from zope.security.checker import _defaultChecker

__all__ = ["loses_names", "name_available", "named", "names_on_start"]

#: The number of checks of one name: enough to distinguish a leak from noise.
_CHECKS = 1000


def loses_names() -> bool:
    """Return True if zope.security leaks memory for names that are always available."""
    checker = Checker({}, {})
    before = sys.getallocatedblocks()
    for _ in range(_CHECKS):
        checker.check_getattr(None, "__class__")
    return sys.getallocatedblocks() - before > _CHECKS // 2


def named(checker: Any) -> Any:
    """Give a checker a permission for each name that is always available; return it.

    A checker with a permission function is not changed.
    """
    permissions = getattr(checker, "get_permissions", None)
    if isinstance(permissions, dict):
        for name in _available_by_default:
            permissions.setdefault(name, CheckerPublic)
    return checker


def name_available() -> None:
    """Give all registered checkers permissions for the always available names."""
    if loses_names():
        for checker in [*_checkers.values(), _defaultChecker]:
            if isinstance(checker, Checker):
                named(checker)


@adapter(IDatabaseOpened)
def names_on_start(event: Any) -> None:
    """Call `name_available` when all ZCML has been executed."""
    name_available()
