"""The views in a real instance: what they answer, and what they refuse."""

from __future__ import annotations

import pytest

from zope.app.fssync.ofs.tests.instance import ZopeInstance

SITE = """
from OFS.Folder import Folder
from Products.PythonScripts.PythonScript import manage_addPythonScript
from Products.PageTemplates.ZopePageTemplate import manage_addPageTemplate
users = app.acl_users
for name in ("reader", "nobody"):
    users._doAddUser(name, name, [], [])
app._setObject("demo", Folder("demo"))
demo = app.demo
manage_addPythonScript(demo, "hello")
demo.hello.write("container.ran = 1\\nraise ValueError('the script ran')")
manage_addPageTemplate(demo, "page", text="<p>rendered</p>")
demo.manage_addFile("a.txt", b"Hello\\n", content_type="text/plain")
"""


@pytest.fixture(scope="module")
def zope(tmp_path_factory):
    instance = ZopeInstance(tmp_path_factory.mktemp("zope") / "instance")
    instance.script(SITE)
    with instance.running():
        yield instance


class TestCheckout:
    def test_an_archive_is_answered(self, zope):
        answer = zope.request("GET", "/demo/@@toFS.snarf")
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "application/x-snarf"
        assert answer.headers["X-FSSync-Server"] == "4"
        assert int(answer.headers["Content-Length"]) == len(answer.body)

    @pytest.mark.parametrize("name", ["hello", "page", "a.txt"])
    def test_no_object_swallows_the_view(self, zope, name):
        answer = zope.request("GET", f"/demo/{name}/@@toFS.snarf")
        assert answer.headers["Content-Type"] == "application/x-snarf"

    @pytest.mark.parametrize("view", ["fromFS", "checkin", "rehearse-checkin"])
    def test_no_script_runs_in_place_of_a_view(self, zope, view):
        answer = zope.request("GET", f"/demo/hello/@@{view}.snarf")
        assert (answer.status, answer.text) == (
            400,
            "an archive has to be sent by POST\n",
        )

    def test_a_signpost_is_nothing_to_publish(self, zope):
        assert zope.request("GET", "/demo/@@@@toFS.snarf").status == 404

    @pytest.mark.parametrize("user", [None, "zsync:wrong", "reader:reader"])
    def test_who_may_not_is_asked_to_log_in(self, zope, user):
        answer = zope.request("GET", "/demo/@@toFS.snarf", user)
        assert answer.status == 401
        assert answer.headers["WWW-Authenticate"].startswith("basic realm=")
