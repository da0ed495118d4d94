"""What is wrong with a value of a field, told as a form tells it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from zope.globalrequest import getRequest
from zope.i18n import translate
from zope.interface import Invalid

from zope.fssync.errors import SynchronizationError
from zope.fssync.messages import _

__all__ = ["naming", "sentence"]


@contextmanager
def naming(key: str) -> Iterator[None]:
    """Refuse what is refused as invalid, and name the field.

    Fields, their constraints and deserializers raise any of these; a form takes them
    for a mistake of the user.
    """
    try:
        yield
    except (Invalid, ValueError) as error:
        raise SynchronizationError(
            _("${key}: ${reason}", mapping={"key": key, "reason": sentence(error)})
        ) from error


def sentence(error: Exception) -> str:
    """Return what is wrong with a value, in the words and the language of the site."""
    if not isinstance(error, Invalid):
        return str(error)
    doc = getattr(error, "doc", None)
    about = error.args[0] if error.args else ""
    if doc is None:
        return _translated(about or type(error).__doc__)
    text = _translated(doc())
    return f"{text} ({_translated(about)})" if about else text


def _translated(text: Any) -> str:
    return str(translate(text, context=getRequest())).strip()
