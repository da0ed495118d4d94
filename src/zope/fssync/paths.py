"""The gate through which names from outside become paths.

A name that passes `check_name` is one component below the directory it is
joined to, on every platform, and cannot be taken for the control directory.
No other module judges names.
"""

from __future__ import annotations

import os
import re
import sys
import unicodedata
from functools import lru_cache

from zope.fssync.errors import LimitExceeded
from zope.fssync.errors import PathRefused
from zope.fssync.limits import DEFAULT
from zope.fssync.limits import NORMALIZED_LENGTH
from zope.fssync.limits import REMEMBERED_NAMES
from zope.fssync.limits import REMEMBERED_PATH
from zope.fssync.limits import REMEMBERED_PATHS
from zope.fssync.limits import Limits
from zope.fssync.messages import _
from zope.fssync.patterns import late
from zope.fssync.terminal import escape

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

__all__ = [
    "ABSENT",
    "ANNOTATIONS",
    "BEFORE",
    "CONTROL",
    "DATA",
    "ENTRIES",
    "EXTRA",
    "MINE",
    "ORIGINAL",
    "RECEIVED",
    "ROOT",
    "SPARSE",
    "check_name",
    "file_name",
    "fold",
    "is_control",
    "join_archive_path",
    "nfc",
    "nfd",
    "portable_name",
    "split_archive_path",
]

#: The directory that holds what is known of its siblings.
CONTROL = "@@Zope"
#: The directory at the root of a working copy that holds all that is known of it.
DATA = ".zsync"
ENTRIES = "Entries.xml"
ROOT = "Root"
#: What the server has withheld.
ABSENT = "Absent"
#: What the working copy leaves out.
SPARSE = "Sparse"
ORIGINAL = "Original"
RECEIVED = "Received"
EXTRA = "Extra"
ANNOTATIONS = "Annotations"
#: Of a file in conflict: what it was, and what its original was, before the merge.
MINE = "Mine"
BEFORE = "Before"

#: True if file systems may decompose names here, as on macOS.
DECOMPOSES = sys.platform == "darwin"

# The form of most names; they need no further checks.
_PLAIN = r"[A-Za-z0-9_+][A-Za-z0-9_.+ -]*(?<![. ])"
_plain_name = late(_PLAIN)
_COMPONENT = f"(?:{_PLAIN}|{CONTROL})"
_plain_path = late(f"{_COMPONENT}(?:/{_COMPONENT})*")

