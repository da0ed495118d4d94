"""The Dublin Core of an object is written as it was read."""

from __future__ import annotations

import pytest

from zope.app.fssync.client import dublincore
from zope.fssync.description.dublincore import dumps


@pytest.mark.parametrize("python2", [False, True])
def test_documents_keep_who_wrote_them(python2: bool) -> None:
    written = dumps({"Title": ("a",)}, python2)
    document = dublincore.loads(written)
    assert document is not None
    assert document.data == {"Title": ("a",)}
    assert document.python2 is python2
    assert dublincore.dumps(document) == written


def test_any_other_document_is_left_alone() -> None:
    assert dublincore.loads(b"Title = a") is None
