"""Run git to read and write the objects of one repository."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable
from collections.abc import Iterator
from types import TracebackType
from typing import IO
from typing import NamedTuple

from zope.fssync.errors import Error
from zope.fssync.streams import chunks
from zope.fssync.streams import exact_chunks
from zope.fssync.terminal import escape

__all__ = [
    "FILE",
    "Commit",
    "FastImport",
    "Git",
    "Objects",
    "TreeFile",
    "id_of",
    "id_of_file",
]

#: The mode of a file that is neither executable nor a link.
FILE = "100644"


class Commit(NamedTuple):
    """The headers and the message of a commit, without its tree and parents."""

    author: bytes
    committer: bytes
    message: bytes
    encoding: bytes | None = None


class TreeFile(NamedTuple):
    """A file of a tree: its mode and the id of its content."""

    mode: str
    id: str


class Git:
    """Run git with GIT_DIR set to ``directory``."""

    def __init__(self, directory: str) -> None:
        self.directory = os.path.abspath(directory)

    def start(self, *arguments: str, reads: bool = True) -> subprocess.Popen[bytes]:
        """Start git; ``reads`` gives it a pipe as standard input."""
        try:
            return subprocess.Popen(
                ["git", *arguments],
                stdin=subprocess.PIPE if reads else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                env=self._environment(),
            )
        except OSError as error:
            raise Error(
                f"git does not run: {error.strerror}",
                advice="Install git 2.30 or newer.",
            ) from error

    def _environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if k != "GIT_INDEX_FILE"}
        return {**kept, "GIT_DIR": self.directory, "LC_ALL": "C"}

    def run(self, *arguments: str, given: bytes = b"") -> bytes:
        """Return the output of git; raise `Error` if it fails."""
        process = self.start(*arguments)
        said, _ = process.communicate(given)
        if process.returncode:
            raise Error(f"git {escape(arguments[0])} failed: {process.returncode}")
        return said

    def succeeds(self, *arguments: str) -> bool:
        """Return True if git succeeds; its output is discarded."""
        process = self.start(*arguments)
        process.communicate(b"")
        return process.returncode == 0

    def line(self, *arguments: str) -> str:
        """Return the output of git as text, without the last line end."""
        return self.run(*arguments).decode("utf-8", "surrogateescape").rstrip("\n")

    def commit_id(self, name: str) -> str | None:
        """Return the id of the commit that a name refers to, or None."""
        process = self.start("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
        said, _ = process.communicate(b"")
        return said.decode("ascii").strip() or None

    def is_ancestor(self, first: str, second: str) -> bool:
        """Return True if the first commit is the second, or an ancestor of it."""
        return self.succeeds("merge-base", "--is-ancestor", first, second)

    def files(self, tree: str, directory: str = "") -> dict[str, TreeFile]:
        """Return the entries of a directory of a tree, by name."""
        said = self.run("ls-tree", "-z", "--full-tree", f"{tree}:{directory}")
        found = {}
        for line in filter(None, said.split(b"\0")):
            head, _, name = line.partition(b"\t")
            mode, _, digest = head.decode("ascii").split()
            found[os.fsdecode(name)] = TreeFile(mode, digest)
        return found


class Objects:
    """Read objects through one process of ``git cat-file``."""

    def __init__(self, git: Git) -> None:
        self._process = git.start("cat-file", "--batch")
        self._names = git.start("cat-file", "--batch-check")

    def __enter__(self) -> Objects:
        return self

    def __exit__(self, *error: object) -> None:
        self._process.communicate()
        self._names.communicate()

    def has(self, name: str) -> bool:
        """Return True if there is an object of that name."""
        return self.look(name) is not None

    def look(self, name: str) -> tuple[str, int] | None:
        """Return the id of an object and its size, None if it does not exist."""
        return _answer(self._names, name)

    def content(self, name: str) -> bytes | None:
        """Return the content of an object, None if it does not exist."""
        pieces = self.pieces(name)
        return None if pieces is None else b"".join(pieces)

    def pieces(self, name: str) -> Iterator[bytes] | None:
        """Return the content in pieces, None if the object does not exist.

        Read all of them before the next call.
        """
        answer = _answer(self._process, name)
        return None if answer is None else self._pieces(answer[1])

    def _pieces(self, size: int) -> Iterator[bytes]:
        said = self._process.stdout
        assert said is not None
        short = Error("git cat-file ended within an object")
        yield from exact_chunks(said, size, short)
        said.read(1)


def _answer(process: subprocess.Popen[bytes], name: str) -> tuple[str, int] | None:
    """Ask git cat-file for an object; return its id and its size, or None."""
    given, said = process.stdin, process.stdout
    assert given is not None
    assert said is not None
    given.write(os.fsencode(name) + b"\n")
    given.flush()
    words = said.readline().split()
    if len(words) != 3 or words[-1] == b"missing":
        return None
    return words[0].decode("ascii"), int(words[2])


class FastImport:
    """Write commits through one process of ``git fast-import``.

    Other processes see them when the block ends.  Between `begin` and `end` files are
    written and removed in the tree of a commit.
    """

    def __init__(self, git: Git, reference: str) -> None:
        self._git = git
        self._reference = reference
        self._process = git.start(
            "fast-import",
            "--quiet",
            "--done",
            "--force",
            "--date-format=raw-permissive",
        )
        self._mark = 0
        #: The marks of the commits written: other processes do not see those yet.
        self._marks: dict[str, bytes] = {}

    def __enter__(self) -> FastImport:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None:
            self._process.kill()
            self._process.communicate()
            return
        self._write(b"done\n")
        self._process.communicate()
        if self._process.returncode:
            raise self._failed()

    def _failed(self) -> Error:
        return Error(
            "git fast-import failed",
            advice="Is the disk full, or the repository damaged? 'git fsck' tells.",
        )

    def _write(self, *pieces: bytes) -> None:
        stream = self._process.stdin
        assert stream is not None
        try:
            for piece in pieces:
                stream.write(piece)
        except BrokenPipeError as error:
            raise self._failed() from error

    def _ask(self, question: bytes) -> bytes:
        self._write(question)
        given, said = self._process.stdin, self._process.stdout
        assert given is not None
        assert said is not None
        try:
            given.flush()
        except BrokenPipeError as error:
            raise self._failed() from error
        line = said.readline()
        if not line:
            raise self._failed()
        return line.rstrip(b"\n")

    def begin(self, commit: Commit, parents: Iterable[str]) -> None:
        """Begin a commit with the tree of its first parent."""
        self._mark += 1
        reference = self._reference.encode()
        first, *others = [*parents, ""]
        if not first:
            self._write(b"reset ", reference, b"\n\n")
        self._write(
            b"commit ",
            reference,
            b"\nmark :%d\n" % self._mark,
            b"author %s\ncommitter %s\n" % (commit.author, commit.committer),
        )
        if commit.encoding is not None:
            self._write(b"encoding %s\n" % commit.encoding)
        self._write(b"data %d\n" % len(commit.message), commit.message, b"\n")
        if first:
            self._write(b"from %s\n" % self._named(first))
        for other in filter(None, others):
            self._write(b"merge %s\n" % self._named(other))

    def _named(self, commit: str) -> bytes:
        return self._marks.get(commit) or commit.encode()

    def end(self) -> str:
        """End the commit, and return its id."""
        mark = b":%d" % self._mark
        commit = self._ask(b"\nget-mark %s\n" % mark).decode("ascii")
        self._marks[commit] = mark
        return commit

    def clear(self) -> None:
        """Remove all files."""
        self._write(b"deleteall\n")

    def remove(self, path: str) -> None:
        """Remove a file or a directory, if it is there."""
        self._write(b"D ", _quoted(path), b"\n")

    def write(self, path: str, size: int, pieces: Iterable[bytes]) -> None:
        """Write a file of exactly this size."""
        self._write(b"M 100644 inline ", _quoted(path), b"\ndata %d\n" % size)
        for piece in pieces:
            size -= len(piece)
            self._write(piece)
        if size:
            raise Error(f"'{escape(path)}' does not have the size that was announced")
        self._write(b"\n")

    def put(self, path: str, file: TreeFile) -> None:
        """Set a path to an object of the repository; an empty path is the root."""
        line = f"M {file.mode} {file.id} ".encode()
        self._write(line, _quoted(path) if path else b'""', b"\n")

    def look(self, commit: str, path: str = "") -> TreeFile | None:
        """Return the entry at a path of a commit, or None."""
        said = self._ask(b"ls %s %s\n" % (self._named(commit), _quoted(path) or b'""'))
        head = said.partition(b"\t")[0].decode("utf-8", "replace").split()
        return TreeFile(head[0], head[2]) if len(head) == 3 else None

    def is_file(self, path: str) -> bool:
        """Return True if the commit that is being written has a file at a path."""
        return self._ask(b"ls %s\n" % _in_quotes(path)).startswith(b"100")

    def content(self, file: TreeFile) -> bytes:
        """Return the content of a small file."""
        head = self._ask(b"cat-blob %s\n" % file.id.encode())
        said = self._process.stdout
        assert said is not None
        size = int(head.split()[-1])
        content = said.read(size + 1)
        return content[:size]

    def flush(self) -> None:
        """Make the written commits visible to other processes."""
        if not self._mark:
            return
        # The answer comes after the checkpoint.
        self._ask(b"checkpoint\nget-mark :%d\n" % self._mark)

    def again(self, raw: bytes, tree: str, made: str) -> str | None:
        """Return the id of the commit of these bytes; ``made`` is the one written.

        If those differ, as fast-import writes no signatures, the bytes are written by
        ``git hash-object``.  None if the bytes are not a commit with this tree, or git
        refuses them.
        """
        head = raw.partition(b"\n\n")[0]
        if not head.startswith(b"tree %s\n" % tree.encode()):
            return None
        expected = id_of(raw, len(tree))
        if expected != made:
            self.flush()
            given = ("hash-object", "-t", "commit", "-w", "--stdin")
            try:
                self._git.run(*given, given=raw)
            except Error:
                return None
        return expected


def id_of(raw: bytes, length: int) -> str:
    """Return the id of the commit of these bytes; ids have that length."""
    return _id_of(b"commit", len(raw), [raw], length)


def id_of_file(stream: IO[bytes], size: int, length: int) -> str:
    """Return the id that a content of that size has; ids have that length."""
    return _id_of(b"blob", size, chunks(stream), length)


def _id_of(kind: bytes, size: int, pieces: Iterable[bytes], length: int) -> str:
    # Imported here: what is up to date needs none.
    from hashlib import sha1
    from hashlib import sha256

    make = sha1 if length == 40 else sha256
    digest = make(b"%s %d\0" % (kind, size), usedforsecurity=False)
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()


def _quoted(path: str) -> bytes:
    """Return a path in the syntax of fast-import."""
    name = os.fsencode(path)
    if name.startswith(b'"') or b"\n" in name or b" " in name:
        return _in_quotes(path)
    return name


def _in_quotes(path: str) -> bytes:
    name = os.fsencode(path).replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    return b'"%s"' % name.replace(b"\n", b"\\n")
