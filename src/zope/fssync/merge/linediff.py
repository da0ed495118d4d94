"""Finds the lines in which two texts differ.

The shortest script is looked for, by the linear space method of Myers (1986).
Where that would take too long (the texts have little in common, but the same
lines again and again) lines that occur once on both sides are lined up first,
and a script that is longer than need be is accepted.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable
from collections.abc import Sequence
from itertools import pairwise

from zope.fssync.limits import DIFF_COST
from zope.fssync.limits import LEAST_DIFF_COST

__all__ = ["Change", "changes", "split_lines"]

#: The lines ``old_start`` to ``old_end`` became ``new_start`` to ``new_end``.
Change = tuple[int, int, int, int]


#: A part of both texts: from and to in the one, from and to in the other.
Box = tuple[int, int, int, int]


def split_lines(data: bytes) -> list[bytes]:
    """Split at newlines, which stay; the last line may have none."""
    lines = [line + b"\n" for line in data.split(b"\n")]
    last = lines.pop()[:-1]
    if last:
        lines.append(last)
    return lines


def changes(
    old: Sequence[Hashable], new: Sequence[Hashable], horizon: int = 0
) -> list[Change]:
    """Return the changes that turn ``old`` into ``new``, in order.

    Between two changes there is at least one common line.  A change that could
    stand at several places stands at the last, or where both sides change; but
    it reaches no more than ``horizon`` lines into those common to both ends.
    """
    numbers: dict[Hashable, int] = {}
    a = [numbers.setdefault(line, len(numbers)) for line in old]
    b = [numbers.setdefault(line, len(numbers)) for line in new]
    changed_a, changed_b = _compare(a, b)
    rest = max(0, len(changed_a) - changed_a.rfind(1) - 1 - horizon)
    rest = min(rest, max(0, len(changed_b) - changed_b.rfind(1) - 1 - horizon))
    _slide(a, changed_a, changed_b, len(a) - rest)
    _slide(b, changed_b, changed_a, len(b) - rest)
    return _script(changed_a, changed_b)


def _compare(a: list[int], b: list[int]) -> tuple[bytearray, bytearray]:
    """Mark the lines on both sides that are not common, by a 1.

    Lines that the other side lacks need no search; it sees the others only.
    """
    start, end_a, end_b = 0, len(a), len(b)
    while start < end_a and start < end_b and a[start] == b[start]:
        start += 1
    while end_a > start and end_b > start and a[end_a - 1] == b[end_b - 1]:
        end_a -= 1
        end_b -= 1
    in_a, in_b = set(a[start:end_a]), set(b[start:end_b])
    kept_a = [i for i in range(start, end_a) if a[i] in in_b]
    kept_b = [i for i in range(start, end_b) if b[i] in in_a]
    search = _Search([a[i] for i in kept_a], [b[i] for i in kept_b])
    changed_a, changed_b = bytearray(len(a)), bytearray(len(b))
    changed_a[start:end_a] = b"\1" * (end_a - start)
    changed_b[start:end_b] = b"\1" * (end_b - start)
    for i, j in search.common():
        changed_a[kept_a[i]] = changed_b[kept_b[j]] = 0
    return changed_a, changed_b


class _Search:
    """Finds pairs of common lines of two sequences, in order."""

    def __init__(self, a: list[int], b: list[int]) -> None:
        self.a = a
        self.b = b
        self._cost = DIFF_COST
        self._furthest = (0, 0)

    def common(self) -> list[tuple[int, int]]:
        """Return the pairs of positions of common lines."""
        a, b = self.a, self.b
        pairs: list[tuple[int, int]] = []
        boxes: list[Box] = [(0, len(a), 0, len(b))]
        while boxes:
            x, x_end, y, y_end = boxes.pop()
            while x < x_end and y < y_end and a[x] == b[y]:
                pairs.append((x, y))
                x += 1
                y += 1
            while x < x_end and y < y_end and a[x_end - 1] == b[y_end - 1]:
                x_end -= 1
                y_end -= 1
                pairs.append((x_end, y_end))
            if x < x_end and y < y_end:
                boxes.extend(self._parts((x, x_end, y, y_end)))
        return pairs

    def _parts(self, box: Box) -> list[Box]:
        """Cut a box that is empty on neither side and has no common ends."""
        x, x_end, y, y_end = box
        middle = self._middle(box)
        if middle is None:
            anchors = self._anchors(box) if self._cost > LEAST_DIFF_COST else []
            self._cost = max(LEAST_DIFF_COST, self._cost // 2)
            anchors = anchors or [self._furthest]
            corners = [(x, y), *anchors, (x_end, y_end)]
            return [(x0, x1, y0, y1) for (x0, y0), (x1, y1) in pairwise(corners)]
        x_mid, y_mid = middle
        return [(x, x_mid, y, y_mid), (x_mid, x_end, y_mid, y_end)]

    def _middle(self, box: Box) -> tuple[int, int] | None:
        """Return a point in the middle of a shortest script, None if too dear.

        Paths of as few differences as possible are followed from both ends; on
        each diagonal, x - y, the furthest point is remembered.  Where two meet,
        the script goes through.
        """
        a, b = self.a, self.b
        x_start, x_end, y_start, y_end = box
        low, high = x_start - y_end, x_end - y_start
        first, last = x_start - y_start, x_end - y_end
        odd = (first - last) & 1
        reach = min(self._cost, high - low)
        size = 2 * reach + 3
        forward, backward = [-1] * size, [x_end + 1] * size
        # Where diagonal k is in the lists: k + at_f, k + at_b.
        at_f, at_b = reach + 1 - first, reach + 1 - last
        forward[first + at_f] = x_start
        backward[last + at_b] = x_end
        f_min = f_max = first
        b_min = b_max = last
        for _ in range(reach):
            f_min, f_max = _widened(forward, f_min, f_max, low, high, at_f, -1)
            for k in range(f_max, f_min - 1, -2):
                down, right = forward[k + at_f + 1], forward[k + at_f - 1] + 1
                x = right if right > down else down
                y = x - k
                while x < x_end and y < y_end and a[x] == b[y]:
                    x += 1
                    y += 1
                forward[k + at_f] = x
                if odd and b_min <= k <= b_max and backward[k + at_b] <= x:
                    return x, y
            b_min, b_max = _widened(backward, b_min, b_max, low, high, at_b, x_end + 1)
            for k in range(b_max, b_min - 1, -2):
                up, left = backward[k + at_b - 1], backward[k + at_b + 1] - 1
                x = left if left < up else up
                y = x - k
                while x > x_start and y > y_start and a[x - 1] == b[y - 1]:
                    x -= 1
                    y -= 1
                backward[k + at_b] = x
                if not odd and f_min <= k <= f_max and x <= forward[k + at_f]:
                    return x, y
        points = ((forward[k + at_f], k) for k in range(f_min, f_max + 1, 2))
        x, k = max(points, key=lambda point: 2 * point[0] - point[1])
        self._furthest = min(x, x_end), min(x - k, y_end)
        return None

    def _anchors(self, box: Box) -> list[tuple[int, int]]:
        """Return the longest run of lines that are single on both sides."""
        x, x_end, y, y_end = box
        count_a, count_b = Counter(self.a[x:x_end]), Counter(self.b[y:y_end])
        place_b = {self.b[j]: j for j in range(y, y_end) if count_b[self.b[j]] == 1}
        candidates = [
            (i, place_b[self.a[i]])
            for i in range(x, x_end)
            if count_a[self.a[i]] == 1 and self.a[i] in place_b
        ]
        return _increasing(candidates)


def _widened(
    reached: list[int], low: int, high: int, least: int, most: int, offset: int, no: int
) -> tuple[int, int]:
    """Return the diagonals of the next round, which is one wider on both sides.

    At the edge of the box it is narrower instead.
    """
    if low > least:
        low -= 1
        reached[low - 1 + offset] = no
    else:
        low += 1
    if high < most:
        high += 1
        reached[high + 1 + offset] = no
    else:
        high -= 1
    return low, high


def _increasing(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the longest subsequence in which the second numbers increase."""
    ends: list[int] = []
    numbers: list[int] = []
    before: list[int] = []
    for number, (_, j) in enumerate(pairs):
        place = bisect_left(ends, j)
        before.append(numbers[place - 1] if place else -1)
        ends[place : place + 1] = [j]
        numbers[place : place + 1] = [number]
    result = []
    number = numbers[-1] if numbers else -1
    while number >= 0:
        result.append(pairs[number])
        number = before[number]
    return result[::-1]


