"""What was downloaded in a browser is merged when it is uploaded again."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
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
def test_what_others_changed_since_stays(person, site, removes):
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
        (1, "", "does not tell a transaction"),
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
