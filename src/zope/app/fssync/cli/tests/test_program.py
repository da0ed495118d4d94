"""The command line: what is a command, what is an option, what is help."""

import os
import subprocess
import sys
from contextlib import suppress
from importlib.metadata import version

import pytest

from zope.app.fssync import main as module
from zope.app.fssync.cli.main import command_table
from zope.app.fssync.cli.main import main
from zope.app.fssync.cli.program import Command
from zope.app.fssync.cli.program import Usage
from zope.fssync import errors

COMMANDS = {
    "add": [],
    "annotate": ["blame", "praise"],
    "cat": [],
    "checkin": [],
    "checkout": ["co"],
    "cleanup": [],
    "commit": ["ci"],
    "completion": [],
    "config": [],
    "copy": ["cp"],
    "diff": ["di"],
    "doctor": [],
    "downgrade": [],
    "edit": [],
    "export": [],
    "ignore": [],
    "import": [],
    "explain": [],
    "info": [],
    "list": ["ls"],
    "log": [],
    "login": [],
    "logout": [],
    "merge": [],
    "mkdir": [],
    "move": ["mv", "rename"],
    "promote": [],
    "prop": [],
    "relocate": [],
    "attach": [],
    "remove": ["rm", "del", "delete"],
    "resolve": ["resolved"],
    "revert": [],
    "status": ["stat", "st"],
    "types": [],
    "undo": [],
    "update": ["up"],
    "upgrade": [],
    "watch": [],
    "help": ["h", "?"],
}


class Recorder:
    """A command that remembers what it was called with."""

    called = None

    def __call__(self, opts, args):
        """%(program)s throb [-x NUMBER]

        Throbs.
        """
        self.called = opts, args

    def __init__(self):
        self.__doc__ = type(self).__call__.__doc__


@pytest.fixture
def throb():
    return Recorder()


@pytest.fixture
def command(throb):
    command = Command("testcmd", "%(program)s message", lambda: "1.2")
    command.addCommand("throb", throb, "x:y", "prev next= spew", "chunk thunk")
    return command


@pytest.mark.parametrize("args", [[], ["unknown"], ["thr"], ["-x"], ["--nothing"]])
def test_an_unknown_command_is_a_wrong_command_line(command, args):
    with pytest.raises(Usage):
        command.realize(args)


@pytest.mark.parametrize("args", [["-h"], ["--help"], ["help"], ["h"], ["?"]])
def test_global_help(command, capsys, args):
    with suppress(SystemExit):
        command.realize(args)
        command.run()
    assert capsys.readouterr().out == "testcmd message\n"


@pytest.mark.parametrize(
    "args", [["throb", "-h"], ["thunk", "--help"], ["help", "chunk"]]
)
def test_local_help(command, throb, capsys, args):
    with suppress(SystemExit):
        command.realize(args)
        command.run()
    assert capsys.readouterr().out == "testcmd throb [-x NUMBER]\n\nThrobs.\n"
    assert throb.called is None


def test_help_for_what_is_unknown(command, capsys):
    assert command.main(["help", "nothing", "throb"]) == 1
    captured = capsys.readouterr()
    assert captured.err == "testcmd: unrecognized command 'nothing'\n"
    assert captured.out.startswith("testcmd throb")


def test_version(command, capsys):
    with pytest.raises(SystemExit) as end:
        command.realize(["--version"])
    assert not end.value.code
    assert capsys.readouterr().out == "testcmd 1.2\n"


@pytest.mark.parametrize("name", ["throb", "chunk", "thunk"])
def test_a_command_is_called_by_its_names(command, throb, name):
    assert command.main([name, "-yx", "42", "--", "-more", "args"]) is None
    assert throb.called == ([("-y", ""), ("-x", "42")], ["-more", "args"])


def test_long_options_may_be_shortened(command, throb):
    command.main(["throb", "--spe", "--nex=1", "more"])
    assert throb.called == ([("--spew", ""), ("--next", "1")], ["more"])


@pytest.mark.parametrize("posix", [False, True])
def test_options_stand_anywhere(command, throb, monkeypatch, posix):
    if posix:
        monkeypatch.setenv("POSIXLY_CORRECT", "1")
    command.main(["throb", "arg", "-y", "-", "-x", "-y", "--next", "2", "more"])
    assert throb.called == (
        [("-y", ""), ("-x", "-y"), ("--next", "2")],
        ["arg", "-", "more"],
    )


def test_two_dashes_end_the_options_but_not_if_they_are_an_argument(command, throb):
    command.main(["throb", "-x", "--", "arg", "-y", "--", "-y", "--", "-q"])
    assert throb.called == ([("-x", "--"), ("-y", "")], ["arg", "-y", "--", "-q"])


