"""What the answers of every host say in the same words."""

from __future__ import annotations

__all__ = ["GENERATION"]

#: Tells clients that this is no server of 3.6.0, which they have to mistrust.
GENERATION = ("X-FSSync-Server", "4")
