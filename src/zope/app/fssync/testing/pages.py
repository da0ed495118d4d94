"""The commands of a page of the manual, run in a shell against a demo server.

A page shows commands as indented lines that begin with ``$ ``, and what they print
below.  ``http://server/demo`` is a folder with a folder ``shop``, in which there is a
file ``todo.txt``.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from zope.app.fssync.testing.demoserver import Place
from zope.app.fssync.testing.gitperson import write_helper
from zope.app.fssync.testing.processes import environment
from zope.app.fssync.testing.processes import zsync_command

__all__ = ["commands", "run_page"]

PROMPT = "    $ "


def commands(page: Path) -> list[tuple[str, str]]:
    """The commands of the page, each with what it prints."""
    found: list[tuple[str, str]] = []
    is_shown = False
    for line in page.read_text("utf-8").splitlines():
        if line.startswith(PROMPT):
            found.append((line.removeprefix(PROMPT), ""))
            is_shown = True
        elif line.startswith("    ") and is_shown:
            command, shown = found[-1]
            found[-1] = command, f"{shown}{line[4:]}\n"
        elif line:
            is_shown = False
    return found


def run_page(page: Path, place: Place, folder: str) -> list[tuple[str, str]]:
    """Run the commands of a page; return each with what it printed.

    ``folder`` is the path on the server of what the page calls ``/demo``.  What a
    checkout prints depends on the server, and is taken to be what the page shows.
    """
    home = place.directory / "there"
    shop = place.directory / page.stem / "shop"
    for directory in (home, shop):
        directory.mkdir(parents=True)
    (shop / "todo.txt").write_text("- open the shop\n")
    place("import", str(shop.parent), place.url(folder))
    env = environment(place.home)
    programs = place.directory / "programs"
    programs.mkdir()
    write_helper(programs)
    env["PATH"] = f"{programs}:{env['PATH']}"
    done = subprocess.run(
        ["bash", "-c", _script(page, place.url(folder))],
        cwd=home,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    told = zip(commands(page), done.stdout.split("\0")[1:], strict=False)
    return [
        (command, wanted if command.startswith("zsync checkout") else shown)
        for (command, wanted), shown in told
    ]


def _script(page: Path, folder: str) -> str:
    """A script with the commands, which tells where the output of each begins."""
    words = " ".join(f"'{word}'" for word in zsync_command())
    function = f'zsync() {{ {words} "$@"; }}'
    lines = [line.replace("http://server/demo", folder) for line, _ in commands(page)]
    told = [f"printf '\\0'\n{line}" for line in lines]
    return "\n".join(["set -e", function, *told])
