"""A network that answers with archives of the past."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.tests.test_log import transactions
from zope.app.fssync.testing.serversite import Archive
from zope.fssync.errors import ServerRefused

__all__ = ["OldStates"]


class OldStates(Network):
    """Has the file ``a.txt`` as it was after each of some transactions.

    ``states`` are the bodies by id, None where there was none.
    """

    def __init__(self, states: Mapping[str, bytes | None]) -> None:
        super().__init__()
        self.states = states
        self.asked: list[tuple[str, str, str]] = []
        #: What each transaction did.
        self.changes: list[list[str]] = []
        self.count = 0

    def httpreq(self, path: str, view: str, *more: Any, **named: Any) -> Any:
        name, _, query = view.partition("?")
        if name == "@@log.snarf":
            ids = sorted(self.states, reverse=True)
            told = transactions(*ids, changes=self.changes, count=self.count)
            return io.BytesIO(told), {}
        arguments = parse_qs(query)
        at, below = arguments["at"][0], arguments.get("path", [""])[0]
        self.asked.append((path, at, below))
        ids = [each for each in sorted(self.states) if each <= at]
        body = self.states[ids[-1]] if ids else None
        if body is None or not f"{path}/{below}".rstrip("/").endswith("a.txt"):
            error = ServerRefused("was not there at that time", path=path)
            error.status = 404
            raise error
        archive = Archive()
        archive.set_entry("a.txt", type="file")
        archive["a.txt"] = body
        return io.BytesIO(archive.dump()), {}
