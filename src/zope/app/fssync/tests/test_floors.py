"""Each wing imports only what stands below it; of the hosts only Plone has another.

The table is that of docs/design.rst.  Imports inside functions count as well.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import zope.app.fssync
import zope.fssync

PURE = "zope.fssync"
OURS = "zope.app.fssync"

#: What runs a server: neither the client nor the pure API knows of it.
SERVERS = ("ZODB", "zope.publisher", "zope.security")

#: What only the host of Zope imports, and only that of Grok.
ZOPE = (
    *("AccessControl", "Acquisition", "DateTime", "DocumentTemplate", "OFS"),
    *("Products", "Testing", "ZPublisher", "Zope2", "zExceptions"),
)
GROK = ("grok", "grokcore", "martian")


class Wing(NamedTuple):
    """The floor of a wing, the wings it may import, and what else it may not."""

    floor: int
    below: tuple[str, ...] = ()
    never: tuple[str, ...] = (*ZOPE, *GROK)


#: The public content packages, which keep the names of release 3.6.0.
CONTENT = ("dtmlpage", "dublincore", "file", "folder", "module", "zptpage")

WINGS = {
    PURE: Wing(0, never=("zope.app", *SERVERS, *ZOPE, *GROK)),
    "protocol": Wing(1, never=(*SERVERS, *ZOPE, *GROK)),
    "content": Wing(1),
    **dict.fromkeys(CONTENT, Wing(2, ("content",))),
    "client": Wing(2, ("protocol",), never=(*SERVERS, *ZOPE, *GROK)),
    "server": Wing(2, ("content", "protocol")),
    "sshserver": Wing(2, ("protocol",)),
    "cli": Wing(3, ("client", "protocol"), never=(*SERVERS, *ZOPE, *GROK)),
    "browser": Wing(3, ("server", "protocol")),
    "hosts.toolkit": Wing(3, ("server", "content", "protocol")),
    "hosts.ofs": Wing(
        3,
        ("server", "content", "protocol"),
        never=("zope.authentication", "zope.securitypolicy", *GROK),
    ),
    "hosts.plone": Wing(4, ("hosts.ofs", "server", "content", "protocol"), never=GROK),
    "hosts.grok": Wing(3, ("server", "content", *CONTENT), never=ZOPE),
}

#: The names of release 3.6.0: thin modules, of anything.
THIN = ("command", "demo_server", "fssync", "main", "merge", "passwd", "ssh", "syncer")

#: What may import everything.
FREE = ("demo", "testing")


def wing_of(module: str) -> str | None:
    """The wing that a module of ours belongs to, None for one of others'."""
    if module == PURE or module.startswith(f"{PURE}."):
        return PURE
    if not module.startswith(f"{OURS}."):
        return None
    parts = module.split(".")[3:]
    return ".".join(parts[:2]) if parts[0] == "hosts" and parts[1:] else parts[0]


def modules() -> Iterator[tuple[str, Path]]:
    """All modules of ours but the tests, with their files."""
    for package in (zope.fssync, zope.app.fssync):
        top = Path(package.__path__[0])
        for path in sorted(top.rglob("*.py")):
            parts = path.relative_to(top).with_suffix("").parts
            if "tests" not in parts:
                name = ".".join([package.__name__, *parts])
                yield name.removesuffix(".__init__"), path


def imports(path: Path) -> set[str]:
    """The names of the modules that a file imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
        elif isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
    return found


def is_one_of(module: str, names: tuple[str, ...]) -> bool:
    return f"{module}.".startswith(tuple(f"{name}." for name in names))


def upward(wing: str) -> list[str]:
    """What modules of a wing import that does not stand below it."""
    rule = WINGS[wing]
    may = {wing, PURE, *rule.below}
    return [
        f"{module}: {name}"
        for module, path in modules()
        if wing_of(module) == wing
        for name in imports(path)
        if (wing_of(name) is not None and wing_of(name) not in may)
        or (wing_of(name) is None and is_one_of(name, rule.never))
    ]


@pytest.mark.parametrize("wing", WINGS)
def test_a_wing_imports_only_what_stands_below_it(wing: str) -> None:
    assert upward(wing) == []
    assert all(WINGS[below].floor < WINGS[wing].floor for below in WINGS[wing].below)


def test_every_module_belongs_to_a_wing() -> None:
    wings = {wing_of(module) for module, _ in modules()}
    assert wings - {None, "hosts"} == {*WINGS, *THIN, *FREE}


def test_thin_modules_hold_no_code() -> None:
    for module, path in modules():
        if wing_of(module) in THIN:
            tree = ast.parse(path.read_text("utf-8"))
            assert not [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]


@pytest.mark.parametrize(
    ("wing", "source"),
    [
        ("client", "def f():\n    import zope.security.proxy"),
        ("client", "from zope.app.fssync.server.checkout import toFS"),
        ("hosts.toolkit", "from zope.app.fssync.hosts.ofs.host import ZopeHost"),
        ("server", "from AccessControl import Unauthorized"),
        (PURE, "import zope.app.fssync.client.api"),
    ],
)
def test_imports_of_higher_floors_are_found(
    wing: str, source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "module.py"
    path.write_text(source)
    name = PURE if wing == PURE else f"{OURS}.{wing}"
    monkeypatch.setitem(globals(), "modules", lambda: iter([(f"{name}.module", path)]))
    assert len(upward(wing)) == 1
