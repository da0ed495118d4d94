"""The options of a command line: which word is an option, and of what."""

import getopt

import pytest

from zope.app.fssync.cli.options import COMMON
from zope.app.fssync.cli.options import Option
from zope.app.fssync.cli.options import Options
from zope.app.fssync.cli.options import from_getopt
from zope.app.fssync.cli.options import separate
from zope.app.fssync.cli.options import to_getopt

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
    with pytest.raises(getopt.GetoptError, match=message):
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
