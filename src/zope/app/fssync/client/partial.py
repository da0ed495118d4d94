"""Change several targets one after the other, and say what was done if one fails."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from itertools import chain

from zope.fssync.errors import Error
from zope.fssync.terminal import escape

__all__ = ["in_turn", "partial_advice"]


def in_turn(
    groups: Sequence[Sequence[str]],
    change: Callable[[Sequence[str]], object],
    did: str | None,
) -> None:
    """Call ``change`` with one group of targets after the other.

    An error says which were changed before: ``did`` is the word for that, or None
    if nothing was changed.
    """
    for number, group in enumerate(groups):
        try:
            change(group)
        except Error as error:
            if did is not None:
                done = list(chain.from_iterable(groups[:number]))
                left = list(chain.from_iterable(groups[number + 1 :]))
                error.advice = partial_advice(error, did, done, left)
            raise


def partial_advice(
    error: Error, did: str, done: list[str], left: list[str]
) -> str | None:
    """Return the advice of an error between targets.

    ``did`` is what was done to the targets ``done``; those ``left`` were not tried.
    """
    said = [error.advice or ""]
    if done:
        said[0] = said[0].replace("Nothing was", "Nothing else was", 1)
        said.insert(0, f"{did} before: {_listed(done)}.")
    if left:
        said.append(f"Not tried: {_listed(left)}.")
    return " ".join(filter(None, said)) or None


def _listed(targets: list[str]) -> str:
    return ", ".join(f"'{escape(path)}'" for path in targets)
