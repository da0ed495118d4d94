"""Mark texts of pages for translation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from zope.i18nmessageid import MessageFactory

__all__ = ["_"]


class _Factory(Protocol):
    def __call__(
        self, text: str, *, mapping: Mapping[str, object] | None = None
    ) -> str:
        """Return a translatable text, in which ``${name}`` stands for a value."""


_: _Factory = MessageFactory("zope.app.fssync")
