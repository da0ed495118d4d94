"""The index of commands: it says what their modules declare, and loads no other."""

import subprocess
import sys
from pathlib import Path

import pytest

from zope.app.fssync.cli import verbs

FOUND = {
    path.stem.removesuffix("_cmd")
    for path in Path(verbs.__file__).parent.glob("*_cmd.py")
}


def test_declared_has_each_module_of_a_command_once() -> None:
    assert sorted(verb.name for verb in verbs.declared()) == sorted(FOUND)


@pytest.mark.parametrize("name", sorted(FOUND))
def test_verbs_are_found_by_the_aliases_of_their_declaration(name: str) -> None:
    verb = verbs.of_name(name)
    assert verb is not None
    assert {verbs.of_name(alias) for alias in verb.aliases} <= {verb}
    words = {word for word in verbs.COMMANDS if verbs.of_name(word) is verb}
    assert words == {name, *verb.aliases}


def test_verbs_are_not_found_by_other_words() -> None:
    assert verbs.of_name("nosuch") is None


def test_functions_are_what_the_modules_have() -> None:
    assert set(verbs.FUNCTIONS.values()) == FOUND
    for function, name in verbs.FUNCTIONS.items():
        module = sys.modules[f"zope.app.fssync.cli.{name}_cmd"]
        assert getattr(module, function) is verbs.of_name(name)


def test_a_command_loads_the_module_of_no_other() -> None:
    code = (
        "import sys; from zope.app.fssync.main import main; main(['st', '--help']);"
        "print(*[name for name in sys.modules if name.endswith('_cmd')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "zope.app.fssync.cli.status_cmd"
