"""A program with commands, named by its first argument.

`Command` itself has only ``help`` and ``completion``; the script of an application adds
its own commands to those of `zope.app.fssync.main.command_table`.
"""

from __future__ import annotations

import contextlib
import os
import sys

from zope.app.fssync.cli.common import configuration
from zope.app.fssync.cli.common import read_targets
from zope.app.fssync.cli.options import COMMON
from zope.app.fssync.cli.options import Option
from zope.app.fssync.cli.options import Options
from zope.app.fssync.cli.options import Pairs
from zope.app.fssync.cli.options import json_form
from zope.app.fssync.cli.options import parsed
from zope.app.fssync.cli.options import separate
from zope.app.fssync.cli.options import to_getopt
from zope.app.fssync.cli.output import finish_output
from zope.app.fssync.cli.output import from_here
from zope.app.fssync.cli.output import say
from zope.app.fssync.cli.verb import GROUPS
from zope.app.fssync.cli.verb import WIDTH
from zope.app.fssync.cli.verb import Verb
from zope.app.fssync.cli.verb import columns
from zope.fssync.errors import Error
from zope.fssync.errors import UsageError
from zope.fssync.terminal import columns_of
from zope.fssync.terminal import escape

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Iterable
    from collections.abc import Iterator
    from typing import Any
    from typing import TextIO

    from zope.app.fssync.cli.jsonreport import Document
    from zope.app.fssync.cli.verb import Handler36

__all__ = ["Command", "Options", "Usage", "disk_advice", "os_message"]

Usage = UsageError

#: The exit status of a program that was ended by an interrupt, as in shells.
INTERRUPTED = 130

_VERSION = Option("--version", help="show the version")


