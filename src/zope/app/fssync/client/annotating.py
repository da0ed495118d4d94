"""Annotate each line of a text with its author and its transaction."""

from __future__ import annotations

from http import HTTPStatus
from typing import NamedTuple

from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.history import Place
from zope.app.fssync.client.history import fetch_old
from zope.app.fssync.client.history import place_of
from zope.app.fssync.client.log import Logged
from zope.app.fssync.client.log import Query
from zope.app.fssync.client.log import log
from zope.app.fssync.client.response import only_name
from zope.app.fssync.client.revisions import before
from zope.app.fssync.client.revisions import resolve
from zope.fssync.encoding import read_text
from zope.fssync.errors import Error
from zope.fssync.errors import ServerRefused
from zope.fssync.limits import ANNOTATED_TRANSACTIONS
from zope.fssync.limits import DEFAULT
from zope.fssync.merge.linediff import changes
from zope.fssync.terminal import escape

__all__ = ["Line", "annotate"]


class Line(NamedTuple):
    """A line of a text, and the transaction that added it.

    None if it is older than the history, or than the transactions that were read.
    """

    text: str
    logged: Logged | None


def annotate(network: Network, target: str, revision: str = "HEAD") -> list[Line]:
    """Return the lines of a text file as it was, with the origin of each.

    Its transactions are read from the newest on, one request each, until the origin of
    all lines is known.  ``target`` is a path or a URL.
    """
    at = resolve(network, target, revision)
    place = place_of(network, target)
    lines = _lines(network, place, at)
    if lines is None:
        raise Error(
            f"'{escape(target)}' is no text: its lines cannot be annotated", path=target
        )
    found: list[Logged | None] = [None] * len(lines)
    #: The lines of the version at hand, as numbers of lines of the result.
    numbers: list[int | None] = list(range(len(lines)))
    current = lines
    query = Query(limit=ANNOTATED_TRANSACTIONS, until=at)
    for each in log(network, target, query):
        if not any(number is not None for number in numbers):
            break
        older = _older(network, place, each)
        if older is None:
            break
        kept: list[int | None] = [None] * len(older)
        for old, new in _common(older, current):
            kept[old], numbers[new] = numbers[new], None
        for number in numbers:
            if number is not None:
                found[number] = each
        numbers, current = kept, older
    return list(map(Line, lines, found))


def _older(network: Network, place: Place, each: Logged) -> list[str] | None:
    """Return the lines before a transaction, None if they are not kept."""
    try:
        return _lines(network, place, before(each.id)) or []
    except ServerRefused as error:
        if error.status not in (HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT):
            raise
        return [] if error.status == HTTPStatus.NOT_FOUND else None


def _lines(network: Network, place: Place, at: str) -> list[str] | None:
    with fetch_old(network, place, at, shallow=True) as response:
        archive = response.archive
        path = only_name(archive, "")
        if not archive.isfile(path) or archive.size(path) > DEFAULT.merge_size:
            return None
        with archive.readable(path) as stream:
            text = read_text(stream.read())
    return None if text is None else _split(text.content)


def _split(text: str) -> list[str]:
    *lines, last = text.split("\n")
    return [f"{line}\n" for line in lines] + [last] * bool(last)


def _common(old: list[str], new: list[str]) -> list[tuple[int, int]]:
    """Return the numbers of the lines that two versions have in common."""
    common: list[tuple[int, int]] = []
    here, there = 0, 0
    ends = (len(old), len(old), len(new), len(new))
    for old_start, old_end, new_start, new_end in [*changes(old, new), ends]:
        common += zip(range(here, old_start), range(there, new_start), strict=True)
        here, there = old_end, new_end
    return common
