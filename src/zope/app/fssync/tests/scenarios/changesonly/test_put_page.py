"""What was downloaded in a browser is merged when it is uploaded again."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import webtest
from zope.app.file.file import File
from zope.dublincore.interfaces import IZopeDublinCore

from zope.app.fssync.tests.scenarios.changesonly.site import Site
from zope.app.fssync.tests.scenarios.changesonly.test_log import append
from zope.app.fssync.tests.scenarios.changesonly.test_log import change
from zope.app.fssync.tests.scenarios.changesonly.test_undo import content

pytestmark = pytest.mark.slow

DEMO = "/area/demo"


class Person:
    """Somebody who downloads a zip, changes it, and uploads it."""

    def __init__(self, site: Site, user: str = "manager") -> None:
        # A server only iterates over what is proxied; WebTest does more.
        self.app = webtest.TestApp(
            lambda *request: [piece for piece in site(*request)]  # noqa: C416
        )
        self.app.authorization = ("Basic", (user, f"{user}pw"))
        zipped = zipfile.ZipFile(
            io.BytesIO(self.app.get(f"{DEMO}/@@synchronize.zip").body)
        )
        self.files = {name: zipped.read(name) for name in zipped.namelist()}

    def rehearse(self, **fields: Any) -> Any:
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as made:
            for name, data in self.files.items():
                made.writestr(name, data)
        form = self.app.get(f"{DEMO}/@@synchronize-put.html").form
        form["upload"] = webtest.Upload("demo.zip", stream.getvalue())
        for name, value in fields.items():
            form[name] = value
        return form.submit(expect_errors=True)


@pytest.fixture
def person(server: Any, site: Site) -> Person:
    return Person(site)


def others(demo: Any) -> None:
    """Do what has nothing to do with the person."""
    append("docs", "deep", "one.txt")(demo)
    two = demo["docs"]["two.txt"]
    two.data = b"0\n" + bytes(two.data)
    IZopeDublinCore(two).title = "Others"
    demo["others.txt"] = File(b"others", "text/plain")
    del demo["large.bin"]


@pytest.mark.parametrize("removes", [False, True])
def test_objects_others_changed_since_stay(person, site, removes):
    change(site, "others", others)
    now = content(site)
    person.files["demo/docs/two.txt"] += b"mine\n"
    page = person.rehearse(remove=removes)
    assert "+mine" in page.text
    assert len(page.html.select("#zsync-edits tbody tr")) == 1, page.text
    page.form.submit("confirm")
    title, data, kind = now["/docs/two.txt"]
    assert content(site) == {**now, "/docs/two.txt": (title, data + b"mine\n", kind)}


@pytest.mark.parametrize(
    ("theirs", "reason"),
    [
        (
            lambda demo: setattr(demo["docs"]["two.txt"], "data", b"others\n"),
            "conflict",
        ),
        (lambda demo: demo["docs"].__delitem__("two.txt"), "have removed it"),
    ],
)
def test_conflicts_are_shown_and_nothing_is_changed(
    person: Person, site: Site, theirs: Callable[[Any], object], reason: str
) -> None:
    change(site, "theirs", theirs)
    now = content(site)
    person.files["demo/docs/two.txt"] = b"mine\n"
    page = person.rehearse()
    ((name, told),) = (
        [cell.text for cell in row.select("td")]
        for row in page.html.select("#zsync-refused tbody tr")
    )
    assert name == "demo/docs/two.txt"
    assert reason in told
    assert "zsync-confirm" not in page.text
    assert content(site) == now


@pytest.mark.parametrize(
    ("place", "text", "reason"),
    [
        (0, "0000000000000001", "cannot be read any more"),
        (1, "0000000000000001", "one of another object"),
        (1, "", "names no transaction"),
    ],
)
def test_another_base_is_told(person, site, place, text, reason):
    parts = person.files["demo/@@.base"].decode("ascii").split("-")
    parts[place] = text
    person.files["demo/@@.base"] = "-".join(parts).encode("ascii")
    person.files["demo/docs/two.txt"] = b"mine\n"
    now = content(site)
    page = person.rehearse()
    assert reason in page.text
    assert "zsync-confirm" not in page.text
    assert content(site) == now


TITLE = "First title"
META = "demo/docs/@@two.txt.meta"


@pytest.fixture
def titled(server: Any, site: Site) -> Person:
    """Somebody who has downloaded a file with a title."""
    change(site, "titled", partial(call_it, title=TITLE))
    return Person(site)


def call_it(demo: Any, **said: str) -> None:
    for name, text in said.items():
        setattr(IZopeDublinCore(demo["docs"]["two.txt"]), name, text)


def edit(person: Person, name: str, old: str, new: str) -> None:
    assert old.encode() in person.files[name], person.files[name]
    person.files[name] = person.files[name].replace(old.encode(), new.encode())


def said(site: Site) -> tuple[str, str]:
    with site.changing() as root:
        found = IZopeDublinCore(root["area"]["demo"]["docs"]["two.txt"])
        return found.title, found.description


def test_an_edited_description_is_merged_as_update_and_commit_do(titled, site):
    change(site, "described", partial(call_it, description="By others"))
    edit(titled, META, TITLE, "My title")
    page = titled.rehearse()
    assert "My title" in page.text
    assert len(page.html.select("#zsync-edits tbody tr")) == 1, page.text
    page.form.submit("confirm")
    assert said(site) == ("My title", "By others")


def test_without_a_base_an_edited_description_counts_as_it_is(titled, site):
    del titled.files["demo/@@.base"]
    edit(titled, META, TITLE, "My title")
    titled.rehearse().form.submit("confirm")
    assert said(site) == ("My title", "")


def test_descriptions_that_both_have_changed_are_in_conflict(titled, site):
    change(site, "titled again", partial(call_it, title="Their title"))
    edit(titled, META, TITLE, "My title")
    page = titled.rehearse()
    assert META in page.text
    assert "conflict" in page.text
    assert "zsync-confirm" not in page.text
    assert said(site) == ("Their title", "")


def test_an_error_in_a_description_is_told_with_its_line(titled, site):
    titled.files[META] += b"Extra/x = 1\nExtra/x = 2\n"
    page = titled.rehearse()
    assert "line" in page.text
    assert "zsync-confirm" not in page.text
    assert said(site) == (TITLE, "")


def test_new_objects_come_with_their_descriptions(titled, site):
    for name in ("docs", "docs/deep"):
        files = list(titled.files)
        for each in files:
            if each.startswith(f"demo/{name}/"):
                copied = each.replace(f"demo/{name}/", f"demo/{name}-copy/", 1)
                titled.files[copied] = titled.files[each]
    before = content(site)
    titled.rehearse().form.submit("confirm")
    found = content(site)
    assert found == {
        **before,
        **{
            path.replace(f"/{name}", f"/{name}-copy", 1): value
            for name in ("docs", "docs/deep")
            for path, value in before.items()
            if f"{path}/".startswith(f"/{name}/")
        },
    }


def test_a_description_of_nothing_is_refused(titled, site):
    titled.files["demo/docs/@@nothing.meta"] = titled.files[META]
    page = titled.rehearse()
    assert "there is no object that it describes" in page.text
    assert "zsync-confirm" not in page.text
