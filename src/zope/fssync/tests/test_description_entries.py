"""What descriptions say of entries, and what goes without saying."""

from __future__ import annotations

import pytest

from zope.fssync.description import Description
from zope.fssync.description import dump
from zope.fssync.description import load


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        ({"keytype": "builtins.str", "type": "a.B", "factory": "a.B"}, "type = a.B\n"),
        (
            {"keytype": "builtins.str", "type": "a.B"},
            "type = a.B\nfactory = none\n",
        ),
        (
            {"keytype": "builtins.int", "factory": "none", "provides": "a.I b.J"},
            'factory = "none"\nkeytype = builtins.int\nprovides = a.I b.J\n',
        ),
        ({}, "keytype = none\n"),
        (
            {"keytype": "__builtin__.unicode", "type": "a.B", "factory": "a.B"},
            "@python = 2\ntype = a.B\n",
        ),
        (
            {"keytype": "builtins.str", "text": "x", "entry.x": "y", "z": " "},
            'entry.entry.x = y\nentry.text = x\nz = " "\n',
        ),
    ],
)
def test_implied_values_are_not_written(entry: dict[str, str], text: str) -> None:
    description = Description(entry, {})
    assert dump(description).decode() == text
    assert load(text.encode()) == description
