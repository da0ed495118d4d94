"""Each host is an addition: only its own package imports it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import zope.app.fssync
import zope.fssync

#: The package of a host, and what nobody else imports.
HOSTS = {
    "zope.app.fssync.hosts.ofs": (
        *("AccessControl", "Acquisition", "DateTime", "OFS", "Products", "Testing"),
        *("ZPublisher", "Zope2", "zExceptions", "zope.app.fssync.hosts.ofs"),
    ),
    "zope.app.fssync.hosts.grok": (
        "grok",
        "grokcore",
        "martian",
        "zope.app.fssync.hosts.grok",
    ),
}

#: What tasks and synchronizers of the pure API know nothing of.
PUBLISHERS = ("ZODB", "zope.app", "zope.publisher", "zope.security")

PURE = Path(zope.fssync.__path__[0])
WHOLE = Path(zope.app.fssync.__path__[0])


def imports(path: Path) -> set[str]:
    """Return the names of the modules that a file imports, in functions too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
        elif isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
    return found


def importers(top: Path, names: tuple[str, ...]) -> list[str]:
    """Return the files that import any of these modules; tests may."""
    return [
        str(path.relative_to(top))
        for path in sorted(top.rglob("*.py"))
        if not {"tests", "testing"} & set(path.parts)
        and any(f"{each}.".startswith(tuple(f"{n}." for n in names))
                for each in imports(path))
    ]  # fmt: skip


@pytest.mark.parametrize("host", HOSTS)
def test_nobody_imports_a_host_but_its_package(host):
    folder = host.removeprefix("zope.app.fssync.").replace(".", "/") + "/"
    assert importers(PURE, HOSTS[host]) == []
    found = importers(WHOLE, HOSTS[host])
    assert found
    assert [path for path in found if not path.startswith(folder)] == []


def test_the_pure_api_knows_no_publisher():
    assert importers(PURE, PUBLISHERS) == []


def test_zope_needs_nothing_of_a_toolkit_application():
    found = importers(
        WHOLE / "hosts" / "ofs", ("zope.authentication", "zope.securitypolicy")
    )
    assert found == []
