"""File names are UTF-8 in a locale of Latin-1, and what is shown is Latin-1."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from zope.app.fssync.testing.processes import environment
from zope.app.fssync.testing.processes import zsync_command

pytestmark = pytest.mark.slow

NAMES = ("Größe.txt", "日本.txt")
ENTRIES = "".join(f'<entry name="{name}" id="/site/{name}" />' for name in NAMES)
LOCALE = "de_DE.ISO-8859-1"


@pytest.fixture(scope="module")
def locale(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the locale is."""
    made: Path = tmp_path_factory.mktemp("locale")
    program = shutil.which("localedef")
    if program is None:
        pytest.skip("localedef makes locales; none is here")
    words = [program, "-i", "de_DE", "-f", "ISO-8859-1", str(made / LOCALE)]
    done = subprocess.run(words, capture_output=True)
    if done.returncode > 1:
        pytest.skip(f"no locale of Latin-1 can be made: {done.stderr!r}")
    return made


@pytest.fixture
def top(tmp_path: Path) -> Path:
    """A working copy with an edit in each of two files."""
    files = {
        "@@Zope/Root": "http://u:p@127.0.0.1:1/site",
        "@@Zope/Entries.xml": '<entries><entry name="site" id="/site" /></entries>',
        "site/@@Zope/Entries.xml": f"<entries>{ENTRIES}</entries>",
        **{f"site/@@Zope/Original/{name}": "before\n" for name in NAMES},
        **{f"site/{name}": "after\n" for name in NAMES},
    }
    for path, content in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(content, encoding="utf-8")
    return tmp_path / "site"


def run(
    top: Path, locale: Path, *words: str | bytes, **more: str
) -> subprocess.CompletedProcess[bytes]:
    env = environment(top.parent / "home", LOCPATH=str(locale), LC_ALL=LOCALE)
    for name in ("PYTHONUTF8", "PYTHONIOENCODING"):
        env.pop(name, None)
    command = [*zsync_command(), *words]
    return subprocess.run(
        command, cwd=top, env={**env, **more}, capture_output=True, timeout=60
    )


def test_names_of_all_scripts_are_told_in_the_encoding_of_the_locale(
    top: Path, locale: Path
) -> None:
    done = run(top, locale, "status")
    assert done.stderr == b""
    assert done.stdout == "M  Größe.txt\nM  \\u65e5\\u672c.txt\n".encode("latin-1")
    # What is for patch and git has the names as they are.
    assert "+++ b/日本.txt\n".encode() in run(top, locale, "diff").stdout


def test_programs_are_told_what_the_names_are(top: Path, locale: Path) -> None:
    items = json.loads(run(top, locale, "status", "--json").stdout)["items"]
    assert [item["path"] for item in items] == [f"./{name}" for name in NAMES]


@pytest.mark.parametrize("encoding", ["latin-1", "utf-8"])
def test_arguments_may_be_typed_or_be_those_of_the_shell(
    top: Path, locale: Path, encoding: str
) -> None:
    done = run(top, locale, "revert", "Größe.txt".encode(encoding))
    assert done.stdout == "Reverted Größe.txt\n".encode("latin-1"), done.stderr
    assert (top / "Größe.txt").read_text() == "before\n"


def test_missing_files_are_told_in_that_encoding(top: Path, locale: Path) -> None:
    done = run(top, locale, "diff", "Fuß".encode("latin-1"))
    assert done.stderr == "zsync: nothing known about 'Fuß'\n".encode("latin-1")
    assert done.returncode == 1


def test_a_user_who_chooses_the_mode_of_python_has_names_in_the_locale(
    top: Path, locale: Path
) -> None:
    done = run(top, locale, "status", PYTHONUTF8="0")
    assert b"encoding of the locale, iso8859-1" in done.stderr
    assert done.returncode == 1


def test_the_new_process_has_an_environment_as_before(top: Path, locale: Path) -> None:
    (top / "notes").write_text("x\n")
    tool = 'env > "$0.env"'
    done = run(top, locale, "diff", "--tool", f"sh -c '{tool}' {top}/found", *NAMES)
    assert done.returncode == 0, done.stderr
    told = (Path(f"{top}/found.env")).read_bytes()
    assert b"ZSYNC_STREAMS" not in told
    assert os.fsencode(LOCALE) in told
