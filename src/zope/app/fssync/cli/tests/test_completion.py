"""Command lines that real shells complete."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from zope.app.fssync.cli.completion import SHELLS
from zope.app.fssync.cli.completion import script
from zope.app.fssync.cli.main import command_table
from zope.app.fssync.cli.verb import Verb
from zope.app.fssync.testing.controldata import control
from zope.app.fssync.testing.controldata import read
from zope.app.fssync.testing.controldata import write
from zope.app.fssync.testing.person import Person
from zope.app.fssync.testing.processes import environment
from zope.app.fssync.testing.processes import zsync_command
from zope.app.fssync.testing.rawserver import RawServer
from zope.app.fssync.testing.rawserver import recorded_answer

CHECKOUT = recorded_answer("checkout-demo")

#: Parts of objects that both sides change, and the text in them.
PARTS = {
    "demo/@@Zope/Extra/crlf.txt/contentType": b"plain",
    "demo/@@Zope/Annotations/sub/zope.app.dublincore.ZopeDublinCore": b"zsync",
}

#: A script beside zsync, with a command of its own; it knows one in the way of 3.6.0.
OWN = """\
import sys
from zope.app.fssync.cli.program import Command
from zope.app.fssync.cli.options import Option
from zope.app.fssync.cli.verb import verb

@verb(Option("--loud", help="it's $HOME `loud`"), group="work", summary="it's a pulse",
      examples=(), completes="tracked")
def throb(opts, args):
    pass

def old(opts, args):
    pass

