"""The patterns of an ignore file, in the syntax of git's.

A pattern speaks of paths below the directory of its file.  One without a slash before
its end matches a name at any depth, another a path from that directory on; ``**``
stands for any number of directories, a slash at the end for directories only, and
``!`` takes a file out again.

A match takes time in proportion to the pattern and the path: a file of patterns may
come from a server.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence

from zope.fssync import paths

__all__ = ["Rule", "read_rules"]

#: Matches one component of a path; None stands for any number of them.
_Component = Callable[[str], object] | None

#: Characters of a pattern: a literal, or a piece of a regular expression.
_Token = tuple[str, str]

_STAR, _SLASH = ("*", ""), ("/", "")

_classes = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "blank": " \\t",
    "cntrl": "\\x00-\\x1f\\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": "!-/:-@\\[-`{-~",
    "space": " \\t-\\r",
    "upper": "A-Z",
    "xdigit": "0-9A-Fa-f",
}


class Rule:
    """One line of a file of patterns.

    ``text`` is the line, ``source`` and ``number`` say where it stands.  A
    ``negated`` rule says what is not ignored.
    """

    def __init__(self, text: str, source: str = "", number: int = 0) -> None:
        self.text = text
        self.source = source
        self.number = number
        self.negated = text.startswith("!")
        pattern = text[1:] if self.negated else text
        self.directories = pattern.endswith("/")
        self._pattern = pattern[:-1] if self.directories else pattern
        self._anchored = "/" in self._pattern
        self._components: list[_Component] | None = None

    def matches(self, names: Sequence[str], is_directory: bool) -> bool:
        """Return True if the rule is about a path, given by its components."""
        if self.directories and not is_directory:
            return False
        if self._components is None:
            self._components = _components(paths.nfc(self._pattern))
        if not self._anchored:
            names = names[-1:]
        return _matches(self._components, [paths.nfc(name) for name in names])


def read_rules(text: str, source: str = "", numbered: bool = True) -> list[Rule]:
    """Return the rules of a file of patterns, in its order."""
    rules = []
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        line = _without_blanks(line.removesuffix("\r"))
        if line and not line.startswith("#") and line != "!":
            rules.append(Rule(line, source, number if numbered else 0))
    return rules


def _without_blanks(line: str) -> str:
    """Return a line without blanks at its end, but for those after a backslash."""
    bare = line.rstrip(" ")
    backslashes = len(bare) - len(bare.rstrip("\\"))
    return bare + " " if backslashes % 2 and bare != line else bare


def _matches(components: Sequence[_Component], names: Sequence[str]) -> bool:
    """Match path and pattern; the nearest place for what follows a `**` will do."""
    at = number = 0
    restart: tuple[int, int] | None = None
    while number < len(names):
        component = components[at] if at < len(components) else _nothing
        if component is None:
            at += 1
            restart = at, number
        elif component(names[number]):
            at += 1
            number += 1
        elif restart is not None:
            at, number = restart[0], restart[1] + 1
            restart = at, number
        else:
            return False
    return all(component is None for component in components[at:])


def _components(pattern: str) -> list[_Component]:
    """Return what matches each component of a path; of nonsense nothing does."""
    tokens = list(_tokens(pattern))
    if tokens and tokens[0] == _SLASH:
        del tokens[0]
    anchored = "/" in pattern
    parts: list[list[_Token]] = [[]]
    for token in tokens:
        if token == _SLASH:
            parts.append([])
        else:
            parts[-1].append(token)
    found: list[_Component] = []
    for number, part in enumerate(parts):
        if anchored and len(part) > 1 and set(part) == {_STAR}:
            found.append(None)
            if number == len(parts) - 1:
                # All that is in a directory, but not the directory itself.
                found.append(_anything)
        else:
            found.append(_component(part))
    return found


def _tokens(pattern: str) -> Iterator[_Token]:
    at = 0
    while at < len(pattern):
        char = pattern[at]
        at += 1
        if char == "*":
            yield _STAR
        elif char == "?":
            yield ("re", ".")
        elif char == "[":
            at, expression = _bracket(pattern, at)
            yield ("re", expression)
        elif char == "/":
            yield _SLASH
        elif char == "\\":
            if at == len(pattern):
                yield ("re", "(?!)")
            else:
                yield _SLASH if pattern[at] == "/" else ("literal", pattern[at])
            at += 1
        else:
            yield ("literal", char)


def _bracket(pattern: str, at: int) -> tuple[int, str]:
    """Return the place behind a bracket, and its regular expression."""
    negated = pattern[at : at + 1] in ("!", "^") and bool(pattern[at : at + 1])
    start = at = at + negated
    members: list[str] = []
    before = ""
    while at < len(pattern) and (pattern[at] != "]" or at == start):
        char = pattern[at]
        if char == "[" and pattern[at + 1 : at + 2] == ":":
            end = pattern.find("]", at + 2)
            if end > at + 2 and pattern[end - 1] == ":":
                members.append(_classes.get(pattern[at + 2 : end - 1], ""))
                if not members[-1]:
                    return len(pattern), "(?!)"
                at, before = end + 1, ""
                continue
        is_range = char == "-" and before and pattern[at + 1 : at + 2] not in ("", "]")
        if is_range:
            at += 1
        if pattern[at] == "\\":
            at += 1
        char = pattern[at : at + 1]
        at += 1
        if not is_range:
            members.append(re.escape(char))
            before = char
        elif char:
            if before <= char:
                members.append(f"{re.escape(before)}-{re.escape(char)}")
            before = ""
    if at >= len(pattern):
        return len(pattern), "(?!)"
    inside = "".join(members)
    if not inside:
        return at + 1, "." if negated else "(?!)"
    return at + 1, f"[{'^' if negated else ''}{inside}]"


def _component(tokens: Sequence[_Token]) -> Callable[[str], object]:
    """Return what matches a name.

    Nearly all patterns have one `*` at most: no expression is compiled for them.
    """
    kinds = [kind for kind, _ in tokens]
    if "re" in kinds or kinds.count("*") > 1:
        return _compiled(tokens)
    text = "".join(literal for _, literal in tokens)
    if "*" not in kinds:
        return text.__eq__
    place = kinds.index("*")
    start, end = text[:place], text[place:]
    return lambda name: (
        len(name) >= len(text) and name.startswith(start) and name.endswith(end)
    )


def _compiled(tokens: Sequence[_Token]) -> Callable[[str], object]:
    """Return the expression of a name; it never goes back behind a `*`."""
    pieces = [""]
    for kind, text in tokens:
        if kind == "*":
            pieces.append("")
        else:
            pieces[-1] += re.escape(text) if kind == "literal" else text
    first, *middle = pieces
    if not middle:
        return re.compile(first, re.DOTALL).fullmatch
    last = middle.pop()
    between = "".join(f"(?>.*?{piece})" for piece in middle if piece)
    return re.compile(f"{first}{between}.*{last}", re.DOTALL).fullmatch


def _anything(name: str) -> bool:
    return True


def _nothing(name: str) -> bool:
    return False