def test_a_name_is_given_once(command, throb):
    with pytest.raises(ValueError, match="thunk"):
        command.addCommand("thunk", throb)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.Error("oh"), 1),
        (errors.UsageError("oh"), 2),
        (errors.ConflictsRemain("oh"), 3),
        (errors.AccessDenied("oh"), 4),
        (errors.Withheld("oh"), 4),
        (errors.OutOfDate("oh"), 5),
        (errors.ServerUnreachable("oh"), 6),
        (errors.ServerRefused("oh"), 6),
        (errors.ArchiveDamaged("oh"), 6),
        (errors.Locked("oh"), 7),
        (errors.MetadataDamaged("oh"), 7),
        (errors.PathRefused("oh"), 8),
        (errors.LimitExceeded("oh"), 8),
        (KeyboardInterrupt(), 130),
        (OSError(28, "No space left on device", "co/demo"), 1),
        (RecursionError("deep"), 1),
    ],
)
@pytest.mark.parametrize("traceback", [False, True])
def test_errors_end_with_their_status(command, capsys, error, status, traceback):
    def fail(opts, args):
        raise error

    command.addCommand("fail", fail)
    args = ["--traceback", "fail"] if traceback else ["fail"]
    assert command.main(args) == status
    shown = capsys.readouterr().err
    assert ("Traceback" in shown) is traceback
    assert shown.strip()
    if isinstance(error, OSError):
        said, hint = shown.splitlines()[-2:]
        assert said.endswith("co/demo: No space left on device")
        assert "Make room there" in hint
        assert "No file of yours is lost" in hint


def test_a_traceback_can_be_had_by_the_environment(command, capsys, monkeypatch):
    def fail(opts, args):
        raise errors.Error("oh")

    monkeypatch.setenv("ZSYNC_TRACEBACK", "1")
    command.addCommand("fail", fail)
    assert command.main(["fail"]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_errors_are_shown_with_advice(command, capsys):
    assert command.main(["throb", "-z"]) == 2
    assert capsys.readouterr().err == (
        "testcmd: throb option error: option -z not recognized\n"
        'hint: for help use "testcmd help throb"\n'
    )


def test_errors_can_be_shown_as_in_3_6_0(command, capsys, monkeypatch):
    monkeypatch.setenv("ZSYNC_COMPAT", "3.6")
    assert command.main(["throb", "-z"]) == 2
    assert capsys.readouterr().err == (
        'throb option error: option -z not recognized\nfor help use "testcmd help"\n'
    )


def test_errors_are_escaped_and_carry_their_advice(command, capsys):
    def fail(opts, args):
        raise errors.Error("no '%s'", "a\x1b[2J\udcff", advice="Look %(program)s.")

    command.addCommand("fail", fail)
    command.main(["fail"])
    assert capsys.readouterr().err == (
        "testcmd: no 'a\\x1b[2J\\xff'\nhint: Look %(program)s.\n"
    )


@pytest.mark.parametrize("args", [["fail"], ["--traceback", "fail"]])
def test_no_error_shows_the_password_of_a_url(command, capsys, args):
    def fail(opts, args):
        raise ValueError("nothing at http://u:ge:h@im@h:80/a:b@c or ssh://v@w/")

    command.addCommand("fail", fail)
    command.main(args)
    shown = capsys.readouterr().err
    assert "nothing at http://u:***@h:80/a:b@c or ssh://v@w/" in shown
    assert "im@" not in shown


# The commands of zsync


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_its_names_and_its_help(capsys, name):
    for each in [name, *COMMANDS[name]]:
        assert main(["help", each]) == 0
        shown = capsys.readouterr().out
        assert f" {name} " in shown.splitlines()[0]
        assert "%(" not in shown
        assert all(len(line) < 80 for line in shown.splitlines())
        assert main([each, "-h"]) == 0
        assert capsys.readouterr().out == shown


def test_the_general_help_names_every_command(capsys):
    assert main(["help"]) == 0
    shown = capsys.readouterr().out
    for name in COMMANDS:
        assert f" {name} " in shown


def test_the_overview_has_a_line_for_every_command(capsys):
    assert main(["help"]) == 0
    overview = capsys.readouterr().out
    assert main([]) == 2
    assert capsys.readouterr() == (overview, "")
    assert all(len(line) < 80 for line in overview.splitlines())
    for group in ("start:", "work:", "conflicts:", "history:", "care:", "more:"):
        assert group in overview.splitlines()
    for name, aliases in COMMANDS.items():
        (line,) = [x for x in overview.splitlines() if x.startswith(f"  {name} ")]
        assert all(alias in line for alias in aliases)


def test_a_command_of_an_application_is_in_the_overview(capsys, monkeypatch):
    def shopping(opts, args):
        """%(program)s shopping

        Prints what to buy.
        """

    table = [*command_table, (shopping, "shop", "", "")]
    monkeypatch.setattr("zope.app.fssync.cli.main.command_table", table)
    assert main(["help"]) == 0
    assert "  shopping (shop)  Prints what to buy\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("stauts", "'status' or 'stat'"),
        ("comit", "'commit'"),
        ("chekout", "'checkout'"),
    ],
)
def test_a_typing_error_is_answered_with_what_was_meant(capsys, typed, meant):
    assert main([typed]) == 2
    assert capsys.readouterr().err == (
        f"zsync: unrecognized command '{typed}'\nhint: did you mean {meant}?\n"
    )
    assert main(["help", typed]) == 1
    assert f"hint: did you mean {meant}?\n" in capsys.readouterr().err


