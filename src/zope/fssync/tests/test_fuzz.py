"""Readers of what others wrote, fed with what nobody should have written.

Each gets the recorded data, spoiled: only the errors that it declares may escape,
what it accepts is good, and the work grows no faster than the input.
"""

from __future__ import annotations

import contextlib
import io
import os
import pickle
import tempfile
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zope.fssync import binarypickle
from zope.fssync import description
from zope.fssync import xmlpickle
from zope.fssync.changeset import Scope
from zope.fssync.errors import ArchiveDamaged
from zope.fssync.errors import ConflictsRemain
from zope.fssync.errors import LimitExceeded
from zope.fssync.errors import MetadataDamaged
from zope.fssync.errors import PathRefused
from zope.fssync.errors import PickleRefused
from zope.fssync.merge.linediff import changes
from zope.fssync.merge.linediff import split_lines
from zope.fssync.merge.merge3 import merge3
from zope.fssync.metadata import dump_entries
from zope.fssync.metadata import load_entries
from zope.fssync.paths import check_name
from zope.fssync.repository import SnarfRepository
from zope.fssync.snarf import Unsnarfer
from zope.fssync.tests.fuzzing import bounded
from zope.fssync.tests.fuzzing import operations
from zope.fssync.tests.fuzzing import spoiled

DATA = Path(__file__).parent / "data"
REPOSITORIES = [
    SnarfRepository(io.BytesIO(path.read_bytes()))
    for path in sorted((DATA / "tofs").glob("*.snarf"))
]


def members(suffix: str) -> list[bytes]:
    """What stands in the recorded archives under such a name."""
    found = {
        repository.readFile(path)
        for repository in REPOSITORIES
        for path in repository.iterPaths()
        if path.endswith(suffix)
    }
    return sorted(found)


# Archives

ARCHIVES = [
    (DATA / "tofs" / "emptyfolder.snarf").read_bytes(),
    b"0 a/\n5 a/b\nhello3 a/c\nabc0 d\n",
    b"00000000 a/@@Zope/\n4 a/@@Zope/Entries.xml\n<x/>2 b\nhi",
]
ARCHIVE_WORDS = [
    *(b"0", b"5", b"00000005", b"-5", b"+5", b" ", b"\n", b"\r\n", b"99999999999"),
    *(
        b"/",
        b"..",
        b"../",
        b"a/",
        b"a/b",
        b"@@Zope",
        b"@@ZOPE",
        b"\\",
        b"\x00",
        b"\xff",
    ),
    *(b"0 a\n", b"0 a/\n", b"1 a/b\nx", b"0 ../x\n", b"0 /x\n", b"C:", b"\xe2\x80\xae"),
]
ARCHIVE_ERRORS = (ArchiveDamaged, PathRefused, LimitExceeded)


@bounded(300)
@given(spoiled(ARCHIVES, ARCHIVE_WORDS))
def test_archives(data: bytes) -> None:
    """Both readers agree, and nothing is written outside."""
    limited = False
    try:
        repository = SnarfRepository(io.BytesIO(data))
        files = {path: repository.readFile(path) for path in repository.iterPaths()}
    except ARCHIVE_ERRORS as error:
        files = None
        # The memory of an index is bounded, and the other reader keeps none.
        limited = isinstance(error, LimitExceeded)
    for path in files or ():
        assert all(part == "@@Zope" or check_name(part) for part in path.split("/"))
    with tempfile.TemporaryDirectory() as place:
        root = os.path.join(place, "outer", "root")
        os.makedirs(root)
        try:
            Unsnarfer(io.BytesIO(data)).unsnarf(root)
        except ARCHIVE_ERRORS:
            written = None
        else:
            written = {
                str(path.relative_to(root)): path.read_bytes()
                for path in Path(root).rglob("*")
                if path.is_file()
            }
            assert limited or written == files
        assert os.listdir(place) == ["outer"]
        assert os.listdir(os.path.join(place, "outer")) == ["root"]