class Command:
    """A program with commands.

    ``usage`` is the help of the program.  With a ``title`` the help is an overview of
    all commands below it.  ``late`` is called with a name to load that command, and
    with None to load all.
    """

    def __init__(
        self,
        name: str | None = None,
        usage: str | None = None,
        version: Callable[[], str] = str,
        title: str | None = None,
        late: Callable[[str | None], Iterable[Verb]] | None = None,
    ) -> None:
        self.program = os.path.basename(sys.argv[0]) if name is None else name
        self.title = title
        self.helptext = usage if usage is not None else _main_documentation()
        self.version = version
        self.command_table: dict[str, Verb] = {}
        self._late = late
        self.local_options = Options()
        self.args: list[str] = []
        self.command: str | None = None
        self._document: Document | None = None

    def addCommand(
        self,
        name: str,
        function: Handler36,
        short: str = "",
        long: str = "",
        aliases: str = "",
    ) -> None:
        """Add a command; ``short`` and ``long`` are options in the form of getopt."""
        verb = Verb.from_table(name, function, short, long, aliases)
        for each in (name, *aliases.split()):
            if each in self.command_table:
                raise ValueError(f"there is a command {each!r} already")
            self.command_table[each] = verb

    def _load(self, name: str | None = None) -> None:
        """Add the command of that name, or all commands."""
        known = set(self.command_table.values())
        for verb in self._late(name) if self._late is not None else ():
            if verb not in known:
                function, aliases, short, long = verb.table_entry()
                self.addCommand(verb.name, function, short, long, aliases)

    def main(self, args: list[str] | None = None) -> int | None:
        """Run the command of the command line.

        Returns the exit status: None for success, 2 for a wrong command line, else
        that of the error.
        """
        args = sys.argv[1:] if args is None else args
        form = json_form(args)
        if not form:
            return self._main(args)
        # Imported late: most commands print text.
        from zope.app.fssync.cli.jsonreport import Document

        with Document(form == "lines") as document:
            self._document = document
            try:
                status = self._main(args) or 0
            except SystemExit as end:
                status = end.code if isinstance(end.code, int) else 0
            document.end(self._command_name(), status)
        return status

    def _command_name(self) -> str | None:
        """Return the name of the command, also if an alias was used."""
        verb = self.command_table.get(self.command or "")
        return self.command if verb is None else verb.name

    def _main(self, args: list[str]) -> int | None:
        try:
            self.realize(args)
            status: int | None = self.run()
        except Usage as error:
            self._complain(error.message, error.advice or self._where_help_is())
            return error.exit_code
        except Error as error:
            self._complain(error.message, error.advice, error.path)
            return error.exit_code
        except KeyboardInterrupt:
            self._complain("interrupted")
            return INTERRUPTED
        except OSError as error:
            self._complain(os_message(error), disk_advice(error))
            return Error.exit_code
        except UnicodeEncodeError as error:
            self._complain(
                _encoding_message(error),
                "Use a locale with UTF-8, such as LC_ALL=C.UTF-8.",
            )
            return Error.exit_code
        except Exception as error:
            self._complain(
                f"internal error: {type(error).__name__}: {error}",
                f"for its place use {self.program} --traceback",
            )
            return Error.exit_code
        return status

    def _complain(
        self, what: str, advice: str | None = None, path: str | None = None
    ) -> None:
        """Print an error, with a traceback if the options ask for it."""
        finish_output()
        if not self.local_options.compat:
            what = from_here(what)
            advice = None if advice is None else from_here(advice)
        if os.environ.get("ZSYNC_TRACEBACK") or self._has_option("--traceback"):
            import traceback

            say(_masked(traceback.format_exc().rstrip()), sys.stderr)
        if self._document is not None:
            masked = None if advice is None else _masked(advice)
            self._document.report.error(_masked(what), masked, path)
        said, hint = (
            ("", "") if self.local_options.compat else (f"{self.program}: ", "hint: ")
        )
        say(said + _masked(what), sys.stderr)
        if advice:
            say(hint + _masked(advice), sys.stderr)

    def _where_help_is(self) -> str:
        topic = "help"
        if self.command in self.command_table and not self.local_options.compat:
            topic = f"help {self.command}"
        return f'for help use "{self.program} {topic}"'

    def _has_option(self, *names: str) -> bool:
        return any(option in names for option, _ in self.local_options.common)

    def realize(self, args: list[str] | None = None) -> None:
        """Find the command of the command line; raise `Usage` if there is none."""
        self._add_help()
        own = (*COMMON, _VERSION)
        args = sys.argv[1:] if args is None else args
        options: Pairs = []
        if args and args[0].startswith("-"):
            with self._usage_errors("global"):
                options, args = parsed(args, *to_getopt(own))
        self.local_options = Options(common=options)
        if self._has_option("-h", "--help"):
            self.usage(sys.stdout, self.overview())
            sys.exit()
        if self._has_option("--version"):
            self.usage(sys.stdout, f"%(program)s {self.version()}")
            sys.exit()
        if not args:
            self._require_command()
        self.command, *args = args
        verb = self._verb(self.command)
        with self._usage_errors(self.command):
            found, self.args = separate(args, verb.options)
        self.local_options = Options(found, [*options, *found.common])
        if self._has_option("-h", "--help"):
            self.usage(sys.stdout, verb.help())
            sys.exit()

    def _require_command(self) -> None:
        if self.title is None or self.local_options.compat:
            raise Usage("missing command argument")
        self.usage(sys.stdout, self.overview())
        sys.exit(Usage.exit_code)

    def _verb(self, name: str) -> Verb:
        """Return the command of a name; raise `Usage` if there is none."""
        self._load(name)
        verb = self.command_table.get(name)
        if verb is not None:
            return verb
        if self.local_options.compat:
            raise Usage("unrecognized command")
        raise Usage(f"unrecognized command '{name}'", advice=self._nearest(name))

    def _nearest(self, name: str) -> str | None:
        """Return a question with the names similar to an unknown one."""
        from difflib import get_close_matches

        self._load()
        found = get_close_matches(name, self.command_table)
        return f"did you mean {' or '.join(map(repr, found))}?" if found else None

    @contextlib.contextmanager
    def _usage_errors(self, command: str) -> Iterator[None]:
        try:
            yield
        except Usage as error:
            raise Usage(f"{command} {error.message}") from None

    def run(self) -> Any:
        """Run the command that `realize` found."""
        if self.command is None:
            raise Usage("missing command argument")
        if self.local_options.color not in ("auto", "always", "never"):
            raise Usage("--color takes auto, always or never")
        directories = self._arguments("-C", "--directory")
        with contextlib.ExitStack() as stack:
            if directories:
                stack.enter_context(contextlib.chdir(os.path.join(*directories)))
            if self.local_options.settings:
                configuration(self.local_options)  # a wrong one stops all commands
            verb = self.command_table[self.command]
            if self._document is not None:
                self.local_options.report = self._document.begin(
                    verb.name, self.local_options
                )
            targets = [*self.args, *self._read_targets()]
            return verb(self.local_options, [_as_named(target) for target in targets])

    def _read_targets(self) -> list[str]:
        """Return the targets of the files that --targets names."""
        files = self._arguments("--targets")
        wanted = [
            *["the targets"] * files.count("-"),
            *["the message"] * (self.local_options.value("-F", "--file") == "-"),
            *["the password"] * self.local_options.password_on_stdin,
        ]
        if len(wanted) > 1:
            raise Usage(f"standard input cannot hold both {' and '.join(wanted[:2])}")
        return [target for name in files for target in read_targets(name)]

    def _arguments(self, *names: str) -> list[str]:
        return [value for name, value in self.local_options.common if name in names]

    def usage(self, file: TextIO, text: object) -> None:
        """Print ``text`` with the name of the program filled in."""
        shown = self._filled(text)
        width = columns_of(file)
        if width is not None and width < WIDTH and not self.local_options.compat:
            from zope.app.fssync.cli.narrow import fitted

            shown = fitted(shown, width)
        say(shown, file)

    def _filled(self, text: object) -> str:
        return str(text).replace("%(program)s", self.program)

    def overview(self) -> str:
        """Return the help of the program."""
        if self.title is None:
            return _dedented(self.helptext)
        self._load()
        verbs = list(dict.fromkeys(self.command_table.values()))
        parts = [self.title.rstrip()]
        for group in GROUPS:
            rows = [(_names(v), v.summary) for v in verbs if v.group == group]
            if rows:
                parts.append(f"{group}:\n{columns(rows)}")
        options = [(o.usage(), o.help) for o in (*COMMON, _VERSION)]
        parts.append(f"options of every command:\n{columns(options)}")
        parts.append(_dedented(self.helptext))
        return "\n\n".join(parts)

    def help(self, opts: Options, args: list[str]) -> int | None:
        """%(program)s help [COMMAND ...]

        Shows how each COMMAND is used, or without one which commands there are.
        Instead of a command it takes a topic:

          glossary  what the words mean
          letters   what the letters before paths mean
        """
        if not args:
            self.usage(sys.stdout, self.overview())
            return None
        for name in args:
            self._load(name)
        others = [name for name in args if name not in self.command_table]
        unknown = [name for name in others if not _is_topic(name)]
        for name in unknown:
            self._complain(f"unrecognized command '{name}'", self._nearest(name))
        known = [name for name in args if name not in unknown]
        for number, name in enumerate(known):
            if number:
                say("")
            if name in self.command_table:
                self.usage(sys.stdout, self.command_table[name].help())
            else:
                from zope.app.fssync.cli.topics import text

                self._show_topic(text(name).rstrip())
        return Error.exit_code if unknown else None

    def _show_topic(self, text: str) -> None:
        width = columns_of(sys.stdout)
        if width is not None and width < WIDTH:
            from zope.app.fssync.cli.narrow import filled

            text = filled(text, width)
        say(text)

    def completion(self, opts: Options, args: list[str]) -> None:
        """%(program)s completion SHELL

        Prints the script by which SHELL, one of bash, zsh and fish, completes
        commands, options, registered paths, and for 'resolve' the conflicts.

          bash   eval "$(%(program)s completion bash)" in ~/.bashrc
          zsh    eval "$(%(program)s completion zsh)" in ~/.zshrc, behind compinit
          fish   %(program)s completion fish | source, in config.fish
        """
        if (kind := opts.value("--list")) is not None:
            self._offer(kind, args)
            return
        from zope.app.fssync.cli.completion import SHELLS
        from zope.app.fssync.cli.completion import script

        if len(args) != 1 or args[0] not in SHELLS:
            raise Usage(f"completion takes one of {', '.join(sorted(SHELLS))}")
        self._load()
        verbs = list(dict.fromkeys(self.command_table.values()))
        say(self._filled(script(args[0], self.program, verbs)))

    def _offer(self, kind: str, args: list[str]) -> None:
        """Print the paths that a shell offers for a word."""
        from zope.app.fssync.cli.completing import KINDS
        from zope.app.fssync.cli.completing import offered

        if kind not in KINDS or len(args) != 1:
            raise Usage("completion --list takes a kind of paths and a word")
        for path in offered(kind, args[0]):
            say(path)

    def _add_help(self) -> None:
        if "completion" not in self.command_table:
            self.addCommand(
                "completion",
                Verb(
                    self.completion,
                    # For the scripts, and not in the help.
                    Option("--list", argument="KIND"),
                    summary="print a script for completion by the shell",
                    completes="shells",
                    examples=(
                        (
                            'eval "$(%(program)s completion bash)"',
                            "complete command lines in this bash",
                        ),
                        (
                            "%(program)s completion fish | source",
                            "the same in fish",
                        ),
                    ),
                ),
            )
        if "help" not in self.command_table:
            self.addCommand(
                "help",
                Verb(
                    self.help,
                    aliases="h ?",
                    summary="show how commands are used",
                    completes="commands",
                ),
            )
        for alias in ("h", "?"):
            self.command_table.setdefault(alias, self.command_table["help"])