def test_a_function_for_every_command():
    for function, *_ in command_table:
        # The name of a builtin has an underscore there.
        handler = getattr(function, "handler", function)
        assert getattr(module, handler.__name__) is function
    assert {function.__name__ for function, *_ in command_table} == {*COMMANDS} - {
        "completion",
        "help",
    }


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--compat"], "missing command argument"),
        (["--compat", "nosuch"], "unrecognized command"),
        (["nosuch"], "unrecognized command 'nosuch'"),
        (["add"], "add requires at least one TARGET argument"),
        (["cat"], "cat requires at least one PATH argument"),
        (["checkin"], "checkin requires a URL argument"),
        (["checkin", "u", "d", "x"], "checkin requires at most one TARGETDIR argument"),
        (["checkout"], "checkout requires a URL argument"),
        (["co", "u", "d", "x"], "checkout requires at most one TARGETDIR argument"),
        (
            ["co", "-u", "a", "-u", "b", "http://h/"],
            "-u/--user may only be specified once",
        ),
        (
            ["co", "-u", "a", "http://b@h/"],
            "-u/--user option and URL disagree on user name",
        ),
        (
            ["commit", "-m", "a", "-F", "f"],
            "commit requires at most one of -F/--file or -m/--message",
        ),
        (
            ["ci", "-m", "a", "--message=b"],
            "commit accepts at most one -m/--message option",
        ),
        (["ci", "-F", "a", "-F", "b"], "commit accepts at most one -F/--file option"),
        (["copy"], "copy requires at least one argument"),
        (["cp", "a", "b", "c"], "copy allows at most two arguments"),
        (["cp", "-l", "-R", "a"], "-l/--local conflicts with -R/--recursive"),
        (["diff", "-2"], "diff option error: option -2 not recognized"),
        (["login", "u", "v"], "login allows at most one argument"),
        (["logout", "u", "v"], "logout allows at most one argument"),
        (["merge"], "Merge requires one or two arguments"),
        (["mkdir"], "mkdir requires at least one PATH argument"),
        (["rm"], "remove requires at least one TARGET argument"),
        (["status", "-x"], "status option error: option -x not recognized"),
    ],
)
def test_wrong_usage(capsys, args, message):
    assert main(args) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    compat = args[:1] == ["--compat"]
    said, hint = ("", "") if compat else ("zsync: ", "hint: ")
    topic = "help" if compat or args == ["nosuch"] else f"help {args[0]}"
    assert captured.err == (f'{said}{message}\n{hint}for help use "zsync {topic}"\n')


def test_the_version_is_that_of_the_distribution(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.split()[-1] == version("zope.app.fssync")


# What is loaded

FORBIDDEN = (
    "ZODB",
    "http.client",
    "paramiko",
    "persistent",
    "ssl",
    "transaction",
    "urllib.request",
    "zope.app.publication",
    "zope.publisher",
    "zope.security",
)

LOADED = """
import sys
from zope.app.fssync.cli.main import main
try:
    main(sys.argv[1:])
finally:
    print(*sorted(sys.modules), file=sys.stderr)
"""


def loaded(*args, cwd=None):
    """The modules that a command loads, in an interpreter of its own."""
    measuring = [name for name in os.environ if name.startswith("COV")]
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *args],
        cwd=cwd,
        env={n: v for n, v in os.environ.items() if n not in measuring},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize("args", [["help"], ["help", "commit"], ["nosuch"], ["co"]])
def test_help_loads_next_to_nothing(args):
    modules = loaded(*args)
    for name in (*FORBIDDEN, "zope.interface", "email", "socket", "dataclasses"):
        assert name not in modules


@pytest.mark.parametrize(
    "args",
    [
        ["status", "."],
        ["diff", "."],
        ["add", "nosuch"],
        ["cleanup"],
        ["doctor"],
        ["mkdir", "nosuch/x"],
        ["remove", "nosuch"],
        ["resolve", "."],
        ["revert", "nosuch"],
        ["copy", "nosuch", "x"],
        ["merge", "nosuch"],
        ["logout", "http://u@h/"],
    ],
)
def test_commands_without_a_server_load_nothing_for_one(tmp_path, args):
    modules = loaded(*args, cwd=tmp_path)
    for name in FORBIDDEN:
        assert name not in modules


def test_a_transfer_loads_neither_a_server_nor_ssh_nor_what_objects_need(tmp_path):
    modules = loaded("checkout", "http://127.0.0.1:1/x", "co", cwd=tmp_path)
    assert "zope.app.fssync.client.transport.messages" in modules
    objects = ("zope.component", "zope.fssync.interfaces", "zope.schema")
    for name in (*FORBIDDEN, *objects):
        assert name not in modules
