"""Somebody who promotes between two folders of a demo server, as between sites."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from zope.app.fssync.testing.demoserver import LOGIN
from zope.app.fssync.testing.demoserver import Demo
from zope.app.fssync.testing.person import Person

__all__ = ["LINES", "Publisher", "me"]

LINES = "".join(f"{n}\n" for n in range(8))


class Publisher(Person):
    """Somebody with two sites that began alike, and a working copy of the first."""

    def __init__(self, place: Path, demo: Demo) -> None:
        super().__init__(place)
        self.demo = demo
        self.host = f"{LOGIN}@127.0.0.1:{demo.running.port}"
        self.state = self.home / ".local" / "state" / "zsync"
        source = place / "source"
        (source / "sub").mkdir(parents=True)
        (source / "a.txt").write_text(LINES)
        (source / "b.txt").write_text("b\n")
        (source / "sub" / "c.txt").write_text("c\n")
        for site in ("staging", "www"):
            self("import", "source", self.url(site))
        self.since = self.transactions("staging")[0]["id"]
        self("checkout", "-q", self.url("staging"), "co")
        self.here = next(place.joinpath("co").glob("*-staging"))

    def url(self, site: str, user: bool = True) -> str:
        host = self.host if user else self.host.rpartition("@")[2]
        return f"http://{host}/demo/{self.place.name}-{site}"

    def transactions(self, site: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self("log", "--json", self.url(site)))[
            "items"
        ]
        return found

    def until(self) -> str:
        """The last transaction of the first site."""
        return f"0x{self.transactions('staging')[0]['id'].removeprefix('0x')}"

    def promotes(self, *arguments: str, status: int = 0) -> str:
        sites = (self.url("staging"), self.url("www"))
        options = [each for each in arguments if each.startswith("-")]
        rest = [each for each in arguments if not each.startswith("-")]
        shown = self("promote", *options, *sites, *rest, status=status)
        return shown + self.said

    def commits(self) -> None:
        self("watch", "--once", "co")

    def edits(self, site: str, path: str, text: str) -> None:
        self.demo.put(f"demo/{self.place.name}-{site}/{path}", text.encode())

    def there(self, path: str) -> str | None:
        try:
            return self.demo.get(f"demo/{self.place.name}-www/{path}").decode()
        except OSError:
            return None


@pytest.fixture
def me(tmp_path: Path, demo: Demo) -> Publisher:
    return Publisher(tmp_path, demo)
