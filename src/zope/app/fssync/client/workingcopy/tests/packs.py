"""Packs to test with, and what is in them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from zope.app.fssync.client.workingcopy.pack import Pack
from zope.app.fssync.client.workingcopy.packer import Packer
from zope.app.fssync.client.workingcopy.packer import digest
from zope.app.fssync.client.workingcopy.packer import place
from zope.fssync.files import Tree

__all__ = ["contents_of", "first_version", "packed"]


def packed(contents: Mapping[str, bytes]) -> bytes:
    """A pack of these contents."""
    packer = Packer()
    data = packer.begin()
    for name, content in sorted(contents.items(), key=lambda item: place(item[0])):
        added = packer.add(name, len(content), digest(content), [content])
        data += b"".join(added)
    return data + b"".join(packer.end())


def first_version(contents: Mapping[str, bytes]) -> bytes:
    """A pack as the first version had it."""
    places: dict[str, list[object]] = {}
    stored: dict[bytes, int] = {}
    for name in sorted(contents):
        content = contents[name]
        offset = stored.setdefault(content, sum(map(len, stored)))
        places[name] = [offset, len(content), digest(content)]
    text = json.dumps(places, separators=(",", ":")).encode()
    return b"zsync base 1 %d\n%s\n%s" % (len(text) + 1, text, b"".join(stored))


def contents_of(path: Path) -> dict[str, bytes]:
    """The contents in the pack at a path."""
    pack = Pack(Tree(), str(path))
    return {
        name: b"".join(pack.pieces(member)) for name, member in pack.members.items()
    }
