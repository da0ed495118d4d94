"""What is in a working copy, apart from what is derived or kept for an undo."""

from __future__ import annotations

from pathlib import Path

__all__ = ["tree"]

_DERIVED = ("@@Zope/Operations", "@@Zope/Lock", "@@Zope/Seen", "@@Zope/Index")


def tree(root: Path) -> dict[str, bytes | None]:
    """Return the files by path, and the directories with None."""
    found = {
        str(path.relative_to(root)): path.read_bytes() if path.is_file() else None
        for path in root.rglob("*")
    }
    return {path: data for path, data in found.items() if not path.startswith(_DERIVED)}
