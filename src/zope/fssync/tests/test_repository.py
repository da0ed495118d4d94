"""Repositories: names, archives on one stream, and their metadata."""

from __future__ import annotations

import io
import os
import tempfile
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from zope.interface.verify import verifyObject

from zope.fssync import paths
from zope.fssync.errors import ArchiveDamaged
from zope.fssync.errors import LimitExceeded
from zope.fssync.errors import PathRefused
from zope.fssync.interfaces import IArchiveRepository
from zope.fssync.interfaces import IFileSystemRepository
from zope.fssync.interfaces import IMetadata
from zope.fssync.interfaces import IReadable
from zope.fssync.interfaces import IRepository
from zope.fssync.interfaces import IWriteable
from zope.fssync.limits import Limits
from zope.fssync.metadata import Metadata
from zope.fssync.repository import FileSystemRepository
from zope.fssync.repository import Repository
from zope.fssync.repository import SnarfRepository
from zope.fssync.tests.test_snarf import RECORDED
from zope.fssync.tests.test_snarf import TOFS
from zope.fssync.tests.test_snarf import archive


def test_repositories_provide_what_tasks_need(tmp_path):
    snarf = SnarfRepository(io.BytesIO(b"1 f\nx"))
    assert verifyObject(IRepository, Repository())
    assert verifyObject(IFileSystemRepository, FileSystemRepository())
    assert verifyObject(IArchiveRepository, snarf)
    assert verifyObject(IMetadata, snarf.getMetadata())
    assert verifyObject(IReadable, snarf.readable("f"), tentative=True)
    assert verifyObject(
        IWriteable, SnarfRepository(io.BytesIO()).writeable("f"), tentative=True
    )


# Names


def test_names_are_left_alone_unless_asked_for():
    repository = Repository()
    assert [repository.disambiguate("d", name) for name in ("a", "A", "a", "ö")] == [
        "a",
        "A",
        "a",
        "ö",
    ]


def test_names_that_differ_in_case_only_are_numbered_as_3_6_0_does():
    repository = Repository(case_insensitive=True)
    keys = ["NAME.txt", "Name.txt", "name-1.txt", "name.txt"]
    assert [repository.disambiguate("d", key) for key in keys] == [
        "NAME.txt",
        "Name-1.txt",
        "name-1-1.txt",
        "name-2.txt",
    ]
    assert repository.disambiguate("other", "name.txt") == "name.txt"


@pytest.mark.parametrize(
    ("key", "numbered"),
    [("noext", "noext-1"), (".hidden", "-1.hidden"), ("a.tar.gz", "a.tar-1.gz")],
)
def test_the_number_stands_before_the_last_suffix(key, numbered):
    repository = Repository(case_insensitive=True)
    assert repository.disambiguate("", key) == key
    assert repository.disambiguate("", key) == numbered


def test_names_are_decomposed_where_that_is_enforced():
    repository = Repository(enforce_nfd=True)
    assert repository.disambiguate("", "größe") == "gro\u0308ße"
    assert repository.disambiguate("", "gro\u0308ße") == "gro\u0308ße-1"
    assert repository.normalize("Ö") == "O\u0308"
    assert Repository(True, True).normalize("Ö") == "o\u0308"
    assert Repository().normalize("Ö") == "Ö"


@given(
    st.lists(
        st.text(st.characters(codec=None, categories=None), max_size=6)
        | st.sampled_from(
            ["a" * 255, "A" * 255, "a" * 300, "@@Zope", "..", "a/b", "a_b"]
        )
    )
)
def test_any_keys_get_names_that_are_safe_and_different_on_every_system(keys):
    repository = Repository(case_insensitive=True, enforce_nfd=True)
    names = [repository.disambiguate("d", key) for key in keys]
    assert len({repository.normalize(name) for name in names}) == len(names)
    assert [paths.check_name(name) for name in names] == names


