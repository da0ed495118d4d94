"""Times of Zope as those of Python, and back: the same moment in the same zone."""

from __future__ import annotations

import datetime

import pytz
from DateTime import DateTime

__all__ = ["python_time", "zope_time"]


def python_time(value: DateTime) -> datetime.datetime:
    """Return the moment in its zone.

    ``DateTime.asdatetime`` gives a named zone the offset that it had when it was
    first set up, and no zone at all to a time of the zone of the server.
    """
    name = value.timezone()
    if name in pytz.all_timezones_set:
        zone: datetime.tzinfo = pytz.timezone(name)
    else:
        zone = datetime.timezone(datetime.timedelta(seconds=value.tzoffset()))
    moment: datetime.datetime = value.utcdatetime()
    return moment.replace(tzinfo=datetime.UTC).astimezone(zone)


def zope_time(value: datetime.datetime) -> DateTime:
    """Return the moment in its zone, that of the server for a time without one."""
    found = DateTime(value)
    if value.tzinfo is None or python_time(found) == value:
        return found
    # The hour that comes twice in autumn: DateTime takes the second one.
    return DateTime(value.timestamp(), found.timezone())
