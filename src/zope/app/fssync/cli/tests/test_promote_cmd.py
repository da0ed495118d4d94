"""What the command line of a promotion may say."""

from __future__ import annotations

from pathlib import Path

import pytest

from zope.app.fssync.testing.person import Person


@pytest.mark.parametrize(
    "arguments", [(), ("http://host/a",), ("http://host/a", "b"), ("a", "http://b/c")]
)
def test_two_urls_are_needed(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    Person(tmp_path)("promote", *arguments, status=2)
