"""Wikis on the file system.

%(program)s pages [TARGET ...]
%(program)s publish [-m message] [TARGET ...]
%(program)s pack DIRECTORY FILE
%(program)s unpack FILE DIRECTORY

and all commands of zsync
"""

import os
import sys

from zope.app.fssync.command import Command
from zope.app.fssync.command import Usage
from zope.app.fssync.fssync import FSSync
from zope.app.fssync.fssync import Network
from zope.app.fssync.main import command_table
from zope.app.fssync.main import extract_message
from zope.fssync import fsutil
from zope.fssync.fsmerger import FSMerger
from zope.fssync.metadata import Metadata
from zope.fssync.snarf import Snarfer
from zope.fssync.snarf import Unsnarfer


class WikiNetwork(Network):
    requests = 0

    def httpreq(self, path, view, datasource=None, *args, **kw):
        self.requests += 1
        return super(WikiNetwork, self).httpreq(path, view, datasource, *args, **kw)


class WikiSync(FSSync):
    def reporter(self, msg):
        if msg[0] not in "/*":
            print("wiki:", msg)

    def publish(self, target, note):
        if not self.metadata.getentry(target):
            raise fsutil.Error("nothing known about %s", target)
        self.commit(target, note)
        self.update(target)


def pages(opts, args):
    """%(program)s pages [TARGET ...]

    Lists the registered pages.
    """
    metadata = Metadata()
    for target in args or [os.curdir]:
        for name in metadata.getnames(target):
            path = os.path.join(target, name)
            type, factory = metadata.gettypeinfo(path)
            pristine = os.path.exists(fsutil.getoriginal(path))
            entry = metadata.getentry(path)
            print(name, type, factory, pristine, entry.get("syntax"))


def publish(opts, args):
    """%(program)s publish [-m message] [TARGET ...]

    Commits and updates.
    """
    message, opts = extract_message(opts, "publish")
    network = WikiNetwork()
    fs = WikiSync(network=network, overwrite_local=True)
    fs.multiple(args, fs.publish, message)
    print(network.requests, "requests")


def pack(opts, args):
    """%(program)s pack DIRECTORY FILE"""
    if len(args) != 2:
        raise Usage("pack requires two arguments")
    fp = open(args[1], "wb")
    try:
        Snarfer(fp).addtree(args[0])
    finally:
        fp.close()


def unpack(opts, args):
    """%(program)s unpack FILE DIRECTORY

    Brings what was packed into a working copy.
    """
    tmp = args[0] + ".tmp"
    os.mkdir(tmp)
    fp = open(args[0], "rb")
    try:
        Unsnarfer(fp).unsnarf(tmp)
    finally:
        fp.close()
    metadata = Metadata()
    merger = FSMerger(metadata, print, False)
    for name in metadata.getnames(tmp):
        merger.merge(os.path.join(args[1], name), os.path.join(tmp, name))
    metadata.flush()


def main():
    cmd = Command(usage=__doc__)
    for func, aliases, short, long in command_table:
        cmd.addCommand(func.__name__, func, short, long, aliases)
    cmd.addCommand("pages", pages)
    cmd.addCommand("publish", publish, "m:F:", "message= file=", "pub")
    cmd.addCommand("pack", pack)
    cmd.addCommand("unpack", unpack)
    return cmd.main()


if __name__ == "__main__":
    sys.exit(main())
