"""The views in a real instance: what they answer, and what they refuse."""

from __future__ import annotations

import hashlib

import pytest

from zope.app.fssync.testing.ofs.instance import ZopeInstance
from zope.app.fssync.testing.serversite import Archive
from zope.fssync.limits import LEAST_UPLOAD_PART

pytestmark = pytest.mark.slow

FAULTS = """
<configure xmlns="http://namespaces.zope.org/zope">
  <include package="zope.app.fssync.testing.ofs" file="faults.zcml" />
  <include package="zope.app.fssync.hosts.ofs" file="monitoring.zcml" />
</configure>
"""

SITE = """
from OFS.DTMLDocument import DTMLDocument
from OFS.DTMLMethod import DTMLMethod
from OFS.Folder import Folder
from OFS.Image import File
from Products.ZSQLMethods.SQL import SQL
from Products.PythonScripts.PythonScript import manage_addPythonScript
from Products.PageTemplates.ZopePageTemplate import manage_addPageTemplate
users = app.acl_users
for name in ("reader", "nobody"):
    users._doAddUser(name, name, [], [])
app._setObject("demo", Folder("demo"))
demo = app.demo
manage_addPythonScript(demo, "hello")
demo.hello.write("raise ValueError('the script ran')")
manage_addPageTemplate(demo, "page", text="<p>rendered</p>")
demo._setObject("method", DTMLMethod("<dtml-call x>", __name__="method"))
demo._setObject("document", DTMLDocument("<dtml-call x>", __name__="document"))
demo._setObject("query", SQL("query", "", "", "name", "select 1"))
demo.query.allow_simple_one_argument_traversal = 1
demo.manage_addUserFolder()
for name in ("a.txt", "b.txt"):
    demo.manage_addFile(name, b"Hello\\n", content_type="text/plain")
for name in ("conflict-2", "conflict-9", "lost", "mistake"):
    demo._setObject(name, File(name, "", b"old", "text/plain"))
"""


@pytest.fixture(scope="module")
def zope(tmp_path_factory):
    instance = ZopeInstance(tmp_path_factory.mktemp("zope") / "instance", zcml=FAULTS)
    # Without it the database takes no blobs, and so no parts of archives.
    blobs = f"  blob-dir {instance.place}/blobs\n    </filestorage>"
    conf = instance.conf.read_text()
    instance.conf.write_text(conf.replace("</filestorage>", blobs))
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

    def test_a_virtual_host_shows_the_same(self, zope):
        host = "/VirtualHostBase/http/www.example.com:80/demo/VirtualHostRoot"
        direct = zope.request("GET", "/demo/@@toFS.snarf").body
        assert zope.request("GET", f"{host}/@@toFS.snarf").body == direct

    @pytest.mark.parametrize(
        "path",
        ["/demo/b.txt/a.txt", "/demo/demo", "/demo/demo/a.txt"],
    )
    def test_an_object_is_where_it_is_stored(self, zope, path):
        """A path that acquires leads to no object of its own."""
        answer = zope.request("GET", f"{path}/@@toFS.snarf")
        assert answer.status == 404
        assert answer.text.startswith("there is no such object any more")

    @pytest.mark.parametrize(
        "name", ["hello", "page", "a.txt", "method", "document", "query", "acl_users"]
    )
    def test_no_object_swallows_the_view(self, zope, name):
        answer = zope.request("GET", f"/demo/{name}/@@toFS.snarf")
        assert answer.headers["Content-Type"] == "application/x-snarf"

    @pytest.mark.parametrize(
        "view",
        ["fromFS", "checkin", "rehearse-checkin", "rehearse-commit"],
    )
    def test_no_script_runs_in_place_of_a_view(self, zope, view):
        answer = zope.request("GET", f"/demo/hello/@@{view}.snarf")
        assert (answer.status, answer.text) == (
            400,
            "an archive has to be sent by POST\n",
        )

    def test_a_signpost_is_nothing_to_publish(self, zope):
        assert zope.request("GET", "/demo/@@@@toFS.snarf").status == 404

    @pytest.mark.parametrize("user", [None, "zsync:wrong", "reader:reader"])
    def test_a_user_who_may_not_is_asked_to_log_in(self, zope, user):
        answer = zope.request("GET", "/demo/@@toFS.snarf", user)
        assert answer.status == 401
        assert answer.headers["WWW-Authenticate"].startswith("basic realm=")


