"""Files are touched whole, and never through a link."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
from zope.interface.verify import verifyObject

from zope.fssync import files
from zope.fssync.errors import PathRefused
from zope.fssync.interfaces import IFileTree

pytestmark = pytest.mark.skipif(os.name != "posix", reason="links and FIFOs")


def test_a_tree_provides_what_a_merge_needs():
    assert verifyObject(IFileTree, files.Tree())


@pytest.fixture(params=["link", "dangling", "fifo", "directory", "socketlike"])
def special(request, tmp_path: Path) -> str:
    """A path that holds anything but a regular file."""
    path = tmp_path / "special"
    (tmp_path / "target").write_bytes(b"target")
    if request.param == "link":
        path.symlink_to("target")
    elif request.param == "dangling":
        path.symlink_to("nowhere")
    elif request.param == "fifo":
        os.mkfifo(path)
    elif request.param == "directory":
        path.mkdir()
    else:
        return "/dev/null"
    return str(path)


def test_nothing_but_a_regular_file_is_opened(special):
    with pytest.raises(PathRefused, match="not a regular file"):
        files.open_regular(special)


def test_nothing_but_a_regular_file_is_overwritten(special, tmp_path):
    with pytest.raises((PathRefused, IsADirectoryError)):
        files.overwrite(special)
    assert (tmp_path / "target").read_bytes() == b"target"
    assert not (tmp_path / "nowhere").exists()


def test_a_fifo_with_a_reader_is_not_written_to(tmp_path):
    path = str(tmp_path / "fifo")
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        with pytest.raises(PathRefused):
            files.overwrite(path)
    finally:
        os.close(reader)


def test_a_missing_file_is_missing(tmp_path):
    with pytest.raises(FileNotFoundError):
        files.open_regular(str(tmp_path / "missing"))


def test_overwriting_starts_anew(tmp_path):
    path = tmp_path / "f"
    path.write_bytes(b"longer content")
    with files.overwrite(str(path)) as stream:
        stream.write(b"new")
    assert path.read_bytes() == b"new"


def test_creating_where_something_is_fails(tmp_path, special):
    if special.startswith(str(tmp_path)):
        with pytest.raises(FileExistsError):
            files.create(special)


def test_a_saved_file_appears_whole(tmp_path):
    path = tmp_path / "f"
    with files.SaveFile(str(path), 0o600) as stream:
        stream.write(b"content")
        assert not path.exists()
    assert path.read_bytes() == b"content"
    assert path.stat().st_mode & 0o777 == 0o600
    assert os.listdir(tmp_path) == ["f"]


def test_an_error_while_saving_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "f"
    path.write_bytes(b"old")

    def broken():
        yield b"half of the n"
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        files.Tree().write(str(path), broken())
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["f"]


def test_a_file_with_the_longest_possible_name_can_be_saved(tmp_path):
    path = tmp_path / ("n" * 255)
    with files.SaveFile(str(path)) as stream:
        stream.write(b"x")
    assert path.read_bytes() == b"x"


def test_the_error_of_a_full_disk_names_what_was_to_be_written(tmp_path, monkeypatch):
    def full(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    path = str(tmp_path / "f")
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space") as caught:
            files.Tree().write(path, [b"x"])
    assert caught.value.filename == path
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(OSError, match="No space") as caught:
            files.write_new(path + "2", [b"x"])
    assert caught.value.filename == path + "2"


def test_a_relative_path_can_be_saved(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with files.SaveFile("f") as stream:
        stream.write(b"x")
    assert os.listdir(tmp_path) == ["f"]


@pytest.mark.parametrize("chunks", [[b"n" * 3000], [b"n" * 100_000]])
def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path, chunks):
    """The limit on the size of files fails as a full disk does."""
    path = tmp_path / "f"
    path.write_bytes(b"old")
    script = (
        "import resource, sys\n"
        "from zope.fssync.files import Tree\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (2048, 2048))\n"
        f"try: Tree().write(sys.argv[1], [b'n' * {len(chunks[0])}])\n"
        "except OSError as error: print(error.strerror)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, check=True
    )
    assert done.stdout.strip() == b"File too large"
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["f"]


def test_replacing_moves_in_one_step(tmp_path):
    (tmp_path / "a").write_bytes(b"a")
    (tmp_path / "b").write_bytes(b"b")
    files.replace(str(tmp_path / "a"), str(tmp_path / "b"))
    assert (tmp_path / "b").read_bytes() == b"a"


class TestTree:
    @pytest.fixture
    def root(self, tmp_path: Path) -> Path:
        root = tmp_path / "root"
        root.mkdir()
        (tmp_path / "outside").mkdir()
        (tmp_path / "outside" / "precious").write_bytes(b"precious")
        (root / "f").write_bytes(b"content")
        (root / "d").mkdir()
        (root / "link").symlink_to("../outside")
        (root / "dangling").symlink_to("nowhere")
        return root

    @pytest.fixture
    def tree(self, root: Path) -> files.Tree:
        return files.Tree(str(root))

    @pytest.mark.parametrize(
        ("name", "kind"),
        [
            ("f", "file"),
            ("d", "dir"),
            ("link", "other"),
            ("dangling", "other"),
            ("missing", None),
            ("f/below", None),
        ],
    )
    def test_tells_what_is_there_without_following(self, tree, root, name, kind):
        path = str(root / name)
        assert tree.kind(path) == kind
        assert tree.isfile(path) is (kind == "file")
        assert tree.isdir(path) is (kind == "dir")
        assert tree.exists(path) is (kind is not None)

    def test_reads_lists_and_measures(self, tree, root):
        assert tree.listdir(str(root)) == ["d", "dangling", "f", "link"]
        assert tree.size(str(root / "f")) == 7
        with tree.open(str(root / "f")) as stream:
            assert stream.read() == b"content"

    def test_writes_and_removes(self, tree, root):
        tree.mkdir(str(root / "a"))
        tree.mkdir(str(root / "a"))
        tree.write(str(root / "a" / "b" / "f"), iter([b"1", b"2"]))
        assert (root / "a" / "b" / "f").read_bytes() == b"12"
        assert tree.rmdir(str(root / "a" / "b")) is False
        tree.remove(str(root / "a" / "b" / "f"))
        assert tree.rmdir(str(root / "a" / "b")) is True
        tree.rmtree(str(root / "a"))
        assert not (root / "a").exists()

    def test_a_link_in_the_place_of_a_file_is_replaced_not_written_through(
        self, tree, root
    ):
        (root / "l").symlink_to("../outside/precious")
        tree.write(str(root / "l"), [b"new"])
        assert (root.parent / "outside" / "precious").read_bytes() == b"precious"
        assert (root / "l").read_bytes() == b"new"

    def test_removing_a_missing_directory_is_an_error(self, tree, root):
        with pytest.raises(FileNotFoundError):
            tree.rmdir(str(root / "missing"))

    @pytest.mark.parametrize(
        "change",
        [
            lambda tree, path: tree.write(path, [b"evil"]),
            lambda tree, path: tree.remove(path),
            lambda tree, path: tree.mkdir(path),
            lambda tree, path: tree.rmdir(path),
            lambda tree, path: tree.rmtree(path),
        ],
    )
    def test_nothing_is_changed_below_a_link(self, tree, root, change):
        with pytest.raises(PathRefused, match="not a directory"):
            change(tree, str(root / "link" / "precious"))
        assert (root.parent / "outside" / "precious").read_bytes() == b"precious"

    def test_nothing_is_changed_below_a_link_by_a_relative_path(
        self, root, monkeypatch
    ):
        monkeypatch.chdir(root)
        with pytest.raises(PathRefused):
            files.Tree().write("link/precious", [b"evil"])
        files.Tree().write("d/fine", [b"fine"])
        assert (root.parent / "outside" / "precious").read_bytes() == b"precious"

    @pytest.mark.parametrize("name", ["f", "f/below", "link"])
    def test_no_directory_is_made_in_the_place_of_a_file_or_link(
        self, tree, root, name
    ):
        with pytest.raises(PathRefused, match="not a directory"):
            tree.mkdir(str(root / name))


def test_a_signature_changes_with_content_of_the_same_size(tmp_path):
    path = tmp_path / "f"
    path.write_bytes(b"one")
    before = files.signature(os.lstat(path))
    path.write_bytes(b"two")
    os.utime(path, ns=(0, 0))
    assert files.signature(os.lstat(path)) != before


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="needs /proc")
def test_a_file_system_that_cannot_sync_directories_is_put_up_with():
    files.sync_directory("/proc")


def test_a_failing_sync_of_a_directory_is_reported(tmp_path):
    with pytest.raises(FileNotFoundError):
        files.sync_directory(str(tmp_path / "missing"))


def test_an_empty_directory_is_removed_as_a_tree(tmp_path):
    full, empty = tmp_path / "full", tmp_path / "empty"
    (full / "below").mkdir(parents=True)
    empty.mkdir()
    for path in (full, empty):
        files.Tree(str(tmp_path)).rmtree(str(path))
    assert list(tmp_path.iterdir()) == []