def test_paths_are_encoded_in_their_normal_form():
    assert Repository(enforce_nfd=True).encode("ö", "utf-8") == b"o\xcc\x88"
    assert Repository().encode("a") == b"a"


def test_paths_have_slashes():
    repository = Repository()
    assert repository.join("a", "b", "c") == "a/b/c"
    assert repository.join("", "b") == "b"
    assert repository.dirname("a/b/c") == "a/b"
    assert repository.dirname("a") == ""


def test_a_bare_repository_stores_nothing():
    repository = Repository()
    for call in (
        repository.exists,
        repository.isdir,
        repository.readable,
        repository.writeable,
    ):
        with pytest.raises(NotImplementedError):
            call("f")


# File systems


class TestFileSystemRepository:
    def test_keeps_files_and_makes_their_directories(self, tmp_path):
        repository = FileSystemRepository()
        path = repository.join(str(tmp_path), "a", "b", "f")
        stream = repository.writeable(path)
        stream.write(b"content")
        stream.close()
        assert repository.readFile(path) == b"content"
        assert repository.exists(path)
        assert not repository.isdir(path)
        assert repository.isdir(repository.dirname(path))
        assert not repository.exists(path + "x")

    def test_a_bare_name_is_a_file_in_the_working_directory(
        self, tmp_path, monkeypatch
    ):
        monkeypatch.chdir(tmp_path)
        FileSystemRepository().writeable("f").close()
        assert (tmp_path / "f").read_bytes() == b""

    def test_writes_through_no_link(self, tmp_path):
        (tmp_path / "target").write_bytes(b"precious")
        (tmp_path / "link").symlink_to("target")
        with pytest.raises(PathRefused):
            FileSystemRepository().writeable(str(tmp_path / "link"))
        assert (tmp_path / "target").read_bytes() == b"precious"

    def test_has_the_metadata_it_is_given(self):
        metadata = Metadata()
        assert FileSystemRepository(metadata=metadata).getMetadata() is metadata
        assert verifyObject(IMetadata, FileSystemRepository().getMetadata())

    @pytest.mark.parametrize(
        ("first", "second", "same"),
        [
            (b"x" * 40_000, b"x" * 40_000, True),
            (b"x" * 40_000, b"x" * 40_001, False),
            (b"x" * 40_000, b"x" * 39_999 + b"y", False),
            (b"", b"x", False),
        ],
    )
    def test_compares_to_the_end_and_closes_both(self, tmp_path, first, second, same):
        (tmp_path / "a").write_bytes(first)
        (tmp_path / "b").write_bytes(second)
        repository = FileSystemRepository()
        a = repository.readable(str(tmp_path / "a"))
        b = repository.readable(str(tmp_path / "b"))
        assert repository.compare(a, b) is same
        assert a.closed
        assert b.closed

    def test_nothing_equals_nothing(self):
        assert FileSystemRepository().compare(None, io.BytesIO()) is False


# Archives


def test_members_are_written_with_padded_sizes_and_no_directories():
    stream = io.BytesIO()
    repository = SnarfRepository(stream)
    first = repository.writeable("demo/a.txt")
    first.write(b"one ")
    first.write(b"two")
    first.close()
    first.close()
    repository.writeable("demo/empty").close()
    assert stream.getvalue() == b"00000007 demo/a.txt\none two00000000 demo/empty\n"


def test_a_large_member_gets_its_true_size():
    stream = io.BytesIO()
    out = SnarfRepository(stream).writeable("big")
    for _ in range(10):
        out.write(b"x" * 10_000)
    out.close()
    assert stream.getvalue() == b"0000000000100000 big\n" + b"x" * 100_000


def test_beginning_the_next_member_completes_the_last():
    stream = io.BytesIO()
    repository = SnarfRepository(stream)
    repository.writeable("a").write(b"1")
    repository.writeable("b").write(b"2")
    assert repository.readFile("b") == b"2"
    assert repository.readFile("a") == b"1"


