"""The files that set the project up agree with each other."""

from __future__ import annotations

import ast
import configparser
import gettext
import io
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from docutils.core import publish_string
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


@pytest.fixture
def top(pytestconfig: pytest.Config) -> Path:
    return pytestconfig.rootpath


def versions(top: Path) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser()
    parser.optionxform = str  # type: ignore[method-assign,assignment]
    parser.read(top / "versions.cfg")
    return parser


def buildout(top: Path) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser()
    parser.read(top / "buildout.cfg")
    return parser


def project(top: Path) -> dict:
    return tomllib.loads((top / "pyproject.toml").read_text())["project"]


def test_every_requirement_has_a_pin(top: Path) -> None:
    pins = {name.lower() for name in versions(top)["versions"]}
    # Plone comes with pins of its own, and its tests with an environment of their own.
    found = project(top)["optional-dependencies"]
    extras = [found[name] for name in found.keys() - {"plone"}]
    wanted = [*project(top)["dependencies"], *(r for extra in extras for r in extra)]
    names = {re.split(r"[\[ <>=;]", requirement)[0].lower() for requirement in wanted}
    assert names - pins == {"zope.app.fssync"}


def test_pip_gets_the_pins_that_buildout_reads(top: Path) -> None:
    code = "import bootstrap; print('\\n'.join(bootstrap.pinned('versions.cfg')))"
    told = subprocess.check_output([sys.executable, "-c", code], cwd=top, text=True)
    given = dict(line.split("==") for line in told.splitlines())
    own = versions(top)["versions"]
    assert {name: given[name] for name in own} == dict(own)
    newest = "versions:python313"
    assert ("legacy-cgi" in given) == (sys.version_info[:2] == (3, 13))
    assert "legacy-cgi" in versions(top)[newest]


def test_bootstrap_knows_every_script_of_buildout(top: Path) -> None:
    parts = buildout(top)["buildout"]["parts"].split()
    made = {
        name
        for part in parts
        for option in ("scripts", "interpreter")
        if (name := buildout(top)[part].get(option))
    }
    code = "import bootstrap; print(*bootstrap.SCRIPTS)"
    told = subprocess.check_output([sys.executable, "-c", code], cwd=top, text=True)
    assert set(told.split()) == made
    assert set(project(top)["scripts"]) <= made


