"""The tests of a module are found by its name, those of a wing in its folder.

The name of a test function has a subject, and the expectation that it holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import zope.app.fssync
import zope.fssync

PACKAGES = (zope.fssync, zope.app.fssync)
ROOTS = [Path(*package.__path__) for package in PACKAGES]

#: Tests of the whole: of the documents, the floors and gates, and of scenarios.
WHOLE = ROOTS[1] / "tests"

#: Tests of what is no module, with the reason.
EXCEPTIONS = {
    "documents": "the documents of zope.fssync",
    "fuzz": "all readers of zope.fssync",
}

#: Words that a name does not begin with: the subject would come later.
NO_SUBJECT = {
    *("he", "it", "she", "that", "they", "this"),
    *("how", "what", "when", "where", "which", "who", "whom", "whose", "why"),
    *("for", "from", "if", "of", "to"),
}

#: Matches the definition of a test, a function or a method.
TEST = re.compile(r"^ *(?:async )?def test_([a-z0-9]+)\w*\(", re.MULTILINE)


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


def own_tests(module: Path, root: Path) -> set[str]:
    """Return the tests of the wing of a module, without ``test_``."""
    for folder in module.parents:
        if (folder / "tests").is_dir() or folder == root:
            tests = (folder / "tests").glob("test_*.py")
            return {path.stem.removeprefix("test_") for path in tests}
    return set()


def has_test(module: Path, root: Path) -> bool:
    """Is there a test of a module, which may be named with its package?"""
    names = (module.stem, f"{module.parent.name}_{module.stem}")
    return any(
        test == name or test.startswith(f"{name}_")
        for test in own_tests(module, root)
        for name in names
    )


def modules_without_test() -> Iterator[tuple[str, str]]:
    """Iterate over modules that have no test of their name, with their packages."""
    for root, package in zip(ROOTS, PACKAGES, strict=True):
        for path in sorted(root.rglob("*.py")):
            parts = path.relative_to(root).parts
            if {"tests", "testing"} & {*parts} or path.stem.startswith("__"):
                continue
            if not has_test(path, root):
                yield ".".join([package.__name__, *parts[:-1]]), path.stem


def test_every_module_has_a_test_of_its_name() -> None:
    found = sorted(modules_without_test())
    assert found == [], "write test_<module>.py in the tests of the wing"


def names_without_subject() -> Iterator[str]:
    """Iterate over tests whose names begin with another word, with their modules."""
    for root in ROOTS:
        for path in sorted(root.rglob("test_*.py")):
            for found in TEST.finditer(path.read_text("utf-8")):
                if found[1] in NO_SUBJECT:
                    yield f"{path.relative_to(root)}: {found[0].strip()}"


def test_every_name_of_a_test_begins_with_its_subject() -> None:
    assert list(names_without_subject()) == [], "name what the test is about first"
