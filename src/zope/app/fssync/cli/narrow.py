"""Reformat help for a narrow terminal: wrap sentences, stack columns.

Command lines are not wrapped, so that they can be copied.
"""

from __future__ import annotations

__all__ = ["filled", "fitted"]

#: The indentation of a description below its name.
_MARGIN = " " * 6

#: The additional indentation that marks a line as the description of a name.
_DEEPER = 8


def fitted(text: str, width: int) -> str:
    """Return the help for a terminal of ``width`` columns."""
    filler = _Filler(width)
    for line in text.split("\n"):
        filler.take(line)
    filler.end()
    return "\n".join(filler.lines)


def filled(text: str, width: int) -> str:
    """Return the text of a topic for a terminal of ``width`` columns.

    Indented lines are joined to paragraphs; other lines stay separate.
    """
    from itertools import groupby
    from textwrap import fill

    lines: list[str] = []
    for margin, group in groupby(text.split("\n"), _margin_of):
        for line in [" ".join(map(str.strip, group))] if margin else group:
            lines.append(
                fill(
                    line.strip(),
                    width,
                    initial_indent=margin,
                    subsequent_indent=margin,
                    break_long_words=False,
                )
            )
    return "\n".join(lines)


def _margin_of(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


class _Filler:
    """Collects the words of a paragraph from lines, and wraps them at its end."""

    def __init__(self, width: int) -> None:
        self.lines: list[str] = []
        self._width = width
        self._words: list[str] = []
        self._margin = ""
        #: The indentation of the last name, None if there is none above.
        self._indent: int | None = None
        #: The column of the last description beside its name.
        self._column = 0

    def take(self, line: str) -> None:
        text = line.lstrip()
        indent = len(line) - len(text)
        if not text:
            self.end()
            self._indent, self._column = None, 0
            self.lines.append("")
        elif not indent:
            if self._indent is not None:
                self.end()
            self._indent = None
            self._words += text.split()
        elif self._indent is not None and (
            indent == self._column or indent >= self._indent + _DEEPER
        ):
            self._begin(_MARGIN)
            self._words += text.split()
        else:
            self._take_name(text, indent)

    def _take_name(self, text: str, indent: int) -> None:
        """Take an indented line: a name, possibly with its description."""
        self.end()
        self._indent = indent
        start = " " * indent
        if text.startswith("# "):
            self._begin(start + "# ")
            self._words += text[2:].split()
            self.end()
            return
        name, _, meaning = text.partition("  ")
        self.lines.append(start + name)
        if meaning:
            self._column = indent + len(text) - len(meaning.lstrip())
            self._begin(_MARGIN)
            self._words += meaning.split()

    def _begin(self, margin: str) -> None:
        if not self._words:
            self._margin = margin

    def end(self) -> None:
        """Wrap the paragraph."""
        line = ""
        for word in self._words:
            if line and len(line) + 1 + len(word) > self._width:
                self.lines.append(line)
                line = ""
            line = f"{line} {word}" if line else self._margin + word
        if line:
            self.lines.append(line)
        self._words.clear()
        self._margin = ""