@pytest.mark.parametrize("size", [10, 200_000])
def test_reading_between_writing_spoils_neither(size):
    stream = io.BytesIO()
    repository = SnarfRepository(stream)
    for name in ("a", "b"):
        out = repository.writeable(name)
        out.write(name.encode() * size)
        out.close()
    reader = repository.readable("a")
    assert reader.read(3) == b"aaa"
    out = repository.writeable("c")
    out.write(b"c" * size)
    assert reader.read(3) == b"aaa"
    out.write(b"C" * size)
    assert reader.read() == b"a" * (size - 6)
    out.close()
    assert repository.readFile("a") == b"a" * size
    assert repository.readFile("b") == b"b" * size
    assert repository.readFile("c") == b"c" * size + b"C" * size


@pytest.mark.parametrize(
    "path", ["", "/a", "a/../b", "two\nlines", "sur\udcffrogate", "a/"]
)
def test_no_member_is_written_that_a_reader_would_refuse(path):
    stream = io.BytesIO()
    with pytest.raises(PathRefused):
        SnarfRepository(stream).writeable(path)
    assert stream.getvalue() == b""


def test_files_and_directories_are_found():
    repository = SnarfRepository(io.BytesIO(b"0 e/\n1 a/b/c\nx0 a/d\n"))
    assert repository.isdir("e")
    assert repository.isdir("e/")
    assert repository.isdir("a/b")
    assert repository.isfile("a/b/c")
    assert repository.exists("a/b")
    assert repository.exists("a/d")
    assert not repository.exists("a/x")
    assert not repository.isfile("a/b")
    assert not repository.isdir("a/d")
    assert repository.listdir("a") == ["d"]
    assert repository.listdir("nowhere") == []
    assert sorted(repository.iterPaths()) == ["a/b/c", "a/d"]
    assert repository.size("a/b/c") == 1


def test_a_missing_member_is_a_missing_file():
    with pytest.raises(FileNotFoundError, match="'x/y'"):
        SnarfRepository(io.BytesIO()).readable("x/y")


def test_two_readers_of_one_stream_do_not_disturb_each_other():
    repository = SnarfRepository(io.BytesIO(archive({"a": b"abcdef", "b": b"123456"})))
    a, b = repository.readable("a"), repository.readable("b")
    assert [a.read(2), b.read(4), a.read(2), b.read(4), a.read(), a.read(1)] == [
        b"ab",
        b"1234",
        b"cd",
        b"56",
        b"ef",
        b"",
    ]


def test_a_reader_is_a_stream_that_ends_with_its_member():
    repository = SnarfRepository(io.BytesIO(archive({"a": b"1\n22\n3", "b": b"\nX"})))
    with repository.readable("a") as stream:
        assert [stream.readline() for _ in range(4)] == [b"1\n", b"22\n", b"3", b""]
        assert stream.seek(2) == stream.tell() == 2
        assert stream.read(-1) == b"22\n3"
        assert stream.seek(-1, io.SEEK_END) == 5
        assert stream.seek(-9, io.SEEK_CUR) == 0
        stream.seek(100)
        assert stream.read() == b""
        assert stream.readline() == b""


def test_members_are_compared():
    repository = SnarfRepository(
        io.BytesIO(archive({"a": b"x", "b": b"x", "c": b"xy"}))
    )
    read = repository.readable
    assert repository.compare(read("a"), read("b")) is True
    assert repository.compare(read("a"), read("c")) is False


def test_a_member_above_ten_to_the_eighth_bytes_comes_back_identical():
    """3.6.0 destroyed the line before such a member.  Memory stays flat."""
    piece = bytes(range(256)) * 4096
    with tempfile.TemporaryFile() as stream:
        tracemalloc.start()
        repository = SnarfRepository(stream)
        out = repository.writeable("big/big.bin")
        for _ in range(96):
            out.write(piece)
        out.close()
        repository.writeable("big/next").close()
        assert repository.size("big/big.bin") == 96 * len(piece) > 10**8
        with repository.readable("big/big.bin") as reader:
            assert all(reader.read(len(piece)) == piece for _ in range(96))
            assert reader.read() == b""
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert repository.exists("big/next")
    assert peak < 8 << 20


