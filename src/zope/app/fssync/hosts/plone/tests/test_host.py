"""Users of Plone get short answers, and nothing that they may not read."""

from __future__ import annotations

import pytest

from zope.app.fssync.testing.plone.environment import LATEST
from zope.app.fssync.testing.plone.environment import OLDEST

pytestmark = pytest.mark.slow


def sent(plone, user, path, state="none"):
    headers = {"X_Zsync_State": state, "X_Zsync_Streamed": "no"}
    return plone.request("GET", f"{path}/@@toFS.snarf", user=user, **headers)


RELEASE = """
from importlib.metadata import version
print(version("Products.CMFPlone"), version("Zope"))
"""


@pytest.mark.oldest
def test_the_site_is_of_the_release_and_its_zope(plone, request):
    release = request.node.callspec.params["plone"]
    found, zope = plone.run(RELEASE).split()
    assert found.startswith(f"{release}.")
    assert int(zope.partition(".")[0]) == {OLDEST: 5, LATEST: 6}[release]


@pytest.mark.oldest
def test_private_content_is_withheld_and_counted(editor, somebody, plone):
    plone.run(f"site.portal_workflow.doActionFor(site[{editor.name!r}], 'publish')")

    reader = somebody("reader")

    assert (reader.top / "page").exists()
    assert not (reader.top / "news").exists()
    assert "withheld" in reader.said


def test_a_reader_may_not_write(editor, somebody, plone):
    plone.run(f"site.portal_workflow.doActionFor(site[{editor.name!r}], 'publish')")
    reader = somebody("reader")
    reader.path("page").write_text("<p>Mine</p>")

    reader.commit(status=4)

    said = plone.run(f"print(site[{editor.name!r}].page.text.raw)")
    assert said == "<p>Hello</p>\n\n"


@pytest.mark.oldest
def test_users_of_plone_get_short_answers(editor, somebody, plone):
    other = somebody("editor")
    editor.path("page").write_text("<p>News</p>\n")
    editor.commit()

    said = other.zsync("update", "--verbose", other.name)

    assert "U  " in said
    assert "of all" not in said
    assert other.read("page") == "<p>News</p>\n"


#: Undoes the transaction of each change of a page, after the view has answered.
LATE = """
import transaction
from plone.dexterity.interfaces import IDexterityContent
from zope.component import getGlobalSiteManager
from zope.lifecycleevent.interfaces import IObjectModifiedEvent
def fail():
    raise ZeroDivisionError("a secret of the server")
def late(obj, event):
    if obj.getParentNode().getId() == {name!r}:
        {what}
getGlobalSiteManager().registerHandler(late, (IDexterityContent, IObjectModifiedEvent))
"""


@pytest.mark.parametrize(
    "what",
    [
        "transaction.doom()",
        "transaction.get().addBeforeCommitHook(transaction.abort)",
        "transaction.get().addBeforeCommitHook(fail)",
    ],
)
def test_a_commit_that_is_undone_late_is_an_error(editor, plone, what):
    plone.run(LATE.format(name=editor.name, what=what))
    editor.path("page").write_text("<p>Mine</p>\n")

    said = editor.commit(status=6)

    assert "HTTP error 500" in said
    assert "othing was c" in said
    assert "secret" not in said
    assert "Committed" not in said
    found = plone.run(f"print(site[{editor.name!r}].page.text.raw)")
    assert "<p>Hello</p>" in found
    editor.zsync("update", editor.name)
    assert editor.read("page") == "<p>Mine</p>\n"


@pytest.mark.parametrize("user", ["zsync:zsync", "editor:secret-1234"])
def test_a_new_page_does_not_send_the_whole_site_again(editor, plone, user):
    path = f"/Plone/{editor.name}"
    first = sent(plone, user, path)
    state = first.headers["X-Zsync-State"]

    plone.run(
        "from plone import api\n"
        f"api.content.create(site[{editor.name!r}], 'Document', 'more', title='More')\n"
    )
    second = sent(plone, user, path, state)

    assert second.status == 200
    assert len(second.body) < len(first.body) / 10
    assert b"more" in second.body


PORTLET = """
from plone.app.portlets.portlets import news
from plone.app.portlets.storage import PortletAssignmentMapping
from plone.portlets.interfaces import IPortletAssignmentMapping, IPortletManager
from zope.component import getMultiAdapter, getUtility
manager = getUtility(IPortletManager, name="plone.leftcolumn")
"""

#: What is stored beside the items of a site, and changes its profile.
SETTINGS = {
    "portlets.xml": PORTLET
    + "mapping = getMultiAdapter((site, manager), IPortletAssignmentMapping)\n"
    + "mapping['news' + str(len(mapping))] = news.Assignment()\n",
    "portlets.xml of a group": PORTLET
    + "group = manager['group']['Reviewers'] = PortletAssignmentMapping()\n"
    + "group['news'] = news.Assignment()\n",
    "contentrules.xml": """
from plone.app.contentrules.rule import Rule
from plone.contentrules.engine.interfaces import IRuleStorage
from zope.component import getUtility
from zope.lifecycleevent.interfaces import IObjectAddedEvent
rule = Rule()
rule.title, rule.event = "A rule", IObjectAddedEvent
getUtility(IRuleStorage)["rule"] = rule
""",
    "viewlets.xml": """
from plone.app.viewletmanager.interfaces import IViewletSettingsStorage
from zope.component import getUtility
storage = getUtility(IViewletSettingsStorage)
storage.setHidden("plone.portaltop", "Plone Default", ("plone.header",))
""",
}


@pytest.mark.parametrize("what", SETTINGS)
def test_changed_settings_are_sent_alone(plone, what):
    first = sent(plone, "zsync:zsync", "/Plone")
    again = sent(plone, "zsync:zsync", "/Plone", first.headers["X-Zsync-State"])
    state = again.headers["X-Zsync-State"]

    plone.run(SETTINGS[what])
    second = sent(plone, "zsync:zsync", "/Plone", state)

    assert second.status == 200
    assert what.split()[0].encode() in second.body
    assert b"@@Zope/Changes" in second.body
    assert b"list Plone/portal_setup" not in second.body
