"""The options of a command line: which word is an option, and of what."""

from collections.abc import Iterator

import pytest

from zope.app.fssync.cli.main import command_table
from zope.app.fssync.cli.options import COMMON
from zope.app.fssync.cli.options import Option
from zope.app.fssync.cli.options import Options
from zope.app.fssync.cli.options import from_getopt
from zope.app.fssync.cli.options import separate
from zope.app.fssync.cli.options import to_getopt
from zope.app.fssync.cli.program import Command
from zope.app.fssync.cli.verb import Verb
from zope.fssync.errors import UsageError

DIFF = [Option("-C", "--context", argument="NUMBER"), Option("-N"), Option("--brief")]


@pytest.mark.parametrize(
    ("args", "own", "common", "targets"),
    [
        ([], [], [], []),
        (["a", "-N", "b"], [("-N", "")], [], ["a", "b"]),
        (["a", "-NC3"], [("-N", ""), ("-C", "3")], [], ["a"]),
        (["-C", "3", "a"], [("-C", "3")], [], ["a"]),
        (["a", "-C", "-N"], [("-C", "-N")], [], ["a"]),
        (["--context=3"], [("--context", "3")], [], []),
        (["--context", "--", "a"], [("--context", "--")], [], ["a"]),
        (["--", "-N"], [], [], ["-N"]),
        (["a", "--", "--", "-q"], [], [], ["a", "--", "-q"]),
        (["-", "a"], [], [], ["-", "a"]),
        (["a", "-q"], [], [("-q", "")], ["a"]),
        (["-Nq", "a"], [("-N", "")], [("-q", "")], ["a"]),
        (["--directory", "d"], [], [("--directory", "d")], []),
        # The shortest form that a command understood before stays its own.
        (["--co", "3"], [("--context", "3")], [], []),
        (["--comp"], [], [("--compat", "")], []),
    ],
)
def test_separate(args, own, common, targets):
    options, others = separate(args, DIFF)
    assert (options, options.common, others) == (own, common, targets)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["-z"], "option -z not recognized"),
        (["a", "-Nz"], "option -z not recognized"),
        (["-C"], "option -C requires argument"),
        (["--context"], "option --context requires argument"),
        (["--brief=1"], "option --brief must not have an argument"),
        (["--brie", "--nosuch"], "option --nosuch not recognized"),
        (["--t"], "option --t not a unique prefix"),
    ],
)
def test_separate_refuses_what_is_no_option(args, message):
    with pytest.raises(UsageError, match=message):
        separate(args, DIFF)


def test_options_are_the_pairs_of_3_6_0_and_more():
    options = Options([("-m", "a"), ("--message", "b")], [("--quiet", "")])
    assert options == [("-m", "a"), ("--message", "b")]
    assert options.value("-m", "--message") == "b"
    assert options.value("-x") is None
    assert options.given("-m")
    assert not options.given("--quiet")
    assert options.quiet
    assert not options.verbose
    assert Options.of(options) is options
    assert Options.of([("-n", "")]).given("-n")


@pytest.mark.parametrize(
    ("value", "compat"), [("3.6", True), ("", False), ("4", False)]
)
def test_the_environment_asks_for_the_lines_of_3_6_0(monkeypatch, value, compat):
    monkeypatch.setenv("ZSYNC_COMPAT", value)
    assert Options().compat is compat
    assert Options(common=[("--compat", "")]).compat


def test_the_notation_of_getopt_and_back():
    short, long = to_getopt(DIFF)
    assert (short, long) == ("C:N", ["context=", "brief"])
    assert to_getopt(from_getopt(short, long)) == (short, long)


@pytest.mark.parametrize(
    ("option", "usage"),
    [
        (Option("-n", "--dry-run"), "-n, --dry-run"),
        (Option("-F", "--file", argument="FILE"), "-F FILE, --file=FILE"),
    ],
)
def test_usage_names_the_argument(option, usage):
    assert option.usage() == usage


def test_every_common_option_has_help():
    assert all(option.help for option in COMMON)


VERBS = [line[0] for line in command_table if isinstance(line[0], Verb)]


def spellings(verb: Verb) -> Iterator[tuple[list[str], tuple[str, str]]]:
    """Yield each option of a command, as one can write it, and what it means."""
    own = {name: each.argument for each in verb.options for name in each.names}
    common = {name: each.argument for each in COMMON for name in each.names}
    del common["-h"], common["--help"]
    for name, argument in (common | own).items():
        if not argument:
            yield [name], (name, "")
            continue
        # An argument may look like an option, or like the end of them.
        for value in ("value", "-n", "--"):
            yield [name, value], (name, value)
            glued = f"{name}={value}" if name.startswith("--") else name + value
            yield [glued], (name, value)


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_options_of_every_command_stand_anywhere_until_two_dashes(verb: Verb) -> None:
    for words, meant in spellings(verb):
        for line, targets in [
            ([*words, "one", "two"], ["one", "two"]),
            (["one", *words, "two"], ["one", "two"]),
            (["one", "two", *words], ["one", "two"]),
            (["one", *words, "--", "-n", *words], ["one", "-n", *words]),
        ]:
            assert parsed(verb, line) == ([meant], targets)
        assert parsed(verb, ["one", "--", *words]) == ([], ["one", *words])


def parsed(verb: Verb, line: list[str]) -> tuple[list[tuple[str, str]], list[str]]:
    """Return the options and the targets that a command gets."""
    command = Command("zsync", "")
    _, aliases, short, long = verb.table_entry()
    command.addCommand(verb.name, verb, short, long, aliases)
    command.realize([verb.name, *line])
    return [*command.local_options, *command.local_options.common], command.args
