"""After any exchange a working copy is what a full checkout would give.

Random steps: others change content, rights, registrations and the database itself;
a manager and a user who may see little work in their working copies.  The test
knows nothing of how exchanges are made cheap.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import zope.app.wsgi.testlayer
from hypothesis import HealthCheck
from hypothesis import Phase
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

import zope.app.fssync.tests.exchange
from zope.app.fssync.tests.exchange import changes
from zope.app.fssync.tests.exchange.copies import LOCAL
from zope.app.fssync.tests.exchange.copies import Copy
from zope.app.fssync.tests.exchange.database import Database
from zope.app.fssync.tests.exchange.database import FileDatabase
from zope.app.fssync.tests.exchange.database import ServedDatabase
from zope.app.fssync.tests.exchange.site import Server
from zope.app.fssync.tests.exchange.site import Site

USERS = ("manager", "weak")

#: More of them find more: nightly runs set a larger number.
EXAMPLES = int(os.environ.get("FSSYNC_EXAMPLES", "6"))


@pytest.fixture(scope="module")
def server():
    layer = zope.app.wsgi.testlayer.BrowserLayer(
        zope.app.fssync.tests.exchange, "site.zcml", allowTearDown=True
    )
    layer.setUp()
    layer.testSetUp()
    server = Server()
    yield server
    server.close()
    layer.testTearDown()
    layer.tearDown()


class World:
    """A site, others who change it, and two who work on it by zsync."""

    def __init__(self, server: Server, kind: type[Database]) -> None:
        self.stack = ExitStack()
        place = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        self.stack.callback(changes.put_back)
        self.site = server.site = Site(kind(place))
        self.stack.callback(self.site.close)
        self.copies = []
        for login in USERS:
            (place / login).mkdir()
            self.copies.append(Copy(server.url, login, place / login))

    def __enter__(self) -> World:
        return self

    def __exit__(self, *error: Any) -> None:
        self.stack.close()

    def do(self, step: Any, who: int, a: int, b: int) -> None:
        """Take a step: a change to the site, or something in a working copy."""
        # Somebody else's turn, often: caches differ between instances.
        self.site.take_turns(a + b)
        if step in SITE:
            step(self.site, a, b)
        else:
            step(self.copies[who], a, b)


def rest(site: Site, a: int, b: int) -> None:
    """Do nothing: to this a failing example is reduced."""


def update(copy: Copy, a: int, b: int) -> None:
    copy.update(copy.top)


def update_a_part(copy: Copy, a: int, b: int) -> None:
    copy.update(copy.pick(a))


def commit(copy: Copy, a: int, b: int) -> None:
    copy.commit(copy.top)


def commit_a_part(copy: Copy, a: int, b: int) -> None:
    copy.commit(copy.pick(a))


Step = Callable[[Any, int, int], None]

SITE: list[Step] = [rest, *changes.CONTENT, *changes.RIGHTS]
SITE += [*changes.SETTINGS, *changes.STORAGE]

#: Each as often as it is listed.
STEPS: list[Step] = [*SITE, *LOCAL, *LOCAL, *changes.RIGHTS]
STEPS += [update] * 9 + [update_a_part] * 3 + [commit] * 6 + [commit_a_part] * 2

numbers = st.integers(0, 60)
steps = st.lists(
    st.tuples(st.sampled_from(STEPS), st.integers(0, 1), numbers, numbers),
    min_size=40,
    max_size=40,
)


@pytest.mark.parametrize("kind", [FileDatabase, ServedDatabase])
def test_a_working_copy_is_what_a_full_checkout_gives(server, kind):
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=bool(os.environ.get("CI")),
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
    )
    @given(steps)
    def walk(taken):
        with World(server, kind) as world:
            for step in taken:
                world.do(*step)

    walk()
