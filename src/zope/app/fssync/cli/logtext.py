"""The options and the lines of `zsync log`."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence
from datetime import UTC
from datetime import datetime

from zope.app.fssync.cli.options import Options
from zope.app.fssync.client.log import Logged
from zope.app.fssync.client.log import Query
from zope.app.fssync.client.revisions import WORDS
from zope.app.fssync.client.revisions import transaction_id
from zope.fssync.errors import UsageError
from zope.fssync.terminal import escape

__all__ = ["fields", "packed_before", "shown", "wanted"]


def wanted(opts: Options) -> Query:
    """Return the query of the options; raise `UsageError` if not valid."""
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
        since=_revision(since, False),
        until=_revision(until, True),
        user=opts.value("--author") or "",
        text=opts.value("--search") or "",
    )


def _revision(text: str | None, last: bool) -> str | None:
    """Return an id, or a word that stands for one; raise `UsageError` if not valid."""
    if not text or text in WORDS:
        return text or None
    return transaction_id(text, last)


def fields(each: Logged) -> dict[str, object]:
    """Return the fields of a transaction for JSON, but those for promotions and git."""
    found = each._asdict()
    del found["record"], found["origin"], found["here"]
    found["changes"] = [
        {"letter": letter, "path": path, **({"origin": before[0]} if before else {})}
        for letter, path, *before in _changes(each)
    ]
    found["count"] = max(each.count, len(_changes(each)))
    found["versions"] = [
        {"number": number, "comment": comment} for number, comment in each.versions
    ]
    return found


def shown(each: Logged, detailed: bool) -> Iterator[str]:
    """Yield the lines for a transaction."""
    user = escape(each.user) or "(nobody)"
    yield f"{escape(each.id)}  {_moment(each.time)}  {user}"
    nothing = [] if each.versions else ["(no message)"]
    for line in each.message.splitlines() or nothing:
        yield f"    {escape(line)}"
    for number, comment in each.versions:
        # The message of a commit is the comment of the versions that it saved.
        said = f": {escape(comment)}" if comment not in ("", each.message) else ""
        yield f"    version {number}{said}"
    if not detailed:
        return
    for letter, path, *before in _changes(each):
        origin = f" (from {escape(before[0])})" if before else ""
        yield f"{escape(letter)}   {escape(path) or '.'}{origin}"
    if each.count > len(each.changes):
        yield f"    and {each.count - len(each.changes)} more"


def _changes(each: Logged) -> Sequence[tuple[str, ...]]:
    """Return the changes with the move of the object itself among them."""
    if not each.origin:
        return each.changes
    others = [change for change in each.changes if change[1]]
    return [("R", "", each.origin), *others]


def packed_before(time: float) -> str:
    """Return the message about transactions that were packed away."""
    return f"The history begins at {_moment(time)}: what was before was packed away."


def _moment(time: float) -> str:
    return f"{datetime.fromtimestamp(time, UTC).astimezone():%Y-%m-%d %H:%M:%S %z}"
