"""What the documents say is typed letter for letter, where nothing is installed.

Only the port is another one: others may have that of the documents.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from zope.app.fssync.testing.processes import free_port
from zope.app.fssync.tests.addons import HERE
from zope.app.fssync.tests.scenarios.walks.fresh import Walker
from zope.app.fssync.tests.scenarios.walks.fresh import build
from zope.app.fssync.tests.scenarios.walks.fresh import commands
from zope.app.fssync.tests.scenarios.walks.fresh import shown_files

pytestmark = pytest.mark.slow

VERSION = "import importlib.metadata as m; print(m.version('Zope'))"


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("built"))


@pytest.fixture(scope="module")
def walker(tmp_path_factory: pytest.TempPathFactory, dist: Path) -> Walker:
    """One environment for all documents."""
    return Walker(tmp_path_factory.mktemp("walk"), dist, frozenset())


@pytest.fixture(scope="module")
def zope5(tmp_path_factory: pytest.TempPathFactory, dist: Path) -> Walker:
    """An environment for Zope 5, whose releases the document names."""
    return Walker(tmp_path_factory.mktemp("zope5"), dist, frozenset(("zope", "zodb")))


@pytest.mark.parametrize("release", ["6", "5"])
def test_a_site_of_zope(request: pytest.FixtureRequest, release: str) -> None:
    walk: Walker = request.getfixturevalue("walker" if release == "6" else "zope5")
    said = commands("zope6.txt")
    installs = [command for command in said if command.startswith("pip ")]
    assert [('"Zope < 6"' in each) for each in installs] == [False, True]
    walk(installs[release == "5"])
    running = said.index("runwsgi etc/zope.ini")
    port = free_port()
    site = walk.place / "site"
    for command in said[:running]:
        if command.startswith("cd "):
            assert site == walk.place / command.removeprefix("cd ")
        elif command not in installs:
            walk(command, site if site.is_dir() else walk.place)
    ini = site / "etc" / "zope.ini"
    ini.write_text(ini.read_text().replace("8080", str(port)))
    with walk.running(said[running], site, "Serving on"):
        for command in said[running + 1 :]:
            walk(command.replace("localhost:8080", f"localhost:{port}"))
        walk(f"zsync export http://zsync:zsync@localhost:{port}/copy out")
        # The document has made the original private meanwhile.
        with pytest.raises(HTTPError, match="401"):
            urlopen(f"http://localhost:{port}/demo/hello.txt")
    assert (walk.place / "out/hello.txt").read_text() == "Hello.\nA line of mine.\n"
    assert walk(f'python -c "{VERSION}"').startswith(f"{release}.")


def test_content_types_of_an_add_on(walker: Walker) -> None:
    shutil.copytree(HERE / "addon", walker.place / "kitchen")
    port = free_port()
    said = [
        command.replace("demo start", f"demo --port {port} start").replace(
            "localhost:8080", f"localhost:{port}"
        )
        for command in commands("extending.txt")
    ]
    try:
        for command in said:
            last = walker(command)
    finally:
        walker("python -m zope.app.fssync.demo stop")
    assert last == "leek\n"


def test_an_application_of_grok(walker: Walker) -> None:
    zoo = walker.place / "zoo-site"
    zoo.mkdir()
    port = free_port()
    for name, content in shown_files("grok.txt"):
        (zoo / name).write_text(content.replace("127.0.0.1:8080", f"127.0.0.1:{port}"))
    said = commands("grok.txt")
    serving = said.index("python serve.py")
    for command in said[:serving]:
        walker(command, zoo)
    with walker.running(said[serving], zoo, "Serving on"):
        for command in said[serving + 1 :]:
            last = walker(command.replace("localhost:8080", f"localhost:{port}"), zoo)
        assert "<unicode>Manfred</unicode>" in last
        assert walker("zsync status work", zoo) == ""
        # A second working copy has what the first one sent.
        walker(f"zsync checkout http://zsync:zsync@localhost:{port}/zoo there", zoo)
    assert (zoo / "there/zoo/manfred").read_text() == last