# Controls, line separators, and the characters by which a name can be made to
# look like another one on a terminal (bidirectional overrides, CVE-2021-42574).
_unprintable = late(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
#: Stands for a byte that is no text in the encoding of names on disk.
_undecoded = late("[\ud800-\udfff]")
_drive = late(r"[A-Za-z]:")
#: In lower case.  A git that is used in a working copy runs what `.git` names.
_control_names = frozenset([CONTROL.lower(), DATA, ".git"])
_part_of_control_name = late("zope|zsync|git", re.IGNORECASE)
_short_control_name = late(r"(?:@@zope|zsync|git)~[0-9]+")

_windows_devices = frozenset(
    ["con", "prn", "aux", "nul", "conin$", "conout$"]
    + [f"{device}{n}" for device in ("com", "lpt") for n in "123456789¹²³"]
)
_windows_forbidden = late('[<>:"|?*\\\\]')


def nfc(name: str) -> str:
    """The composed form of a name, as servers keep it."""
    return name if name.isascii() else _normalized("NFC", name)


def nfd(name: str) -> str:
    """The decomposed form of a name, as archives carry it."""
    return name if name.isascii() else _normalized("NFD", name)


def _normalized(form: Literal["NFC", "NFD"], text: str) -> str:
    """Return the form of a name or a path.

    That takes the square of the marks on a letter: what is longer than names are, and
    comes from anybody, stays as it is.
    """
    if len(text) <= NORMALIZED_LENGTH:
        return unicodedata.normalize(form, text)
    return "/".join(
        part if len(part) > NORMALIZED_LENGTH else unicodedata.normalize(form, part)
        for part in text.split("/")
    )


def file_name(name: str, key: str) -> str:
    """Return the name of the file here that has ``name`` in an archive.

    ``key`` is the name of the object.  The file has just that name, where
    the archive has only decomposed it; a name that was numbered or made safe is
    composed.  Where file systems decompose names it stays as it is.
    """
    if DECOMPOSES or name == key:
        return name
    for wanted in (key, nfc(name)):
        if nfd(wanted) == nfd(name) and portable_name(wanted) == wanted:
            return wanted
    return name


def fold(name: str) -> str:
    """Return what is equal for names that some file system takes for equal."""
    return nfd(name).lower()


@lru_cache(maxsize=REMEMBERED_NAMES)
def is_control(name: str) -> bool:
    """Return whether a file system may take ``name`` for a control directory.

    These are ours and that of git.  Names are compared as the least careful file
    system would: ignoring case, width, invisible characters, trailing dots and blanks,
    NTFS streams and 8.3 names (git: CVE-2014-9390, CVE-2019-1352, CVE-2019-1353).
    """
    if name.isascii() and not _part_of_control_name.search(name):
        return False
    folded = unicodedata.normalize("NFKC", name)
    folded = "".join(
        char
        for char in folded
        if unicodedata.category(char) not in ("Cf", "Cc")
        and not "\ufe00" <= char <= "\ufe0f"
        and char != "\u034f"
    )
    folded = unicodedata.normalize("NFKC", folded.casefold())
    folded = folded.partition(":")[0].rstrip(". ")
    return folded in _control_names or bool(_short_control_name.fullmatch(folded))


def check_name(name: str, limits: Limits = DEFAULT) -> str:
    """Return ``name`` if it is a safe single path component.

    Raises `PathRefused`, or `LimitExceeded` where it is too long.
    """
    # Before all else: it takes long to normalize a long name, and what was
    # checked is remembered.
    if _is_longer(name, limits.name_size):
        raise LimitExceeded(
            _(
                "name of more than ${limit} bytes: ${name}...",
                mapping={"limit": limits.name_size, "name": escape(name[:40])},
            ),
            path=f"{name[:40]}...",
        )
    return _check_name(name)


def _is_longer(text: str, size: int) -> bool:
    """Return True if ``text`` has more than ``size`` bytes in UTF-8."""
    if len(text) * 4 <= size:
        return False
    return len(text) > size or len(text.encode("utf-8", "surrogatepass")) > size


@lru_cache(maxsize=REMEMBERED_PATHS)
def _check_name(name: str) -> str:
    if not _plain_name.fullmatch(name):
        _check_characters(name)
        if is_control(name):
            raise _refused(name, _("is a spelling of a control directory"))
    if os.name == "nt":
        _check_windows(name)
    return name


def _check_characters(name: str) -> None:
    if name in ("", ".", ".."):
        raise _refused(name, _("is no name"))
    if "/" in name:
        raise _refused(name, _("holds a slash"))
    if _undecoded.search(name):
        raise _refused(name, _("holds bytes that are no text in the encoding of names"))
    if _unprintable.search(name):
        raise _refused(name, _("holds control characters"))
    if _drive.match(name):
        raise _refused(name, _("begins like a drive letter"))
    if "\\" in name and any(part in ("", ".", "..") for part in name.split("\\")):
        raise _refused(name, _("is a path on other systems"))


def _check_windows(name: str) -> None:
    if _windows_forbidden.search(name) or name != name.rstrip(". "):
        raise _refused(name, _("cannot be a file name on this system"))
    if name.partition(".")[0].rstrip().casefold() in _windows_devices:
        raise _refused(name, _("is a device on this system"))


def _refused(name: str, reason: str) -> PathRefused:
    return PathRefused(
        _(
            "unsafe name refused: '${name}' ${reason}",
            mapping={"name": escape(name), "reason": reason},
        ),
        path=name,
        advice=_("Rename the object on the side that sent it."),
    )


def split_archive_path(path: str, limits: Limits = DEFAULT) -> tuple[str, ...]:
    """Return the components of a path in an archive.

    Relative, with ``/`` between components.  A component is the control
    directory, spelled exactly, or passes `check_name`.
    """
    if len(path) > REMEMBERED_PATH:
        return _split(path, limits)
    return _split_short(path, limits)


def _split(path: str, limits: Limits) -> tuple[str, ...]:
    if path.count("/") >= limits.path_depth:
        raise LimitExceeded(
            _(
                "path of more than ${limit} components: ${path}...",
                mapping={"limit": limits.path_depth, "path": escape(path[:40])},
            ),
            path=f"{path[:40]}...",
        )
    parts = tuple(path.split("/"))
    if _are_plain(path, limits):
        return parts
    for part in parts:
        if part != CONTROL:
            try:
                check_name(part, limits)
            except PathRefused as error:
                error.msg = _(
                    "${reason}, in path '${path}'",
                    mapping={"reason": error.msg, "path": escape(path)},
                )
                error.path = path
                raise
    return parts


def _are_plain(path: str, limits: Limits) -> bool:
    """Would `check_name` accept all components?  Decided at once; False is no answer.

    A path of plain names is ASCII, so that none of them has more bytes than it.
    """
    return (
        len(path) <= limits.name_size
        and os.name != "nt"
        and bool(_plain_path.fullmatch(path))
    )


_split_short = lru_cache(maxsize=REMEMBERED_PATHS)(_split)


def join_archive_path(path: str, *names: str) -> str:
    """Return ``path`` extended by ``names``; the empty path is the top."""
    return "/".join([path, *names]) if path else "/".join(names)


def portable_name(key: str, limits: Limits = DEFAULT) -> str:
    """Return the safe name nearest to the key of an object.

    A key that is a safe name comes back as it is.
    """
    try:
        return check_name(key, limits)
    except (PathRefused, LimitExceeded):
        name = _unprintable.sub("_", key).replace("/", "_").replace("\\", "_")
        size = limits.name_size
        # A long name takes long to normalize.
        seen = _shortened(name, key, size) if _is_longer(name, size) else name
        if seen in ("", ".", "..") or is_control(seen) or _drive.match(seen):
            name = "_" + name
        if _is_longer(name, size):
            name = _shortened(name, key, size)
        return check_name(name, limits)


def _shortened(name: str, key: str, size: int) -> str:
    # Not imported before: few names are too long, and clients start often.
    import hashlib

    digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    stem, dot, suffix = name.rpartition(".")
    if not stem or len(suffix.encode()) > 16:
        stem, dot, suffix = name, "", ""
    # No number follows the tilde, as one does in a short name of NTFS.
    tail = f"~x{digest}{dot}{suffix}"
    # 16 bytes are left for the number that disambiguation may add.
    room = size - len(tail.encode()) - 16
    return stem.encode()[:room].decode("utf-8", "ignore") + tail