def working_copy(zope, path):
    """Check an object out, as a client has it then."""
    answer = zope.request("GET", f"{path}/@@toFS.snarf")
    assert answer.status == 200, answer.text
    return Archive.fresh(answer.body)


def edited(zope, path, data):
    """Check an object out and change its file; path is its URL."""
    archive = working_copy(zope, path)
    archive.edit(path.rpartition("/")[2], data)
    return archive.dump()


class TestCommit:
    def test_a_file_is_changed(self, zope):
        body = edited(zope, "/demo/a.txt", b"Changed\n")
        answer = zope.request("POST", "/demo/a.txt/@@fromFS.snarf", body=body)
        assert answer.headers["Content-Type"] == "application/x-snarf", answer.text
        assert Archive.parse(answer.body)["a.txt"] == b"Changed\n"
        assert zope.request("GET", "/demo/a.txt").body == b"Changed\n"

    def test_a_script_is_changed_and_does_not_run(self, zope):
        archive = working_copy(zope, "/demo/hello")
        name = next(name for name in archive if "@@Zope" not in name)
        archive.edit(name, archive[name] + b"\n# changed\n")
        path = "/demo/hello/@@fromFS.snarf"
        answer = zope.request("POST", path, body=archive.dump())
        assert answer.headers["Content-Type"] == "application/x-snarf", answer.text
        assert Archive.parse(answer.body)[name].endswith(b"# changed\n")

    def test_a_chunked_body_is_taken(self, zope):
        body = edited(zope, "/demo/a.txt", b"In chunks\n")
        pieces = (body[i : i + 100] for i in range(0, len(body), 100))
        answer = zope.request("POST", "/demo/a.txt/@@fromFS.snarf", body=pieces)
        assert answer.status == 200
        assert zope.request("GET", "/demo/a.txt").body == b"In chunks\n"

    def test_a_large_archive_may_come_in_parts(self, zope):
        body = edited(zope, "/demo/a.txt", b"In parts\n" * 50_000)
        told = f"upload={hashlib.sha256(body).hexdigest()}&size={len(body)}"
        for offset in range(0, len(body), LEAST_UPLOAD_PART):
            part = body[offset : offset + LEAST_UPLOAD_PART]
            more = f"&offset={offset}&digest={hashlib.sha256(part).hexdigest()}"
            path = f"/demo/a.txt/@@upload.snarf?{told}{more}"
            answer = zope.request("POST", path, body=part)
            assert answer.headers["X-Zsync-Uploaded"] == str(offset + len(part))
        path = f"/demo/a.txt/@@fromFS.snarf?{told}"
        assert zope.request("POST", path, body=b"").status == 200
        assert zope.request("GET", "/demo/a.txt").body == b"In parts\n" * 50_000
        answer = zope.request("GET", f"/demo/a.txt/@@upload.snarf?{told}")
        assert answer.headers["X-Zsync-Uploaded"] == "0"

    def test_users_without_the_permission_to_commit_send_no_parts(self, zope):
        path = "/demo/a.txt/@@upload.snarf?upload=x&size=1"
        for user in ("reader:reader", None):
            for method in ("GET", "POST"):
                assert zope.request(method, path, user).status == 401
        assert zope.request("GET", "/demo/hello/@@upload.snarf").status == 400

    def test_outdated_objects_are_not_changed(self, zope):
        body = edited(zope, "/demo/b.txt", b"Mine\n")
        first = edited(zope, "/demo/b.txt", b"Yours\n")
        zope.request("POST", "/demo/b.txt/@@fromFS.snarf", body=first)
        answer = zope.request("POST", "/demo/b.txt/@@fromFS.snarf?raise=1", body=body)
        assert answer.status == 409
        assert answer.text == "Up-to-date check failed:\nb.txt\n"
        assert zope.request("GET", "/demo/b.txt").body == b"Yours\n"

    def test_the_note_labels_the_transaction(self, zope):
        body = edited(zope, "/demo/a.txt", b"Noted\n")
        query = "?note=A%20word%20on%20it"
        zope.request("POST", f"/demo/a.txt/@@fromFS.snarf{query}", body=body)
        answer = zope.request("GET", "/Control_Panel/Database/main/manage_UndoForm")
        found = zope.request("GET", "/manage_UndoForm").text + answer.text
        assert "A word on it" in found


