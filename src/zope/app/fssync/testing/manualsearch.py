"""The search of the built manual, as its page does it."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

from sphinx.search.en import SearchEnglish

__all__ = ["found"]

#: What the page of the search gives for a word in a title, and in a text.
TITLE, TEXT = 15, 5


def found(built: Path, question: str) -> list[str]:
    """Return the pages that have all words of a question, the best first."""
    text = (built / "searchindex.js").read_text("utf-8")
    index = json.loads(text.removeprefix("Search.setIndex(").removesuffix(")"))
    language = SearchEnglish({})
    scores: Counter[int] = Counter()
    hits: Counter[int] = Counter()
    words = {
        language.stem(word)
        for word in re.findall(r"\w+", question.lower())
        if language.word_filter(word) and not word.isdigit()
    }
    for word in words:
        titled, mentioned = (
            _pages(index["titleterms"], word),
            _pages(index["terms"], word),
        )
        for page in titled | mentioned:
            scores[page] += TITLE if page in titled else TEXT
            hits[page] += 1
    return [
        index["docnames"][page]
        for page, _ in scores.most_common()
        if hits[page] == len(words)
    ]


def _pages(terms: dict[str, Any], word: str) -> set[int]:
    pages = terms.get(word, [])
    return {pages} if isinstance(pages, int) else set(pages)
