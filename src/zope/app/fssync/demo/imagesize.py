"""Fix the size of images on the contents page.

zope.app.file 5.0 changes the mapping of a message id, which is read-only in current
releases: without this the contents page of a folder with an image fails.
"""

from __future__ import annotations

from typing import Any

from zope.app.file.image import ImageSized as Original
from zope.size import byteDisplay

__all__ = ["ImageSized"]


class ImageSized(Original):
    """Names the size in bytes as for any file, then width and height."""

    def sizeForDisplay(self) -> Any:
        size = byteDisplay(self._image.getSize())
        width, height = ("?" if n < 0 else n for n in self._image.getImageSize())
        mapping = dict(size.mapping or {}, width=str(width), height=str(height))
        return type(size)(
            f"{size} ${{width}}x${{height}}", domain=size.domain, mapping=mapping
        )
