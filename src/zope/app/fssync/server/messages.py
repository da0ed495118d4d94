"""Have messages translated by zope.i18n."""

from __future__ import annotations

from typing import Any

from zope.i18n import translate
from zope.i18nmessageid import MessageFactory

from zope.fssync.messages import Message

__all__ = ["DOMAIN", "translated"]

DOMAIN = "zope.app.fssync"

_translatable = MessageFactory(DOMAIN)


def translated(text: str, request: Any) -> str:
    """Return a text in the language of a request; one without a form stays as it is."""
    if not isinstance(text, Message):
        return text
    values = {
        name: translated(value, request) if isinstance(value, str) else value
        for name, value in text.mapping.items()
    }
    message = _translatable(text.form, mapping=values)
    return str(translate(message, context=request, default=str(text)))
