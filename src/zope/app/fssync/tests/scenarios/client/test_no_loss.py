"""Whatever two people do to the same tree: what one wrote is not lost."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from zope.app.fssync.client.session import reading
from zope.app.fssync.testing.clientside import URL
from zope.app.fssync.testing.clientside import Client
from zope.app.fssync.testing.clientside import Server
from zope.fssync.encoding import read_text
from zope.fssync.errors import Error
from zope.fssync.metadata import KIND

pytestmark = pytest.mark.slow

PATHS = ["a", "b", "d", "d/a", "d/e", "d/e/a", "n", "n/a"]

local = st.sampled_from(["edit", "delete", "add", "stray", "mkdir", "remove"])
remote = st.sampled_from(["edit", "delete", "folder"])

#: How an editor writes a text.
FORMS = {
    "utf-8": str.encode,
    "crlf": lambda text: text.replace("\n", "\r\n").encode(),
    "utf-16": lambda text: text.encode("utf-16"),
    "binary": lambda text: text.encode() + b"\0\n",
}


class Person:
    """Works in a checkout; knows what they wrote."""

    def __init__(self, client: Client, demo: str, forms: dict[str, str]) -> None:
        self.client = client
        self.demo = demo
        self.forms = forms
        self.numbers = itertools.count()

    def do(self, verb: str, path: str) -> None:
        encode = FORMS[self.forms.get(path, "utf-8")]
        path = os.path.join(self.demo, path)
        try:
            if verb in ("edit", "stray", "add") and not os.path.isdir(path):
                if verb != "edit" or os.path.exists(path):
                    Path(path).write_bytes(encode(f"mine {next(self.numbers)}.\n"))
                if verb == "add":
                    self.client("add", path)
            elif verb == "mkdir":
                self.client("mkdir", path)
            elif verb == "remove":
                self.client("remove", path)
            elif verb == "delete" and os.path.isdir(path):
                shutil.rmtree(path)
            elif verb == "delete":
                os.unlink(path)
        except (Error, OSError):
            # A person makes mistakes.
            return

    def written(self) -> set[str]:
        """What the person wrote, as far as it is still there."""
        found: set[str] = set()
        for directory, folders, names in os.walk(self.demo):
            if "@@Zope" in folders:
                folders.remove("@@Zope")
            for name in names:
                data = Path(directory, name).read_bytes()
                text = read_text(data)
                lines = data.decode() if text is None else text.content
                found.update(
                    line for line in lines.splitlines() if line.startswith("mine")
                )
        return found


def change(server: Server, verb: str, path: str, number: int) -> None:
    """Somebody else changes the server."""
    path = f"demo/{path}"
    below = [each for each in server.objects if each.startswith(path + "/")]
    if server.objects.get(path.rpartition("/")[0], b"") is not None:
        return
    if verb == "delete" or server.objects.get(path, b"") is None:
        for each in (*below, path):
            server.objects.pop(each, None)
    if verb == "edit":
        server.objects[path] = f"theirs {number}.\n".encode()
    elif verb == "folder":
        server.objects[path] = None


@example(mine=[("add", "n"), ("delete", "n")], theirs=[("folder", "n")], forms={})
@settings(max_examples=60, deadline=None)
@given(
    mine=st.lists(st.tuples(local, st.sampled_from(PATHS)), max_size=8),
    theirs=st.lists(st.tuples(remote, st.sampled_from(PATHS)), max_size=6),
    forms=st.dictionaries(st.sampled_from(PATHS), st.sampled_from([*FORMS])),
)
def test_an_update_loses_nothing_and_ends(mine: Any, theirs: Any, forms: Any) -> None:
    base = tempfile.mkdtemp()
    try:
        server = Server(
            {
                "demo": None,
                "demo/a": b"a\n",
                "demo/b": b"b\n",
                "demo/d": None,
                "demo/d/a": b"a\n",
                "demo/d/e": None,
                "demo/d/e/a": b"a\n",
            }
        )
        client = Client(server, Path(base))
        target = os.path.join(base, "co")
        client("checkout", target, url=URL)
        person = Person(client, os.path.join(target, "demo"), forms)
        for verb, path in mine:
            person.do(verb, path)
        for number, (verb, path) in enumerate(theirs):
            change(server, verb, path, number)
        written = person.written()

        client.each("update", target)
        assert person.written() == written

        again = client.each("update", target)
        assert person.written() == written
        assert not [line for line in again if line[0] in "UND"], again

        # What is of another kind here is no file to be resolved: it gets a new name.
        for line in again:
            path = os.path.join(base, line[2:].rstrip("/"))
            entry = reading(target).metadata.getentry(path)
            if line[0] == "C" and entry.get("conflict") == KIND:
                client.each("revert", path)
        client.each("update", target)
        client.each("resolve", target)
        client.each("commit", target)
        assert person.written() == written
    finally:
        shutil.rmtree(base)