def test_a_size_of_sparse_gigabytes_is_scanned_without_reading():
    with tempfile.TemporaryFile() as stream:
        stream.write(b"%d huge\n" % (8 << 30))
        stream.truncate(stream.tell() + (8 << 30))
        stream.seek(0, io.SEEK_END)
        stream.write(b"2 end\nok")
        repository = SnarfRepository(stream)
        assert repository.size("huge") == 8 << 30
        assert repository.readFile("end") == b"ok"


def test_many_members_are_scanned_in_linear_time():
    text = b"".join(
        b"20 d/file%d\n01234567890123456789" % number for number in range(50_000)
    )
    repository = SnarfRepository(io.BytesIO(text))
    assert len(repository.listdir("d")) == 50_000


# The metadata in an archive


@pytest.mark.parametrize("name", RECORDED)
def test_every_recorded_entry_has_a_member_and_a_type(name):
    repository = SnarfRepository(io.BytesIO((TOFS / name).read_bytes()))
    metadata = repository.getMetadata()
    seen = 0
    directories = [""]
    while directories:
        directory = directories.pop()
        for child in metadata.getnames(directory):
            path = paths.join_archive_path(directory, child)
            assert repository.exists(path)
            assert metadata.gettypeinfo(path)[0] == metadata.getentry(path)["type"]
            seen += 1
            if repository.isdir(path):
                directories.append(path)
        metadata.release(directory)
    assert seen
    metadata.flush()


ENTRIES = b'<entries><entry name="f" type="T" factory="F"/><entry name="g"/></entries>'


def test_entries_are_read_when_asked_for():
    repository = SnarfRepository(
        io.BytesIO(
            archive({"@@Zope/Entries.xml": ENTRIES, "d/@@Zope/Entries.xml": b"?"})
        )
    )
    metadata = repository.getMetadata()
    assert metadata.getnames("") == ["f"]
    assert metadata.getentry("f") == {"type": "T", "factory": "F"}
    assert metadata.gettypeinfo("f") == ("T", "F")
    assert metadata.gettypeinfo("other") == (None, None)
    assert metadata.getnames("nowhere") == []
    with pytest.raises(ArchiveDamaged, match=r"d/@@Zope/Entries\.xml"):
        metadata.getnames("d")


def test_all_entries_can_be_flagged_as_added():
    repository = SnarfRepository(io.BytesIO(archive({"@@Zope/Entries.xml": ENTRIES})))
    metadata = repository.getMetadata()
    metadata.getentry("f")
    metadata.added()
    assert metadata.getentry("f")["flag"] == "added"


def test_entries_over_the_limit_are_not_read_into_memory():
    with tempfile.TemporaryFile() as stream:
        stream.write(b"%d @@Zope/Entries.xml\n" % (4 << 30))
        stream.truncate(stream.tell() + (4 << 30))
        repository = SnarfRepository(stream, limits=Limits(entries_size=1000))
        with pytest.raises(
            LimitExceeded, match=r"@@Zope/Entries\.xml of more than 1000"
        ):
            repository.getMetadata().getnames("")


def test_a_stream_that_ends_early_is_damaged():
    with pytest.raises(ArchiveDamaged, match="truncated"):
        SnarfRepository(io.BytesIO(b"10 f\nabc")).exists("f")


def test_files_of_the_system_go_into_an_archive_and_back(tmp_path: Path):
    disk = FileSystemRepository()
    out = disk.writeable(os.path.join(tmp_path, "f"))
    out.write(b"content")
    out.close()
    with tempfile.TemporaryFile() as stream:
        snarf = SnarfRepository(stream)
        member = snarf.writeable("f")
        member.write(disk.readFile(str(tmp_path / "f")))
        member.close()
        assert disk.compare(disk.readable(str(tmp_path / "f")), snarf.readable("f"))
