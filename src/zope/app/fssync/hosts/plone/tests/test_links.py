"""Link integrity knows the links of what was committed."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.oldest]

LINKED = """
from zope.component.hooks import setSite
from plone.app.linkintegrity.utils import getOutgoingLinks
setSite(app[{site!r}])
folder = app[{site!r}][{name!r}]
print([each.to_path.split("/")[1:] for each in getOutgoingLinks(folder[{key!r}])])
"""


def test_a_text_links_to_what_is_made_after_it(editor, plone):
    uid = plone.run(f"print(site[{editor.name!r}].page.UID())").strip()
    editor.path("news").write_text(f'<p><a href="resolveuid/{uid}">A page</a></p>\n')
    editor.commit()

    live = editor.url.replace("/Plone/", "/Live/")
    editor.zsync("checkin", live, editor.name)

    for site in ("Plone", "Live"):
        said = plone.run(LINKED.format(site=site, name=editor.name, key="news"))
        assert said == f"[{[site, editor.name, 'page']}]\n"


def test_new_texts_link_to_each_other(editor, plone):
    for name, other in (("first", "second"), ("second", "first")):
        path = f"{editor.name}/{name}"
        editor.path(name).write_text(f'<p><a href="{other}">{other}</a></p>\n')
        editor.zsync("add", "-f", "Document", path)

    editor.commit()

    for name, other in (("first", "second"), ("second", "first")):
        said = plone.run(LINKED.format(site="Plone", name=editor.name, key=name))
        assert said == f"[{['Plone', editor.name, other]}]\n"
