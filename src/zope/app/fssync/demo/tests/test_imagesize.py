"""The contents page shows the size of an image."""

from __future__ import annotations

import pytest
from zope.app.file.image import Image
from zope.i18n import interpolate

from zope.app.fssync.demo.imagesize import ImageSized
from zope.app.fssync.demo.sample import png


@pytest.mark.parametrize(
    ("data", "shown"), [(png(), "7 KB 64x64"), (b"", "0 KB ?x?"), (b"x", "1 KB ?x?")]
)
def test_bytes_and_pixels_are_shown(data: bytes, shown: str) -> None:
    found = ImageSized(Image(data)).sizeForDisplay()
    assert interpolate(found, found.mapping) == shown
