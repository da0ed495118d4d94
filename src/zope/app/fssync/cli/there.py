"""Describe an object that is different on the server, for `zsync status -u`."""

from __future__ import annotations

from zope.app.fssync.client.incoming import Incoming

__all__ = ["fields", "words"]


def fields(there: Incoming) -> dict[str, object]:
    """Return the fields for JSON."""
    found: dict[str, object] = {"server": there.state}
    if there.logged is not None:
        logged = there.logged
        found |= {"user": logged.user, "time": logged.time, "changed_in": logged.id}
    return found


def words(there: Incoming) -> str:
    """Return the text after the path."""
    if there.logged is None:
        return f" ({there.state} there)"
    return f" ({there.state} there by {there.logged.last_change()})"
