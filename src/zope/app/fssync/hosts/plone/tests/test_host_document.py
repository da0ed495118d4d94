"""plone.txt tells what is so: its commands run, one after the other."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest

import zope.app.fssync
from zope.app.fssync.hosts.plone.tests.conftest import COPY
from zope.app.fssync.testing.processes import environment
from zope.app.fssync.testing.processes import zsync_command

pytestmark = pytest.mark.slow

DOCUMENT = Path(zope.app.fssync.__path__[0], "plone.txt").read_text("utf-8")

#: Commands that the tests have done otherwise.
ELSEWHERE = ("pip ",)

KEEP = "site.manage_renameObject('work', 'kept')\n"

RESTORE = """
site.manage_delObjects(["work"])
site.manage_renameObject("kept", "work")
site.portal_resources.manage_delObjects(["theme"])
app.Live.portal_resources.manage_delObjects(["theme"])
for each in (site, app.Live):
    each.portal_types.Link.title = "Link"
"""

LOOK = """
from plone import api
page = site.work.page
print(page.title, page.text.raw.strip().splitlines()[-1])
print(api.content.get_state(site.work.news), site.work.garden.portal_type)
theme = site.portal_resources.theme.mine
print(site.portal_types.Link.title, list(theme.objectIds()))
"""

LIVE = """
from plone import api
from zope.component.hooks import setSite
live = app.Live
pairs = [(site.work[n], live.work[n]) for n in site.work.objectIds()]
print(len(pairs), {a.UID() == b.UID() for a, b in pairs})
setSite(live)
print([r.to_object.getPhysicalPath()[1:] for r in live.work.page.relatedItems])
print(live.work.data.file.data == site.work.data.file.data)
print("page" in [each.getId() for each in live.work.found.results(batch=False)])
print(api.content.get_state(live.work.news))
print(live.portal_types.Link.title, list(live.portal_resources.theme.objectIds()))
"""


def commands() -> list[str]:
    return re.findall(r"^    \$ (.*)$", DOCUMENT, re.MULTILINE)


@pytest.fixture
def work(plone):
    """The folder of the document, which others get as it was."""
    plone.run(KEEP + COPY.format(name="work").replace('["work"]', '["kept"]', 1))
    yield
    plone.run(RESTORE)


@pytest.fixture
def shell(plone, tmp_path):
    """A shell in which zsync can be said, and git has no settings."""
    (tmp_path / "bin").mkdir()
    script = tmp_path / "bin" / "zsync"
    script.write_text(f'#!/bin/sh\nexec {shlex.join(zsync_command())} "$@"\n')
    script.chmod(0o755)
    path = f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"
    kept = environment(tmp_path, PATH=path)

    def run(command: str) -> str:
        done = subprocess.run(
            ["/bin/sh", "-c", command.replace("8080", str(plone.port))],
            cwd=tmp_path,
            env=kept,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, (command, done.stdout)
        return done.stdout

    return run


@pytest.mark.oldest
def test_the_commands_do_what_it_says(work, shell, plone, tmp_path):
    for command in commands():
        if not command.startswith(ELSEWHERE):
            shell(command)

    assert plone.run(LOOK) == (
        "The page <p>A line of mine.</p>\npublished Document\nBookmark ['rules.xml']\n"
    )
    said = plone.run(LIVE).splitlines()
    assert said == [
        "8 {True}",
        "[('Live', 'work', 'news')]",
        "True",
        "True",
        "published",
        "Bookmark ['mine']",
    ]
    assert (tmp_path / "my.addon/profiles/default/types/Link.xml").is_file()
