"""The ids of transactions as times: a ZODB makes them of the minute and a fraction.

Ids are hexadecimal here, with 0x before them or without.
"""

from __future__ import annotations

from datetime import UTC
from datetime import datetime
from datetime import timedelta

__all__ = ["id_of", "time_of"]


def time_of(tid: str) -> int:
    """Return the time of a transaction in seconds since 1970, from its id.

    Raises ValueError if the id is not valid.
    """
    number = int(tid, 16)
    minutes, fraction = number >> 32, number & 0xFFFFFFFF
    days, minutes = divmod(minutes, 24 * 60)
    months, day = divmod(days, 31)
    year, month = divmod(months, 12)
    begin = datetime(1900 + year, month + 1, 1, tzinfo=UTC)
    seconds = fraction * 60 / 2**32
    return int(
        (begin + timedelta(days=day, minutes=minutes, seconds=seconds)).timestamp()
    )


def id_of(moment: datetime) -> str:
    """Return a time as the ids of transactions have it: minutes, and a fraction."""
    days = ((moment.year - 1900) * 12 + moment.month - 1) * 31 + moment.day - 1
    minutes = (days * 24 + moment.hour) * 60 + moment.minute
    seconds = moment.second + moment.microsecond / 1e6
    return f"{minutes:08x}{int(seconds * 2**32 / 60):08x}"
