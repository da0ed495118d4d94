"""The hosts, each with a server in a process and a browser that is logged in."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from contextlib import ExitStack
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver

from zope.app.fssync.testing.chromium import Browser
from zope.app.fssync.testing.chromium import chromium
from zope.app.fssync.testing.demoserver import Demo
from zope.app.fssync.testing.ofs.instance import ZopeInstance
from zope.app.fssync.testing.plone.site import running_site

#: Content of a site of Zope.
ZOPE = """
app.manage_addFolder("demo")
app.demo.manage_addFile("hello.txt", b"Hello!\\n", content_type="text/plain")
app.demo.manage_addFolder("notes")
"""

#: Content of a site of Plone.
PLONE = """
from plone import api
from plone.namedfile.file import NamedBlobFile

demo = api.content.create(site, "Folder", "demo", title="Demo")
hello = NamedBlobFile(b"Hello!\\n", "text/plain", "hello.txt")
api.content.create(demo, "File", "hello.txt", title="Hello", file=hello)
api.content.create(demo, "Folder", "notes", title="Notes")
"""


@pytest.fixture(scope="session")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    with chromium(tmp_path_factory.mktemp("profile")) as driver:
        yield driver


def _toolkit(place: Path) -> Iterator[str]:
    demo = Demo(place / "data")
    demo("start", "--port", "0")
    demo("sample")
    yield f"http://localhost:{demo.running.port}"
    demo("stop")


def _zope(place: Path) -> Iterator[str]:
    instance = ZopeInstance(place)
    instance.script(ZOPE)
    with instance.running():
        yield f"http://localhost:{instance.port}"


def _plone(place: Path) -> Iterator[str]:
    with running_site(place / "instance") as instance:
        instance.run(PLONE)
        yield f"http://localhost:{instance.port}"


HOSTS = {"toolkit": _toolkit, "zope": _zope, "plone": _plone}

#: The folder that is looked at.
FOLDERS = {"toolkit": "demo", "zope": "demo", "plone": "Plone/demo"}

#: The id of whoever is logged in.
PRINCIPALS = {"toolkit": "zope.zsync", "zope": "zsync", "plone": "zsync"}

#: Pages that nobody sees without a login.
PRIVATE = {
    "toolkit": "@@contents.html",
    "zope": "demo/@@synchronize.html",
    "plone": "manage_main",
}


class Host:
    """A server of one host: its URL, and the path of a folder."""

    def __init__(self, name: str, url: str) -> None:
        self.name = name
        self.url = url
        self.folder = FOLDERS[name]
        #: What the folder is called.
        self.top = self.folder.rpartition("/")[2]
        self.principal = PRINCIPALS[name]
        self.private = PRIVATE[name]


@pytest.fixture(scope="session")
def hosts(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[[str], Host]]:
    """The servers that tests have asked for, by the name of the host."""
    running: dict[str, Host] = {}
    with ExitStack() as stack:

        def host(name: str) -> Host:
            if name not in running:
                place = tmp_path_factory.mktemp("host")
                url = stack.enter_context(contextmanager(HOSTS[name])(place))
                running[name] = Host(name, url)
            return running[name]

        yield host


@pytest.fixture(params=HOSTS)
def host(request: Any, hosts: Callable[[str], Host]) -> Host:
    return hosts(request.param)


@pytest.fixture
def browser(driver: webdriver.Chrome, host: Host) -> Iterator[Browser]:
    browser = Browser(driver, host.url)
    browser.log_in(host.private)
    # That page may be one of the host, whose scripts are not ours: leave it.
    driver.get("about:blank")
    browser.console()
    driver.set_window_size(1200, 900)
    yield browser
    assert browser.console() == []
