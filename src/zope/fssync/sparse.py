"""Which objects of a tree a working copy leaves out.

A directory has a depth, which tells what comes of its items:

========== =================================================================
infinity   all of them, whatever the patterns say: this is for what was left
           out and is wanted after all
immediates all of them, but nothing of what is in directories
files      all but directories
empty      none
exclude    the object itself does not come
========== =================================================================

Without a depth of its own a directory has that which follows from the one above, and
patterns count, in the syntax of `zope.fssync.ignorepatterns`.  Paths are tuples of
keys, and begin below the top of the tree.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence

from zope.fssync import paths
from zope.fssync.ignorepatterns import Rule
from zope.fssync.limits import SPARSE_LENGTH
from zope.fssync.limits import SPARSE_RULES

__all__ = [
    "DEPTHS",
    "EMPTY",
    "EXCLUDE",
    "FILES",
    "IMMEDIATES",
    "INFINITY",
    "Keys",
    "Sparse",
]

#: The way from the top of a tree to an object.
Keys = tuple[str, ...]

EMPTY, FILES, IMMEDIATES, INFINITY = "empty", "files", "immediates", "infinity"
EXCLUDE = "exclude"

#: How much of a directory there may be.
DEPTHS = (EMPTY, FILES, IMMEDIATES, INFINITY)

_PATTERN, _PLACE = "not", "at"


class Sparse:
    """The rules for one tree: depths by path, and patterns in their order.

    ``place`` is what the rules are asked about: paths are below it.
    """

    def __init__(self, place: Keys = ()) -> None:
        self.place = _normal(place)
        self.depths: dict[Keys, str] = {}
        self.patterns: list[str] = []
        self._rules: list[Rule] = []

    def __bool__(self) -> bool:
        return bool(self.depths or self.patterns)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sparse) and other.lines() == self.lines()

    __hash__ = None  # type: ignore[assignment]

    # What is left out

    def leaves_out(self, keys: Sequence[str], is_directory: bool) -> bool:
        """Return True if the object at ``keys``, below ``place``, does not come."""
        path = self.place + _normal(keys)
        own = self.depths.get(path)
        if own is not None:
            return own == EXCLUDE
        depth = self._depth(path[:-1])
        if depth == EMPTY or (depth == FILES and is_directory):
            return True
        if not self._rules or any(
            self.depths.get(path[:number]) == INFINITY for number in range(len(path))
        ):
            return False
        for rule in reversed(self._rules):
            if rule.matches(path, is_directory):
                return not rule.negated
        return False

    def depth(self, keys: Sequence[str] = ()) -> str:
        """Return the depth of a directory that is there."""
        return self._depth(self.place + _normal(keys))

    def _depth(self, path: Keys) -> str:
        own = self.depths.get(path)
        if own is not None:
            return own
        return EMPTY if path and self.depths.get(path[:-1]) == IMMEDIATES else INFINITY

    def may_lack(self, keys: Sequence[str] = ()) -> bool:
        """Return True if something at or below a path may be left out."""
        path = self.place + _normal(keys)
        if any(
            depth != INFINITY
            for each, depth in self.depths.items()
            if each[: len(path)] == path
        ):
            return True
        if self._depth(path) != INFINITY:
            return True
        return bool(self.patterns) and not any(
            self.depths.get(path[:number]) == INFINITY
            for number in range(len(path) + 1)
        )

    def excluded(self, keys: Sequence[str] = ()) -> list[Keys]:
        """Return the paths, at and below one, that do not come by their own rule."""
        path = self.place + _normal(keys)
        return sorted(
            each
            for each, depth in self.depths.items()
            if depth == EXCLUDE and each[: len(path)] == path
        )

    # Changing the rules

    def set(self, keys: Sequence[str], depth: str) -> None:
        """Let an object have a depth, and what is in it none of its own."""
        path = self.place + _normal(keys)
        self.depths = {
            each: known
            for each, known in self.depths.items()
            if each[: len(path)] != path
        }
        if depth == INFINITY and not path:
            self._rules, self.patterns = [], []
        elif depth != INFINITY or self.may_lack(keys) or self._is_chosen(path[:-1]):
            self.depths[path] = depth

    def _is_chosen(self, path: Keys) -> bool:
        """Return True if what is in a directory comes only where a rule says so."""
        return self._depth(path) != INFINITY

    def add_patterns(self, patterns: Iterable[str]) -> None:
        """Leave out what the patterns match, too."""
        for pattern in patterns:
            self.patterns.append(pattern)
            self._rules.append(Rule(pattern))

    # Reading and writing

    def lines(self) -> list[str]:
        """Return the rules as words: a depth and a path, or a pattern."""
        found = [
            f"{depth}:{_quoted(path)}" for path, depth in sorted(self.depths.items())
        ]
        return [*found, *(f"{_PATTERN}:{_quoted([each])}" for each in self.patterns)]

    def header(self) -> str | None:
        """Return the rules as a header tells them, None if they do not fit."""
        words = self.lines()
        if self.place:
            words.append(f"{_PLACE}:{_quoted(self.place)}")
        text = " ".join(words)
        fits = len(text) <= SPARSE_LENGTH and len(words) <= SPARSE_RULES
        return text if text and fits else None

    @classmethod
    def of_words(cls, words: Iterable[str], place: Keys = ()) -> Sparse:
        """Return what `lines` or `header` wrote; raises `ValueError` for other text."""
        sparse = cls(place)
        for number, word in enumerate(words):
            if number >= SPARSE_RULES:
                raise ValueError(f"more than {SPARSE_RULES} rules")
            kind, colon, text = word.partition(":")
            keys = _unquoted(text)
            if kind == _PATTERN and len(keys) == 1:
                sparse.add_patterns(keys)
            elif kind == _PLACE and keys:
                sparse.place = _normal(keys)
            elif colon and (kind in DEPTHS or kind == EXCLUDE):
                sparse.depths[_normal(keys)] = kind
            else:
                raise ValueError(f"no rule: {word!a}")
        return sparse

    @classmethod
    def of_depth(cls, depth: str | None, patterns: Iterable[str] = ()) -> Sparse | None:
        """Return the rules of a tree with a depth and patterns, None for no rules."""
        patterns = list(patterns)
        if not depth and not patterns:
            return None
        found = cls()
        found.set((), depth or INFINITY)
        found.add_patterns(patterns)
        return found

    @classmethod
    def of_header(cls, text: str | None) -> Sparse | None:
        """Return the rules of a header, None if there are none that can be followed."""
        if not text or len(text) > SPARSE_LENGTH:
            return None
        try:
            return cls.of_words(text.split(" "))
        except ValueError:
            return None


def _normal(keys: Sequence[str]) -> Keys:
    return tuple(map(paths.nfc, keys))


def _quoted(keys: Sequence[str]) -> str:
    # Imported here: few working copies are partial.
    from urllib.parse import quote

    return "/".join(quote(key, safe="", errors="surrogatepass") for key in keys)


def _unquoted(text: str) -> Keys:
    from urllib.parse import unquote_to_bytes

    def parts() -> Iterator[str]:
        for part in text.split("/"):
            key = unquote_to_bytes(part).decode("utf-8", "surrogatepass")
            if not key:
                raise ValueError("an empty key")
            yield key

    return tuple(parts()) if text else ()
