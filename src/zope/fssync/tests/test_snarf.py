"""SNARF, byte for byte, and what a reader does with anything else."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from zope.fssync.errors import ArchiveDamaged
from zope.fssync.errors import Error
from zope.fssync.errors import LimitExceeded
from zope.fssync.errors import PathRefused
from zope.fssync.limits import Limits
from zope.fssync.repository import SnarfRepository
from zope.fssync.snarf import HeaderReader
from zope.fssync.snarf import Snarfer
from zope.fssync.snarf import Unsnarfer
from zope.fssync.snarf import copybytes
from zope.fssync.snarf import read_header
from zope.fssync.tests.test_paths import UNSAFE

TOFS = Path(__file__).parent / "data" / "tofs"
RECORDED = sorted(path.name for path in TOFS.glob("*.snarf"))


def archive(members: Mapping[str, bytes]) -> bytes:
    return b"".join(
        b"%d %s\n%s" % (len(data), path.encode("utf-8", "surrogateescape"), data)
        for path, data in members.items()
    )


def contents(root: Path) -> dict[str, bytes | None]:
    """The files and directories below ``root``, these as None."""
    return {
        path.relative_to(root).as_posix(): None if path.is_dir() else path.read_bytes()
        for path in root.rglob("*")
    }


def files_of(text: bytes, limits: Limits | None = None) -> dict[str, bytes]:
    repository = SnarfRepository(io.BytesIO(text), limits=limits or Limits())
    return {path: repository.readFile(path) for path in repository.iterPaths()}


def unsnarfed(text: bytes, root: Path, limits: Limits | None = None) -> dict:
    Unsnarfer(io.BytesIO(text), limits or Limits()).unsnarf(str(root))
    return contents(root)


# Writing


def test_a_tree_is_written_depth_first_with_directories_and_plain_sizes(tmp_path):
    (tmp_path / "demo" / "sub").mkdir(parents=True)
    (tmp_path / "demo" / "sub" / "leaf").write_bytes(b"leaf\n")
    (tmp_path / "demo" / "B.txt").write_bytes(b"")
    (tmp_path / "demo" / "a b.txt").write_bytes(b"\x00\n")
    stream = io.BytesIO()
    Snarfer(stream).add(str(tmp_path / "demo"), "demo")
    assert stream.getvalue() == (
        b"0 demo/\n0 demo/B.txt\n2 demo/a b.txt\n\x00\n"
        b"0 demo/sub/\n5 demo/sub/leaf\nleaf\n"
    )


def test_the_root_is_written_as_an_empty_path():
    stream = io.BytesIO()
    Snarfer(stream).adddir("")
    assert stream.getvalue() == b"0 \n"
    assert read_header(io.BytesIO(stream.getvalue())) == (0, "", True, 3)


def test_small_members_are_read_together_and_a_large_one_is_the_last() -> None:
    text = archive({"a": b"1", "b/": b"", "c": b"large", "d": b"2"})
    stream = io.BytesIO(text)
    found = []
    for members in HeaderReader(stream).members(most=4):
        found.append([tuple(member) for member in members])
        if members[-1].content is None:
            assert stream.read(members[-1].size) == b"large"
    assert found == [
        [("a", 1, False, b"1"), ("b", 0, True, b""), ("c", 5, False, None)],
        [("d", 1, False, b"2")],
    ]


def test_members_that_are_read_together_are_not_many() -> None:
    text = archive({f"{number}": bytes(1000) for number in range(200)})
    together = [*map(len, HeaderReader(io.BytesIO(text)).members(most=1000))]
    assert sum(together) == 200
    assert max(together) < 70


@pytest.mark.parametrize("path", ["/", "../a", "a//b", "a/../b", ".git/hooks"])
def test_no_member_of_an_unsafe_path_is_given_out(path: str) -> None:
    text = archive({"a": b"1", path: b"", "c": b"2"})
    with pytest.raises(PathRefused):
        next(HeaderReader(io.BytesIO(text)).members(most=1000))


def test_an_archive_is_scanned_without_its_contents() -> None:
    text = archive({"a": b"1", "b/": b"", "c": b"23"})
    (found,) = HeaderReader(io.BytesIO(text)).scan()
    assert [(header.path, text[start:][: header.size]) for header, start in found] == [
        ("a", b"1"),
        ("b", b""),
        ("c", b"23"),
    ]


@pytest.mark.parametrize("path", ["/", "../a", "a//b", "a/../b", ".git/hooks"])
def test_a_scan_gives_out_no_unsafe_path(path: str) -> None:
    text = archive({"a": b"1", path: b"", "c": b"2"})
    with pytest.raises(PathRefused):
        next(HeaderReader(io.BytesIO(text)).scan())


def test_a_member_that_ends_early_is_not_given_out() -> None:
    text = archive({"a": b"1", "c": b"23"})
    with pytest.raises(ArchiveDamaged, match="ends within a file"):
        next(HeaderReader(io.BytesIO(text[:-1])).members(most=1000))


def test_links_and_special_files_are_left_out(tmp_path):
    (tmp_path / "f").write_bytes(b"f")
    (tmp_path / "link").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "fifo")
    stream = io.BytesIO()
    snarfer = Snarfer(stream)
    snarfer.addtree(str(tmp_path))
    snarfer.add(str(tmp_path / "link"), "link")
    assert stream.getvalue() == b"0 \n1 f\nf"


def test_members_that_the_filter_rejects_are_left_out(tmp_path):
    (tmp_path / "keep").write_bytes(b"")
    (tmp_path / "drop").mkdir()
    (tmp_path / "drop" / "below").write_bytes(b"")
    stream = io.BytesIO()
    Snarfer(stream).addtree(
        str(tmp_path), "x/", filter=lambda path: not path.endswith("drop")
    )
    assert stream.getvalue() == b"0 x/\n0 x/keep\n"


def test_a_single_file_is_added_under_its_path(tmp_path):
    (tmp_path / "f").write_bytes(b"abc")
    stream = io.BytesIO()
    Snarfer(stream).add(str(tmp_path / "f"), "größe/f")
    assert stream.getvalue() == "3 größe/f\nabc".encode()


@pytest.mark.parametrize("path", ["two\nlines", "undecodable\udcff"])
def test_a_path_that_cannot_stand_in_an_archive_is_refused_on_writing(path):
    stream = io.BytesIO()
    with pytest.raises(PathRefused):
        Snarfer(stream).addstream(io.BytesIO(b""), 0, path)
    assert stream.getvalue() == b""


def test_a_file_that_shrinks_while_it_is_written_spoils_the_archive():
    with pytest.raises(ArchiveDamaged, match="2 bytes are missing"):
        Snarfer(io.BytesIO()).addstream(io.BytesIO(b"abc"), 5, "f")


def test_a_file_that_grows_while_it_is_written_is_cut_at_its_size():
    stream = io.BytesIO()
    Snarfer(stream).addstream(io.BytesIO(b"abcdef"), 3, "f")
    assert stream.getvalue() == b"3 f\nabc"


def test_bytes_are_copied_in_pieces_and_counted():
    source, target = io.BytesIO(b"abcdefgh"), io.BytesIO()
    copybytes(5, source, target, bufsize=2)
    assert target.getvalue() == b"abcde"
    assert source.read() == b"fgh"


# Reading


@pytest.mark.parametrize("name", RECORDED)
def test_recorded_archives_are_unpacked_and_packed_to_the_same_files(tmp_path, name):
    text = (TOFS / name).read_bytes()
    unsnarfed(text, tmp_path)
    stream = io.BytesIO()
    Snarfer(stream).addtree(str(tmp_path))
    assert files_of(stream.getvalue()) == files_of(text)


@pytest.mark.parametrize("name", RECORDED)
def test_recorded_archives_are_written_again_byte_for_byte(name):
    text = (TOFS / name).read_bytes()
    reader, stream = SnarfRepository(io.BytesIO(text)), io.BytesIO()
    source = io.BytesIO(text)
    writer = SnarfRepository(stream)
    while (header := read_header(source)) is not None:
        assert not header.isdir
        out = writer.writeable(header.path)
        out.write(source.read(header.size))
        out.close()
        assert reader.size(header.path) == header.size
    assert stream.getvalue() == text


def test_all_names_recorded_from_3_6_0_pass(tmp_path):
    found = unsnarfed((TOFS / "names.snarf").read_bytes(), tmp_path)
    assert "names/odd/back\\slash:colon.txt" in found
    assert "names/u\u0308mla\u0308ute/gro\u0308ße.txt" in found
    assert {"names/case/NAME.txt", "names/case/Name-1.txt"} <= set(found)


@pytest.mark.parametrize(
    "size",
    [b"-5", b"-0", b"+5", b" 5", b"1_0", "\u0665".encode(), b"5\r", b"", b"0x5", b"5."],
)
def test_a_size_is_ascii_digits_only(size):
    with pytest.raises(ArchiveDamaged, match="invalid info line"):
        files_of(size + b" f\n12345")


@pytest.mark.parametrize("size", [b"5", b"00000005", b"0" * 15 + b"00005"])
def test_a_size_may_be_padded(size):
    assert files_of(size + b" f\n12345") == {"f": b"12345"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"5", "incomplete info line"),
        (b"5 f", "incomplete info line"),
        (b"nospace\n", "invalid info line"),
        (b"\n", "invalid info line"),
        (b"200000000bigfile/big.bin\n", "invalid info line"),
        (b"3 d/\nabc", "directory with content"),
        (b"3 \nabc", "directory with content"),
    ],
)
def test_an_invalid_info_line_is_damage(tmp_path, text, message):
    with pytest.raises(ArchiveDamaged, match=message):
        files_of(text)
    with pytest.raises(ArchiveDamaged, match=message):
        unsnarfed(text, tmp_path)


def test_an_empty_stream_is_an_empty_archive(tmp_path):
    assert files_of(b"") == {}
    assert unsnarfed(b"", tmp_path) == {}


def test_missing_content_leaves_no_partial_file(tmp_path):
    text = b"2 a\nOK9 d/b\nabc"
    with pytest.raises(ArchiveDamaged, match=r"6 bytes of 'd/b' are missing"):
        files_of(text)
    with pytest.raises(ArchiveDamaged, match="6 bytes are missing"):
        unsnarfed(text, tmp_path)
    assert contents(tmp_path) == {"a": b"OK", "d": None}


def test_a_member_over_the_limit_is_refused_before_it_is_read(tmp_path):
    limits = Limits(member_size=10)
    for size in (b"11", b"9" * 20):
        with pytest.raises(LimitExceeded, match="allowed are 10"):
            unsnarfed(size + b" f\n", tmp_path, limits)
    assert contents(tmp_path) == {}


def test_the_sum_of_sizes_is_limited(tmp_path):
    text = archive({"a": b"x" * 6, "b": b"x" * 6})
    with pytest.raises(LimitExceeded, match="more than 10 bytes"):
        files_of(text, Limits(archive_size=10))
    with pytest.raises(LimitExceeded):
        unsnarfed(text, tmp_path, Limits(archive_size=10))
    assert contents(tmp_path) == {"a": b"x" * 6}


def test_the_number_of_members_is_limited(tmp_path):
    text = b"".join(b"0 f%d\n" % number for number in range(11))
    with pytest.raises(LimitExceeded, match="more than 10 members"):
        files_of(text, Limits(members=10))
    assert len(files_of(text, Limits(members=11))) == 11


def test_an_endless_info_line_is_not_read_to_its_end():
    class Endless:
        read_bytes = 0

        def readline(self, size):
            self.read_bytes += size
            return b"1" * size

    stream = Endless()
    with pytest.raises(LimitExceeded, match="more than 8192 bytes"):
        read_header(stream)  # type: ignore[arg-type]
    assert stream.read_bytes == 8192


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "//",
        "/a",
        "a//",
        "a//b",
        "./a",
        "../a",
        "a/./b",
        "a/..",
        "a/.",
        "..",
        "@@zope/x",
    ]
    + [
        name
        for name in UNSAFE
        if name not in ("", "a/b", "@@Zope")
        and "\n" not in name
        and "\ud800" not in name
    ],
)
def test_an_unsafe_path_is_refused_and_nothing_written(tmp_path, path):
    text = archive({path: b""})
    with pytest.raises(PathRefused):
        files_of(text)
    with pytest.raises(PathRefused):
        unsnarfed(text, tmp_path / "root")
    assert contents(tmp_path) == {}


@pytest.mark.parametrize("raw", [b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"a\xc3"])
def test_a_path_that_is_not_utf_8_is_refused(raw):
    with pytest.raises(PathRefused, match="not UTF-8"):
        files_of(b"0 " + raw + b"\n")


@pytest.mark.parametrize(
    "text",
    [
        b"1 a\nx1 a\ny",
        b"1 a\nx1 a/b\ny",
        b"1 a/b\nx1 a\ny",
        b"1 a\nx0 a/\n",
        b"0 a/\n1 a\nx",
        b"1 a\nx1 a/b/c\ny",
        b"1 a/b\nx1 a/b/c\ny",
    ],
)
def test_a_path_cannot_stand_twice_or_be_file_and_directory(tmp_path, text):
    with pytest.raises(PathRefused, match="twice"):
        files_of(text)
    with pytest.raises(PathRefused):
        unsnarfed(text, tmp_path)


def test_directory_records_may_be_repeated(tmp_path):
    text = b"0 a/\n0 a/\n1 a/b\nx0 a/\n"
    assert files_of(text) == {"a/b": b"x"}
    assert unsnarfed(text, tmp_path) == {"a": None, "a/b": b"x"}


def test_nothing_is_unpacked_through_a_link(tmp_path):
    (tmp_path / "outside").mkdir()
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "a").symlink_to("../outside")
    (tmp_path / "root" / "f").symlink_to("../outside/f")
    for text in (b"1 a/b\nx", b"1 f\nx", b"0 a/\n"):
        with pytest.raises(PathRefused):
            unsnarfed(text, tmp_path / "root")
    assert contents(tmp_path / "outside") == {}


def test_names_equal_but_for_case_or_form_never_overwrite_each_other(tmp_path):
    text = archive({"a.txt": b"1", "A.txt": b"2", "ö": b"3", "o\u0308": b"4"})
    try:
        found = unsnarfed(text, tmp_path)
    except PathRefused:
        return  # A file system that takes them for the same.
    assert sorted(filter(None, found.values())) == [b"1", b"2", b"3", b"4"]


# Properties

small = archive(
    {
        "@@Zope/Entries.xml": b"<entries/>",
        "demo/": b"",
        "demo/ö.txt": b"12 x\n",
        "z": b"",
    }
)


def test_an_archive_broken_anywhere_is_refused_or_a_beginning_of_the_whole():
    whole = files_of(small)
    complete = 0
    for length in range(len(small) + 1):
        try:
            found = files_of(small[:length])
        except ArchiveDamaged:
            continue
        assert found.items() <= whole.items()
        complete += 1
    assert complete == 5  # After each member, and before the first.


component = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cf"]),
    min_size=1,
    max_size=8,
).filter(lambda name: not any(char in name for char in "/\\:\u2028\u2029."))
trees = st.recursive(
    st.binary(max_size=40),
    lambda children: st.dictionaries(component, children, max_size=4),
    max_leaves=8,
)


def flattened(tree, prefix: str = "") -> dict[str, bytes | None]:
    found: dict[str, bytes | None] = {}
    for name, child in tree.items():
        if isinstance(child, dict):
            found[prefix + name] = None
            found.update(flattened(child, f"{prefix}{name}/"))
        else:
            found[prefix + name] = child
    return found


@pytest.mark.slow
@settings(deadline=None, max_examples=60)
@given(tree=st.dictionaries(component, trees, max_size=4))
def test_any_tree_comes_back_and_gives_the_same_bytes(tmp_path_factory, tree):
    root = tmp_path_factory.mktemp("tree")
    for path, data in flattened(tree).items():
        if data is None:
            (root / path).mkdir()
        else:
            (root / path).write_bytes(data)
    first, second = io.BytesIO(), io.BytesIO()
    Snarfer(first).addtree(str(root))
    copy = tmp_path_factory.mktemp("copy")
    assert unsnarfed(first.getvalue(), copy) == flattened(tree)
    Snarfer(second).addtree(str(copy))
    assert first.getvalue() == second.getvalue()


mutations = st.lists(
    st.tuples(
        st.integers(0, len(small)),
        st.integers(0, 6),
        st.sampled_from([b"", b"0", b"9", b"/", b"..", b"\n", b" ", b"\x00", b"\xff"]),
    ),
    max_size=4,
)


@settings(deadline=None, max_examples=150)
@given(mutations=mutations)
def test_mutated_archives_raise_only_errors_of_ours(tmp_path_factory, mutations):
    text = small
    for start, length, replacement in mutations:
        text = text[:start] + replacement + text[start + length :]
    root = tmp_path_factory.mktemp("root")
    try:
        expected = files_of(text)
    except Error:
        with pytest.raises(Error):
            unsnarfed(text, root)
    else:
        found = unsnarfed(text, root)
        assert {p: d for p, d in found.items() if d is not None} == expected


@given(st.binary(max_size=60))
def test_random_bytes_raise_only_errors_of_ours(text):
    with contextlib.suppress(Error):
        files_of(text)
