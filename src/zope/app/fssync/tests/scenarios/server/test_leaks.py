"""Weak users who look for more: what an answer may not tell, and what it may not do."""

from __future__ import annotations

import sys

import pytest
import transaction
from zope.annotation.interfaces import IAnnotations
from zope.app.file.file import File
from zope.component import getGlobalSiteManager
from zope.dublincore.interfaces import IZopeDublinCore
from zope.lifecycleevent.interfaces import IObjectAddedEvent
from zope.lifecycleevent.interfaces import IObjectCreatedEvent
from zope.lifecycleevent.interfaces import IObjectModifiedEvent
from zope.lifecycleevent.interfaces import IObjectRemovedEvent
from zope.securitypolicy.interfaces import IPrincipalPermissionManager
from zope.site.folder import Folder

from zope.app.fssync.protocol.headers import WITHHELD
from zope.fssync.xmlpickle import dumps

SECRETS = (b"hidden", b"hunter2", b"inner", b"Confidential")
VIEWS = {
    "toFS.snarf": "GET",
    "list.snarf": "GET",
    "log.snarf": "GET",
    "watch.snarf?since=0x0000000000000000": "GET",
    "history.snarf?at=7fffffffffffffff": "GET",
    "history.snarf?at=0000000000000001&path=hidden/inner.txt": "GET",
    "types.snarf": "POST",
    "promoted.snarf": "POST",
    "upload.snarf?upload=x&size=1": "GET",
    "synchronize.html": "GET",
    "synchronize.zip": "GET",
    "synchronize-look.html?all=1": "GET",
    "synchronize-history.html": "GET",
    "synchronize-undo.html": "GET",
    "fromFS.snarf": "POST",
    "checkin.snarf?name=x": "POST",
    "rehearse-checkin.snarf?name=x": "POST",
    "rehearse-commit.snarf": "POST",
    "hidden.snarf": "POST",
}
FACTORY = "zope.app.file.file.File"


@pytest.fixture
def demo(site):
    """A folder that editor and reader may see but for a folder and a file in it."""
    folder = site.root["demo"] = Folder()
    folder["a.txt"] = File(b"a", "text/plain")
    folder["hidden"] = Folder()
    folder["hidden"]["inner.txt"] = File(b"hunter2", "text/plain")
    IZopeDublinCore(folder["hidden"]).title = "Confidential"
    IZopeDublinCore(folder["hidden"]["inner.txt"]).title = "Confidential"
    folder["hidden.txt"] = File(b"hunter2", "text/plain")
    for name in ("hidden", "hidden.txt"):
        manager = IPrincipalPermissionManager(folder[name])
        for user in ("zope.editor", "zope.reader", "zope.anybody"):
            for permission in ("zope.View", "zope.ManageContent"):
                manager.denyPermissionToPrincipal(permission, user)
    site.commit()
    return site


def stored(site):
    transaction.abort()
    return site.layer.db.lastTransaction()


