"""The declaration of a command."""

import pytest

from zope.app.fssync.cli.main import command_table
from zope.app.fssync.cli.options import Option
from zope.app.fssync.cli.options import Options
from zope.app.fssync.cli.verb import Verb
from zope.app.fssync.cli.verb import columns
from zope.app.fssync.cli.verb import verb

#: The command table of 3.6.0: aliases, short and long options.
TABLE36 = {
    "add": ("", "f:t:", "factory= type="),
    "checkin": ("", "F:m:", "file= message="),
    "checkout": ("co", "u:", "user="),
    "commit": ("ci", "F:m:r", "file= message= raise-on-conflicts"),
    "copy": ("cp", "lR", "local recursive"),
    "diff": ("di", "bBcC:iNuU:", "brief context= unified="),
    "login": ("", "u:", "user="),
    "logout": ("", "u:", "user="),
    "merge": ("", "", ""),
    "mkdir": ("", "", ""),
    "remove": ("del delete rm", "", ""),
    "resolve": ("resolved", "", ""),
    "revert": ("", "", ""),
    "status": ("stat st", "v", "verbose"),
    "update": ("up", "", ""),
}


@verb(
    Option("-n", "--number", argument="NUMBER", help="how often"),
    aliases="beat",
    group="work",
    summary="throb a while",
    examples=(("%(program)s throb", "throb once"), ("%(program)s beat -n2", "twice")),
)
def throb(opts, args):
    """%(program)s throb [-n NUMBER] HEART ...

    Throbs in each HEART.
    """
    return opts.value("-n"), opts.quiet, args


def test_a_function_becomes_a_command():
    assert throb.name == throb.__name__ == "throb"
    assert throb.aliases == ("beat",)
    assert throb.usage() == "%(program)s throb [-n NUMBER] HEART ..."
    assert throb.description() == "Throbs in each HEART."
    assert throb.help() == (
        "%(program)s throb [-n NUMBER] HEART ...\n"
        "\n"
        "Throbs in each HEART.\n"
        "\n"
        "Options:\n"
        "  -n NUMBER, --number=NUMBER\n"
        "                            how often\n"
        "\n"
        "Examples:\n"
        "  # throb once\n"
        "  %(program)s throb\n"
        "  # twice\n"
        "  %(program)s beat -n2\n"
        "\n"
        "Also called: beat"
    )


def test_a_command_is_called_as_in_3_6_0_or_with_all_options():
    assert throb([("-n", "2")], ["a"]) == ("2", False, ["a"])
    options = Options([("-n", "2")], [("-q", "")])
    assert throb(options, ["a"]) == ("2", True, ["a"])


def test_a_command_becomes_a_line_of_a_table_of_3_6_0_and_back():
    entry = throb.table_entry()
    assert entry == (throb, "beat", "n:", "number=")
    assert Verb.from_table("throb", throb, "n:", "number=", "beat") is throb
    renamed = Verb.from_table("pulse", throb, "n:", "number=", "")
    assert (renamed.name, renamed.aliases) == ("pulse", ())
    assert renamed([("-n", "3")], []) == ("3", False, [])


def test_a_function_of_a_table_describes_itself():
    def shopping(opts, args):
        """%(program)s shopping RECIPE
        ...

        Prints ingredients.
        """

    command = Verb.from_table("shopping", shopping, "a", "all", "shop")
    assert command.summary == "Prints ingredients"
    assert command.group == "more"
    assert command.help() == "%(program)s shopping RECIPE\n...\n\nPrints ingredients."


def test_a_function_without_a_docstring_is_a_command():
    command = Verb.from_table("mute", lambda opts, args: None, "", "", "")
    assert (command.name, command.help(), command.summary) == ("mute", "", "")


@pytest.mark.parametrize("name", TABLE36)
def test_names_and_options_of_3_6_0_stay(name):
    aliases36, short36, long36 = TABLE36[name]
    (line,) = [line for line in command_table if line[0].__name__ == name]
    _, aliases, short, long = line
    assert set(aliases36.split()) <= set(aliases.split())
    assert set(long36.split()) <= set(long.split())
    for letter in short36.replace(":", ""):
        assert (f"{letter}:" in short36) is (f"{letter}:" in short)
        assert letter in short


def test_columns_wrap_what_is_long():
    shown = columns([("-a", "word " * 30), ("--a-name-that-is-long-indeed", "x")])
    assert all(len(line) < 80 for line in shown.splitlines())
    assert "  --a-name-that-is-long-indeed\n" in shown
