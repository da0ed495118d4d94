"""The tests of a module are found by its name, those of a wing in its folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import zope.app.fssync
import zope.fssync

ROOTS = [Path(*package.__path__) for package in (zope.fssync, zope.app.fssync)]

#: Tests of the whole: of the documents, the floors and gates, and of scenarios.
WHOLE = ROOTS[1] / "tests"

#: Tests of what is no module, with the reason.
EXCEPTIONS = {
    "documents": "the documents of zope.fssync",
    "fuzz": "all readers of zope.fssync",
}


def modules_of_tests() -> Iterator[Path]:
    for root in ROOTS:
        for path in root.rglob("test_*.py"):
            if WHOLE not in path.parents:
                yield path


def modules_of(wing: Path) -> set[str]:
    """The names of a wing, its modules and packages, but of those with own tests."""
    names = {wing.name}
    for path in wing.iterdir():
        if path.name == "tests":
            continue
        names.add(path.stem)
        if path.is_dir() and not (path / "tests").is_dir():
            names |= modules_of(path)
    return names


def is_named_for_a_module(path: Path) -> bool:
    """Is it ``test_<module>.py`` or ``test_<module>_<part>.py`` of its wing?"""
    words = path.stem.split("_")[1:]
    starts = {"_".join(words[: count + 1]) for count in range(len(words))}
    return bool(starts & modules_of(path.parent.parent))


def test_every_test_is_named_for_a_module_of_its_wing() -> None:
    wrong = [path for path in modules_of_tests() if not is_named_for_a_module(path)]
    assert {path.stem.removeprefix("test_") for path in wrong} == EXCEPTIONS.keys()


def test_tests_stand_in_folders_of_that_name() -> None:
    assert {path.parent.name for path in modules_of_tests()} == {"tests"}
