"""The marks of conflicts in texts, descriptions and others."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator

from zope.fssync import itemtext
from zope.fssync.patterns import late

__all__ = [
    "MARKS",
    "SIDES",
    "conflicts",
    "is_mark",
    "labels_of",
    "marked_lines",
    "take",
    "whose",
]

#: The beginnings of lines around both sides of a conflict.
MARKS = ("<<<<<<<", "|||||||", "=======", ">>>>>>>")
SIDES = ("mine", "theirs")

_OPEN, _, _MIDDLE, _CLOSE = MARKS

_mark = late(r"(<{7}|\|{7}|={7}|>{7})(?: |\Z)")
_side = late(r".* \(((?:mine|server)\b.*)\)\Z")


def is_mark(line: str) -> str | None:
    """Return the mark of a conflict that a line is, or None."""
    match = _mark.match(line)
    return None if match is None else match[1]


def labels_of(text: bytes) -> tuple[str, str] | None:
    """Return what the first conflict in a text calls both sides; None without one."""
    found: list[str] = []
    for line in text.decode("utf-8", "replace").split("\n"):
        mark = is_mark(line.rstrip("\r"))
        if mark == (_CLOSE if found else _OPEN):
            found.append(line[len(mark) + 1 :].rstrip("\r"))
            if len(found) == len(SIDES):
                return found[0], found[1]
    return None


def whose(label: str) -> str:
    """Return whose side a label names; without the path of a merged file before it."""
    found = _side.match(label)
    return label if found is None else found[1]


def marked_lines(
    mine: Iterable[str], theirs: Iterable[str], labels: tuple[str, str]
) -> Iterator[str]:
    """Yield the lines of both sides between marks."""
    yield f"{_OPEN} {labels[0]}"
    yield from mine
    yield _MIDDLE
    yield from theirs
    yield f"{_CLOSE} {labels[1]}"


def conflicts(text: bytes) -> tuple[str, ...]:
    """Return the keys of a text that are in conflict, with their parts.

    It is the part alone where more than one key is between the marks.
    """
    found: dict[str, None] = {}
    path = ""
    inside: set[str] | None = None
    for line in text.decode("utf-8", "replace").split("\n"):
        mark = is_mark(line.rstrip("\r"))
        if mark == _OPEN:
            inside = set()
        elif mark == _CLOSE and inside is not None:
            key = inside.pop() if len(inside) == 1 else ""
            found[f"{path} {key}".strip()] = None
            inside = None
        elif mark is None and line.startswith("["):
            path = line.strip()[1:-1]
            if inside is not None:
                inside.add("")
        elif mark is None and inside is not None and line[:1].strip():
            inside.add(_key(line))
    return tuple(found)


def _key(line: str) -> str:
    try:
        key, _ = itemtext.read_key(line)
    except itemtext.Malformed:
        return line
    return key


def take(text: bytes, side: str) -> bytes:
    """Return a text with one side of all conflicts: ``"mine"`` or ``"theirs"``."""
    wanted = (None, _OPEN) if side == SIDES[0] else (None, _MIDDLE)
    kept = []
    mark: str | None = None
    for line in text.decode("utf-8").split("\n"):
        found = is_mark(line.rstrip("\r"))
        if found is not None:
            mark = None if found == _CLOSE else found
        elif mark in wanted:
            kept.append(line)
    return "\n".join(kept).encode("utf-8")