class TestHidden:
    @pytest.mark.parametrize("user", ["editor", "reader", None])
    def test_a_checkout_counts_and_tells_nothing(self, demo, user):
        response = demo.request("GET", "/demo/@@toFS.snarf", user)
        assert int(response.headers[WITHHELD]) >= 2
        for secret in SECRETS:
            assert secret not in response.body

    def test_the_answer_to_a_commit_tells_nothing(self, demo):
        archive = demo.checkout("/demo", "editor")
        archive.edit("demo/a.txt", b"b")
        response = demo.submit("/demo", archive, "editor")
        assert response.headers["Content-Type"] == "application/x-snarf"
        for secret in SECRETS:
            assert secret not in response.body

    def test_a_conflict_tells_nothing(self, demo):
        archive = demo.checkout("/demo", "editor")
        demo.root["demo"]["a.txt"].data = b"changed"
        demo.root["demo"]["hidden.txt"].data = b"changed"
        demo.commit()
        archive.edit("demo/a.txt", b"b")
        response = demo.submit("/demo", archive, "editor")
        assert response.text == "Up-to-date check failed:\ndemo/a.txt\n"

    @pytest.mark.parametrize("user", ["editor", "reader", None])
    @pytest.mark.parametrize("view", VIEWS)
    def test_below_what_is_hidden_all_names_are_alike(self, demo, user, view):
        """Who tries names finds out nothing, by no view."""
        answers = set()
        for name in ("inner.txt", "missing.txt"):
            path = f"/demo/hidden/{name}/@@{view}"
            response = demo.request(VIEWS[view], path, user)
            for secret in SECRETS[1:2] + SECRETS[3:]:
                assert secret not in response.body
            answers.add(response.status_int)
        assert len(answers) == 1

    @pytest.mark.parametrize("user", ["editor", "reader", None])
    @pytest.mark.parametrize("view", VIEWS)
    def test_hidden_objects_are_not_answered(self, demo, user, view):
        for name in ("hidden", "hidden.txt"):
            response = demo.request(VIEWS[view], f"/demo/{name}/@@{view}", user)
            assert response.status_int in (401, 403)
            assert b"hunter2" not in response.body

    def test_asking_for_hidden_paths_tells_nothing_of_what_is_in_them(self, demo):
        lines = ["demo/hidden/inner.txt", "demo/hidden/missing.txt", "demo/a.txt"]
        response = demo.request(
            "POST",
            "/demo/@@hidden.snarf",
            "reader",
            "\n".join(lines).encode(),
            Content_Type="text/plain",
        )
        assert response.text.splitlines() == lines[:2]

    def test_no_entry_gets_at_what_is_hidden(self, demo):
        """By whatever spelling: of a name, of a key, as another type, or flag."""
        tries: list[dict[str, str]] = [
            {},
            {"flag": "removed"},
            {"flag": "added", "factory": FACTORY},
            {"type": "zope.app.file.image.Image"},
            {"provides": "zope.annotation.interfaces.IAttributeAnnotatable"},
        ]
        before = stored(demo)
        for attributes in tries:
            for spelled in ({}, {"key": "hidden.txt"}):
                archive = demo.checkout("/demo", "editor")
                path = "demo/other.txt" if spelled else "demo/hidden.txt"
                archive[path] = b"mine"
                archive.set_entry(path, **{"type": FACTORY, **attributes, **spelled})
                if attributes.get("flag") == "removed":
                    del archive[path]
                response = demo.submit("/demo", archive, "editor")
                assert b"hunter2" not in response.body
                if response.headers["Content-Type"] != "application/x-snarf":
                    assert response.status_int in (200, 403, 409)
        assert demo.root["demo"]["hidden.txt"].data == b"hunter2"
        assert stored(demo) == before


class TestReferences:
    """A pickle may refer to objects by path: no way to find out about them."""

    @pytest.fixture
    def refer(self, demo):
        title = "demo/@@Zope/Annotations/a.txt/zope.app.dublincore.ZopeDublinCore"
        IZopeDublinCore(demo.root["demo"]["a.txt"]).title = "A"
        demo.commit()

        def refer(path, user="editor"):
            archive = demo.checkout("/demo", user)
            reference = f"<persistent> <string>{path}</string> </persistent>"
            archive.edit(
                title,
                archive[title].replace(b"<unicode>A</unicode>", reference.encode()),
            )
            assert reference.encode() in archive[title]
            return demo.submit("/demo", archive, user)

        return refer

    def test_hidden_objects_are_refused(self, demo, refer):
        before = stored(demo)
        response = refer("/demo/hidden.txt")
        assert response.status_int == 403
        assert stored(demo) == before

    def test_below_what_is_hidden_all_names_are_alike(self, demo, refer):
        answers = {
            refer(f"/demo/hidden/{name}").text.replace(name, "")
            for name in ("inner.txt", "missing.txt")
        }
        assert len(answers) == 1

    @pytest.mark.parametrize(
        "path",
        [
            "/demo/a.txt/@@toFS.snarf",
            "/@@contents.html",
            "/++skin++Debug/demo",
            "/demo/++attribute++__parent__",
            "/demo/a.txt/__parent__",
            "/demo/a.txt/_p_jar",
            "/demo/++acquire++demo",
            "/demo/++item++a.txt",
            "/demo/++adapter++x",
            "/../demo",
            "demo",
            "//",
            "/demo/",
            "",
        ],
    )
    @pytest.mark.parametrize("user", ["editor", "manager"])
    def test_paths_are_of_content_and_nothing_else(self, demo, refer, path, user):
        before = stored(demo)
        response = refer(path, user)
        assert response.status_int in (400, 403), response.text
        assert stored(demo) == before


