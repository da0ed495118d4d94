"""Measure git with git-remote-zsync: clone, fetch without news, push of one commit.

    bin/py bench/gitclone.py [--files 10000] [--transactions 1000] [--repeat 3]

The database has so many files in folders of 100, and so many transactions more, each
of which changes one of them.  A clone is measured against ``git clone`` of the same
history together with a checkout by zsync, a fetch without news against ``zsync
update``, and the push of one commit against ``zsync commit``.
"""

import argparse
import os
import random
import shutil
import stat
import subprocess
import sys
import tempfile

import transaction
from compare import Cost
from compare import Zsync
from compare import line
from compare import median
from compare import place
from zope.app.publication.zopepublication import ZopePublication

_HELPER = """\
#!{python}
import sys
sys.path[:0] = {path!r}
from zope.app.fssync.cli.git_remote import main
sys.exit(main())
"""


def write_transactions(data, count):
    """Change one file after the other, each in a transaction of its own."""
    import zope.app.wsgi

    from zope.app.fssync.demo.instance import Instance

    instance = Instance(data)
    instance.prepare()
    os.chdir(instance.data)
    db = zope.app.wsgi.config("zope.conf")
    connection = db.open()
    bulk = connection.root()[ZopePublication.root_name]["bulk"]
    dice = random.Random(7)
    names = [(folder, name) for folder in bulk for name in bulk[folder]]
    for number in range(count):
        folder, name = dice.choice(names)
        found = bulk[folder][name]
        found.data = found.data + f"change {number}\n".encode()
        transaction.get().note(f"change {number}")
        transaction.get().setUser(f"user{number % 7}")
        transaction.commit()
    connection.close()
    db.close()


class Server(Zsync):
    """A demo server with that database, and git."""

    def __init__(self, work, files, transactions):
        self.transactions = transactions
        super().__init__(work, files)
        programs = os.path.join(work, "programs")
        os.mkdir(programs)
        helper = os.path.join(programs, "git-remote-zsync")
        with open(helper, "w") as stream:
            stream.write(_HELPER.format(python=sys.executable, path=sys.path))
        os.chmod(helper, stat.S_IRWXU)
        os.environ["PATH"] = f"{programs}:{os.environ['PATH']}"
        for who in ("AUTHOR", "COMMITTER"):
            os.environ[f"GIT_{who}_NAME"] = os.environ[f"GIT_{who}_EMAIL"] = "zsync"

    def _seed(self, files, big, keep):
        super()._seed(files, big, keep)
        command = [sys.executable, os.path.abspath(__file__), "--write", self.data]
        count = str(self.transactions)
        subprocess.run([*command, "--transactions", count], check=True)

    def git(self, *args):
        return self.run("git", *args)

    def again(self, name):
        shutil.rmtree(os.path.join(self.home, name), ignore_errors=True)


def measure(options):
    work = tempfile.mkdtemp()
    side = Server(work, options.files, options.transactions)
    url = f"zsync::{side.url}/bulk"
    try:
        clones, copies, checkouts = [], [], []
        for _ in range(options.clones):
            for name in ("clone", "copy", "co"):
                side.again(name)
            clones.append(side.git("clone", "-q", url, "clone"))
            there = f"file://{side.home}/clone"
            copies.append(side.git("clone", "-q", there, "copy"))
            checkouts.append(side.checkout("co"))
        copy, checkout = median(copies), median(checkouts)
        processor = copy.processor + checkout.processor
        both = Cost(copy.wall + checkout.wall, processor=processor)
        line("clone", median(clones), both, "git clone + checkout", 3)
        side.git("-C", "clone", "fetch", "-q")
        fetch = median(
            [side.git("-C", "clone", "fetch", "-q") for _ in range(options.repeat)]
        )
        update = median([side.update() for _ in range(options.repeat)])
        line("fetch without news", fetch, update, "update", 1.5)
        pushes, commits = [], []
        for number in range(options.repeat):
            path = os.path.join(side.home, "clone", place(number))
            with open(path, "ab") as stream:
                stream.write(b"pushed\n")
            side.git("-C", "clone", "commit", "-q", "-a", "-m", "pushed")
            pushes.append(side.git("-C", "clone", "push", "-q"))
            with open(side.file(options.files - 1 - number), "ab") as stream:
                stream.write(b"committed\n")
            commits.append(side.commit())
            side.git("-C", "clone", "pull", "-q", "--ff-only")
        line("push of one", median(pushes), median(commits), "commit", 2)
    finally:
        side.stop()
        shutil.rmtree(work)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--transactions", type=int, default=1000)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--clones", type=int, default=1)
    parser.add_argument("--write", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.write:
        write_transactions(options.write, options.transactions)
        return
    measure(options)


if __name__ == "__main__":
    main()
