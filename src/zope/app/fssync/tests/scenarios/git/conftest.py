"""A demo server, a folder on it for each test, and somebody with git."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from zope.app.fssync.testing.demoserver import LOGIN
from zope.app.fssync.testing.demoserver import Demo
from zope.app.fssync.testing.demoserver import demo
from zope.app.fssync.testing.gitperson import Clone
from zope.app.fssync.testing.gitperson import GitPerson
from zope.app.fssync.testing.person import Person

__all__ = ["demo"]


class Folder:
    """A folder ``shop`` that only one test uses."""

    def __init__(self, demo: Demo, name: str, person: Person) -> None:
        self.path = f"demo/{name}/shop"
        self._demo = demo
        self.zsync = person

    @property
    def url(self) -> str:
        return f"http://{LOGIN}@127.0.0.1:{self._demo.running.port}/{self.path}"

    def put(self, path: str, content: str) -> None:
        """Change a file as a browser does."""
        self._demo.put(f"{self.path}/{path}", content.encode())

    def get(self, path: str) -> str:
        return self._demo.get(f"{self.path}/{path}").decode()

    def log(self) -> str:
        return self.zsync("log", self.url)


@pytest.fixture
def folder(demo: Demo, tmp_path: Path, request: pytest.FixtureRequest) -> Folder:
    person = Person(tmp_path / "zsync")
    name = re.sub(r"\W", "-", request.node.name)
    place = person.place / name / "shop"
    (place / "fruit").mkdir(parents=True)
    (place / "todo.txt").write_text("- buy apples\n")
    (place / "fruit" / "apple.txt").write_text("red\n")
    url = f"http://{LOGIN}@127.0.0.1:{demo.running.port}/demo/{name}"
    person("import", name, url)
    return Folder(demo, name, person)


@pytest.fixture
def jane(tmp_path: Path) -> GitPerson:
    return GitPerson(tmp_path)


@pytest.fixture
def clone(jane: GitPerson, folder: Folder) -> Clone:
    return jane.clone(folder.url, "clone")


@pytest.fixture
def another(jane: GitPerson, folder: Folder) -> Callable[[], Clone]:
    """Make a second clone."""
    return lambda: jane.clone(folder.url, "another")
