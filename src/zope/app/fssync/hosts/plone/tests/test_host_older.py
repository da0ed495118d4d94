"""A site of Plone 6.1, with Zope 5, is worked on as one of Plone 6.2."""

from __future__ import annotations

import pytest

from zope.app.fssync.hosts.plone.tests.conftest import Editor
from zope.app.fssync.testing.plone.site import running_site

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def older(tmp_path_factory):
    place = tmp_path_factory.mktemp("older") / "instance"
    with running_site(place, "6.1") as instance:
        yield instance


@pytest.fixture
def work(older, tmp_path):
    return Editor(tmp_path / "work", older, "work").checkout()


def test_the_older_site_runs_plone_6_1(older):
    said = older.run(
        "from importlib.metadata import version\n"
        "print(version('Products.CMFPlone'), version('Zope'))"
    )
    assert [each.rpartition(".")[0] for each in said.split()] == ["6.1", "5"]


def test_content_is_edited_added_moved_and_removed(work, older):
    assert work.read("page") == "<p>Hello</p>\n"
    work.path("page").write_text("<p>Edited</p>\n")
    work.edit(work.part("page", "fields"), "A page", "The page")
    work.edit(work.part("news", "workflow"), "private", "published")
    work.path("garden").write_text("<p>In spring</p>\n")
    work.path("more").mkdir()
    work.zsync("add", "-f", "Document", "work/garden")
    work.zsync("add", "work/more")
    work.zsync("move", "work/link", "work/more/link")
    work.zsync("remove", "work/event")

    work.commit()

    assert work.zsync("status", "work") == ""
    assert older.run(
        "work = site.work\n"
        "print(work.page.text.raw.strip(), work.page.title)\n"
        "print(site.portal_workflow.getInfoFor(work.news, 'review_state'))\n"
        "print(work.garden.portal_type, work.more.link.remoteUrl)\n"
        "versions = site.portal_repository.getHistory(work.page)\n"
        "print('event' in work, len(versions) > 1)\n"
        "print([each.to_object.getId() for each in work.page.relatedItems])\n"
    ).splitlines() == [
        "<p>Edited</p> The page",
        "published",
        "Document https://plone.org",
        "False True",
        "['news']",
    ]


def test_an_update_has_what_changed(work, older):
    older.run("site.work.found.title = 'All pages'")

    said = work.zsync("update", "work")

    assert "work/found" in said
    assert "1 updated" in said


def test_settings_and_people_are_files(older, tmp_path):
    site = Editor(tmp_path / "site", older, "portal_setup").checkout()
    title = ">Link<"
    site.edit(site.path("types/Link.xml"), title, ">Bookmark<")
    older.run(
        "from plone import api\n"
        "api.portal.set_registry_record('plone.site_title', 'My site')"
    )
    site.zsync("update", "portal_setup")
    site.edit(site.path("registry.xml"), ">My site<", ">Your site<")

    site.commit()

    assert (
        older.run(
            "from plone import api\n"
            "print(site.portal_types.Link.title)\n"
            "print(api.portal.get_registry_record('plone.site_title'))"
        )
        == "Bookmark\nYour site\n"
    )
    people = Editor(tmp_path / "people", older, "acl_users").checkout()
    assert "editor" in people.read("source_users")
    assert "secret" not in people.read("source_users")


def test_content_goes_to_another_site(work, older):
    there = work.url.replace("/Plone/", "/Live/")

    work.zsync("checkin", "--dry-run", there, "work")
    work.zsync("checkin", there, "work")

    assert (
        older.run(
            "live = app.Live.work\n"
            "print(live.objectIds() == site.work.objectIds())\n"
            "print(live.page.UID() == site.work.page.UID())\n"
            "print(live.data.file.data == site.work.data.file.data)"
        )
        == "True\nTrue\nTrue\n"
    )
