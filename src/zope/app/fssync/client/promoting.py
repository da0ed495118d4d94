"""Promote: merge the changes of one site since the last promotion into another.

The base is the state of the first site at the last promotion.  The changes since then
are merged into a working copy of the second site, and committed in one transaction.  If
they are in conflict, or the commit is refused, the working copy is kept, and the same
command goes on with it.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable

from zope.app.fssync.client.checkout import checkout
from zope.app.fssync.client.commit import commit
from zope.app.fssync.client.conflicts import conflicts
from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.hiddencopy import agree
from zope.app.fssync.client.hiddencopy import ignore_line
from zope.app.fssync.client.mergebase import MergeBase
from zope.app.fssync.client.mergebase import merge_base
from zope.app.fssync.client.mergebase import newest_state
from zope.app.fssync.client.mergebase import note_of
from zope.app.fssync.client.promotion import Note
from zope.app.fssync.client.promotion import Promotion
from zope.app.fssync.client.promotion import Wanted
from zope.app.fssync.client.promotion import without_login
from zope.app.fssync.client.promotioncopy import Begun
from zope.app.fssync.client.promotioncopy import PromotionCopy
from zope.app.fssync.client.response import find
from zope.app.fssync.client.session import changing
from zope.app.fssync.client.session import reading
from zope.app.fssync.client.sitemerge import merge_sites
from zope.app.fssync.client.update import update
from zope.app.fssync.client.url import RootURL
from zope.app.fssync.client.workingcopy.workingcopy import WorkingCopy
from zope.app.fssync.protocol.views import PROMOTED
from zope.fssync.errors import ConflictsRemain
from zope.fssync.errors import Error
from zope.fssync.errors import OutOfDate
from zope.fssync.limits import MERGE_ATTEMPTS
from zope.fssync.terminal import escape

__all__ = ["abort", "promote"]


def promote(
    source: Network,
    target: Network,
    wanted: Wanted,
    dry_run: bool,
    reporter: Callable[[str], object],
) -> Promotion:
    """Merge the changes of one site into another, in one transaction.

    The state in the result is None if there is nothing to promote.
    """
    for network, url in ((source, wanted.source), (target, wanted.target)):
        network.hold_login(RootURL.parse(url))
    copy = PromotionCopy(wanted)
    with copy.locked():
        return _promote(source, target, wanted, copy, dry_run, reporter)


def _promote(
    source: Network,
    target: Network,
    wanted: Wanted,
    copy: PromotionCopy,
    dry_run: bool,
    reporter: Callable[[str], object],
) -> Promotion:
    begun = copy.begun()
    notes: tuple[Note, ...] = ()
    if begun is None:
        until = newest_state(source, wanted)
        paths = wanted.paths or ("",)
        bases = {
            path: merge_base(source, target, wanted, path, until) for path in paths
        }
        notes = tuple({base.note: None for base in bases.values() if base.note})
        if all(base.state >= until for base in bases.values()):
            return Promotion(None, None, notes)
        begun = _begin(copy, source, target, wanted, until, bases, reporter)
    elif not wanted.is_of(begun.wanted):
        raise Error(
            f"another promotion to {without_login(wanted.target)} is not finished",
            path=copy.root,
            advice=f"{copy.advice()} 'zsync promote --abort' gives it up.",
        )
    try:
        transaction = _finish(target, begun.wanted, begun.until, copy, dry_run)
    finally:
        if dry_run and begun.is_new:
            copy.remove()
    if not dry_run:
        copy.remove()
        if transaction is not None:
            _tell(source, begun.wanted, begun.until, transaction)
    return Promotion(transaction, begun.until, notes)


def _begin(
    copy: PromotionCopy,
    source: Network,
    target: Network,
    wanted: Wanted,
    until: str,
    bases: dict[str, MergeBase],
    reporter: Callable[[str], object],
) -> Begun:
    """Merge the changes into a new working copy."""
    copy.make()
    try:
        target.setrooturl(wanted.target)
        checkout(target, copy.root, ignore_line)
        merge_sites(source, target, wanted, until, bases, copy, reporter)
        copy.note(wanted, until)
    except BaseException:
        copy.remove()
        raise
    return Begun(wanted, until, True)


def _tell(source: Network, wanted: Wanted, until: str, transaction: str) -> None:
    """Have the first site log the promotion; a warning if it does not."""
    told = {
        "until": until,
        "to": without_login(wanted.target),
        "transaction": transaction.removeprefix("0x"),
    }
    body = io.BytesIO(json.dumps(told).encode("ascii"))
    kinds = "application/json", "text/plain"
    try:
        path = find(source, wanted.source)
        stream, _ = source.httpreq(path, PROMOTED, body, *kinds)
        stream.close()
    except Error as error:
        source.warn_once(
            f"warning: {without_login(wanted.source)} does not log the promotion: "
            f"{error.message}"
        )


def _finish(
    target: Network,
    wanted: Wanted,
    until: str,
    copy: PromotionCopy,
    dry_run: bool,
) -> str | None:
    """Commit the merged working copy; return the transaction."""
    top = copy.top
    _check_conflicts(copy, top)
    note = note_of(wanted, until)
    for _ in range(MERGE_ATTEMPTS):
        try:
            with changing(WorkingCopy.find(top), "commit", ignore_line) as session:
                refusal = commit(session, target, [top], note, dry_run=dry_run)
            if refusal is None:
                return session.transaction
        except OutOfDate:
            with changing(WorkingCopy.find(top), "update", ignore_line) as session:
                update(session, target, top, agree)
            _check_conflicts(copy, top)
        except Error as error:
            if not dry_run:
                error.advice = (
                    f"{error.advice or ''} The merged files are kept in "
                    f"{escape(copy.root)}: the same command goes on with them."
                ).strip()
            raise
    raise OutOfDate(
        f"{without_login(wanted.target)} is changed by others all the time",
        advice="Nothing was committed. Run the same command again when it is quiet.",
    )


def _check_conflicts(copy: PromotionCopy, top: str) -> None:
    found = list(conflicts(reading(top), top))
    if found:
        what = "1 conflict is" if len(found) == 1 else f"{len(found)} conflicts are"
        first = os.path.relpath(found[0].path, copy.root)
        raise ConflictsRemain(
            f"{what} left, the first in {escape(first)}",
            path=found[0].path,
            advice=f"Nothing was committed. {copy.advice()}",
        )


def abort(source: str, target: str) -> bool:
    """Abort an unfinished promotion; return False if there is none."""
    copy = PromotionCopy(Wanted(source, target))
    with copy.locked():
        found = copy.begun() is not None
        copy.remove()
    return found
