"""Somebody who runs zsync against a server that gives the answers of a test."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from zope.app.fssync.testing.person import Person
from zope.app.fssync.testing.rawserver import RawServer
from zope.app.fssync.testing.rawserver import answer
from zope.app.fssync.testing.rawserver import recorded_answer
from zope.fssync.metadata import dump_entries
from zope.fssync.repository import SnarfRepository

__all__ = ["CHECKOUT", "Caller", "listing"]

#: A tree as a server of 3.6.0 sent it.
CHECKOUT = recorded_answer("checkout-demo")

#: What is answered to a request that a test does not expect.
NONE_LEFT = answer(b"not expected", "text/plain", "501 Not Implemented")


class Caller(Person):
    """Runs commands in a directory; each is given the answers it gets."""

    def __init__(self, place: Path, server: RawServer) -> None:
        super().__init__(place, place)
        self.host = f"127.0.0.1:{server.port}"
        self.url = f"http://zsync:zsync@{self.host}"
        self.server = server

    def __call__(
        self,
        *args: str,
        answer: bytes | None = None,
        answers: Sequence[bytes] = (),
        **more: Any,
    ) -> str:
        given = [answer] if answer else answers
        self.server.answers[:] = [*given, NONE_LEFT]
        return super().__call__(*args, **more)

    def document(self, *args: str, **more: Any) -> dict[str, Any]:
        """Return what a command tells programs."""
        document: dict[str, Any] = json.loads(self(*args, "--json", **more))
        return document

    def items(self, *args: str, **more: Any) -> list[dict[str, Any]]:
        """Return what a command lists for programs."""
        items: list[dict[str, Any]] = self.document(*args, **more)["items"]
        return items

    def refused(self, *args: str, status: int = 1, **more: Any) -> str:
        """Run a command that prints nothing and fails; return the reason."""
        assert self(*args, status=status, **more) == ""
        return self.said


def listing(**more: str) -> bytes:
    """The answer of a server to a question for a listing."""
    stream = io.BytesIO()
    repository = SnarfRepository(stream)
    top = {
        "id": "/demo",
        "type": "zope.site.folder.Folder",
        "kind": "directory",
        **more,
    }
    item = {"id": "/demo/a.txt", "type": "zope.app.file.file.File", "kind": "file"}
    for path, entries in (("", {"demo": top}), ("demo/", {"a.txt": item})):
        member = repository.writeable(f"{path}@@Zope/Entries.xml")
        member.write(dump_entries(entries))
        member.close()
    return answer(stream.getvalue(), "application/x-snarf")
