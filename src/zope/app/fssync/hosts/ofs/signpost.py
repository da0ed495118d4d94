"""Keeps scripts and page templates from running in place of a view.

They take the rest of a path as arguments, unless a view of the name that follows is
registered for them; they look for ``@@name`` as it stands.
"""

from __future__ import annotations

from typing import Any

__all__ = ["Signpost"]


class Signpost:
    """Stands for a view of this name; it cannot be published."""

    def __init__(self, context: Any, request: Any) -> None:
        """Take what views take."""
