"""Sentences in English that a page can translate.

A `Message` is a text like any other.  It also has the form that it was made from, which
catalogs have, and the values in it::

    >>> text = _("'${path}' is encrypted", mapping={"path": "a.txt"})
    >>> text
    "'a.txt' is encrypted"
    >>> text.form, text.mapping
    ("'${path}' is encrypted", {'path': 'a.txt'})

A value may be another message, or an error.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Message", "_", "reason_of"]


class Message(str):
    """A text that was made from ``form``, with a value for each ``${name}`` in it."""

    __slots__ = ("form", "mapping")

    form: str
    mapping: Mapping[str, object]

    def __new__(
        cls, form: str, *, mapping: Mapping[str, object] | None = None
    ) -> Message:
        """Return the text with all values in it."""
        values = {
            name: reason_of(value) if isinstance(value, BaseException) else value
            for name, value in (mapping or {}).items()
        }
        first, *parts = form.split("${")
        named = (part.partition("}") for part in parts)
        text = first + "".join(f"{values[name]}{rest}" for name, _, rest in named)
        message = super().__new__(cls, text)
        message.form = form
        message.mapping = values
        return message

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        """Copies and pickles are plain texts."""
        return str, (str(self),)


_ = Message


def reason_of(error: BaseException) -> str:
    """Return what an error says, as a message if it was raised with one."""
    said = getattr(error, "message", None) or (error.args[0] if error.args else "")
    return said if isinstance(said, Message) else str(error)
