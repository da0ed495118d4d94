"""Themes and customized skins are files and folders."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.oldest]

POLICY = """
from plone.app.theming.utils import theming_policy
print(theming_policy()._get_shared_invalidation())
"""


@pytest.fixture
def theme(editor, plone, tmp_path):
    """The manager, with the resources of the site, and a theme."""
    other = type(editor)(tmp_path / "theme", plone, "portal_resources").checkout()
    other.path("theme/mine").mkdir(parents=True)
    other.path("theme/mine/index.html").write_text("<html><body/></html>\n")
    other.path("theme/mine/rules.xml").write_text("<rules/>\n")
    other.path("theme/mine/manifest.cfg").write_text("[theme]\ntitle = Mine\n")
    other.zsync("add", "portal_resources/theme")
    other.commit()
    yield other
    plone.run("site.portal_resources.manage_delObjects(['theme'])")


def test_resources_are_always_files(theme, plone):
    said = plone.run(
        "from plone.app.theming.utils import getAvailableThemes\n"
        "print([t.title for t in getAvailableThemes() if t.__name__ == 'mine'])\n"
        "files = site.portal_resources.theme.mine\n"
        "print({each.meta_type for each in files.objectValues()})\n"
        "print(files['index.html'].content_type)"
    )
    assert said == "['Mine']\n{'File'}\ntext/html\n"


def test_themes_are_compiled_anew_when_a_file_changes(theme, plone):
    before = plone.run(POLICY)
    theme.path("theme/mine/rules.xml").write_text("<rules><!-- more --></rules>\n")

    theme.commit()

    assert plone.run(POLICY) != before


def test_a_customized_skin_is_a_template(editor, plone, tmp_path):
    skins = type(editor)(tmp_path / "skins", plone, "portal_skins").checkout()
    assert [each.name for each in skins.top.iterdir() if each.name[0] != "@"] == [
        "custom"
    ]
    skins.path("custom/hello.pt").write_text("<b tal:content='string:Hi'>x</b>\n")
    skins.zsync("add", "portal_skins/custom/hello.pt")

    skins.commit()

    said = plone.run("print('<b>Hi</b>' in site.portal_skins.custom['hello.pt']())")
    assert "True" in said
    plone.run("site.portal_skins.custom.manage_delObjects(['hello.pt'])")