# Descriptions

DESCRIPTIONS = [
    b"type = a.B\nExtra/contentType = text/plain\n\n"
    b"[Annotations/zope.app.dublincore.ZopeDublinCore]\nTitle = x\nSubject\n    a\n",
    b"[Extra/properties]\ntitle (string) = x\ntags (lines)\n    a\n\n"
    b"[Extra/order]\na\nb\n",
    b'@python = 2\ntype = a.B\nExtra/a = str("b")\n\n[Extra/b]\n@form = dict\n'
    b'a = [1, (2,), {"b": Decimal("1.5")}]\n\n[Extra/c]\n@text\n    <x/>\n',
]
DESCRIPTION_WORDS = [
    *(b"[", b"]", b"(", b")", b"{", b"}", b'"', b",", b"=", b":", b"@", b"\n    "),
    *(b"\n", b"\r\n", b"#", b"<<<<<<< ", b"=======", b"../", b"@@Zope", b"\x00"),
    *(b"set(", b"datetime(", b"OOBTree(", b"base64(", b"None", b"1e999", b"\\u"),
    *(b"@text", b"@base64", b"@value", b"@form = items", b"Extra/", b"\xff"),
]


@bounded(200)
@given(spoiled(DESCRIPTIONS, DESCRIPTION_WORDS))
def test_descriptions(data: bytes) -> None:
    with contextlib.suppress(
        MetadataDamaged, ConflictsRemain, LimitExceeded, PathRefused
    ):
        found = description.load(data)
        text = description.dump(found)
        assert description.load(text, found) == found
        assert description.dump(description.load(text)) == text
        for base in DESCRIPTIONS:
            description.merge(base, data, DESCRIPTIONS[0])


# Metadata

ENTRIES = members("@@Zope/Entries.xml")
ENTRIES_WORDS = [
    *(
        b"<",
        b">",
        b"/>",
        b'"',
        b"'",
        b"=",
        b"&amp;",
        b"&#0;",
        b"&#10;",
        b"&x;",
        b"\xff",
    ),
    *(b"<entry", b"<entry name='x'/>", b"<entries>", b"</entries>", b" name='a'"),
    *(
        b"<!DOCTYPE x [<!ENTITY x 'x'>]>",
        b"<!--",
        b"-->",
        b"<![CDATA[",
        b"]]>",
        b"\x00",
    ),
    *(b"../", b"/", b"@@zope", b"flag='added'", b"flag='x'", b"encoding='utf-16'"),
    *(
        b"<pickle><dictionary/></pickle>",
        b"<?x?>",
        b"xmlns:a='b' a:c='d'",
        b"\xef\xbb\xbf",
    ),
]
METADATA_ERRORS = (MetadataDamaged, PathRefused, LimitExceeded)


@bounded(400)
@given(spoiled(ENTRIES, ENTRIES_WORDS))
def test_metadata(data: bytes) -> None:
    """What is read can be written, and is then read equal."""
    try:
        entries = load_entries(data)
    except METADATA_ERRORS:
        return
    assert all(map(check_name, entries))
    assert load_entries(dump_entries(entries)) == entries


# Archives of changes

SCOPES = [
    b"tree demo\nnode demo/a\nlist demo/b/c\ngone demo/b/d\ngone demo/x\n",
    b"tree demo/@@Zope/Extra/a/contentType\n",
]
SCOPE_WORDS = [
    *(b"tree ", b"node ", b"gone", b"list", b" ", b"\n", b"..", b"/", b"\x00", b"\xff"),
    *(b"@@Zope", b"@@ZOPE", b"\r", b"demo", b"a/b", b"tree demo\n", b"\\"),
]


