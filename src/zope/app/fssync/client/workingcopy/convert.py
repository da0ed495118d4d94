"""Convert a working copy between its layouts.

Upgraded files have the names of their objects, downgraded ones those that servers of
3.6.0 send.  After an interruption the same command continues where it ended.
"""

from __future__ import annotations

from os.path import join

from zope.app.fssync.client.workingcopy.compactchanges import CompactChanges
from zope.app.fssync.client.workingcopy.conversion import Conversion
from zope.app.fssync.client.workingcopy.convertdescriptions import DescriptionConverter
from zope.app.fssync.client.workingcopy.convertpacks import PackConverter
from zope.app.fssync.client.workingcopy.index import index_path
from zope.app.fssync.client.workingcopy.layout import COMPACT
from zope.app.fssync.client.workingcopy.layout import DESCRIBED
from zope.app.fssync.client.workingcopy.layout import PLAIN
from zope.app.fssync.client.workingcopy.layout import read_layout
from zope.app.fssync.client.workingcopy.layout import write_layout
from zope.app.fssync.client.workingcopy.place import control_of
from zope.app.fssync.client.workingcopy.place import data_of
from zope.app.fssync.client.workingcopy.renaming import Renaming
from zope.app.fssync.client.workingcopy.serverstate import States
from zope.fssync import paths
from zope.fssync.errors import WorkingCopyError
from zope.fssync.files import Tree

__all__ = ["check_renamed", "downgrade", "remove_left", "upgrade"]


def upgrade(changes: CompactChanges, root: str, layout: int = COMPACT) -> list[str]:
    """Bring the working copy ``root``, or the rest of it, into a newer layout.

    Return the paths of files that could not be renamed, since the name is taken; the
    working copy becomes one of layout 2 meanwhile.
    """
    conversion = Conversion(changes, root)
    described = DescriptionConverter(conversion)
    states = States(changes, root)
    states.forget_received()
    before = read_layout(changes.tree, root)
    taken = []
    if before != DESCRIBED:
        # Noted first: until all is done both layouts are to be expected.
        changes.compact = True
        write_layout(changes, root, COMPACT)
        conversion.each_directory(PackConverter(conversion).pack)
        # Move old control data away before their directories are renamed.
        conversion.settle()
        taken = _rename(conversion, Renaming(changes, paths.file_name))
        conversion.settle()
    if taken:
        return taken
    if layout == DESCRIBED and control_of(root) != data_of(root):
        write_layout(changes, root, DESCRIBED)
        _drop_index(conversion)
        conversion.each_directory(described.describe)
        conversion.settle()
        described.describe_root()
        conversion.settle()
        states.follow()
    return taken


def downgrade(changes: CompactChanges, root: str) -> list[str]:
    """Bring the working copy ``root``, or the rest of it, into the layout of 3.6.0.

    Return the paths of files that could not be renamed, since the name is taken.
    """
    conversion = Conversion(changes, root)
    described = DescriptionConverter(conversion)
    states = States(changes, root)
    states.forget_received()
    if changes.tree.isdir(join(root, paths.DATA)):
        if control_of(root) == data_of(root):
            _drop_index(conversion)
            described.undescribe_root()
            conversion.settle()
            states.follow()
        conversion.each_directory(described.undescribe)
        write_layout(changes, root, COMPACT)
        conversion.settle()
    changes.compact = False
    conversion.each_directory(PackConverter(conversion).unpack)
    write_layout(changes, root, PLAIN)
    return _rename(conversion, Renaming(changes, _decomposed))


def check_renamed(taken: list[str], verb: str) -> None:
    """Raise an error if files could not be renamed."""
    if taken:
        raise WorkingCopyError(
            f"{len(taken)} not renamed, since another file has the same name in "
            f"another form: {', '.join(map(ascii, taken[:5]))}",
            path=taken[0],
            advice=f"Move the other file away, then run 'zsync {verb}' again.",
        )


def remove_left(root: str) -> None:
    """Remove what a conversion has left of the other layout at the root."""
    tree = Tree(root)
    data, control = join(root, paths.DATA), join(root, paths.CONTROL)
    if control_of(root) == data_of(root):
        if tree.isdir(control):
            tree.rmdir(control)
    elif tree.isdir(data):
        tree.rmtree(data)


def _rename(conversion: Conversion, renaming: Renaming) -> list[str]:
    conversion.each_directory(renaming.rename_in, deepest_first=True)
    # The index is derived data, with the old names.
    if renaming.renamed:
        _drop_index(conversion)
    return renaming.taken


def _drop_index(conversion: Conversion) -> None:
    index = index_path(conversion.root)
    if conversion.changes.exists(index):
        conversion.changes.remove(index)


def _decomposed(name: str, key: str) -> str:
    """Return the name of a file in the layout of 3.6.0."""
    return paths.nfd(name)
