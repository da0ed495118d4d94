"""ssh.txt, run as a test."""

from __future__ import annotations

import doctest
from pathlib import Path

import zope.app.fssync.ssh


def test_the_document_tells_the_truth() -> None:
    document = Path(zope.app.fssync.ssh.__file__).with_name("ssh.txt")
    found = doctest.testfile(
        str(document),
        module_relative=False,
        optionflags=doctest.ELLIPSIS | doctest.IGNORE_EXCEPTION_DETAIL,
    )
    assert found.attempted > 5
    assert found.failed == 0
