"""The program ``git-remote-zsync``, which git runs for URLs that begin with zsync::"""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack

from zope.app.fssync.cli.common import make_network
from zope.app.fssync.cli.options import Options
from zope.app.fssync.cli.output import say
from zope.fssync.errors import Error

__all__ = ["main"]

_USAGE = """\
usage: git clone zsync::URL

git runs this program for the folders of a server: URL is that of a checkout, for
example http://user@host/folder or zsync+ssh://user@host/folder.
"""

#: The exit status that shells give a program that was ended by an interrupt.
_INTERRUPTED = 130


def main(args: list[str] | None = None) -> int:
    """Answer git; returns the exit status."""
    args = sys.argv[1:] if args is None else args
    if not args or args[0].startswith("-"):
        say(_USAGE.rstrip(), sys.stdout if args else sys.stderr)
        return 0 if args else 2
    try:
        _run(args[0], args[-1])
    except Error as error:
        _complain(error.message, error.advice)
        return error.exit_code
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        # git has ended, and reports the reason itself.
        return Error.exit_code
    except OSError as error:
        from zope.app.fssync.cli.program import disk_advice
        from zope.app.fssync.cli.program import os_message

        _complain(os_message(error), disk_advice(error))
        return Error.exit_code
    return 0


def _complain(what: str, advice: str | None) -> None:
    _tell(what)
    if advice:
        _tell(f"hint: {advice}")


def _run(name: str, url: str) -> None:
    from zope.app.fssync.client.git.clone import Clone
    from zope.app.fssync.client.git.helper import Helper
    from zope.app.fssync.client.git.plumbing import Git

    with ExitStack() as stack:
        directory = os.environ.get("GIT_DIR")
        if directory is None:
            # `git ls-remote` needs no repository.
            import tempfile

            directory = stack.enter_context(tempfile.TemporaryDirectory())
            Git(directory).run("init", "--quiet", "--bare", directory)
        git = Git(directory)
        network = make_network(Options(), _tell)
        stack.callback(network.close)
        network.setrooturl(url.removeprefix("zsync::"))
        clone = Clone(git, name, str(network.rooturl))
        given, said = sys.stdin.buffer, sys.stdout.buffer
        Helper(clone, network, given, said, _tell, _progress).run()


def _tell(text: str) -> None:
    for line in text.splitlines():
        say(f"zsync: {line}", sys.stderr)


def _progress(done: int, total: int) -> None:
    end = "\n" if done == total else "\r"
    sys.stderr.write(f"zsync: transactions: {done}/{total}{end}")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
