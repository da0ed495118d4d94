"""zsync upgrade."""

from __future__ import annotations

from zope.app.fssync.cli.checkout_cmd import LAYOUT
from zope.app.fssync.cli.checkout_cmd import wanted_layout
from zope.app.fssync.cli.common import check_exist
from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.common import tell_converted
from zope.app.fssync.cli.options import Options
from zope.app.fssync.cli.verb import verb


@verb(
    LAYOUT,
    group="care",
    completes="directories",
    summary="convert a working copy to a newer layout",
    examples=(
        ("%(program)s upgrade", "convert the working copy around you"),
        ("%(program)s upgrade work", "convert the working copy in work"),
    ),
)
def upgrade(opts: Options, args: list[str]) -> None:
    """%(program)s upgrade [PATH ...]

    Converts the working copy that contains each PATH, by default the current
    directory, to the layout that '%(program)s checkout' makes, or to that of
    --layout: 3 has the metadata of an object in a text beside its file, and the
    control data in .zsync; 2 has packs in directories named @@Zope.  Files get the
    names of their objects where older releases decomposed them.  Nothing is
    lost; '%(program)s downgrade' reverses it.  If an upgrade is interrupted, run
    it again.
    """
    check_exist(args)
    with client(opts) as fs:
        for path in args or ["."]:
            tell_converted(opts, path, fs.upgrade(path, wanted_layout(opts)))
