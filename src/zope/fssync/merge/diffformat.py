"""Shows how two texts differ, in the forms of GNU diff.

Lines are bytes throughout; what is shown is what is in the files, but for texts
in UTF-16 and UTF-32, which are shown in UTF-8.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from typing import Literal
from typing import NamedTuple

from zope.fssync.encoding import read_text
from zope.fssync.errors import UsageError
from zope.fssync.merge.linediff import Change
from zope.fssync.merge.linediff import changes
from zope.fssync.merge.linediff import split_lines

__all__ = ["DiffOptions", "differences"]

NO_NEWLINE = b"\n\\ No newline at end of file\n"

_FLAGS = {
    "-b": "ignore_space_change",
    "-w": "ignore_all_space",
    "-B": "ignore_blank_lines",
    "-i": "ignore_case",
    "-a": "text",
    "--brief": "brief",
    "-q": "brief",
    "--ignore-space-change": "ignore_space_change",
    "--ignore-all-space": "ignore_all_space",
    "--ignore-blank-lines": "ignore_blank_lines",
    "--ignore-case": "ignore_case",
    "--text": "text",
}

_STYLES: dict[str, Literal["unified", "context"]] = {
    "-u": "unified",
    "-U": "unified",
    "--unified": "unified",
    "-c": "context",
    "-C": "context",
    "--context": "context",
}


class DiffOptions(NamedTuple):
    """What to show, and how."""

    style: Literal["normal", "unified", "context"] = "normal"
    context: int = 3
    ignore_space_change: bool = False
    ignore_all_space: bool = False
    ignore_blank_lines: bool = False
    ignore_case: bool = False
    brief: bool = False
    text: bool = False

    @classmethod
    def parse(cls, text: str) -> DiffOptions:
        """Read options as they are given to ``diff``, such as ``-b -U 5``."""
        options, lines = cls(), []
        words = text.split()
        while words:
            name, equals, value = words.pop(0).partition("=")
            if name in _FLAGS and not equals:
                options = _with_flag(options, _FLAGS[name])
                continue
            if name not in _STYLES:
                raise UsageError(f"diff knows no option {name}")
            if options.style not in ("normal", _STYLES[name]):
                raise UsageError("diff shows either -c or -u, not both")
            if name in ("-U", "-C") and words:
                equals, value = "=", words.pop(0)
            options = options._replace(style=_STYLES[name])
            lines.append(_number(name, value) if equals else 3)
        return options._replace(context=max(lines, default=3))


def _with_flag(options: DiffOptions, field: str) -> DiffOptions:
    arguments: dict[str, bool] = {field: True}
    return options._replace(**arguments)  # type: ignore[arg-type]


def _number(name: str, value: str) -> int:
    if not (value.isascii() and value.isdigit()):
        raise UsageError(f"diff {name} takes a number of lines")
    return int(value[:9])


def differences(
    old: bytes,
    new: bytes,
    old_label: str,
    new_label: str,
    options: DiffOptions | None = None,
) -> Iterator[bytes]:
    """Yield the output of ``diff`` in pieces, nothing where there is no difference.

    A label is the name of a file; a tab and a time stamp may follow it.
    """
    options = options or DiffOptions()
    if old == new:
        return
    names = [label.partition("\t")[0] for label in (old_label, new_label)]
    before, after = _shown(old, options), _shown(new, options)
    if before is None or after is None or before == after:
        binary = before is None or after is None
        kind = "Binary files" if binary else "Encodings of"
        kind = "Files" if options.brief else kind
        yield _encoded(f"{kind} {names[0]} and {names[1]} differ\n")
        return
    comparison = _Comparison(split_lines(before), split_lines(after), options)
    hunks = comparison.hunks()
    if options.brief:
        for _ in hunks:
            yield _encoded(f"Files {names[0]} and {names[1]} differ\n")
            return
    writer = {
        "normal": comparison.normal,
        "unified": comparison.unified,
        "context": comparison.context,
    }[options.style]
    header = {"unified": ("---", "+++"), "context": ("***", "---")}.get(options.style)
    for hunk in hunks:
        if header:
            yield _encoded(f"{header[0]} {old_label}\n{header[1]} {new_label}\n")
            header = None
        yield from writer(hunk)


def _shown(data: bytes, options: DiffOptions) -> bytes | None:
    """Return the text that is compared and shown, None for what is binary."""
    text = read_text(data)
    if text is not None and text.encoding != "utf-8":
        return data.decode(text.encoding).encode()
    return data if text is not None or options.text else None


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


class _Comparison:
    """Two texts and the changes between them."""

    def __init__(
        self, old: list[bytes], new: list[bytes], options: DiffOptions
    ) -> None:
        self.old = old
        self.new = new
        self.options = options
        self.around = 0 if options.style == "normal" else options.context

    def hunks(self) -> Iterator[list[Change]]:
        """Yield the changes that are shown together."""
        key = _key(self.options)
        hunk: list[Change] = []
        found = changes([*map(key, self.old)], [*map(key, self.new)], self.around)
        for change in found:
            if hunk and not self._belongs_to(hunk[-1], change):
                if not all(map(self._is_ignored, hunk)):
                    yield hunk
                hunk = []
            hunk.append(change)
        if hunk and not all(map(self._is_ignored, hunk)):
            yield hunk

    def _belongs_to(self, before: Change, change: Change) -> bool:
        """Return True if two changes are so near that they are one hunk."""
        if self.options.style == "normal":
            return False
        ignored = self._is_ignored(before) or self._is_ignored(change)
        enough = self.around if ignored else 2 * self.around + 1
        return change[0] - before[1] < enough

    def _is_ignored(self, change: Change) -> bool:
        if not self.options.ignore_blank_lines:
            return False
        start, end, new_start, new_end = change
        lines = self.old[start:end] + self.new[new_start:new_end]
        if self.options.ignore_space_change:
            return not any(line.strip() for line in lines)
        return all(line == b"\n" for line in lines)

    def normal(self, hunk: list[Change]) -> Iterator[bytes]:
        """Write one change as ``diff`` does without options."""
        ((start, end, new_start, new_end),) = hunk
        letter = "d" if new_start == new_end else "a" if start == end else "c"
        yield _encoded(f"{_comma(start, end)}{letter}{_comma(new_start, new_end)}\n")
        yield from _prefixed(b"< ", self.old[start:end])
        if letter == "c":
            yield b"---\n"
        yield from _prefixed(b"> ", self.new[new_start:new_end])

    def unified(self, hunk: list[Change]) -> Iterator[bytes]:
        """Write a hunk as ``diff -u`` does."""
        start, end, new_start, new_end = self._with_context(hunk)
        yield _encoded(
            f"@@ -{_counted(start, end)} +{_counted(new_start, new_end)} @@\n"
        )
        done = start
        for first, last, new_first, new_last in hunk:
            yield from _prefixed(b" ", self.old[done:first])
            yield from _prefixed(b"-", self.old[first:last])
            yield from _prefixed(b"+", self.new[new_first:new_last])
            done = last
        yield from _prefixed(b" ", self.old[done:end])

    def context(self, hunk: list[Change]) -> Iterator[bytes]:
        """Write a hunk as ``diff -c`` does."""
        start, end, new_start, new_end = self._with_context(hunk)
        yield _encoded(f"***************\n*** {_comma(start, end)} ****\n")
        if any(first < last for first, last, _, _ in hunk):
            spans = [(a, b, b"- " if c == d else b"! ") for a, b, c, d in hunk]
            yield from _half(self.old, start, end, spans)
        yield _encoded(f"--- {_comma(new_start, new_end)} ----\n")
        if any(first < last for _, _, first, last in hunk):
            spans = [(c, d, b"+ " if a == b else b"! ") for a, b, c, d in hunk]
            yield from _half(self.new, new_start, new_end, spans)

    def _with_context(self, hunk: list[Change]) -> Change:
        start, _, new_start, _ = hunk[0]
        _, end, _, new_end = hunk[-1]
        return (
            max(0, start - self.around),
            min(len(self.old), end + self.around),
            max(0, new_start - self.around),
            min(len(self.new), new_end + self.around),
        )


def _half(
    lines: list[bytes], start: int, end: int, spans: list[tuple[int, int, bytes]]
) -> Iterator[bytes]:
    """Write one side of a hunk in the context form."""
    for first, last, prefix in spans:
        yield from _prefixed(b"  ", lines[start:first])
        yield from _prefixed(prefix, lines[first:last])
        start = last
    yield from _prefixed(b"  ", lines[start:end])


def _prefixed(prefix: bytes, lines: list[bytes]) -> Iterator[bytes]:
    for line in lines:
        yield prefix + (line if line.endswith(b"\n") else line + NO_NEWLINE)


def _comma(start: int, end: int) -> str:
    """Return first and last line; of no lines, the one before them."""
    return f"{start + 1},{end}" if end - start > 1 else str(end)


def _counted(start: int, end: int) -> str:
    """Return first line and number of lines."""
    count = end - start
    if count == 1:
        return str(end)
    return f"{start + 1 if count else start},{count}"


def _key(options: DiffOptions) -> Callable[[bytes], bytes]:
    """Return what makes lines equal that are to be taken for equal."""
    if options.ignore_all_space:
        stripped = _without_blanks
    elif options.ignore_space_change:
        stripped = _squeezed
    elif options.ignore_case:
        return bytes.lower
    else:
        return lambda line: line
    return (lambda line: stripped(line).lower()) if options.ignore_case else stripped


def _without_blanks(line: bytes) -> bytes:
    return b"".join(line.split())


def _squeezed(line: bytes) -> bytes:
    """Return a line with single blanks, and none at its end."""
    start = b" " if line[:1].isspace() else b""
    return (start + b" ".join(line.split())).rstrip()
