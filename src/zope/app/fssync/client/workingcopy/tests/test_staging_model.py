"""Waiting changes look as the same changes look when they are made at once."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from zope.app.fssync.client.workingcopy.staging import Changes
from zope.fssync.files import Tree

NAMES = ["a", "b", "c"]
PATHS = ["/".join(p) for p in ([n] for n in NAMES)] + [
    f"{n}/{m}" for n in NAMES for m in NAMES
]
PATHS += [f"{p}/a" for p in PATHS if "/" in p]

operations = st.lists(
    st.tuples(
        st.sampled_from(["write", "mkdir", "remove", "rmdir", "rmtree"]),
        st.sampled_from(PATHS),
        st.binary(max_size=3),
    ),
    max_size=25,
)


def look(tree: Any, root: str) -> dict[str, Any]:
    """What is seen through a file tree, found by listing and by asking."""
    seen: dict[str, Any] = {}

    def walk(directory: str) -> None:
        for name in tree.listdir(directory):
            path = os.path.join(directory, name)
            shown = os.path.relpath(path, root)
            if shown == "@@Zope":
                continue
            if tree.isdir(path):
                seen[shown] = None
                walk(path)
            else:
                with tree.open(path) as stream:
                    seen[shown] = stream.read()
                assert tree.size(path) == len(seen[shown])

    walk(root)
    for path in PATHS:
        kind = tree.kind(os.path.join(root, path))
        assert (kind is None) == (path not in seen), path
    return seen


def change(tree: Any, root: str, verb: str, path: str, content: bytes) -> None:
    """Change a tree as the merger does, which looks before it acts."""
    path = os.path.join(root, path)
    kind = tree.kind(path)
    parent = tree.kind(os.path.dirname(path))
    if verb == "write" and kind != "dir" and parent == "dir":
        tree.write(path, [content])
    elif (verb == "mkdir" and kind is None and parent == "dir") or (
        verb in ("rmdir", "rmtree") and kind == "dir"
    ):
        getattr(tree, verb)(path)
    elif verb == "remove" and kind == "file":
        tree.remove(path)


@settings(max_examples=150, deadline=None)
@given(before=operations, after=operations)
def test_both_look_the_same_at_every_moment(before: Any, after: Any) -> None:
    base = tempfile.mkdtemp()
    try:
        plain, waiting = os.path.join(base, "plain"), os.path.join(base, "waiting")
        os.makedirs(os.path.join(plain, "@@Zope"))
        tree = Tree(plain)
        for operation in before:
            change(tree, plain, *operation)
        shutil.copytree(plain, waiting)
        changes = Changes(waiting)
        untouched = look(Tree(waiting), waiting)
        for operation in after:
            change(tree, plain, *operation)
            change(changes, waiting, *operation)
            assert look(changes, waiting) == look(tree, plain)
        assert look(Tree(waiting), waiting) == untouched
        assert changes.apply() == []
        assert look(Tree(waiting), waiting) == look(tree, plain)
        assert os.listdir(Path(waiting) / "@@Zope") == []
    finally:
        shutil.rmtree(base)
