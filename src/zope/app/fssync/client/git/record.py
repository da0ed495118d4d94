"""The record of a push, which the server keeps so that clones remake its commits.

A record has the commits of one transaction, byte for byte, and the files that each
of them changed.  It has the contents only of files that a later commit of the push
changed again, and of files that only git needs: all other contents are in the
transaction.  Of a description it has a checksum byte for each line, to recognize the
lines that the server has added.  A user who may not see all of an object learns no
value from it.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import NamedTuple

from zope.app.fssync.client.git.differing import is_for_git
from zope.app.fssync.client.git.plumbing import Commit
from zope.app.fssync.client.git.plumbing import FastImport
from zope.app.fssync.client.git.plumbing import TreeFile
from zope.app.fssync.client.git.plumbing import id_of
from zope.fssync import paths
from zope.fssync.limits import RECORD_COMMITS
from zope.fssync.limits import RECORD_PARENTS
from zope.fssync.limits import RECORD_SIZE
from zope.fssync.patterns import late

__all__ = [
    "GONE",
    "SAME",
    "Recorded",
    "dumps",
    "for_git",
    "lines_of",
    "loads",
    "parents",
    "remake",
]

#: The forms of a file: as in the transaction, removed.
SAME, GONE = "=", "-"
#: The prefixes of the checksums of a description, and of a content.
_LINES, _TEXT = "l", "t"

#: The largest size of an inflated record.
_INFLATED = 64 * RECORD_SIZE

#: The forms that git fast-import takes; others end it, and with it the fetch.
_id = late(rb"[0-9a-f]{40}|[0-9a-f]{64}")
_person = late(rb"([^<>\n\0]* )?<[^<>\n\0]*> (0|[1-9][0-9]{0,14}) [+-][0-9]{4}")


class Recorded(NamedTuple):
    """A commit: its bytes, the parent that it is compared with, the changed files.

    ``files`` maps paths to `SAME`, `GONE`, a result of `lines_of`, or the content.
    """

    raw: bytes
    base: str
    files: Mapping[str, str | bytes]


def dumps(commits: Iterable[Recorded]) -> bytes | None:
    """Return the record of commits, None if it is too large for the server."""
    commits = list(commits)
    if len(commits) > RECORD_COMMITS:
        return None
    document = [
        [
            each.raw.decode("latin-1"),
            each.base,
            {k: _encoded(v) for k, v in each.files.items()},
        ]
        for each in commits
    ]
    data = zlib.compress(json.dumps(document, separators=(",", ":")).encode("ascii"), 9)
    return data if len(data) <= RECORD_SIZE else None


def _encoded(form: str | bytes) -> str:
    return _TEXT + form.decode("latin-1") if isinstance(form, bytes) else form


def loads(data: bytes) -> list[Recorded]:
    """Return the commits of a record; raise `ValueError` if it is not valid."""
    try:
        text = zlib.decompressobj().decompress(data, _INFLATED)
        found = json.loads(text)
        if len(found) > RECORD_COMMITS:
            raise ValueError("too many commits")
        return [
            Recorded(
                raw.encode("latin-1"),
                str(base),
                {_checked(path): _decoded(form) for path, form in files.items()},
            )
            for raw, base, files in found
        ]
    except (zlib.error, AttributeError, TypeError, RecursionError) as error:
        raise ValueError("no record") from error


def _checked(path: str) -> str:
    """Return a path of a tree; git takes any from those who write it."""
    if any(paths.check_name(name) != name for name in paths.split_archive_path(path)):
        raise ValueError("no path of a tree")
    return path


def _decoded(text: str) -> str | bytes:
    if text.startswith(_TEXT):
        return text[1:].encode("latin-1")
    if text not in (SAME, GONE) and not text.startswith(_LINES):
        raise ValueError("no form of a file")
    return text


def lines_of(content: bytes) -> str:
    """Return the checksums of the lines of a description, one byte for each."""
    sums = (zlib.crc32(line) & 0xFF for line in content.splitlines(keepends=True))
    return _LINES + bytes(sums).hex()


def _picked(content: bytes, form: str) -> bytes:
    """Return the lines of a description that have the checksums of a form."""
    wanted = bytes.fromhex(form[1:])
    found: list[bytes] = []
    for line in content.splitlines(keepends=True):
        # The next one of the form has the number of those that were found.
        if wanted.startswith(bytes([zlib.crc32(line) & 0xFF]), len(found)):
            found.append(line)
    return b"".join(found)


def parents(raw: bytes) -> list[str]:
    """Return the ids of the parents of a commit; none if they are no ids.

    A record may come from anybody: a name would be looked up in the repository of
    whoever reads it.
    """
    head = raw.partition(b"\n\n")[0].split(b"\n")
    lines = (line.partition(b" ") for line in head)
    found = [value for name, _, value in lines if name == b"parent"]
    if len(found) > RECORD_PARENTS or not all(map(_id.fullmatch, found)):
        return []
    return [each.decode("ascii") for each in found]


def for_git(commits: Sequence[Recorded]) -> dict[str, str | bytes]:
    """Return the files for git alone that the recorded commits changed, by path."""
    by_id = {id_of(each.raw, len(each.base)): each for each in commits}
    found: dict[str, str | bytes] = {}
    each = commits[-1] if commits else None
    while each is not None:
        for path, form in each.files.items():
            if is_for_git(path) and (form == GONE or isinstance(form, bytes)):
                found.setdefault(path, form)
        each = by_id.pop(each.base, None)
    return found


def _commit(raw: bytes) -> Commit | None:
    head, _, message = raw.partition(b"\n\n")
    said = dict(
        reversed([line.split(b" ", 1) for line in head.split(b"\n") if b" " in line])
    )
    people = [said.get(each, b"") for each in (b"author", b"committer")]
    if not all(map(_person.fullmatch, people)):
        return None
    return Commit(said[b"author"], said[b"committer"], message, said.get(b"encoding"))


def remake(writer: FastImport, recorded: Recorded, made: str) -> str | None:
    """Write a recorded commit again and return its id.

    ``made`` is the commit of the transaction, which has the contents.  None if the
    commit cannot be remade because the server changed what was sent.
    """
    commit, above = _commit(recorded.raw), parents(recorded.raw)
    if commit is None or not above or recorded.base not in above:
        return None
    puts: dict[str, TreeFile] = {}
    writes: dict[str, bytes] = {}
    for path, form in recorded.files.items():
        if isinstance(form, bytes):
            writes[path] = form
        elif form != GONE:
            there = writer.look(made, path)
            if there is None:
                return None
            if form == SAME:
                puts[path] = there
            else:
                writes[path] = _picked(writer.content(there), form)
    if recorded.base != above[0]:
        base = writer.look(recorded.base)
        if base is None:
            return None
        puts = {"": base, **puts}
    writer.begin(commit, above)
    for path, file in puts.items():
        if not path:
            writer.put(path, file)
    for path, form in recorded.files.items():
        if form == GONE:
            writer.remove(path)
    for path, file in puts.items():
        if path:
            writer.put(path, file)
    for path, content in writes.items():
        writer.write(path, len(content), [content])
    made = writer.end()
    tree = writer.look(made)
    return None if tree is None else writer.again(recorded.raw, tree.id, made)
