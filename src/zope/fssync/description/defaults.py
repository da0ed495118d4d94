"""Descriptions that go without saying.

An object that is what its name and the type of its folder imply has no text in a
working copy.  Which objects these are decides what files there are: the texts
registered here are the same wherever a tree is worked on, and do not change from
release to release.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Defaults", "implied", "register"]

#: Not those of the system, which differ from one to another.
_CONTENT_TYPES = {
    "css": "text/css",
    "csv": "text/csv",
    "htm": "text/html",
    "html": "text/html",
    "txt": "text/plain",
    "xml": "text/xml",
}


class Defaults(NamedTuple):
    """The descriptions of what is in folders of a type, empty where there is none.

    In that of a file ``{content_type}`` stands for what its name tells.
    """

    directory: str = ""
    file: str = ""


_defaults: dict[str, Defaults] = {}


def register(folder_type: str, defaults: Defaults) -> None:
    """Register what goes without saying in the folders of a type."""
    _defaults[folder_type] = defaults


def implied(folder_type: str, name: str, is_directory: bool) -> bytes:
    """Return the description that an object without one has, empty if there is none."""
    defaults = _defaults.get(folder_type)
    if defaults is None:
        return b""
    if is_directory:
        return defaults.directory.encode("utf-8")
    content_type = _CONTENT_TYPES.get(name.rpartition(".")[2].lower())
    if content_type is None or "." not in name:
        return b""
    return defaults.file.replace("{content_type}", content_type).encode("utf-8")


register(
    "zope.site.folder.Folder",
    Defaults(
        directory="type = zope.site.folder.Folder\n",
        file="type = zope.app.file.file.File\nExtra/contentType = {content_type}\n",
    ),
)
register(
    "OFS.Folder.Folder",
    Defaults(
        directory="""\
type = OFS.Folder.Folder

[Extra/properties]
title (string) = ""
""",
        file="""\
type = OFS.Image.File

[Extra/properties]
content_type (string) = {content_type}
title (string) = ""
""",
    ),
)