class TestRefusals:
    @pytest.mark.parametrize("type", ["text/xml", "application/json"])
    def test_a_body_of_another_type_is_refused(self, zope, type):
        answer = zope.request(
            "POST", "/demo/@@fromFS.snarf", body=b"x", Content_Type=type
        )
        assert answer.status == 400

    def test_a_damaged_archive_is_told_in_plain_text(self, zope):
        answer = zope.request("POST", "/demo/@@fromFS.snarf", body=b"nonsense")
        assert answer.status == 400
        assert answer.headers["Content-Type"] == "text/plain;charset=utf-8"

    def test_a_conflict_of_the_database_is_tried_again_with_the_whole_body(self, zope):
        body = edited(zope, "/demo/conflict-2", b"x" * 1_000_000)
        answer = zope.request("POST", "/demo/conflict-2/@@fromFS.snarf", body=body)
        assert answer.status == 200
        assert zope.request("GET", "/demo/conflict-2").body == b"x" * 1_000_000

    def test_a_conflict_that_remains_is_told_and_can_be_tried_later(self, zope):
        body = edited(zope, "/demo/conflict-9", b"new")
        answer = zope.request("POST", "/demo/conflict-9/@@fromFS.snarf", body=body)
        assert answer.status == 503
        assert "Try again" in answer.text
        assert answer.headers["Retry-After"]
        assert zope.request("GET", "/demo/conflict-9").body == b"old"

    @pytest.mark.parametrize(("name", "status"), [("lost", 503), ("mistake", 500)])
    def test_a_failure_is_told_without_its_secrets(self, zope, name, status):
        body = edited(zope, f"/demo/{name}", b"new")
        answer = zope.request("POST", f"/demo/{name}/@@fromFS.snarf", body=body)
        assert answer.status == status
        assert answer.headers["Content-Type"] == "text/plain;charset=utf-8"
        assert "Nothing was c" in answer.text
        assert "secret" not in answer.text
        assert zope.request("GET", f"/demo/{name}").body == b"old"
        assert "Traceback" in zope.log()


class TestMonitoring:
    def test_numbers_tell_of_retries_and_failures(self, zope):
        """Those of the commits above: two conflicts, and nine."""
        text = zope.request("GET", "/@@zsync-metrics").text
        assert _number(text, 'zsync_retries_total{verb="commit"}') >= 2
        failed = 'zsync_exchanges_total{verb="commit",result="failed"}'
        assert _number(text, failed) >= 1
        assert _number(text, 'zsync_objects_total{verb="checkout"}') > 1
        assert _number(text, "process_resident_memory_bytes") > 1 << 20
        assert _number(text, "zsync_exchanges_running") == 0

    @pytest.mark.parametrize("user", [None, "reader:reader"])
    def test_metrics_are_for_managers(self, zope, user):
        assert zope.request("GET", "/@@zsync-metrics", user).status == 401

    def test_everybody_is_told_whether_it_is_ready(self, zope):
        answer = zope.request("GET", "/@@zsync-health", None)
        assert (answer.status, answer.text) == (200, "ready\n")

    @pytest.mark.parametrize("view", ["zsync-metrics", "zsync-health"])
    def test_both_are_of_the_root(self, zope, view):
        assert zope.request("GET", f"/demo/@@{view}").status == 404


def _number(text, name):
    (line,) = [each for each in text.splitlines() if each.startswith(f"{name} ")]
    return float(line.rpartition(" ")[2])
