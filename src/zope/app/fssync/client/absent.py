"""Absent objects: the server has them, and does not send them.

They are withheld from the user, or the server failed to read them.  Commands that
receive an archive report them.  When a whole top of the working copy was received, the
file `@@Zope/Absent` records them for `zsync status`.  A line has the number of withheld
objects, whether the user was logged in, the name of the top, and the paths that the
server left out, the last two quoted.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from os.path import join
from typing import TYPE_CHECKING

from zope.app.fssync.client.session import ChangingSession
from zope.app.fssync.client.workingcopy.place import control_of
from zope.app.fssync.protocol.headers import LEFT_OUT
from zope.app.fssync.protocol.headers import WITHHELD
from zope.fssync import fsutil
from zope.fssync import paths
from zope.fssync.files import Tree
from zope.fssync.limits import STATE_SIZE
from zope.fssync.patterns import late
from zope.fssync.terminal import escape

if TYPE_CHECKING:
    from zope.fssync.fileinterfaces import IFileTree

__all__ = ["known", "note", "told"]

#: How many objects are withheld, where any are.
_number = late("[1-9][0-9]{0,9}")

_anonymous, _logged_in = "anonymous", "user"


def told(
    closing: Mapping[str, str], login: str | None, place: str = ""
) -> Iterator[str]:
    """Yield the messages about objects that a response lacks.

    ``login`` is the URL to log in at, None if the user is logged in.  ``place`` is the
    object of the response, if that was received earlier.
    """
    when = f" when it last sent all of {escape(place)}" if place else ""
    words = closing.get(LEFT_OUT, "").split()
    if words:
        from urllib.parse import unquote
    for word in words:
        yield (
            f"warning: the server left out {escape(unquote(word))}{when}, its log "
            "tells why"
        )
    count = closing.get(WITHHELD, "0")
    if _number.fullmatch(count):
        yield (
            f"hint: the server withheld {count} "
            + ("object or part of one" if count == "1" else "objects and parts of them")
            + when
            + (_how_to_log_in(login) if login else "")
        )


def _how_to_log_in(url: str) -> str:
    return (
        f"; you are not logged in: after 'zsync login {escape(url)}' the next update "
        "brings what you may see"
    )


def note(
    session: ChangingSession, target: str, closing: Mapping[str, str], anonymous: bool
) -> None:
    """Record the absent objects when the whole ``target`` was received.

    Only those of a top of the working copy are recorded.
    """
    from urllib.parse import quote

    above, name = fsutil.split(fsutil.located(target))
    if above != session.root:
        return
    top = quote(name, safe="")
    lines = [line for line in _lines(session.files, session.root) if line[2] != top]
    count, left_out = closing.get(WITHHELD, "0"), closing.get(LEFT_OUT, "").split()
    if _number.fullmatch(count) or left_out:
        who = _anonymous if anonymous else _logged_in
        lines.append([count, who, top, *left_out])
    _write(session, lines)


def _write(session: ChangingSession, lines: list[list[str]]) -> None:
    path = _path(session.root)
    if lines:
        text = "".join(f"{' '.join(line)}\n" for line in lines)
        session.files.write(path, [text.encode("utf-8")])
    elif session.files.isfile(path):
        session.files.remove(path)


def known(root: str) -> Iterator[str]:
    """Yield the messages about objects absent from a working copy."""
    from urllib.parse import unquote

    from zope.app.fssync.client.connection import Network

    files, network = Tree(), Network()
    for count, who, top, *left_out in _lines(files, root):
        closing = {WITHHELD: count, LEFT_OUT: " ".join(left_out)}
        login = network.readrooturl(root) if who == _anonymous else None
        yield from told(closing, login, unquote(top))


def _lines(files: IFileTree, root: str) -> list[list[str]]:
    path = _path(root)
    if not files.isfile(path):
        return []
    with files.open(path) as stream:
        text = stream.read(STATE_SIZE).decode("utf-8", "replace")
    # The file may come from others: ignore invalid lines.
    return [words for line in text.splitlines() if len(words := line.split(" ")) > 2]


def _path(root: str) -> str:
    return join(control_of(root), paths.ABSENT)