HOSTILE = [
    "os.system",
    "posix.system",
    "builtins.eval",
    "__builtin__.eval",
    "builtins.getattr",
    "subprocess.Popen",
    "this.s",
    "antigravity.fly",
    "zope.security.proxy.removeSecurityProxy",
    "zope.app.fssync.syncer.checkout",
    "transaction.commit",
    "sys.exit",
    "..",
    "os.path",
    "",
    " ",
    "a" * 5000,
    "os.system\n",
    "ö.ä",
]


def pickle(name: str) -> bytes:
    module, _, attribute = name.rpartition(".")
    return (
        f"<pickle><initialized_object><klass>"
        f'<global name="{attribute}" module="{module}"/></klass>'
        f"<arguments><tuple><string>true</string></tuple></arguments>"
        f"</initialized_object></pickle>"
    ).encode()


class TestNames:
    @pytest.mark.parametrize("user", ["editor", "manager"])
    @pytest.mark.parametrize("what", ["factory", "keytype", "provides", "pickle"])
    def test_no_name_is_looked_up_that_nobody_registered(self, demo, what, user):
        before = stored(demo)
        for name in HOSTILE:
            archive = demo.checkout("/demo", user)
            entry = {"factory": FACTORY}
            data = b"x"
            if what == "pickle":
                entry, data = {"type": name or "x"}, pickle(name)
            elif name:
                entry[what] = name.replace("\n", "&#10;")
            else:
                continue
            if what == "provides" and not name.strip():
                continue
            archive.add("demo/new", data, **entry)
            response = demo.submit("/demo", archive, user)
            assert response.status_int in (400, 403, 409), (name, response.text)
            assert "demo/new" in response.text or name == "..", name
            assert "Traceback" not in response.text
        assert stored(demo) == before
        for module in ("this", "antigravity"):
            assert module not in sys.modules

    @pytest.mark.parametrize("key", ["", "abc", "9" * 5000, "1e3", "\u0665x"])
    def test_a_key_that_is_no_number_is_told_with_its_path(self, demo, key):
        archive = demo.checkout("/demo")
        archive.add("demo/new", b"", factory=FACTORY, keytype="builtins.int", key=key)
        response = demo.submit("/demo", archive)
        assert response.status_int == 409, response.text
        assert response.text == "demo/new: the key is no builtins.int\n"

    @pytest.mark.parametrize("where", ["Annotations", "Extra"])
    @pytest.mark.parametrize(
        "key",
        [
            *("__parent__", "__name__", "__class__", "__dict__", "_p_jar", "_p_oid"),
            *("__annotations__", "__provides__", "_data", "data", "open", "x" * 3000),
        ],
    )
    def test_no_attribute_is_set_that_is_not_declared(self, demo, where, key):
        archive = demo.checkout("/demo", "manager")
        path = f"demo/@@Zope/{where}/a.txt/name"
        archive.add(path, dumps("x"), type="builtins.str", key=key)
        response = demo.submit("/demo", archive, "manager")
        file = demo.root["demo"]["a.txt"]
        if where == "Extra":
            assert response.status_int == 409, response.text
            assert f"no extra attribute {key!r}" in response.text
        else:
            # An annotation may have any key; it is no attribute.
            assert response.status_int == 200, response.text
            assert IAnnotations(file)[key] == "x"
        assert file.__parent__ == demo.root["demo"]
        assert file.data == b"a"
        assert file.__class__ is File


