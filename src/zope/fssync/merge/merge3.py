"""Three-way merge of texts, as ``diff3 -m -E`` does it.

Changes of one side are taken.  Where both sides changed the same or adjoining
lines in different ways, both versions are kept between markers, each of which
is a line of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import merge

from zope.fssync.limits import MERGE_HORIZON
from zope.fssync.merge.linediff import changes
from zope.fssync.merge.linediff import split_lines
from zope.fssync.terminal import escape

__all__ = ["both_sides", "merge3"]


#: From and to in the local text, then in the remote one; whether each changed.
Block = tuple[int, int, int, int, bool, bool]


def merge3(
    local: bytes, original: bytes, remote: bytes, local_label: str, remote_label: str
) -> tuple[bytes, bool]:
    """Return the merged text, and whether conflicts are left in it.

    Any bytes may be merged; lines end with a newline, and a carriage return
    before it belongs to the line.
    """
    ours, base, theirs = map(split_lines, (local, original, remote))
    merged: list[bytes] = []
    conflicts = False
    done = 0
    for start, end, their_start, their_end, by_us, by_them in _blocks(
        ours, base, theirs
    ):
        merged += ours[done:start]
        done = end
        mine, other = ours[start:end], theirs[their_start:their_end]
        if not by_us:
            merged += other
        elif not by_them or mine == other:
            merged += mine
        else:
            conflicts = True
            merged += _conflict(mine, other, local_label, remote_label)
    merged += ours[done:]
    return b"".join(merged), conflicts


def both_sides(
    local: bytes, remote: bytes, local_label: str, remote_label: str
) -> bytes:
    """Return one text of two, with markers around the lines in which they differ."""
    ours, theirs = map(split_lines, (local, remote))
    out: list[bytes] = []
    done = 0
    for start, end, their_start, their_end in changes(ours, theirs):
        out += ours[done:start]
        done = end
        out += _conflict(
            ours[start:end], theirs[their_start:their_end], local_label, remote_label
        )
    out += ours[done:]
    return b"".join(out)


def _conflict(
    mine: list[bytes], other: list[bytes], local_label: str, remote_label: str
) -> list[bytes]:
    first, last = _marker(b"<<<<<<<", local_label), _marker(b">>>>>>>", remote_label)
    return [first, *_ended(mine), b"=======\n", *_ended(other), last]


def _marker(sign: bytes, label: str) -> bytes:
    return sign + b" " + escape(label).encode() + b"\n"


def _ended(lines: list[bytes]) -> list[bytes]:
    """Return lines of which the last has an end, too, for a marker to follow."""
    if lines and not lines[-1].endswith(b"\n"):
        return [*lines[:-1], lines[-1] + b"\n"]
    return lines


def _blocks(
    ours: list[bytes], base: list[bytes], theirs: list[bytes]
) -> Iterator[Block]:
    """Yield the blocks that differ; changes that touch make one block."""
    pending = merge(
        (
            (start, end, 0, side_end - end)
            for _, side_end, start, end in changes(ours, base, MERGE_HORIZON)
        ),
        (
            (start, end, 1, side_end - end)
            for _, side_end, start, end in changes(theirs, base, MERGE_HORIZON)
        ),
    )
    shifts = [0, 0]  # how far the lines of each side are from those of the base
    group: list[tuple[int, int, int, int]] = []
    reached = -1
    for change in pending:
        if group and change[0] > reached:
            yield _block(group, reached, shifts)
            group = []
        group.append(change)
        reached = max(reached, change[1])
    if group:
        yield _block(group, reached, shifts)


def _block(
    group: list[tuple[int, int, int, int]], end: int, shifts: list[int]
) -> Block:
    """Return the block of the changes in ``group``; brings ``shifts`` behind it."""
    start = group[0][0]
    starts = [start + shift for shift in shifts]
    for _, _, side, shift in group:
        shifts[side] = shift
    ends = [end + shift for shift in shifts]
    sides = {side for _, _, side, _ in group}
    return starts[0], ends[0], starts[1], ends[1], 0 in sides, 1 in sides