def _slide(lines: list[int], changed: bytearray, other: bytearray, total: int) -> None:
    """Move each run of changed lines to the last place it can have.

    Runs that meet are joined.  A run that can be where the other side has
    changed lines goes there.  The lines from ``total`` on stay out of it.
    """
    start = at = 0  # ``at`` is the line of the other side where the run belongs
    while True:
        while start < total and not changed[start]:
            at = _after(other, at) + 1
            start += 1
        if start == total:
            return
        end = _after(changed, start)
        at = _after(other, at)
        while True:
            size = end - start
            while start and lines[start - 1] == lines[end - 1]:
                start -= 1
                end -= 1
                changed[start], changed[end] = 1, 0
                start = _before(changed, start)
                at = _before(other, at) - 1
            at = _before(other, at)
            partner = end if _after(other, at) > at else -1
            at = _after(other, at)
            while end < total and lines[start] == lines[end]:
                changed[start], changed[end] = 0, 1
                start += 1
                end = _after(changed, end + 1)
                at += 1
                if _after(other, at) > at:
                    partner = end
                at = _after(other, at)
            if end - start == size:
                break
        while partner >= 0 and end > partner:
            start -= 1
            end -= 1
            changed[start], changed[end] = 1, 0
            at = _before(other, at) - 1
        at = _after(other, at)
        start = end


def _after(changed: bytearray, place: int) -> int:
    """Return where the run of changed lines ends that begins at ``place``."""
    end = changed.find(0, place)
    return len(changed) if end < 0 else end


def _before(changed: bytearray, place: int) -> int:
    """Return where the run of changed lines begins that ends at ``place``."""
    return changed.rfind(0, 0, place) + 1


def _script(changed_a: bytearray, changed_b: bytearray) -> list[Change]:
    """Return the changes, given which lines are changed."""
    script = []
    i = j = 0
    while i < len(changed_a) or j < len(changed_b):
        i_end, j_end = _after(changed_a, i), _after(changed_b, j)
        if i_end > i or j_end > j:
            script.append((i, i_end, j, j_end))
        step = min(
            _next_changed(changed_a, i_end) - i_end,
            _next_changed(changed_b, j_end) - j_end,
        )
        i, j = i_end + step, j_end + step
    return script


def _next_changed(changed: bytearray, place: int) -> int:
    found = changed.find(1, place)
    return len(changed) if found < 0 else found