class TestForms:
    """A page that a manager's browser shows may make it send such requests."""

    FORMS = (
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/plain",
        "text/plain; application/x-snarf",
        "application/x-snarf, text/plain",
        "application/x-snarf;charset=utf-8",
        "APPLICATION/X-SNARF2",
        "",
    )

    @pytest.mark.parametrize("kind", FORMS)
    @pytest.mark.parametrize("view", [view for view in VIEWS if VIEWS[view] == "POST"])
    def test_no_form_changes_anything(self, demo, view, kind):
        archive = demo.checkout("/demo")
        archive.edit("demo/a.txt", b"forged")
        before = stored(demo)
        data = archive.dump()
        if kind.startswith("multipart"):
            name = b'Content-Disposition: form-data; name="f"'
            data = b"--x\r\n%s\r\n\r\n%s\r\n--x--\r\n" % (name, data)
        path = f"/demo/@@{view}"
        response = demo.request("POST", path, "manager", data, Content_Type=kind)
        assert response.status_int in (200, 400, 403, 404), response.text
        if view != "hidden.snarf":
            assert response.status_int == 400, response.text
        assert stored(demo) == before

    @pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
    @pytest.mark.parametrize("view", [view for view in VIEWS if VIEWS[view] == "POST"])
    def test_no_other_method_changes_anything(self, demo, view, method):
        before = stored(demo)
        response = demo.request(method, f"/demo/@@{view}", "manager")
        assert response.status_int >= 400
        assert stored(demo) == before

    def test_no_answer_is_shared_with_other_sites(self, demo):
        response = demo.request(
            "GET", "/demo/@@toFS.snarf", "manager", Origin="http://evil.example"
        )
        assert not [
            name for name in response.headers if name.lower().startswith("access-")
        ]


class TestEvents:
    KINDS = (
        IObjectCreatedEvent,
        IObjectAddedEvent,
        IObjectModifiedEvent,
        IObjectRemovedEvent,
    )

    @pytest.fixture
    def events(self):
        seen: list[tuple[str, str]] = []
        handlers = []
        for kind in self.KINDS:

            def handler(event, kind=kind):
                obj = event.object
                if isinstance(obj, File) and kind.providedBy(event):
                    name = getattr(event, "oldName", None) or getattr(
                        obj, "__name__", None
                    )
                    seen.append((kind.__name__, str(name)))

            getGlobalSiteManager().registerHandler(handler, [kind])
            handlers.append((handler, kind))
        yield seen
        for handler, kind in handlers:
            getGlobalSiteManager().unregisterHandler(handler, [kind])

    def change(self, archive):
        archive.edit("demo/a.txt", b"b")
        archive.add("demo/new.txt", b"n", factory=FACTORY)
        archive.set_entry("demo/old.txt")
        archive.remove("demo/old.txt")
        return archive

    @pytest.fixture
    def more(self, demo):
        demo.root["demo"]["old.txt"] = File(b"old", "text/plain")
        demo.commit()
        return demo

    def test_each_is_fired_once_and_in_order(self, more, events):
        archive = more.checkout("/demo")
        events.clear()
        more.accept("/demo", self.change(archive))
        assert [name for kind, name in events if kind == "IObjectRemovedEvent"] == [
            "old.txt"
        ]
        added = [kind for kind, name in events if name in ("new.txt", "None")]
        assert added[:2] == ["IObjectCreatedEvent", "IObjectAddedEvent"]
        assert added.count("IObjectAddedEvent") == 1
        assert added.count("IObjectCreatedEvent") == 1
        changed = [kind for kind, name in events if name == "a.txt"]
        assert changed == ["IObjectModifiedEvent"]

    def test_nobody_hears_of_what_is_refused_by_the_check(self, more, events):
        archive = self.change(more.checkout("/demo"))
        more.root["demo"]["a.txt"].data = b"theirs"
        more.commit()
        events.clear()
        assert "check failed" in more.submit("/demo", archive).text
        assert events == []

    def test_nobody_hears_of_what_changes_nothing(self, more, events):
        archive = more.checkout("/demo")
        events.clear()
        more.accept("/demo", archive)
        assert events == []
