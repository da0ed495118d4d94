"""An add-on as it was written for release 3.6.0, after 2to3 and nothing else.

Its sources, in addon36, keep to the names that were public then.
"""

from __future__ import annotations

import base64
import unicodedata
from pathlib import Path

import pytest

from zope.app.fssync.testing.demoserver import Demo
from zope.app.fssync.tests.addons import Installed
from zope.app.fssync.tests.addons import installed
from zope.fssync import paths
from zope.fssync.metadata import Metadata

pytestmark = pytest.mark.slow

INCLUDES = """\
<include package="wikipages" />
  <includeOverrides package="wikipages" file="overrides.zcml" />
"""


@pytest.fixture(scope="module")
def wikipages(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    return installed("addon36", tmp_path_factory.mktemp("wikipages"))


@pytest.fixture(scope="module")
def demo(wikipages: Installed):
    with wikipages.serving(INCLUDES) as demo:
        yield demo


@pytest.fixture(scope="module")
def url(demo: Demo) -> str:
    return demo.running.url.replace("://", "://zsync:zsync@")


def checkout(wikipages: Installed, url: str, name: str) -> None:
    """Make a working copy that commands written for 3.6.0 can read."""
    wikipages.run("wikisync", "checkout", url, name)
    wikipages.zsync("downgrade", name)


@pytest.fixture(scope="module")
def wiki(wikipages: Installed, url: str) -> Path:
    """A working copy of a wiki that its generators have made from plain files."""
    checkout(wikipages, f"{url}/", "copy")
    wiki = wikipages.work / "copy/root/wiki"
    wiki.mkdir()
    wikipages.run("wikisync", "add", "-f", "wikipages.wiki.Wiki", str(wiki))
    for name, text in (("Front", b"Welcome to Caf\xc3\xa9\n"), ("Caf\xe9", b"Tea\n")):
        (wiki / name).write_bytes(text)
        wikipages.run("wikisync", "add", str(wiki / name))
    (wiki / "part").mkdir()
    wikipages.run("wikisync", "add", str(wiki / "part"))
    said = wikipages.run("wikisync", "commit", str(wiki.parent))
    assert "Committed 4 objects" in said
    return wiki


def view(demo: Demo, path: str) -> str:
    return demo.get(path).decode()


def test_generators_and_callbacks_make_the_objects(demo: Demo, wiki: Path) -> None:
    assert view(demo, "wiki/@@report").splitlines() == [
        "The wiki wiki",
        "Café by nobody: [] []",
        "Front by nobody: ['Café'] [('Café', 4)]",
        "part",
    ]


def test_entries_have_the_ids_of_its_own_adapters(wiki: Path) -> None:
    metadata = Metadata()
    assert metadata.getentry(str(wiki))["id"] == "/wiki"
    assert metadata.getentry(str(wiki / "Front"))["id"] == "/wiki/Front"
    entry = metadata.getentry(str(wiki / "part"))
    assert entry["id"] == "/wiki/part"
    assert entry["type"] == "wikipages.wiki.Wiki"


def test_its_own_references_go_there_and_back(
    wikipages: Installed, demo: Demo, wiki: Path
) -> None:
    where = wiki / "@@Zope/Annotations/Front/wikipages.SeeAlso"
    text = where.read_text("utf-8")
    # Text that is not ASCII is encoded, as it always was.
    id = base64.b64encode("wikipage:/wiki/Café".encode()).decode()
    assert f'<persistent> <string encoding="base64">{id}' in text
    where.write_text(text.replace(">4<", ">44<"), "utf-8")
    said = wikipages.run("wikisync", "commit", str(wiki))
    assert "Committed 1 object" in said
    assert "Front by nobody: ['Café'] [('Café', 44)]" in view(demo, "wiki/@@report")


def test_content_goes_there_and_back(
    wikipages: Installed, demo: Demo, url: str, wiki: Path
) -> None:
    wikipages.run("wikisync", "checkout", f"{url}/wiki", "other")
    (wiki / "Café").write_bytes(b"Coffee\n")
    author = wiki / "@@Zope/Extra/Café/author"
    author.write_text(author.read_text().replace("nobody", "Zoe"))
    said = wikipages.run("wikisync", "status", str(wiki))
    assert "MM copy/root/wiki/Café\n" in said
    said = wikipages.run("wikisync", "publish", "-m", "coffee", str(wiki))
    assert said.endswith("2 requests\n")
    assert "Café by Zoe" in view(demo, "wiki/@@report")
    said = wikipages.run("wikisync", "update", "other")
    # Servers send names decomposed; file systems may want them so.
    cafe = paths.file_name(unicodedata.normalize("NFD", "Café"), "Café")
    assert f"UU other/wiki/{cafe}\n" in said
    assert (wikipages.work / "other/wiki" / cafe).read_bytes() == b"Coffee\n"


def test_a_marker_interface_that_its_zcml_knows(
    wikipages: Installed, demo: Demo, wiki: Path
) -> None:
    metadata = Metadata()
    metadata.getentry(str(wiki / "New")).update(
        flag="added",
        factory="wikipages.wiki.WikiPage",
        provides="wikipages.interfaces.IFrontPage",
        id="/wiki/New",
    )
    (wiki / "New").write_bytes(b"Something new\n")
    metadata.flush()
    wikipages.run("wikisync", "commit", str(wiki))
    entry = Metadata().getentry(str(wiki / "New"))
    assert entry["provides"] == "wikipages.interfaces.IFrontPage"
    assert entry["syntax"] == "moin"


def test_its_own_view_on_commits(wikipages: Installed, url: str, wiki: Path) -> None:
    wikipages.run("wikisync", "checkout", f"{url}/wiki", "empty")
    page = wikipages.work / "empty/wiki/Front"
    before = page.read_bytes()
    page.write_bytes(b"")
    said = wikipages.run("wikisync", "commit", "empty", expected=6)
    assert "Front is empty" in said
    page.write_bytes(b"Full\n")
    said = wikipages.run("wikisync", "commit", "-m", "forbidden", "empty", expected=6)
    assert "this note is not liked here" in said
    wikipages.run("wikisync", "checkout", f"{url}/wiki", "unchanged")
    assert (wikipages.work / "unchanged/wiki/Front").read_bytes() == before


def test_its_own_scripts_on_the_server(demo: Demo, wiki: Path) -> None:
    backup = view(demo, "wiki/@@backup").splitlines()
    assert "backup/Front" in backup
    assert "backup/@@Zope/Extra/Front/author" in backup
    assert "backup/@@Zope/Annotations/Front/wikipages.SeeAlso" in backup
    assert view(demo, "wiki/@@duplicate") == "wikipages.wiki.Wiki"
    # The generator gave it another title, which the extra replaced.
    assert view(demo, "copy-of-wiki/@@report").startswith("The wiki wiki\nCaf")


def test_its_own_commands(wikipages: Installed, url: str, wiki: Path) -> None:
    said = wikipages.run("wikisync", "help")
    assert "wikisync unpack FILE DIRECTORY" in said
    said = wikipages.run("wikisync", "pages", str(wiki))
    assert "Front wikipages.wiki.WikiPage wikipages.wiki.WikiPage True moin\n" in said
    assert "pack requires two arguments" in wikipages.run(
        "wikisync", "pack", expected=2
    )
    assert "nothing known about" in wikipages.run(
        "wikisync", "publish", "nowhere", expected=1
    )


def test_packed_working_copies_are_merged(
    wikipages: Installed, url: str, wiki: Path
) -> None:
    for name in ("mine", "yours"):
        checkout(wikipages, f"{url}/wiki", name)
    (wikipages.work / "yours/wiki/Front").write_bytes(b"Yours\n")
    wikipages.run("wikisync", "pack", "yours", "yours.snarf")
    said = wikipages.run("wikisync", "unpack", "yours.snarf", "mine")
    assert "U mine/wiki/Front" in said
    assert (wikipages.work / "mine/wiki/Front").read_bytes() == b"Yours\n"