command = Command("pulse", usage="", title="pulse")
command.addCommand("throb", throb)
command.addCommand("old", old, "q:", "quick", "ancient")
sys.exit(command.main())
"""

#: Completes a line, given as its words; prints what is offered, one on each line.
BASH = """\
eval "$($1 completion bash)" || exit 9
shift
compopt() { :; }
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_$(basename "$1") "$1"
printf '%s\\n' "${COMPREPLY[@]}"
"""

ZSH = """\
autoload -Uz compinit && compinit -u -D
eval "$($1 completion zsh)" || exit 9
shift
_describe() {
    local n
    shift $(($# - 1))
    for n in "${(@P)1}"; do print -r -- "${n%%:*}"; done
}
_files() { print -r -- FILES "$@" }
compadd() {
    local slash=
    while [[ $1 == -* ]]; do
        [[ $1 == -- ]] && { shift; break }
        [[ $1 == -S ]] && { slash=$2; shift }
        shift
    done
    local n
    for n in "$@"; do print -r -- "$n$slash"; done
}
words=("$@")
CURRENT=$#
PREFIX=$words[-1]
_${1:t}
"""

FISH = """\
$argv[1] completion fish | source
or exit 9
complete -C "$argv[2]"
"""


class Shell:
    """A shell with zsync, in the parent of a checkout."""

    def __init__(self, name: str, place: Path) -> None:
        self.name = name
        self.place = place

    def __call__(self, *words: str) -> list[str]:
        """Return what is offered for the last word."""
        program, *_ = words
        if self.name == "fish":
            line = " ".join(words)
            command = ["fish", "--no-config", "-c", FISH, "--", program, line]
        elif self.name == "zsh":
            command = ["zsh", "-f", "-c", ZSH, "zsh", program, *words]
        else:
            command = ["bash", "--norc", "-c", BASH, "bash", program, *words]
        done = subprocess.run(
            command,
            cwd=self.place,
            env={**environment(self.place), "PATH": self._path()},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        found = [line.partition("\t")[0] for line in done.stdout.splitlines()]
        prefix = words[-1]
        # zsh leaves out what does not fit when it is given all.
        return [line for line in found if line and line.startswith(prefix)]

    def _path(self) -> str:
        return f"{self.place / 'bin'}{os.pathsep}{os.environ['PATH']}"


def with_part(answer: bytes, path: str, old: bytes, new: bytes) -> bytes:
    """Return an answer with another text, of the same length, in one of its files."""
    before, name, rest = answer.partition(f" {path}\n".encode())
    content, end, after = rest.partition(b"</pickle>")
    return before + name + content.replace(old, new) + end + after


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    place = tmp_path_factory.mktemp("completion")
    (place / "bin").mkdir()
    (place / "own.py").write_text(OWN)
    words = " ".join(f"'{word}'" for word in zsync_command())
    for name, command in [
        ("zsync", words),
        ("pulse", f"'{sys.executable}' '{place}/own.py'"),
    ]:
        path = place / "bin" / name
        path.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
        path.chmod(0o755)
    with RawServer([CHECKOUT]) as server:
        person = Person(place, place)
        person("checkout", f"http://ann:x@127.0.0.1:{server.port}/demo", "co")
        (place / "co/demo/readme.txt").write_text("mine\n")
        answer = CHECKOUT.replace(b"Hello, world.", b"Hallo, Welt!!")
        for part, text in PARTS.items():
            edited = place / "co" / part
            write(edited, read(edited).replace(text, b"mine!"))
            answer = with_part(answer, part, text, b"their")
        server.answers[:] = [answer]
        person("update", "co", status=3)
    (place / "co/demo/unknown.txt").write_text("x")
    return place


@pytest.fixture(
    params=[pytest.param(s, marks=pytest.mark.slow) for s in sorted(SHELLS)]
)
def shell(request, place):
    if shutil.which(request.param) is None:
        pytest.skip(f"there is no {request.param} here")
    return Shell(request.param, place)


def names(text: list[str]) -> set[str]:
    return {word.rstrip("/") for word in text}


def test_commands_and_their_aliases_are_offered(shell):
    assert names(shell("zsync", "com")) >= {"commit", "completion"}
    assert names(shell("zsync", "c")) >= {"ci", "co", "checkout", "commit"}
    assert names(shell("zsync", "help", "res")) >= {"resolve", "resolved"}
    assert names(shell("zsync", "-q", "-C", "co", "resol")) == {"resolve", "resolved"}


def test_options_of_the_command_are_offered(shell):
    assert "--dry-run" in shell("zsync", "commit", "--d")
    assert "--dry-run" in shell("zsync", "ci", "co", "--d")
    assert "--accept-deletions" in shell("zsync", "up", "--acc")
    assert "--accept-deletions" not in shell("zsync", "commit", "--acc")
    assert "--targets" in shell("zsync", "commit", "--t")
    assert "--quiet" in shell("zsync", "--q")


def test_registered_paths_are_offered(shell):
    assert names(shell("zsync", "commit", "co/")) == {"co/demo"}
    found = names(shell("zsync", "commit", "-m", "x", "co/demo/"))
    assert {"co/demo/readme.txt", "co/demo/sub"} <= found
    assert not {"co/demo/unknown.txt", "co/demo/@@Zope"} & found
    assert names(shell("zsync", "-C", "co/demo", "revert", "rea")) == {"readme.txt"}


def test_conflicts_are_offered_to_resolve(shell):
    # Conflicts of metadata are resolved with the object, and shown with it.
    in_conflict = {"co/demo/crlf.txt", "co/demo/readme.txt", "co/demo/sub"}
    assert names(shell("zsync", "resolve", "co")) == in_conflict
    assert names(shell("zsync", "resolve", "co/demo/r")) == {"co/demo/readme.txt"}
    assert names(shell("zsync", "resolve", "co/demo/x")) == set()


def test_the_argument_of_an_option_is_offered(shell):
    assert shell("zsync", "commit", "-m", "") == []
    assert names(shell("zsync", "status", "-o", "timeout.r")) == {"timeout.read="}


def test_settings_and_shells_are_offered(shell):
    assert names(shell("zsync", "config", "get", "tls")) == {"tls.ca"}
    assert names(shell("zsync", "completion", "")) >= set(SHELLS)


def test_commands_of_an_addon_are_offered(shell):
    assert names(shell("pulse", "t")) == {"throb"}
    assert names(shell("pulse", "anc")) == {"ancient"}
    assert "--quick" in shell("pulse", "old", "--qu")
    assert "--loud" in shell("pulse", "throb", "--l")
    assert names(shell("pulse", "throb", "co/")) == {"co/demo"}


def test_no_name_is_evaluated(shell, place):
    entries = control(place / "co/demo") / "Entries.xml"
    before = entries.read_text()
    odd = "$(touch evil)`touch evil`;*?"
    try:
        entry = before[before.index("<entry") : before.index("/>") + 2]
        name = entry.partition('name="')[2].partition('"')[0]
        added = entry.replace(f'name="{name}"', f'name="{odd}"')
        entries.write_text(before.replace(entry, entry + added))
        assert len(shell("zsync", "commit", "co/demo/")) > 1
        assert not list(place.rglob("evil"))
    finally:
        entries.write_text(before)


def test_bash_completes_what_is_quoted(place):
    if shutil.which("bash") is None:
        pytest.skip("there is no bash here")
    shell = Shell("bash", place)
    assert shell("zsync", "status", "--targets", "=", "ow") == ["own.py"]
    assert shell("zsync", "commit", "co/de") == ["co/demo"]


@pytest.mark.parametrize("shell", sorted(SHELLS))
def test_every_command_and_option_stands_in_the_script(shell):
    verbs = [line[0] for line in command_table if isinstance(line[0], Verb)]
    text = script(shell, "zsync", verbs)
    for verb in verbs:
        assert verb.name in text
        for option in verb.options:
            for name in option.names:
                assert (name.lstrip("-") if shell == "fish" else name) in text


def complete(place, *args, status=0):
    return Person(place, place)("completion", *args, status=status)


def test_a_wrong_call_is_told(place):
    for args in [(), ("csh",), ("bash", "zsh"), ("--list", "nosuch", "")]:
        complete(place, *args, status=2)


@pytest.mark.parametrize(
    "convert",
    [["downgrade"], ["upgrade", "--layout", "2"], ["upgrade", "--layout", "3"]],
)
def test_conflicts_of_metadata_are_offered_in_all_layouts(place, tmp_path, convert):
    shutil.copytree(place / "co", tmp_path / "co")
    (tmp_path / "co/demo/sub/void").mkdir()
    person = Person(tmp_path, tmp_path)
    person("downgrade", "co")
    person(*convert, "co")
    found = complete(tmp_path, "--list", "conflicts", "co/").splitlines()
    assert found == ["co/demo/crlf.txt", "co/demo/readme.txt", "co/demo/sub/"]


def test_descriptions_are_offered(place, tmp_path):
    shutil.copytree(place / "co", tmp_path / "co")
    Person(tmp_path, tmp_path)("upgrade", "--layout", "3", "co")
    found = complete(tmp_path, "--list", "tracked", "co/demo/@@r").splitlines()
    assert found == ["co/demo/@@readme.txt.meta"]
    assert complete(tmp_path, "--list", "tracked", "co/demo/sub") == "co/demo/sub/\n"
