"""An add-on that is installed beside the project, as extending.txt shows it."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import pytest

import zope.app.fssync
from zope.app.fssync.tests.addons import Installed
from zope.app.fssync.tests.addons import installed

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def kitchen(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    return installed("addon", tmp_path_factory.mktemp("kitchen"))


@pytest.fixture(scope="module")
def url(kitchen: Installed):
    with kitchen.serving('<include package="kitchen" />') as demo:
        yield demo.running.url.replace("://", "://zsync:zsync@")


@pytest.fixture(scope="module")
def book(kitchen: Installed, url: str) -> Path:
    """A working copy: what the end of the document says, letter for letter."""
    document = Path(zope.app.fssync.__path__[0], "extending.txt").read_text("utf-8")
    commands = re.findall(r"^    \$ (.*)$", document.partition("Then::")[2], re.M)
    assert len(commands) == 7
    script = "\n".join(["set -e", *commands])
    script = script.replace("http://zsync:zsync@localhost:8080", url)
    (kitchen.work / "parts").mkdir()
    said = kitchen.run("sh", "-c", script)
    assert "Adding    parts/checkout/root/book/soup.txt\n" in said
    assert re.search(r"Committed 2 objects.*\nleek\n\Z", said)
    return kitchen.work / "parts/checkout/root/book"


def checked_out(kitchen: Installed, url: str, name: str) -> Path:
    """A further working copy, by the zsync that knows no add-on."""
    kitchen.zsync("checkout", f"{url}/book", name)
    return kitchen.work / name / "book"


def test_addon_is_installed_beside_and_not_inside(kitchen: Installed) -> None:
    code = "import kitchen, zope.app.fssync as f; print(kitchen.__file__, *f.__path__)"
    where, inside = kitchen.run(sys.executable, "-c", code).split()
    assert Path(where).is_relative_to(kitchen.target)
    assert not Path(inside).is_relative_to(kitchen.target)


def test_its_own_script_has_its_command(kitchen: Installed) -> None:
    assert "kitchen-zsync shopping RECIPE" in kitchen.run(
        "kitchen-zsync", "help", "shop"
    )
    assert "unrecognized command" in kitchen.zsync("shopping", expected=2)


def test_its_own_buildout_makes_its_own_script(
    kitchen: Installed, pytestconfig: pytest.Config
) -> None:
    buildout = Path(sys.executable).with_name("buildout")
    link = pytestconfig.rootpath / "develop-eggs/zope.app.fssync.egg-link"
    if not (buildout.exists() and link.exists()):
        pytest.skip("this is not the Python that bootstrap.py has set up")
    # The other developed egg, found without a network.
    eggs = kitchen.work / "addon/develop-eggs"
    eggs.mkdir()
    shutil.copy(link, eggs)
    kitchen.run("sh", "-c", f"cd addon && {buildout} -o buildout:eggs-directory={eggs}")
    zsync = str(kitchen.work / "addon/bin/zsync")
    assert "zsync shopping RECIPE" in kitchen.run(zsync, "help", "shopping")
    assert "  checkout (co) " in kitchen.run(zsync, "help")


def test_content_goes_there_and_back(kitchen: Installed, url: str, book: Path) -> None:
    """Edit, add, status, commit in one working copy, update in another."""
    other = checked_out(kitchen, url, "other")
    assert (other / "soup.txt").read_bytes() == b"- leek\n"

    (book / "soup.txt").write_bytes(b"- leek\n- potatoes\n")
    description = book / "@@soup.txt.meta"
    told = description.read_text()
    assert 'module="kitchen.content"' in told
    told = told.replace("Extra/servings = 4\n", "Extra/servings = 6\n")
    description.write_text(told.replace("<int>0<", "<int>210<"))
    (book / "waffles.txt").write_bytes(b"- flour\n")
    (book / "sunday").write_bytes(b"soup.txt\nwaffles.txt\n")
    kitchen.zsync("add", "-f", "kitchen.content.Recipe", f"{book}/waffles.txt")
    kitchen.zsync("add", "-f", "kitchen.content.Menu", f"{book}/sunday")
    with (book / "@@waffles.txt.meta").open("a") as stream:
        stream.write("provides = kitchen.content.IVegetarian\n")

    said = kitchen.run("kitchen-zsync", "status", str(book))
    changed = re.findall(r"^([MA]).  ?.*/book/(.*?)/?$", said, re.MULTILINE)
    assert ("M", "soup.txt") in changed
    assert ("A", "waffles.txt") in changed
    assert ("A", "sunday") in changed

    said = kitchen.run("kitchen-zsync", "commit", str(book))
    assert "Committed 3 objects" in said
    assert " C " not in said
    assert kitchen.run("kitchen-zsync", "status", str(book)) == ""

    kitchen.zsync("update", str(other))
    assert (other / "soup.txt").read_bytes() == b"- leek\n- potatoes\n"
    assert (other / "sunday").read_bytes() == b"soup.txt\nwaffles.txt\n"
    told = (other / "@@soup.txt.meta").read_text()
    assert "Extra/servings = 6\n" in told
    assert "<int>210<" in told
    told = (other / "@@waffles.txt.meta").read_text()
    assert "provides = kitchen.content.IVegetarian\n" in told
    assert "type = kitchen.content.Recipe\n" in told


def test_refusals_of_the_package_are_told_and_change_nothing(
    kitchen: Installed, url: str, book: Path
) -> None:
    mine = checked_out(kitchen, url, "mine")
    before = (mine / "soup.txt").read_bytes()
    (mine / "soup.txt").write_bytes(b"- stones\n")
    (mine / "dinner").write_bytes(b"pizza.txt\n")
    kitchen.zsync("add", "-f", "kitchen.content.Menu", f"{mine}/dinner")
    said = kitchen.zsync("commit", str(mine), expected=6)
    assert "book/dinner: no such recipe: pizza.txt" in said
    assert "Traceback" not in said
    theirs = checked_out(kitchen, url, "theirs")
    assert (theirs / "soup.txt").read_bytes() == before
    assert not (theirs / "dinner").exists()
