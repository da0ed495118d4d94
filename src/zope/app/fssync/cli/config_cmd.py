"""zsync config."""

from __future__ import annotations

from zope.app.fssync.cli.common import configuration
from zope.app.fssync.cli.options import Option
from zope.app.fssync.cli.options import Options
from zope.app.fssync.cli.verb import verb
from zope.fssync.errors import Error
from zope.fssync.errors import UsageError
from zope.fssync.terminal import escape

TYPE_CHECKING = False
if TYPE_CHECKING:
    from zope.app.fssync.client.configuration import Value


@verb(
    Option("-l", "--list", help="list all that is set, as without arguments"),
    Option("--show-origin", help="show the file that each value comes from, too"),
    Option(
        "--working-copy",
        help="set or unset in the file of the working copy you are in",
    ),
    group="start",
    completes="settings",
    summary="show and change settings",
    examples=(
        ("%(program)s config --list --show-origin", "see what is set, and where"),
        (
            "%(program)s config set credential.helper cache",
            "let git's helper 'cache' keep your passwords",
        ),
    ),
)
def config(opts: Options, args: list[str]) -> int | None:
    """%(program)s config [--list | get KEY | set KEY VALUE ... | unset KEY]

    Shows the value of KEY, sets it in your own file, which is
    $XDG_CONFIG_HOME/zsync/config.toml or ~/.config/zsync/config.toml, or takes it
    out again.  'get' ends with exit status 1 where nothing is set.

    '-o KEY=VALUE', which every command takes, goes before the file of the working
    copy, .zsync/config.toml, and that before your own.  The file of a working copy
    can set timeouts only, since it may come from a stranger.

    commit.editor       the editor for messages
    checkout.layout     the layout of new working copies: 1, 2 or 3
    core.pager          the pager of 'diff' and 'log'; '' or 'cat' for none
    diff.tool           the program that 'diff -T' runs
    credential.helper   programs that keep passwords, named as git names them:
                        'cache', 'store', 'libsecret', a path, or '!' and a line
                        for the shell
    credential.keyring  true: keep passwords by the Python package keyring
    http.proxy          URL of the proxy, in place of that of the environment
                        variables https_proxy and http_proxy; '' for none
    tls.ca              file with the authorities whose certificates are trusted,
                        in place of those of the system
    timeout.connect     seconds for a connection to be made
    timeout.read        seconds between two pieces of an answer
    timeout.answer      seconds until an answer begins
    """
    match args:
        case []:
            _list(opts)
        case ["get", key]:
            return _get(opts, key)
        case ["set", key, _, *_]:
            _change(opts, key, args[2:])
        case ["unset", key]:
            _change(opts, key, None)
        case _:
            raise UsageError(
                "config takes 'get KEY', 'set KEY VALUE ...' or 'unset KEY'"
            )
    return None


def _list(opts: Options) -> None:
    for key, value, origin in configuration(opts).shown():
        source = f"{escape(origin)}\t" if opts.given("--show-origin") else ""
        for each in value if isinstance(value, list) else [value]:
            told = {"key": key, "value": _plain(each), "origin": origin}
            opts.report.item(told, f"{source}{key}={_shown(each)}")


def _get(opts: Options, key: str) -> int | None:
    from zope.app.fssync.client.configuration import setting

    known = setting(key).key
    value = configuration(opts).value(known)
    if value is None:
        return Error.exit_code
    for each in value if isinstance(value, list) else [value]:
        opts.report.item({"key": known, "value": _plain(each)}, _shown(each))
    return None


def _change(opts: Options, key: str, words: list[str] | None) -> None:
    from zope.app.fssync.client.configfile import change
    from zope.app.fssync.client.configuration import parsed
    from zope.app.fssync.client.configuration import setting

    known = setting(key)
    value = None if words is None else parsed(known, words)
    path = _file(opts)
    if opts.given("--working-copy") and value is not None and not known.harmless:
        raise UsageError(
            f"'{key}' is not taken from a working copy",
            advice="Set it without --working-copy, in your own file.",
        )
    if not change(path, known, value) and value is None:
        raise Error(f"'{key}' is not set in {escape(path)}", path=path)


def _file(opts: Options) -> str:
    from zope.app.fssync.client.configuration import user_file
    from zope.app.fssync.client.configuration import working_copy_file

    if not opts.given("--working-copy"):
        return user_file()
    path = working_copy_file(".")
    if path is None:
        raise Error("this is no working copy", advice="Go into one, or use -C DIR.")
    return path


def _plain(value: Value) -> Value:
    """Return a value for JSON, without a password."""
    from zope.app.fssync.client.url import masked

    if isinstance(value, str) and "://" in value:
        return masked(value)
    return value


def _shown(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        return f"{value:g}"
    return escape(str(_plain(value)))
