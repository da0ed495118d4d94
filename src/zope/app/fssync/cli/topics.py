"""Topics of the help: pages of the manual for the terminal.

Their source is in ``topics``; the manual includes it.
"""

from __future__ import annotations

import os
import re
import textwrap

__all__ = ["TOPICS", "text"]

#: The topics with their subjects.
TOPICS = {
    "glossary": "what the words mean",
    "letters": "what the letters before paths mean",
}

_markup = (
    # A link to a page has its name in the manual only.
    (re.compile(r"\s*See\s+:doc:`[^`]*`\."), ""),
    (re.compile(r"^\.\. [a-z]+::\n\n", re.M), ""),
    (re.compile(r"^[= ]+\n", re.M), ""),
    (re.compile(r"``([^`]*)``"), r"'\1'"),
)


def text(topic: str) -> str:
    """Return the text of a topic for a terminal."""
    # Imported late: most commands only need the names of topics.
    from zope.fssync.files import open_regular

    path = os.path.join(os.path.dirname(__file__), "topics", f"{topic}.rst")
    with open_regular(path) as stream:
        found: str = stream.read().decode("utf-8")
    for pattern, replacement in _markup:
        found = pattern.sub(replacement, found)
    return textwrap.dedent(found)
