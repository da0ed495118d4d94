"""Trees of the BTrees package, as pickles have them."""

from __future__ import annotations

from typing import Any

__all__ = ["btree_state", "flat_btree"]


def flat_btree(kind: type) -> bool:
    """Return whether objects of this class are trees, which are written flat."""
    return kind.__module__.startswith("BTrees.") and kind.__name__.endswith(
        ("BTree", "TreeSet")
    )


def btree_state(obj: Any) -> Any:
    """Return the state of a tree with all its items in one bucket."""
    if not obj:
        return None
    if type(obj).__name__.endswith("TreeSet"):
        return (((tuple(obj),),),)
    return (((tuple(part for item in obj.items() for part in item),),),)
