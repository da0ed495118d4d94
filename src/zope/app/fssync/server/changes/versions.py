"""The versions that objects keep themselves, for the log of such an object.

A version was saved by a transaction, which the log shows.  It stays when the
transaction is packed away.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC
from datetime import datetime
from typing import NamedTuple

from persistent.TimeStamp import TimeStamp

from zope.fssync.limits import SAVING_SECONDS

__all__ = ["Version", "saved_by", "tid_of"]


class Version(NamedTuple):
    """A version: its number, when and by whom it was saved, and a comment."""

    number: int
    time: float
    user: str
    comment: str


def saved_by(
    versions: Iterable[Version], times: Iterable[float]
) -> dict[float, list[Version]]:
    """Return the versions by the times of the transactions that saved them.

    A transaction ends shortly after it has saved a version.
    """
    found: dict[float, list[Version]] = {}
    ends = sorted(times)
    for each in versions:
        time = next((end for end in ends if end >= each.time), None)
        if time is None or time > each.time + SAVING_SECONDS:
            # The clock of the database may be slow.
            time = next((end for end in ends if abs(end - each.time) < 1), None)
        if time is not None:
            found.setdefault(time, []).append(each)
    return found


def tid_of(time: float) -> bytes:
    """Return the id that a transaction at a time would have."""
    moment = datetime.fromtimestamp(time, UTC)
    seconds = moment.second + moment.microsecond / 1e6
    found: bytes = TimeStamp(*moment.timetuple()[:5], seconds).raw()
    return found
