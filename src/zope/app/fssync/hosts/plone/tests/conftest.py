"""A site of Plone for all tests of this wing, and people who work on it."""

from __future__ import annotations

import itertools

import pytest

from zope.app.fssync.testing.controldata import Part
from zope.app.fssync.testing.person import Person
from zope.app.fssync.testing.plone.environment import LATEST
from zope.app.fssync.testing.plone.environment import OLDEST
from zope.app.fssync.testing.plone.environment import RELEASE
from zope.app.fssync.testing.plone.site import running_site


def pytest_generate_tests(metafunc):
    """Run tests that are marked for it with the oldest release, too."""
    if "plone" not in metafunc.fixturenames:
        return
    releases = [RELEASE]
    if RELEASE == LATEST and metafunc.definition.get_closest_marker("oldest"):
        releases.append(OLDEST)
    metafunc.parametrize("plone", releases, indirect=True, scope="session")


@pytest.fixture(scope="session")
def plone(request, tmp_path_factory):
    """A site of the release that the test is for."""
    place = tmp_path_factory.mktemp("plone") / "instance"
    with running_site(place, request.param) as instance:
        yield instance


class Editor(Person):
    """Somebody with a working copy of a folder of their own."""

    def __init__(self, place, plone, name, user="zsync:zsync"):
        super().__init__(place)
        self.plone = plone
        self.name = name
        self.user = user
        self.top = self.place / name

    @property
    def url(self):
        return self.plone.url.replace("//", f"//{self.user}@") + f"/Plone/{self.name}"

    def checkout(self):
        self.said = self.zsync("checkout", self.url, ".")
        return self

    def path(self, name):
        return self.top / name

    def part(self, name, part):
        above, _, last = f"{self.name}/{name}".rstrip("/").rpartition("/")
        return Part(self.place / above / "@@Zope" / "Extra" / last / part)

    def read(self, name):
        return self.path(name).read_text()

    def edit(self, path, old, new):
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    def commit(self, *options, status=0):
        return self.zsync("commit", *options, self.name, status=status)


numbers = itertools.count(1)


@pytest.fixture
def editor(plone, tmp_path):
    """The manager, with a copy of the folder "work" under a name of the test's own."""
    name = f"folder-{next(numbers)}"
    plone.run(COPY.format(name=name))
    return Editor(tmp_path / "person", plone, name).checkout()


@pytest.fixture
def somebody(plone, editor, tmp_path):
    """Make people with a working copy of what ``editor`` has, by a user's name."""

    def make(user):
        login = f"{user}:secret-1234"
        return Editor(tmp_path / user, plone, editor.name, login).checkout()

    return make


@pytest.fixture(scope="session")
def settings(plone, tmp_path_factory):
    """The manager, with the settings of the site: the files of its profile."""
    place = tmp_path_factory.mktemp("settings")
    return Editor(place, plone, "portal_setup").checkout()


COPY = """
copied = site.manage_pasteObjects(site.manage_copyObjects(["work"]))
new = copied[0]["new_id"]
site.manage_renameObject(new, {name!r})
folder = site[{name!r}]
page = folder.page
from z3c.relationfield import RelationValue
from z3c.relationfield.event import updateRelations
from zope.component import getUtility
from zope.intid.interfaces import IIntIds
page.relatedItems = [RelationValue(getUtility(IIntIds).getId(folder.news))]
updateRelations(page, None)
if site.portal_workflow.getInfoFor(page, "review_state") != "published":
    site.portal_workflow.doActionFor(page, "publish")
"""
