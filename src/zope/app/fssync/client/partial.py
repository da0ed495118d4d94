"""Say what was done and what was not, where one of several targets fails."""

from __future__ import annotations

from zope.fssync.errors import Error
from zope.fssync.terminal import escape

__all__ = ["partial_advice"]


def partial_advice(
    error: Error, did: str, done: list[str], left: list[str]
) -> str | None:
    """Return what to do after an error, where not all was one transaction.

    ``did`` is what was done to the targets ``done`` before.
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
