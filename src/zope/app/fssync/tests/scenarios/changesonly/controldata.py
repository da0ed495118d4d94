"""What lies in the control directories of a working copy, byte for byte."""

from __future__ import annotations

from pathlib import Path

from zope.fssync import paths

__all__ = ["everything"]

#: Written as needed, or a note of when somebody was here last.
DERIVED = {"Index", "State", "Lock", "Absent"}


def everything(root: Path) -> dict[str, bytes]:
    """All files of a working copy by their paths, but for what is derived."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file()
        if path.parent.name not in (paths.CONTROL, paths.DATA)
        or path.name not in DERIVED
        if "Operations" not in path.parts
    }
