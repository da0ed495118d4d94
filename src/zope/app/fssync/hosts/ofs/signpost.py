"""Prevent scripts and page templates from running in place of a view.

They take the rest of a path as arguments, unless a view with the next name is
registered for them; they look it up with the ``@@`` of the name.
"""

from __future__ import annotations

from typing import Any

__all__ = ["Signpost"]


class Signpost:
    """Placeholder for a view; it cannot be published."""

    def __init__(self, context: Any, request: Any) -> None:
        """Take the arguments of a view."""
