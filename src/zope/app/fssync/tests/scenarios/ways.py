"""Ways in for somebody with a working copy, on any host."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from itertools import product
from pathlib import Path

__all__ = ["set_properties"]


def set_properties(
    zsync: Callable[..., bool],
    top: Path,
    names: Iterable[str],
    paths: Iterable[str],
    value: str,
) -> int:
    """Set each property of each object and commit it; return how many had an effect."""
    done = 0
    for name, path in product(names, paths):
        target = str(top / path)
        if zsync("prop", "set", target, name, value):
            done += zsync("commit", "-m", "Mine", str(top))
            zsync("revert", target)
    return done
