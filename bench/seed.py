"""Fill the database of a demo server with content to measure with.

    bin/py bench/seed.py DATA [--files N] [--size BYTES] [--big BYTES]

Makes /bulk, folders of 100 text files each with Dublin Core, and /bigfile with
one binary file.  The server of DATA must be stopped.
"""

import argparse
import os
import random

import transaction
import zope.app.wsgi
import zope.event
from zope.app.file.file import File
from zope.app.publication.zopepublication import ZopePublication
from zope.dublincore.interfaces import IZopeDublinCore
from zope.lifecycleevent import ObjectCreatedEvent
from zope.site.folder import Folder

from zope.app.fssync.demo.instance import Instance


def put(container, name, obj):
    zope.event.notify(ObjectCreatedEvent(obj))
    IZopeDublinCore(obj).title = f"Title of {name}"
    container[name] = obj
    return container[name]


def lines(size, seed):
    line = b"line %06d of text file %d\n"
    text = b"".join(line % (i, seed) for i in range(size // 26 + 1))
    return text[:size]


def seed_bulk(root, files, size):
    bulk = put(root, "bulk", Folder())
    for number in range(files):
        folder, index = divmod(number, 100)
        if not index:
            transaction.commit()
            bulk._p_jar.cacheGC()
            place = put(bulk, f"folder{folder:04d}", Folder())
        put(place, f"file{index:04d}.txt", File(lines(size, number), "text/plain"))


class Noise:
    """A stream of bytes that do not compress."""

    def __init__(self, size):
        self.left = size
        self.block = random.Random(7).randbytes(1 << 16)

    def read(self, size):
        data = self.block[: min(size, self.left)]
        self.left -= len(data)
        return data


def seed_big(root, size):
    from zope.app.fssync.file.adapter import FileSynchronizer

    folder = put(root, "bigfile", Folder())
    transaction.savepoint()
    big = put(folder, "big.bin", File(b"", "application/octet-stream"))
    transaction.savepoint()
    FileSynchronizer(big).load(Noise(size))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data")
    parser.add_argument("--files", type=int, default=0)
    parser.add_argument("--size", type=int, default=1024)
    parser.add_argument("--big", type=int, default=0)
    options = parser.parse_args()
    Instance(options.data).prepare()
    os.chdir(options.data)
    db = zope.app.wsgi.config("zope.conf")
    connection = db.open()
    root = connection.root()[ZopePublication.root_name]
    if options.files:
        seed_bulk(root, options.files, options.size)
    if options.big:
        seed_big(root, options.big)
    transaction.commit()
    connection.close()
    for database in db.databases.values():
        database.close()


if __name__ == "__main__":
    main()
