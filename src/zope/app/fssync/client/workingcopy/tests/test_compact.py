"""A compact working copy looks, through its tree, as the files of 3.6.0 would."""

from __future__ import annotations

import os
import tempfile
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from zope.app.fssync.client.workingcopy.compact import CompactTree
from zope.app.fssync.client.workingcopy.compactchanges import CompactChanges
from zope.app.fssync.client.workingcopy.staging import Changes
from zope.fssync.files import Tree
from zope.fssync.limits import UNPACKED_SIZE

SPECIAL = "d/@@Zope/Extra/n"
FILES = [
    "d/n",
    "d/@@Zope/Entries.xml",
    "d/@@Zope/Original/n",
    "d/@@Zope/Original/m",
    f"{SPECIAL}/x",
    f"{SPECIAL}/@@Zope/Entries.xml",
    f"{SPECIAL}/@@Zope/Original/x",
]
VERBS = ["write", "write", "write", "large", "remove", "rmtree", "commit"]
operations = st.lists(
    st.tuples(st.sampled_from(VERBS), st.sampled_from(FILES), st.binary(max_size=3)),
    max_size=30,
)


def look(tree: Any, root: str) -> dict[str, Any]:
    seen: dict[str, Any] = {}
    for name in FILES:
        path = os.path.join(root, name)
        kind = tree.kind(path)
        assert kind in ("file", None)
        names = os.path.dirname(path)
        assert (
            tree.isdir(names) and os.path.basename(path) in tree.listdir(names)
        ) == (kind is not None)
        if kind:
            with tree.open(path) as stream:
                seen[name] = stream.read()
            assert tree.size(path) == len(seen[name])
    return seen


def change(tree: Any, root: str, verb: str, name: str, content: bytes) -> None:
    path = os.path.join(root, name)
    if verb == "write":
        tree.write(path, [content[:1], content[1:]])
    elif verb == "large":
        tree.write(path, [content, b"x" * UNPACKED_SIZE])
    elif verb == "remove" and tree.isfile(path):
        tree.remove(path)
    elif verb == "rmtree" and tree.isdir(os.path.join(root, SPECIAL)):
        tree.rmtree(os.path.join(root, SPECIAL))


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(before=operations, after=operations)
def test_compact_looks_as_plain_files_do(before: Any, after: Any) -> None:
    with tempfile.TemporaryDirectory() as base:
        base = os.path.realpath(base)
        plain, root = os.path.join(base, "plain"), os.path.join(base, "root")
        for directory in (plain, root):
            os.makedirs(os.path.join(directory, "@@Zope"))
            os.makedirs(os.path.join(directory, "d"))
        tree = Tree(plain)
        changes = CompactChanges(Changes(root), compact=True)
        for verb, name, content in [*before, ("commit", "", b""), *after]:
            if verb == "commit":
                assert changes.apply() == []
                assert look(CompactTree(Tree()), root) == look(tree, plain)
                changes.restart()
                continue
            change(tree, plain, verb, name, content)
            change(changes, root, verb, name, content)
            assert look(changes, root) == look(tree, plain)
        changes.abandon()
