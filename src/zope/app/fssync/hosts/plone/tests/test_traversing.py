"""A file of a profile has an address of its own for zsync."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.slow

TITLE = "print(site.portal_types.Link.title)"


@pytest.fixture
def link(settings, plone):
    settings.zsync("update", "portal_setup")
    yield settings.path("types/Link.xml")
    plone.run("site.portal_types.Link.title = 'Link'")
    settings.zsync("update", "portal_setup")


@pytest.mark.parametrize("target", ["types/Link.xml", "types"])
def test_objects_in_a_profile_are_committed_alone(settings, plone, link, target):
    settings.edit(link, ">Link<", ">Bookmark<")

    said = settings.zsync("commit", f"portal_setup/{target}")

    assert "Committed 1" in said
    assert plone.run(TITLE) == "Bookmark\n"
    assert "Up to date" in settings.zsync("update", f"portal_setup/{target}")
    assert settings.zsync("status", "portal_setup") == ""


def test_a_file_that_is_not_there_is_not_found(plone):
    for path in ("types/None.xml", "types/Link.xml/more", "nothing.xml", "types.xml/x"):
        found = plone.request("GET", f"/Plone/portal_setup/{path}/@@toFS.snarf")
        assert found.status in (404, 410), path


def test_a_single_file_of_a_profile_has_no_log(settings, link):
    said = settings.zsync("log", "portal_setup/types/Link.xml", status=6)

    assert "it is stored in other objects" in said


def test_a_stranger_may_not_have_it_written(plone):
    path = "/Plone/portal_setup/types.xml/@@toFS.snarf"

    assert plone.request("GET", path, user=None).status == 401
    assert plone.request("GET", path, user="editor:secret-1234").status in (401, 403)