@bounded(200)
@given(spoiled(SCOPES, SCOPE_WORDS))
def test_changes_name_their_objects(data: bytes) -> None:
    """What is read is written so that it is read equal, always the same."""
    try:
        scope = Scope.loads(data)
    except ARCHIVE_ERRORS:
        return
    assert Scope.loads(scope.dumps()).dumps() == scope.dumps()
    assert sorted(scope.dumps().splitlines()) == sorted(set(data.split(b"\n")) - {b""})


# Pickles

XML_PICKLES = [
    *(path.read_bytes() for path in sorted((DATA / "xmlpickle").glob("*.xml"))),
    *members("ZopeDublinCore"),
]
XML_WORDS = [
    *(b"<none/>", b"<list>", b"</list>", b"<tuple>", b"</tuple>", b"<dictionary>"),
    *(b"<item>", b"<key>", b"<value>", b"<int>1</int>", b"<int>x</int>", b"<string>"),
    *(b"<global name='system' module='os'/>", b"<klass>", b"<object>", b"<reduce>"),
    *(b"<reference id='o0'/>", b" id='o0'", b" id='i0'", b"<state>", b"<initializer>"),
    *(b"<string encoding='base64'>", b"<unicode>", b"<persistent>", b"</persistent>"),
    *(
        b"<!DOCTYPE x>",
        b"&x;",
        b"&#0;",
        b"<",
        b"]]>",
        b"\xff",
        b"<pickle>",
        b"</pickle>",
    ),
    *(
        b"<float>nan</float>",
        b"<long>9L</long>",
        b"<cls>",
        b"<pid>",
        b"__builtin__.eval",
    ),
]
PICKLE_ERRORS = (PickleRefused, LimitExceeded)


def reference(text: str) -> object:
    """An object outside, which is never plain data."""
    return Outside(text)


class Outside:
    def __init__(self, text: str) -> None:
        self.text = text


@bounded(400)
@given(spoiled(XML_PICKLES, XML_WORDS))
def test_xml_pickles(data: bytes) -> None:
    """What is read can be written, and that is then what is written again."""
    try:
        found = xmlpickle.loads(data, reference)
        written = xmlpickle.dumps(found, pid)
    except PICKLE_ERRORS:
        return
    assert xmlpickle.dumps(xmlpickle.loads(written, reference), pid) == written


def pid(obj: object) -> str | None:
    return obj.text if isinstance(obj, Outside) else None


def binary_pickles() -> Iterator[bytes]:
    values = [
        {"a": [1, 2.5, None], b"b": (True, "ü" * 30), 3: {"x": {1, 2}}},
        [[[[]]], ((),), frozenset([1]), -(1 << 70), "x" * 300, b"y" * 300],
    ]
    shared = ["shared"]
    values.append([shared, shared, {"again": shared}])
    for value in values:
        for protocol in range(4):
            yield pickle.dumps(value, protocol)
    for text in XML_PICKLES:
        with contextlib.suppress(*PICKLE_ERRORS):
            stream = io.BytesIO()
            binarypickle.dump(xmlpickle.loads(text, reference), stream, pid)
            yield stream.getvalue()


BINARY_WORDS = [
    *(
        b"cos\nsystem\n",
        b"c__builtin__\neval\n",
        b"R",
        b"b",
        b"\x81",
        b"\x92",
        b"0",
        b"1",
    ),
    *(b"(", b"t", b"l", b"d", b"u", b"e", b"s", b"a", b"h\x00", b"g0\n", b"q\x00"),
    *(
        b"P1\n",
        b"Q",
        b"\x82\x01",
        b"\x83\x01\x00",
        b"\x84\x01\x00\x00\x00",
        b".",
        b"\x80\x05",
    ),
    *(
        b"]",
        b"}",
        b")",
        b"N",
        b"I1\n",
        b"I\n",
        b"L9L\n",
        b"F1\n",
        b"X\xff\xff\xff\xff",
        b"\x8e",
    ),
    *(
        b"ios\nsystem\n",
        b"o",
        b"r\xff\xff\xff\x7f",
        b"T\xff\xff\xff\x7f",
        b"\x95",
        b"\x97",
    ),
]


