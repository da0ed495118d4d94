"""zope6.txt tells what is so: its commands run, its permissions exist."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from pathlib import Path

import AccessControl.Permission
import pytest

import zope.app.fssync
from zope.app.fssync.testing.ofs.content import SAMPLE
from zope.app.fssync.testing.ofs.instance import SLUG
from zope.app.fssync.testing.ofs.instance import ZopeInstance
from zope.app.fssync.testing.ofs.site import configured
from zope.app.fssync.testing.processes import environment
from zope.app.fssync.testing.processes import zsync_command

pytestmark = pytest.mark.slow

DOCUMENT = Path(zope.app.fssync.__path__[0], "zope6.txt").read_text("utf-8")

#: Commands of the document that the tests do otherwise.
ELSEWHERE = ("pip ", "runwsgi ")

#: What the test environment has, and a site of Zope has not.
FOREIGN = frozenset(
    (
        *("grok", "zope.app.file", "zope.app.folder", "zope.app.publication"),
        *("zope.dublincore", "zope.file", "zope.principalregistry"),
        *("zope.securitypolicy", "zope.site.folder"),
    )
)


def commands() -> list[str]:
    return re.findall(r"^    \$ (.*)$", DOCUMENT, re.MULTILINE)


@pytest.fixture
def shell(tmp_path):
    """A shell in which zsync can be said."""
    (tmp_path / "bin").mkdir()
    script = tmp_path / "bin" / "zsync"
    script.write_text(f'#!/bin/sh\nexec {shlex.join(zsync_command())} "$@"\n')
    script.chmod(0o755)
    path = f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"
    kept = environment(tmp_path, PATH=path)

    def run(command: str, where: Path) -> str:
        done = subprocess.run(
            ["/bin/sh", "-c", command],
            cwd=where,
            env=kept,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    return run


def test_the_commands_do_what_it_says(shell, tmp_path):
    instance = ZopeInstance(tmp_path / "instance", by="nothing")
    instance.script(SAMPLE)
    said = [c for c in commands() if not c.startswith(ELSEWHERE)]
    on_server = [command for command in said if "zsync" not in command.split()[:1]]
    for command in [c for c in on_server if "etc/package-includes" in c]:
        shell(command, instance.place)
    assert (instance.place / "etc" / "package-includes" / SLUG).is_file()
    with instance.running():
        for command in said:
            if "etc/package-includes" not in command:
                shell(command.replace("8080", str(instance.port)), tmp_path)
        page = instance.request("GET", "/copy/hello.txt").text
        assert page.endswith("A line of mine.\n")
        # The document made the original private meanwhile.
        assert instance.request("GET", "/demo/hello.txt", None).status == 401


def test_a_site_needs_nothing_but_zope(tmp_path):
    instance = ZopeInstance(tmp_path / "instance")
    loaded = instance.script("print(*sys.modules, sep='\\n')").splitlines()
    assert "zope.app.fssync.hosts.ofs.host" in loaded
    assert FOREIGN.intersection(loaded) == set()


def test_the_permissions_exist():
    table = DOCUMENT.partition("one needs\n")[2].partition("\nManagers")[0]
    with configured():
        known = {each[0] for each in AccessControl.Permission.getPermissions()}
    named = [
        re.split(r"[,;]", line[32:])[0].strip()
        for line in table.splitlines()
        if line[:1].isalpha()
    ]
    described = {"what its tab in the management interface asks for"}
    described.add("the permission of its type")
    assert {*named} - described <= known
    assert len(named) > 8