def _is_topic(name: str) -> bool:
    # Not imported for the help of commands.
    from zope.app.fssync.cli.topics import TOPICS

    return name in TOPICS


def _names(verb: Verb) -> str:
    """Return the name of a command with its aliases."""
    aliases = f" ({', '.join(verb.aliases)})" if verb.aliases else ""
    return verb.name + aliases


def _main_documentation() -> str:
    return sys.modules["__main__"].__doc__ or ""


def _masked(text: str) -> str:
    """Return ``text`` without the passwords of URLs."""
    import re

    return re.sub(r"(://[^/\s:@]*):[^/\s]*@", r"\1:***@", text)


def os_message(error: OSError) -> str:
    """Return the message of the system with the name of the file."""
    reason = error.strerror or str(error) or type(error).__name__
    names = [str(name) for name in (error.filename, error.filename2) if name]
    return ": ".join([" -> ".join(names), reason] if names else [reason])


def disk_advice(error: OSError) -> str | None:
    """Return the advice for a full or failing disk."""
    import errno

    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        first = "Make room there, then run the command again."
    elif error.errno == errno.EIO:
        first = "The disk fails: the log of the system tells more. Save your work."
    else:
        return None
    return (
        f"{first} No file of yours is lost; the next command finishes or takes back "
        "what this one began in the working copy."
    )


def _encoding_message(error: UnicodeEncodeError) -> str:
    """Return the message for a text that the locale cannot encode."""
    what = "this cannot be written in the encoding of the locale"
    if "\udc80" <= error.object[error.start] <= "\udcff":
        what = "this is no text in the encoding of the locale"
    return f"{what}, {sys.getfilesystemencoding()}: {escape(error.object[:200])}"


def _as_named(argument: str) -> str:
    """Return a path in the Unicode normal form in which it exists."""
    if argument.isascii():
        return argument
    from zope.app.fssync.client.workingcopy.naming import as_named

    return as_named(argument)


def _dedented(text: str) -> str:
    """Return a docstring as all versions of Python would show it."""
    first, *rest = text.rstrip().split("\n")
    margins = [len(line) - len(line.lstrip()) for line in rest if line.strip()]
    margin = min(margins, default=0)
    return "\n".join([first, *(line[margin:].rstrip() for line in rest)])
