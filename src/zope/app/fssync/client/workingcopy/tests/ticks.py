"""The clock of a file system, which an index has to see move on."""

from __future__ import annotations

from pathlib import Path

from zope.app.fssync.client.workingcopy.index import clock_of

__all__ = ["wait_a_tick"]


def wait_a_tick(place: Path) -> None:
    """Wait until what changes in a directory looks younger than what is there."""
    begin = clock_of(str(place))
    while clock_of(str(place)) == begin:
        pass