@pytest.mark.slow
@bounded(400)
@given(spoiled(list(binary_pickles()), BINARY_WORDS))
def test_binary_pickles(data: bytes) -> None:
    """Only data comes out, and that can be written again."""
    try:
        found = binarypickle.load(data, reference)
    except PICKLE_ERRORS:
        return
    with contextlib.suppress(*PICKLE_ERRORS):
        binarypickle.dump(found, io.BytesIO(), pid)


# Merging

texts = st.lists(
    st.sampled_from(
        [b"a\n", b"b\n", b"c\n", b"\r\n", b"\n", b"\x00", b"x", b"<<<<<<<\n"]
    ),
    max_size=12,
).map(b"".join)


@pytest.mark.slow
@bounded(300)
@given(texts, texts, texts)
def test_merges(ours: bytes, base: bytes, theirs: bytes) -> None:
    """Every line that one side added is in the result; equal sides agree."""
    merged, conflicts = merge3(ours, base, theirs, "ours", "theirs")
    for side in (ours, theirs):
        added = set(split_lines(side)) - set(split_lines(base))
        assert all(line in merged for line in added)
    assert merge3(ours, base, ours, "", "") == (ours, False)
    assert merge3(ours, base, base, "", "") == (ours, False)
    assert merge3(base, base, theirs, "", "") == (theirs, False)
    if not conflicts:
        again, still = merge3(theirs, base, ours, "", "")
        assert (again, still) == (merged, False)


# The work

SHAPES: dict[str, tuple[Callable[[bytes], object], Callable[[int], bytes]]] = {
    "archive of empty files": (
        lambda data: SnarfRepository(io.BytesIO(data)),
        lambda n: b"".join(b"0 f%d\n" % i for i in range(n)),
    ),
    "archive of deep paths": (
        lambda data: SnarfRepository(io.BytesIO(data)),
        lambda n: b"".join(b"0 %sf%d\n" % (b"d/" * 100, i) for i in range(n // 10)),
    ),
    "entries": (
        load_entries,
        lambda n: dump_entries({f"f{i}": {"id": f"/f{i}"} for i in range(n)}),
    ),
    "attributes of one entry": (
        load_entries,
        lambda n: dump_entries({"f": {f"a{i}": "x" for i in range(n)}}),
    ),
    "a flat XML pickle": (
        xmlpickle.loads,
        lambda n: xmlpickle.dumps([f"text {i}" for i in range(n)]),
    ),
    "an XML pickle full of references": (
        xmlpickle.loads,
        lambda n: xmlpickle.dumps([["shared"]] * n + [[[1]]] * n),
    ),
    "an XML pickle of many dictionaries": (
        xmlpickle.loads,
        lambda n: xmlpickle.dumps([{"a": {"b": i}} for i in range(n)]),
    ),
    "a flat binary pickle": (
        binarypickle.load,
        lambda n: pickle.dumps([f"text {i}" for i in range(n)], 2),
    ),
    "marks without end": (binarypickle.load, lambda n: b"(" * n),
    "memo entries": (
        binarypickle.load,
        lambda n: b"]" + b"".join(b"p%d\n" % i for i in range(n)) + b".",
    ),
    "a text of equal lines": (
        lambda data: list(changes(split_lines(data), split_lines(data[::2]))),
        lambda n: b"same\n" * n,
    ),
    "a text that became another": (
        lambda data: merge3(data, b"", data.replace(b"1", b"2"), "", ""),
        lambda n: b"".join(b"line %d\n" % i for i in range(n)),
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_work_grows_with_the_input(shape: str) -> None:
    read, build = SHAPES[shape]
    small, large = build(500), build(2000)
    operations(read, build(400))  # What is imported and compiled once.
    few, many = operations(read, small), operations(read, large)
    assert many <= few * 1.3 * len(large) / len(small) + 100, (few, many)
