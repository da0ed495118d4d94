"""The options and the lines of a log."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC
from datetime import datetime
from datetime import timedelta

from zope.app.fssync.cli.options import Options
from zope.app.fssync.client.log import Logged
from zope.app.fssync.client.log import Query
from zope.fssync.errors import UsageError
from zope.fssync.terminal import escape

__all__ = ["fields", "shown", "transaction_id", "wanted"]

_ID = re.compile(r"(?:0x)?([0-9a-f]{16})", re.IGNORECASE)
_AGO = re.compile(r"(\d{1,6}) (second|minute|hour|day|week)s? ago")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def wanted(opts: Options) -> Query:
    """Return what the options ask for; raises `UsageError`."""
    limit = opts.value("-l", "--limit")
    if limit is not None and not (limit.isascii() and limit.isdigit() and int(limit)):
        raise UsageError(f"'{escape(limit)}' is no number of transactions")
    since, until = opts.value("--since"), opts.value("--until")
    revision = opts.value("-r", "--revision")
    if revision is not None:
        if since or until:
            raise UsageError("-r cannot be combined with --since and --until")
        first, colon, last = revision.partition(":")
        since, until = (first, last) if colon else (first, first)
    return Query(
        limit=None if limit is None else int(limit),
        since=transaction_id(since, False) if since else None,
        until=transaction_id(until, True) if until else None,
        user=opts.value("--author") or "",
        text=opts.value("--search") or "",
    )


def transaction_id(when: str, last: bool, now: datetime | None = None) -> str:
    """Return the id of the first, or the ``last``, transaction there can be then.

    ``when`` is an id, a date, a time, or how long ago it was; raises `UsageError`.
    Times without a zone are local.
    """
    if found := _ID.fullmatch(when):
        return found[1].lower()
    moment = _moment(when.strip(), last, now or datetime.now(UTC))
    if moment is None or moment.year < 1900:
        raise UsageError(
            f"'{escape(when)}' is neither a date nor the id of a transaction",
            advice="Write 2026-11-29, '2026-11-29 14:30', '2 hours ago', or an id as "
            "'zsync log' shows it.",
        )
    return _id_of(moment)


def _moment(when: str, last: bool, now: datetime) -> datetime | None:
    try:
        if found := _AGO.fullmatch(when):
            return now - timedelta(**{f"{found[2]}s": int(found[1])})
        moment = datetime.fromisoformat(when).astimezone(UTC)
        if last and _DAY.fullmatch(when):
            moment += timedelta(days=1, microseconds=-1)
    except (ValueError, OverflowError, OSError):
        return None
    return moment


def _id_of(moment: datetime) -> str:
    """Return a time as the ids of transactions have it: minutes, and a fraction."""
    days = ((moment.year - 1900) * 12 + moment.month - 1) * 31 + moment.day - 1
    minutes = (days * 24 + moment.hour) * 60 + moment.minute
    seconds = moment.second + moment.microsecond / 1e6
    return f"{minutes:08x}{int(seconds * 2**32 / 60):08x}"


def fields(each: Logged) -> dict[str, object]:
    """Return what programs are told of a transaction, all of it."""
    found = asdict(each)
    found["changes"] = [
        {"letter": letter, "path": path, **({"origin": before[0]} if before else {})}
        for letter, path, *before in each.changes
    ]
    return found


def shown(each: Logged, detailed: bool) -> Iterator[str]:
    """Yield the lines for a transaction."""
    time = datetime.fromtimestamp(each.time, UTC).astimezone()
    user = escape(each.user) or "(nobody)"
    yield f"{escape(each.id)}  {time:%Y-%m-%d %H:%M:%S %z}  {user}"
    for line in each.message.splitlines() or ["(no message)"]:
        yield f"    {escape(line)}"
    if not detailed:
        return
    for letter, path, *before in each.changes:
        origin = f" (from {escape(before[0])})" if before else ""
        yield f"{escape(letter)}   {escape(path) or '.'}{origin}"
    if each.count > len(each.changes):
        yield f"    and {each.count - len(each.changes)} more"
