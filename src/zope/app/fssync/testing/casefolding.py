"""A file system that takes names for equal that differ in case or normal form.

It keeps names as they are first written, as those of macOS and Windows do.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

__all__ = ["make_insensitive"]

_calls = ("lstat", "stat", "open", "mkdir", "unlink", "rmdir", "scandir", "listdir")
_moves = ("rename", "replace")


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def make_insensitive(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make all below ``home`` such a file system, for calls of this process."""
    names = os.listdir
    root = f"{home}{os.sep}"

    def known(path: Any, directory: int | None = None) -> Any:
        """The path with the names that are there."""
        if not isinstance(path, str):
            return path
        if directory is not None:
            return _known_name(path, directory)
        absolute = os.path.join(os.getcwd(), path)
        if not absolute.startswith(root):
            return path
        found = str(home)
        for part in absolute.removeprefix(root).split(os.sep):
            plain = part in ("", os.curdir, os.pardir)
            found = os.path.join(found, part if plain else _known_name(part, found))
        return found

    def _known_name(name: str, directory: Any) -> str:
        try:
            there = names(directory)
        except OSError:
            return name
        if name in there:
            return name
        equal = (each for each in there if _folded(each) == _folded(name))
        return next(equal, name)

    def mapped(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(path: Any = os.curdir, *args: Any, **options: Any) -> Any:
            path = known(path, options.get("dir_fd"))
            return function(path, *args, **options)

        return call

    def moved(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(source: Any, target: Any, **options: Any) -> Any:
            source = known(source, options.get("src_dir_fd"))
            there = known(target, options.get("dst_dir_fd"))
            function(source, there, **options)
            if there != target and os.path.basename(there) != os.path.basename(target):
                # The name becomes the one that was asked for.
                if options.get("dst_dir_fd") is not None:
                    same = {"src_dir_fd": options["dst_dir_fd"], **options}
                    function(there, target, **same)
                else:
                    new = os.path.basename(target)
                    function(there, os.path.join(os.path.dirname(there), new))

        return call

    for name in _calls:
        monkeypatch.setattr(os, name, mapped(getattr(os, name)))
    for name in _moves:
        monkeypatch.setattr(os, name, moved(getattr(os, name)))
