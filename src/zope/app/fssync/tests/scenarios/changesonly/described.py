"""What a working copy holds, and what a server would send, in the same terms.

Neither knows how an exchange works or how a working copy is laid out: the one looks
through the client's own layer, the other asks for the whole tree as 3.6.0 does.
"""

from __future__ import annotations

import base64
import io
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from os.path import join
from typing import Any
from urllib.parse import quote

from zope.app.fssync.client.api import FSSync
from zope.fssync import fsutil
from zope.fssync import paths
from zope.fssync.interfaces import IMetadata
from zope.fssync.repository import SnarfRepository

__all__ = [
    "Description",
    "described",
    "difference",
    "fetched",
    "kept",
    "sent",
]

#: By path: the entry of each object, and the content of its file and its original.
Description = dict[str, tuple[dict[str, str], bytes | None, bytes | None]]

#: Attributes of an entry that belong to the working copy alone.
LOCAL = ("flag", "conflict")

#: A registry counts how often it was loaded, which is no state of the site.
COUNTER = re.compile(rb'(<item key="_generation">\s*<int>)\d+')

#: What marks an entry that is kept although the server hides it by now.
HIDDEN = "withheld"


def looking() -> IMetadata:
    """Return what the client looks through, whatever the layout is."""
    return FSSync().metadata


def described(target: str) -> tuple[Description, bool]:
    """Describe what is registered at a path; also say if it is without changes."""
    metadata = looking()
    result: Description = {}
    clean = True

    def read(path: str) -> bytes | None:
        if not metadata.files.isfile(path):
            return None
        with metadata.files.open(path) as stream:
            return COUNTER.sub(rb"\1", stream.read())

    def walk(path: str, shown: str) -> None:
        nonlocal clean
        entry = dict(metadata.getentry(path))
        flags = [entry.pop(name, None) for name in LOCAL]
        content, original = read(path), read(fsutil.getoriginal(path))
        exists = bool(metadata.files.kind(path))
        clean = clean and exists and not any(flags) and content == original
        result[shown] = entry, content, original
        for what in ("Extra", "Annotations"):
            special = fsutil.getspecial(path, what)
            for name in metadata.getnames(special):
                walk(join(special, name), f"{shown}//{what}/{name}")
        for name in metadata.getnames(path):
            walk(join(path, name), f"{shown}/{name}")

    walk(target, "")
    return result, clean


def fetched(url: str, login: str, path: str, password: str = "") -> bytes | int:
    """Ask for the archive as a client of 3.6.0 does; return it, or the status.

    The password of the tests' users is their login and ``pw``.
    """
    request = urllib.request.Request(f"{url}{quote(path)}/@@toFS.snarf")
    token = base64.b64encode(f"{login}:{password or login + 'pw'}".encode()).decode()
    request.add_header("Authorization", f"Basic {token}")
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            data: bytes = answer.read()
    except urllib.error.HTTPError as error:
        error.close()
        return error.code
    return data


def sent(archive: bytes) -> Description:
    """Describe the one object in an archive."""
    repository = SnarfRepository(io.BytesIO(archive))
    metadata = repository.getMetadata()
    result: Description = {}

    def local(path: str) -> str:
        """The name of the file here."""
        name = path.rpartition("/")[2]
        return paths.file_name(name, metadata.getentry(path).get("key", name))

    def walk(path: str, shown: str) -> None:
        content = None
        if repository.isfile(path):
            content = COUNTER.sub(rb"\1", repository.readFile(path))
        entry = dict(metadata.getentry(path))
        if entry.get("key") == local(path):
            # The archive has only decomposed the name, and the file has it.
            del entry["key"]
        result[shown] = entry, content, content
        for special, name in _specials(repository, path):
            part = f"{special}/{name}"
            walk(part, f"{shown}//{special.split('/')[-2]}/{local(part)}")
        for name in metadata.getnames(path):
            inner = f"{path}/{name}"
            walk(inner, f"{shown}/{local(inner)}")

    (top,) = metadata.getnames("")
    walk(top, "")
    return result


def _specials(repository: SnarfRepository, path: str) -> Iterator[tuple[str, str]]:
    directory, _, name = path.rpartition("/")
    for what in ("Extra", "Annotations"):
        special = "/".join(filter(None, [directory, "@@Zope", what, name]))
        for each in repository.getMetadata().getnames(special):
            yield special, each


def difference(found: Description, wanted: Description) -> dict[str, Any]:
    """Return what differs, by path; what is kept because it is hidden does not."""
    spared = kept(found, wanted)
    result: dict[str, Any] = {}
    for path in sorted({*found, *wanted} - spared.keys()):
        here, there = found.get(path), wanted.get(path)
        if here is None or there is None:
            result[path] = "missing" if here is None else "should be gone"
        elif here != there:
            pairs = zip(here, there, strict=True)
            result[path] = [pair for pair in pairs if pair[0] != pair[1]]
    return result


def kept(found: Description, wanted: Description) -> dict[str, tuple[str, str]]:
    """Return what is kept as if it were hidden: by path the object's id, and the part.

    Each is marked, but for all extras or annotations of an object together.
    """
    result: dict[str, tuple[str, str]] = {}
    shown = {path.rpartition("/")[0] for path in wanted if "//" in path}
    for path in sorted(found.keys() - wanted.keys()):
        owner, _, part = path.partition("//")
        above = owner if part else owner.rpartition("/")[0]
        if above in result:
            result[path] = result[above]
        elif HIDDEN in found[path][0] or (
            part and owner in wanted and path.rpartition("/")[0] not in shown
        ):
            result[path] = found[owner][0]["id"], part.partition("/")[0]
    return result
