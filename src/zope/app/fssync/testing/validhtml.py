"""HTML as it has to be: read strictly, and compared with what a browser makes of it.

Browsers mend what is wrong, so that they never tell.  What is written in full, with all
tags, is right where the strict reading gives the tree that a browser builds.
"""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

__all__ = ["BUILD", "Element", "InvalidHTML", "parsed", "part"]

#: An element: its name, and the elements in it.
Element = list[Any]

#: Has a browser build the tree of a text, the argument, from the elements that a
#: selector, the second one, finds first.
BUILD = """
const built = new DOMParser().parseFromString(arguments[0], "text/html");
const tree = element => [
  element.localName, ...Array.from(element.children, tree)
];
return tree(built.querySelector(arguments[1]));
"""


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_VOID = _names("area base br col embed hr img input link meta source wbr")

#: The elements of HTML that pages may use; those that are obsolete are not here.
_INLINE = _names(
    """
    a abbr b bdi bdo br button cite code data del dfn em i img input ins kbd label
    mark meter output progress q s samp script select small span strong sub sup
    textarea time u var wbr option optgroup link
    """
)
_BLOCK = _names(
    """
    html head title meta body header footer main nav section article aside h1 h2 h3 h4
    h5 h6 p div ul ol li dl dt dd table caption colgroup col thead tbody tfoot tr th td
    form fieldset legend details summary figure figcaption blockquote pre hr style base
    """
)

#: What only has text and inline elements in it.
_TEXT_ONLY = _names(
    "p h1 h2 h3 h4 h5 h6 span label code pre button legend summary em strong a"
)

#: What refers to ids.
_REFERENCES = ("for", "aria-labelledby", "aria-describedby", "aria-controls")


class InvalidHTML(Exception):
    """What is wrong, and in which line."""


class _Strict(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.top: Element = [""]
        self._open = [self.top]
        self._ids: set[str] = set()
        self._wanted: set[str] = set()

    def fail(self, text: str) -> None:
        raise InvalidHTML(f"line {self.getpos()[0]}: {text}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        above = self._open[-1][0]
        if tag not in _INLINE | _BLOCK:
            self.fail(f"<{tag}> is no element for pages")
        if above in _TEXT_ONLY and tag not in _INLINE:
            self.fail(f"<{tag}> in <{above}>")
        self._check(tag, attrs)
        element: Element = [tag]
        self._open[-1].append(element)
        if tag not in _VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _VOID:
            self.fail(f"<{tag}/> has to be closed by a tag of its own")
        self.handle_starttag(tag, attrs)

    def _check(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        if len(set(names)) < len(names):
            self.fail(f"<{tag}> has an attribute twice")
        for name, value in attrs:
            if name.startswith("on") or name == "style":
                self.fail(f"<{tag}> has {name}, which the policy forbids")
            if name == "id":
                if not value or " " in value or value in self._ids:
                    self.fail(f"the id '{value}' is there twice, or is none")
                self._ids.add(value or "")
            if name in _REFERENCES:
                self._wanted.update((value or "").split())
        if tag == "img" and "alt" not in names:
            self.fail("<img> without a text")

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID or self._open[-1][0] != tag:
            self.fail(f"</{tag}> where <{self._open[-1][0]}> is open")
        self._open.pop()

    def close(self) -> None:
        super().close()
        if len(self._open) > 1:
            self.fail(f"<{self._open[-1][0]}> is not closed")
        if not self._wanted <= self._ids:
            self.fail(f"nothing has the ids {sorted(self._wanted - self._ids)}")


def parsed(text: str) -> Element:
    """Return the tree of a document or a part of one; raises `InvalidHTML`."""
    strict = _Strict()
    strict.feed(text)
    strict.close()
    first: Element = strict.top[1]
    return first


def part(text: str, begin: str = '<div class="zsync"') -> str:
    """Return what belongs to an element of a document, which others have made."""
    start = text.index(begin)
    depth, place = 0, start
    while True:
        opening, closing = text.find("<div", place), text.find("</div>", place)
        if -1 < opening < closing:
            depth, place = depth + 1, opening + 4
            continue
        depth, place = depth - 1, closing + 6
        if not depth:
            return text[start:place]
