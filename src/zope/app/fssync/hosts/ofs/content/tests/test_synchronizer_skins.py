"""A public folder of skins: its files are added, and in another site are the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from OFS.Folder import Folder

from zope.app.fssync.hosts.ofs.content.tests.samples import GIF
from zope.app.fssync.hosts.ofs.content.tests.site import Site
from zope.app.fssync.hosts.ofs.content.tests.test_synchronizer_many import compare

#: The files of each skin, with the headers that its tools wrote, and their types.
FILES = {
    "form.cpt": (b"<form tal:attributes='action here/url'></form>\n", "Page Template"),
    "view.pt": (b"<p tal:content='here/title'>Title</p>", "Page Template"),
    "main.zpt": ("<p>Käse</p>\n".encode(), "Page Template"),
    "edit.cpy": (
        b"## Controller Python Script\n##bind container=container\n"
        b"##parameters=name, value=None\n##title=Edit\nreturn name\n",
        "Script (Python)",
    ),
    "check.vpy": (
        b"##parameters=\n##bind state=state\nreturn state\n",
        "Script (Python)",
    ),
    "total.py": (b"return sum(x for x in (1, 2))", "Script (Python)"),
    "old.dtml": (b"<dtml-var title>\n", "DTML Method"),
    "all.zsql": (
        b"<dtml-comment>\ntitle: All\nconnection_id: db\narguments: uid:int=3\n"
        b"max_rows: 50\n</dtml-comment>\nselect * from t where\n"
        b"<dtml-sqltest uid type=int>\n",
        "Z SQL Method",
    ),
    "style.css": (b"p { color: red }\r\n", "File"),
    "menu.js": (b"let a = '<';\n", "File"),
    "logo.gif": (GIF, "Image"),
    "icon.svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "Image"),
}

METADATA = b"""\
[default]
title = Number %d
%s
[security]
View = 0:Manager,Owner
"""

#: The skins of the folder.
SKINS = ("public_forms", "public_scripts", "public_styles")


def files() -> Iterator[tuple[str, bytes]]:
    """Yield the paths and the contents of all files."""
    for number, skin in enumerate(SKINS):
        for name, (content, kind) in FILES.items():
            yield f"{skin}/{name}", content
            if (number + len(name)) % 2:
                proxy = b"proxy = Manager\n" if kind == "Script (Python)" else b""
                yield f"{skin}/{name}.metadata", METADATA % (number, proxy)


@pytest.fixture
def skins(types: None, site: Site) -> Any:
    def make(folder: Any) -> str:
        folder._setObject("skins", Folder("skins"))
        for skin in SKINS:
            folder.skins._setObject(skin, Folder(skin))
        return "skins"

    site.make(make)
    archive = site.checkout("/folder")
    for path, content in files():
        archive.add(f"folder/skins/{path}", content)
    site.commit("/folder", archive)
    return site.app.folder.skins


def test_each_file_becomes_what_its_name_says(skins: Any) -> None:
    for skin in SKINS:
        for name, (_content, kind) in FILES.items():
            assert skins[skin][name].meta_type == kind, name
    assert skins.public_forms["edit.cpy"]._params == "name, value=None"
    edit = skins.public_forms["edit.cpy"]
    assert edit._body == "## Controller Python Script\nreturn name\n"
    check = skins.public_forms["check.vpy"]
    assert check._body == "##bind state=state\nreturn state\n"
    assert skins.public_forms["all.zsql"].arguments_src == "uid:int=3"
    assert skins.public_forms["all.zsql"].max_rows_ == 50
    assert skins.public_scripts["total.py"].title == "Number 1"
    assert skins.public_scripts["total.py"]._proxy_roles == ("Manager",)
    assert skins.public_forms["view.pt"]._View_Permission == ("Manager", "Owner")


def test_each_object_is_the_same_in_another_site(
    skins: Any, site: Site, other: Site
) -> None:
    archive = site.checkout("/folder")
    other.checkin(archive, "folder")
    assert other.checkout("/folder") == archive
    assert not [path for path, body in archive.items() if b"<pickle>" in body]
    count = compare(other.app.folder.skins, skins)
    assert count == 1 + len(SKINS) + len(list(files()))
