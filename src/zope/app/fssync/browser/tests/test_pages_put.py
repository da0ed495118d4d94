"""The page that takes an upload: a rehearsal, then one transaction."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
import webtest
from zope.app.file.file import File
from zope.site.folder import Folder

from zope.app.fssync.testing.serversite import ServerSite

PAGE = "/demo/@@synchronize-put.html"


@pytest.fixture
def demo(site: ServerSite) -> ServerSite:
    folder = site.root["demo"] = Folder()
    folder["a.txt"] = File(b"one\n", "text/plain")
    folder["b.txt"] = File(b"two\n", "text/plain")
    folder["sub"] = Folder()
    folder["sub"]["c.txt"] = File(b"three\n", "text/plain")
    site.commit()
    return site


def zipped(**files: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        for name, content in files.items():
            made.writestr(name, content)
    return stream.getvalue()


class Person:
    """Somebody who fills in the forms."""

    def __init__(self, site: ServerSite, user: str = "manager") -> None:
        self.site = site
        self.app = webtest.TestApp(site.app.app)
        self.app.authorization = ("Basic", (user, f"{user}pw"))

    def rehearse(self, content: bytes, **fields: object) -> webtest.TestResponse:
        form = self.app.get(PAGE).form
        form["upload"] = webtest.Upload("a.zip", content)
        for name, value in fields.items():
            form[name] = value
        return form.submit(expect_errors=True)

    def confirm(self, page: webtest.TestResponse) -> webtest.TestResponse:
        return page.form.submit("confirm", expect_errors=True)


def contents(site: ServerSite) -> dict[str, bytes]:
    folder = site.root["demo"]
    found = {name: folder[name].data for name in folder if name.endswith("txt")}
    for name in folder["sub"]:
        found[f"sub/{name}"] = folder["sub"][name].data
    return found


BEFORE = {"a.txt": b"one\n", "b.txt": b"two\n", "sub/c.txt": b"three\n"}


def test_nothing_is_changed_before_it_is_confirmed(demo: ServerSite) -> None:
    person = Person(demo)
    page = person.rehearse(
        zipped(**{"a.txt": b"1\n", "sub/new.txt": b"<n>", "deep/x.txt": b"x"})
    )
    assert page.status_int == 200, page.text
    assert "<del>-one</del>" in page.text
    assert "<ins>+&lt;n&gt;</ins>" in page.text
    assert contents(demo) == BEFORE
    done = person.confirm(page)
    assert done.status_int == 200, done.text
    assert 'role="status"' in done.text
    assert contents(demo) == {
        **BEFORE,
        "a.txt": b"1\n",
        "sub/new.txt": b"<n>",
    }
    assert demo.root["demo"]["deep"]["x.txt"].data == b"x"


def test_a_zip_of_the_object_itself_has_its_name(demo: ServerSite) -> None:
    person = Person(demo)
    page = person.rehearse(zipped(**{"demo/sub/c.txt": b"3\n"}))
    assert "demo/sub/c.txt" in page.text
    person.confirm(page)
    assert contents(demo)["sub/c.txt"] == b"3\n"


def test_a_downloaded_zip_changes_nothing(demo: ServerSite) -> None:
    content = demo.request("GET", "/demo/@@synchronize.zip", "manager").body
    page = Person(demo).rehearse(content, remove=True)
    assert "The upload changes nothing." in page.text
    assert "zsync-confirm" not in page.text


def test_only_a_box_removes_objects(demo: ServerSite) -> None:
    person = Person(demo)
    content = zipped(**{"a.txt": b"one\n", "sub/": b""})
    assert "The upload changes nothing." in person.rehearse(content).text
    page = person.rehearse(content, remove=True)
    told = page.html.select_one("p.zsync-error")
    assert told is not None
    assert "Objects that would be removed" in told.text
    assert told.strong.text == str(len(page.html.select("td.zsync-removed")))
    assert person.confirm(page).status_int == 200
    assert contents(demo) == {"a.txt": b"one\n"}


def test_a_change_meanwhile_is_shown_again(demo: ServerSite) -> None:
    person = Person(demo)
    page = person.rehearse(zipped(**{"a.txt": b"1\n"}))
    demo.root["demo"]["a.txt"].data = b"other\n"
    demo.commit()
    again = person.confirm(page)
    assert "have changed in the meantime" in again.text
    assert "<del>-other</del>" in again.text
    assert contents(demo)["a.txt"] == b"other\n"


def test_a_form_of_another_site_changes_nothing(demo: ServerSite) -> None:
    page = Person(demo).rehearse(zipped(**{"a.txt": b"1\n"}))
    fields = dict(page.form.submit_fields("confirm"))
    forged = webtest.TestApp(demo.app.app)
    forged.authorization = ("Basic", ("manager", "managerpw"))
    response = forged.post(PAGE, fields, expect_errors=True)
    assert response.status_int == 403
    assert contents(demo) == BEFORE


def test_an_upload_is_of_its_user(demo: ServerSite) -> None:
    page = Person(demo).rehearse(zipped(**{"a.txt": b"1\n"}))
    kept = page.form["kept"].value
    other = Person(demo, "editor")
    form = other.rehearse(zipped(**{"a.txt": b"2\n"})).form
    form["kept"].force_value(kept)
    response = form.submit("confirm", expect_errors=True)
    assert response.status_int == 404
    assert "Choose the file again." in response.text
    assert response.html.select("p > a[href='@@synchronize-put.html']")
    assert contents(demo) == BEFORE


@pytest.mark.parametrize(
    ("content", "status", "said"),
    [
        (b"no zip", 400, "no zip"),
        (zipped(**{"../x": b""}), 400, ".."),
        (zipped(**{"@@Zope/Entries.xml": b""}), 400, "control directory"),
        (zipped(**{"A.txt": b"", "a.txt": b""}), 400, "one name"),
    ],
)
def test_a_hostile_zip_is_refused(
    demo: ServerSite, content: bytes, status: int, said: str
) -> None:
    page = Person(demo).rehearse(content)
    assert page.status_int == status, page.text
    assert said in page.text
    assert contents(demo) == BEFORE


def test_a_description_of_a_class_that_is_none_is_refused(demo: ServerSite) -> None:
    demo.root["demo"]["odd"] = File(b"x", "text/x-odd")
    demo.commit()
    page = Person(demo).rehearse(zipped(**{"@@odd.meta": b"factory = os.system\n"}))
    assert "zsync-refused" in page.text
    assert "zsync-confirm" not in page.text


def test_a_folder_is_as_good_as_a_zip(demo: ServerSite) -> None:
    person = Person(demo)
    form = person.app.get(PAGE).form
    sent = {"demo/new.txt": b"new", "demo/sub/x.txt": b"x"}
    page = person.app.post(
        PAGE,
        {
            name: form[name].value
            for name in form.fields
            if form[name].attrs.get("type") == "hidden"
        },
        upload_files=[("folder", name, data) for name, data in sent.items()],
    )
    assert "added" in page.text
    page.form.submit("confirm")
    assert contents(demo) == {**BEFORE, "new.txt": b"new", "sub/x.txt": b"x"}


@pytest.mark.parametrize("user", [None, "reader"])
def test_a_user_who_may_not_commit_may_not_upload(
    demo: ServerSite, user: str | None
) -> None:
    assert demo.request("GET", PAGE, user).status_int in (401, 403)


def test_get_changes_nothing(demo: ServerSite) -> None:
    page = Person(demo).rehearse(zipped(**{"a.txt": b"1\n"}))
    query = "&".join(f"{n}={v}" for n, v in page.form.submit_fields("confirm"))
    demo.request("GET", f"{PAGE}?{query}", "manager")
    assert contents(demo) == BEFORE
    assert re.search("<form", page.text)
