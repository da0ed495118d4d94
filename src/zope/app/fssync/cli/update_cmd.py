"""zsync update."""

from __future__ import annotations

from zope.app.fssync.cli.common import check_conflicts
from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.common import is_rehearsal
from zope.app.fssync.cli.common import tell_rehearsal
from zope.app.fssync.cli.common import transferring
from zope.app.fssync.cli.program import Options


def update(opts: Options, args: list[str]) -> None:
    """%(program)s update [-n] [--accept-deletions] [TARGET ...]

    Brings the server's changes into each TARGET, a file or a directory, by
    default the current directory.  Text files that changed on both sides are
    merged.  Where the same lines changed, both versions stay in the file,
    between markers as diff3 makes them, and C is shown; 'zsync resolve' tells
    that they are settled.  A binary file that changed on both sides, and one
    in the way of a new object, stays as it is here and is shown as C, too;
    'zsync cat' writes the server's.

    U taken from the server   M local changes kept or merged   C conflict
    A to be added   R to be removed   D deleted   N new directory   ? unknown
    W hidden from you now, stays as it is

    -n, --dry-run       changes nothing here, and prints what would become of
                        each file
    --accept-deletions  deletes what the server has removed, however much it is.
                        Without it more than 1000 files, or more than half of
                        all and more than 20, are deleted only where you agree
                        on the terminal; in a script the update fails, and
                        changes nothing.
    """
    dry_run = is_rehearsal(opts)
    accept = any(name == "--accept-deletions" for name, _ in opts)
    with client() as fs:
        fs.accept_deletions = agreed if accept else ask
        fs.multiple(args, transferring(fs, fs.update), dry_run)
        tell_rehearsal(dry_run)
        check_conflicts(fs)


def agreed(question: str) -> bool:
    """Agree, since the command line does."""
    return True


def ask(question: str) -> bool:
    """Ask the person at the terminal, if there is one."""
    from zope.app.fssync.client.transport.ssh.terminal import Terminal

    terminal = Terminal()
    return terminal.interactive and terminal.confirm(
        f"\n{question}.\n", "Delete them? (yes/no) "
    )


ENTRY = (update, "up", "n", "accept-deletions dry-run")
