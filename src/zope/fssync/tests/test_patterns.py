"""Regular expressions that are compiled late."""

import re

import pytest

from zope.fssync.patterns import late


def test_late_matches_as_a_compiled_expression_does() -> None:
    pattern = late("a(b+)", re.IGNORECASE)
    for text in ("xABBy", "abb", "nothing"):
        for name in ("search", "match", "fullmatch"):
            expected = getattr(re.compile("a(b+)", re.IGNORECASE), name)(text)
            found = getattr(pattern, name)(text)
            assert (found and found.group(1)) == (expected and expected.group(1))
    assert pattern.sub("-", "ab ABB") == "- -"


def test_late_takes_bytes() -> None:
    assert late(rb"\d+").fullmatch(b"12") is not None


def test_late_compiles_when_it_is_used() -> None:
    wrong = late("(")
    with pytest.raises(re.error):
        wrong.search("(")
