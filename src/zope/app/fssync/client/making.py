"""Types: what a server can make, and what it makes of a file of some name."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from collections.abc import Sequence
from contextlib import AbstractContextManager
from contextlib import suppress
from typing import Any
from typing import NamedTuple

from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.response import find
from zope.app.fssync.client.response import locate
from zope.app.fssync.client.session import ChangingSession
from zope.app.fssync.client.session import reading
from zope.app.fssync.client.workingcopy.serverstate import States
from zope.app.fssync.protocol.views import TYPES
from zope.fssync.errors import Error
from zope.fssync.errors import Locked
from zope.fssync.errors import ServerRefused
from zope.fssync.errors import ServerUnreachable
from zope.fssync.limits import DEFAULT
from zope.fssync.limits import SERVER
from zope.fssync.terminal import escape

__all__ = [
    "Makeable",
    "Types",
    "factory_named",
    "remember",
    "remembered",
    "types",
]


class Makeable(NamedTuple):
    """A factory for ``add -f``, what it makes, and what people call it.

    ``kind`` is ``file`` or ``directory``; ``title`` may be empty.
    """

    factory: str
    kind: str
    title: str


class Types(NamedTuple):
    """The types that can be made, and by name the class that a new file gets.

    A class of None stands for a pickle, which names its class.
    """

    makeable: list[Makeable]
    names: dict[str, str | None]


def types(network: Network, target: str, names: Iterable[str] = ()) -> Types:
    """Ask the server of a path or a URL what can be made in it.

    The names of directories end in a slash.
    """
    path = find(network, target)
    wanted = list(names)
    most = SERVER.asked_names
    made, known = _asked(network, path, wanted[:most])
    for start in range(most, len(wanted), most):
        known.update(_asked(network, path, wanted[start : start + most]).names)
    return Types(made, known)


def _asked(network: Network, path: str, names: list[str]) -> Types:
    """Ask once; a server takes a limited number of names at a time."""
    body = io.BytesIO("".join(f"{name}\n" for name in names).encode("utf-8"))
    kind = "text/plain"
    try:
        stream, _ = network.httpreq(path, TYPES, body, f"{kind};charset=utf-8", kind)
    except ServerRefused as error:
        if network.old_server is not False:
            error.advice = (
                f"Is the path right? The server is {network.rooturl}. One of 3.6.0 "
                "does not tell its types."
            )
        raise
    with stream:
        data = stream.read(DEFAULT.entries_size)
    try:
        document: Any = json.loads(data)
        made = [
            Makeable(str(each["factory"]), str(each["kind"]), str(each["title"]))
            for each in document["types"]
        ]
        known = {
            str(name): None if found is None else str(found)
            for name, found in document["names"].items()
        }
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as e:
        raise ServerRefused(
            f"what the server says of its types cannot be read: {escape(path)}"
        ) from e
    return Types(made, known)


def remember(
    opened: AbstractContextManager[ChangingSession],
    network: Network,
    target: str,
    known: Sequence[Makeable],
) -> None:
    """Store what can be made in a container, for when its server is away.

    That is left out while another command changes the working copy, or where it may
    not be changed.
    """
    with suppress(Locked, PermissionError), opened as session:
        path = locate(session, network, session.single(target))
        States(session.files, session.root).learn_types(path, known)


def remembered(
    network: Network, target: str, error: ServerUnreachable
) -> Sequence[Makeable]:
    """Return what could be made in a container when its server last answered.

    Raises ``error`` if that is unknown.
    """
    session = reading(target)
    path = locate(session, network, session.single(target))
    known = States(session.files, session.root or "").types(path)
    if not known:
        error.advice = (
            "Only the server knows a factory by this name. 'add -f' with "
            "a dotted name works without it."
        )
        raise error
    network.warn_once(f"warning: {error.message}; what the server said last counts")
    return [Makeable(*each) for each in known]


def factory_named(known: Sequence[Makeable], target: str, name: str) -> str:
    """Return the factory that people call ``name`` in the container ``target``.

    That is the title, or else the last part of the dotted name, in any case.
    """
    wanted = name.casefold()
    found = [each.factory for each in known if each.title.casefold() == wanted] or [
        each.factory
        for each in known
        if each.factory.rpartition(".")[2].casefold() == wanted
    ]
    if len(found) == 1:
        return found[0]
    which = "several types are" if found else "no type is"
    shown = ", ".join(found or [each.factory for each in known]) or "nothing"
    raise Error(
        f"{which} called '{escape(name)}' there",
        path=target,
        advice=f"Nothing was added. What can be made: {escape(shown)}. "
        "'zsync types' tells more.",
    )
