"""A large body goes through git-remote-zsync in pieces."""

from __future__ import annotations

import sys

import pytest

from zope.app.fssync.testing.gitperson import GitPerson

pytestmark = pytest.mark.slow

#: Runs the program, and notes the most memory that it had, in KiB.
MEASURED = """\
#!{python}
import resource
import sys
from zope.app.fssync.cli.git_remote import main
status = main()
with open({peaks!r}, "a") as stream:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=stream)
sys.exit(status)
"""

BODY = 64 << 20

#: What the program may need more than for a small body, in KiB.
MORE = 32 << 10


def test_memory_does_not_grow_with_a_body(folder, jane: GitPerson) -> None:
    peaks = jane.place / "peaks"
    program = MEASURED.format(python=sys.executable, peaks=str(peaks))
    jane.helper.write_text(program, encoding="utf-8")
    clone, other = (jane.clone(folder.url, name) for name in ("clone", "other"))
    clone.write("small.bin", b"small")
    clone.commit("Small")
    clone("push", "--quiet")
    clone("pull", "--quiet")
    small = max(map(int, peaks.read_text().split()))
    peaks.unlink()
    with (clone.place / "large.bin").open("wb") as stream:
        for number in range(BODY >> 20):
            stream.write(bytes([number]) * (1 << 20))
    clone.commit("Large")
    clone("push", "--quiet")
    clone("pull", "--quiet")
    other("pull", "--quiet")
    fresh = jane.clone(folder.url, "fresh")
    for each in (other, fresh):
        assert (each.place / "large.bin").stat().st_size == BODY
        assert each.head() == clone.head()
    found = [int(each) for each in peaks.read_text().split()]
    assert len(found) == 4
    assert max(found) < small + MORE, (small, found)
