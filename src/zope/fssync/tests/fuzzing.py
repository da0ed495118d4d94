"""What the fuzz targets share: how long they run, and how inputs are spoiled.

In the suite every target tries the same few hundred inputs each time.  With
``FSSYNC_FUZZ=50`` in the environment it tries fifty times as many, others each
time, and keeps those that failed in ``.hypothesis``.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable
from collections.abc import Sequence
from typing import Any

from hypothesis import Phase
from hypothesis import settings
from hypothesis import strategies as st

__all__ = ["FACTOR", "bounded", "operations", "spoiled"]

#: How many times as many inputs as in the suite are wanted.
FACTOR = int(os.environ.get("FSSYNC_FUZZ", "1"))

#: To shrink what a state machine did takes minutes.
_unshrunk = (Phase.explicit, Phase.reuse, Phase.generate)


def bounded(examples: int, steps: int = 50, shrink: bool = True) -> settings:
    """The settings of a target that tries so many inputs in the suite."""
    return settings(
        max_examples=examples * FACTOR,
        stateful_step_count=steps,
        phases=tuple(Phase) if shrink else _unshrunk,
    )


@st.composite
def spoiled(
    draw: st.DrawFn, corpus: Sequence[bytes], words: Sequence[bytes], most: int = 4
) -> bytes:
    """One of a corpus, with a few things done to it.

    ``words`` are what the format knows: they get where they do not belong.
    """
    data = draw(st.sampled_from(corpus))
    some = st.sampled_from(words) | st.binary(max_size=4)
    for _ in range(draw(st.integers(0, most))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 40)))
        verb = draw(st.sampled_from(["put", "put", "cut", "end", "double", "splice"]))
        if verb == "put":
            data = data[:start] + draw(some) + data[end:]
        elif verb == "cut":
            data = data[:start] + data[end:]
        elif verb == "end":
            data = data[:start]
        elif verb == "double":
            times = draw(st.sampled_from([2, 3, 50]))
            data = data[:start] + data[start:end] * times + data[end:]
        else:
            other = draw(st.sampled_from(corpus))
            data = data[:start] + other[draw(st.integers(0, len(other))) :]
    return data


def operations(function: Callable[..., object], *args: Any) -> int:
    """How many calls, of Python and of C, a call takes; what it raises is ignored."""
    count = 0

    def note(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += 1

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        with contextlib.suppress(Exception):
            function(*args)
    finally:
        sys.setprofile(before)
    return count