@pytest.mark.parametrize("program", ["exchange", "compare", "zodbsync"])
def test_benchmarks_run_with_the_path_of_bin_py(top: Path, program: str) -> None:
    path = buildout(top)["test"]["extra-paths"]
    told = subprocess.run(
        [sys.executable, "-P", f"bench/{program}.py", "--help"],
        cwd=top,
        env={**os.environ, "PYTHONPATH": path.replace("${buildout:directory}", ".")},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    assert told.stdout.startswith("usage:")


def test_an_old_python_is_told_that_it_is_too_old(top: Path) -> None:
    code = (
        "import sys; sys.version_info = (3, 10, 4); sys.argv = ['bootstrap.py'];"
        "exec(open('bootstrap.py').read(), "
        "{'__name__': '__main__', '__file__': 'bootstrap.py'})"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=top, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "needs Python 3.11 or newer; this is Python 3.10" in done.stderr


def test_any_old_python_can_read_bootstrap(top: Path) -> None:
    tree = ast.parse((top / "bootstrap.py").read_text(), feature_version=(3, 4))
    new = (ast.JoinedStr, ast.AnnAssign, ast.NamedExpr, ast.Starred)
    # A star in a call is old, one in a list is not.
    calls = [arg for n in ast.walk(tree) if isinstance(n, ast.Call) for arg in n.args]
    found = [n for n in ast.walk(tree) if isinstance(n, new) and n not in calls]
    assert found == []


@pytest.mark.parametrize("name", ["README.txt", "CHANGES.txt", "SECURITY.txt"])
def test_documents_are_clean_restructured_text(top: Path, name: str) -> None:
    text = (top / name).read_text(encoding="utf-8")
    settings = {"halt_level": 2, "report_level": 2, "output_encoding": "unicode"}
    assert publish_string(text, settings_overrides=settings)


def test_only_ssh_brings_paramiko_and_only_servers_bring_security(top: Path) -> None:
    extras = project(top)["optional-dependencies"]
    plain = " ".join(project(top)["dependencies"])
    for name in ("paramiko", "zope.security", "zope.publisher", "zope.traversing"):
        assert name not in plain
    with_paramiko = {n for n, r in extras.items() if "paramiko" in " ".join(r)}
    assert with_paramiko == {"ssh"}
    assert "demo" not in project(top)["scripts"]


def brought(*extras: str) -> set[str]:
    """Return the distributions that pip brings, but for setuptools, which is there."""
    waiting = [("zope.app.fssync", extras)]
    found: dict[str, set[str]] = {}
    for name, wanted in waiting:
        known = found.setdefault(canonicalize_name(name), set())
        for each in map(Requirement, metadata.requires(name) or ()):
            needed = each.marker is None or any(
                each.marker.evaluate({"extra": extra}) for extra in wanted or ("",)
            )
            there = found.get(canonicalize_name(each.name))
            if needed and (there is None or not each.extras <= there):
                waiting.append((each.name, tuple(each.extras)))
        known.update(wanted)
    return found.keys() - {"setuptools"}


SSH = {"paramiko", "bcrypt", "cryptography", "pynacl"}
SERVER = {"zope-security", "zope-publisher", "zodb"}


@pytest.mark.parametrize("extra", ["", "ssh", "server", "zope", "grok"])
def test_a_client_brings_no_server_and_a_server_no_ssh(extra: str) -> None:
    unwanted = {"": SSH | SERVER, "ssh": SERVER}.get(extra, SSH)
    assert brought(*filter(None, [extra])) & unwanted == set()


@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="measured with 3.11")
def test_the_document_has_the_number_of_distributions(top: Path) -> None:
    text = (top / "docs" / "design.rst").read_text()
    table = re.findall(r"^(\(none\)|[a-z]+) +(\d+) +\d+ ", text, re.MULTILINE)
    told = {name: int(number) for name, number in table}
    assert told.keys() == {*("(none)", "ssh", "server", "zope", "grok", "app", "plone")}
    # Plone is in an environment of its own.
    del told["plone"]
    assert told == {
        name: len(brought(*([] if name == "(none)" else [name]))) for name in told
    }


@pytest.mark.slow
def test_a_wheel_has_compiled_translations_and_no_tests(
    top: Path, tmp_path: Path
) -> None:
    source = tmp_path / "source"
    unwanted = shutil.ignore_patterns("tests", "testing", "*.egg-info", "__pycache__")
    shutil.copytree(top / "src", source / "src", ignore=unwanted)
    for folder in ("fssync/tests", "app/fssync/cli/tests", "app/fssync/testing"):
        (data := source / "src" / "zope" / folder / "data").mkdir(parents=True)
        (data / "recorded.txt").touch()
        (data.parent / "__init__.py").touch()
    for name in ("*.txt", "*.md", "pyproject.toml", "setup.py", "MANIFEST.in"):
        for path in top.glob(name):
            shutil.copy(path, source)
    build = ("-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--quiet")
    command = [sys.executable, *build, "--wheel-dir", str(tmp_path), str(source)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    (wheel,) = tmp_path.glob("*.whl")
    name = "zope/app/fssync/locales/de/LC_MESSAGES/zope.app.fssync.mo"
    with zipfile.ZipFile(wheel) as found:
        catalog = gettext.GNUTranslations(io.BytesIO(found.read(name)))
        names = found.namelist()
    assert catalog.gettext("Activity") == "Aktivit\u00e4t"
    assert not [each for each in names if "/tests/" in each or "recorded.txt" in each]
    assert "zope/app/fssync/testing/__init__.py" in names
    assert "zope/fssync/py.typed" in names


def test_a_source_distribution_has_all_files_of_git(top: Path, tmp_path: Path) -> None:
    if not (top / ".git").exists():
        pytest.skip("no checkout of git")
    setup = [sys.executable, "setup.py", "-q", "egg_info", "-e", str(tmp_path)]
    subprocess.run(setup, cwd=top, check=True, capture_output=True)
    (listed,) = tmp_path.rglob("SOURCES.txt")
    sources = {
        line for line in listed.read_text().splitlines() if ".egg-info/" not in line
    }
    # Files that are not in git yet belong to it, but for those that it ignores.
    known = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=top,
        check=True,
        capture_output=True,
        text=True,
    )
    assert sources ^ set(known.stdout.splitlines()) == {".gitignore"}
