"""What is read from outside costs time that grows with its size, and no faster.

Every reader gets every production of its grammar, once, twice and four times as long.
A reader may refuse it; it may not think about it for long.
"""

from __future__ import annotations

import io
import json
import pickle
import sys
import zipfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from OFS.Folder import Folder
from Products.PluggableAuthService.plugins.ZODBGroupManager import ZODBGroupManager
from zope.interface.interface import InterfaceClass
from zope.schema import Int
from zope.schema import List
from zope.schema import Set
from zope.schema import TextLine

from zope.app.fssync.client.credentials import PasswordManager
from zope.app.fssync.client.git import record
from zope.app.fssync.client.transport.document import text_of
from zope.app.fssync.client.workingcopy.index import Index
from zope.app.fssync.client.workingcopy.packindex import HEAD
from zope.app.fssync.client.workingcopy.packindex import dump_index
from zope.app.fssync.client.workingcopy.packindex import read_index
from zope.app.fssync.client.workingcopy.serverstate import States
from zope.app.fssync.content.checks import xml_faults
from zope.app.fssync.content.schema.fields import change
from zope.app.fssync.content.schema.fields import value_of
from zope.app.fssync.hosts.ofs.content import setupbody
from zope.app.fssync.hosts.ofs.content.principals import GroupsSynchronizer
from zope.app.fssync.hosts.ofs.content.properties import Properties
from zope.app.fssync.hosts.ofs.content.security import LocalRoles
from zope.app.fssync.hosts.ofs.content.security import PermissionSettings
from zope.app.fssync.hosts.ofs.content.security import Roles
from zope.app.fssync.protocol import sshframing
from zope.app.fssync.server.uploaded import Upload
from zope.app.fssync.tests.growth import Make
from zope.app.fssync.tests.growth import check_growth
from zope.fssync import binarypickle
from zope.fssync import description
from zope.fssync import itemtext
from zope.fssync import xmlpickle
from zope.fssync.changeset import Scope
from zope.fssync.description import dublincore
from zope.fssync.files import Tree
from zope.fssync.metadata import load_entries
from zope.fssync.picklecontext import using
from zope.fssync.repository import SnarfRepository
from zope.fssync.task.walk import pairs
from zope.fssync.xmlpickle.bytetext import ByteText

pytestmark = pytest.mark.slow

MARKS = "a" + "\u0315\u0300"

ENTRIES = b"<entries>%s</entries>"


def archive(data: bytes) -> None:
    list(SnarfRepository(io.BytesIO(data)).iterPaths())


def head(data: bytes) -> None:
    stream = io.BufferedReader(sshframing.ByteStream(io.BytesIO(data).read))
    sshframing.read_request(stream)


def changes(data: bytes) -> None:
    scope = Scope.loads(data)
    for path in scope.marked("tree")[:1000]:
        scope.touches(path)
        scope.covers(path)


def xml(data: bytes) -> None:
    # What was read is written, to be compared.
    xmlpickle.dumps(xmlpickle.loads(data, str))


def text(encoding: str) -> Callable[[bytes], None]:
    def read(data: bytes) -> None:
        with using(text=ByteText(encoding)):
            xml(data)

    return read


def binary(data: bytes) -> None:
    binarypickle.dump(binarypickle.load(data, str), io.BytesIO())


def describing(data: bytes) -> None:
    """Read a description, write it, and merge it with another one."""
    found = description.load(data)
    description.load(description.dump(found), found)
    description.merge(b"", data, data.replace(b" = ", b" = 0"))


def shown(data: bytes) -> None:
    """Show an annotation that a server sent."""
    entry = {"keytype": "builtins.str", "type": "a.B"}
    for name in ("a.B", dublincore.ANNOTATION):
        part = description.Part(entry, data)
        described = description.Description(entry, {f"Annotations/{name}": part})
        description.load(description.dump(described), described)


def core(content: bytes) -> bytes:
    whole = dublincore.dumps({"Title": ("x",)})
    return whole.replace(b"<unicode>x</unicode>", content)


def pack(data: bytes) -> None:
    read_index(io.BytesIO(data), len(data), "Base")


def answer(data: bytes) -> None:
    stream = io.BufferedReader(sshframing.ByteStream(io.BytesIO(data).read))
    sshframing.read_response_head(stream, "ssh")


def recorded(data: bytes) -> None:
    """Read the record of a push, and pick the lines of a description that it has."""
    with suppress(ValueError):
        record.loads(zlib.compress(data))
    record._picked(data, record.lines_of(data))


def zipped(names: Callable[[int], str]) -> Make:
    def make(count: int) -> bytes:
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as file:
            for number in range(count):
                file.writestr(names(number), b"")
        return stream.getvalue()

    return make


def uploaded(data: bytes) -> None:
    upload = Upload(io.BytesIO(data))
    for path in upload.files:
        upload.read(path)


def settled(data: bytes) -> None:
    """Compare the settings of a tool with others, and with none."""
    for current in (data.replace(b"a", b"b"), data, b"<object/>"):
        wanted, there = setupbody.parsed(data), setupbody.parsed(current)
        setupbody.mark_removed(wanted, there)
        setupbody.drop_unchanged(wanted, there)


def keys(data: bytes) -> None:
    """Find what the entries of a directory are, which has no items so far."""
    archive = b"%d @@Zope/Entries.xml\n%s" % (len(data), data)
    repository = SnarfRepository(io.BytesIO(archive))
    empty = SimpleNamespace(iteritems=lambda: iter(()))
    pairs(empty, "", repository.getMetadata(), repository)


def described(
    aspect: Callable[[Any], Any], make: Callable[[], Any] = Folder
) -> Callable[[bytes], None]:
    """Give a new object what a description says."""

    def read(data: bytes) -> None:
        aspect(make()).load(io.BytesIO(data))

    return read


def many() -> Any:
    """Return a folder of many items."""
    folder = Folder()
    folder._objects = tuple({"id": f"i{i}", "meta_type": "File"} for i in range(1000))
    return folder


def groups() -> Any:
    return ZODBGroupManager("groups")


def given(field: Any) -> Callable[[bytes], None]:
    """Give a field the lines of a text."""
    field.__name__ = "x"
    schema = InterfaceClass("IShelf", attrs={"x": field})

    def read(data: bytes) -> None:
        (item,) = itemtext.loads(data)
        change(SimpleNamespace(), schema, "x", value_of(field, item))

    return read


def crowded(count: int) -> bytes:
    return b"x\n" + b"".join(b"    %d\n" % number for number in crowd(count))


def exchanged(data: bytes) -> None:
    """Give an object properties, and then others in their place."""
    properties = Properties(Folder())
    properties.load(io.BytesIO(data))
    properties.load(io.BytesIO(data.replace(b"string", b"text")))
    properties.load(io.BytesIO())


#: Lines for each one of a description, where only thousands take long.
LINES = 200


def settings(line: str, times: int = 1) -> Make:
    def make(count: int) -> bytes:
        lines = (line.replace("%", str(i)) for i in range(count * times))
        return "".join(f"{each}\n" for each in lines).encode()

    return make


def entries(attributes: str) -> Make:
    """Make entries; in ``attributes`` are their numbers, and numbers of one hash."""

    def make(count: int) -> bytes:
        told = attributes.replace("%%", "{1}").replace("%", "{0}")
        each = [
            f"<entry {told.format(i, number)}/>"
            for i, number in enumerate(crowd(count))
        ]
        return ENTRIES % "".join(each).encode()

    return make


def page(kind: str) -> Callable[[bytes], object]:
    return lambda data: text_of(io.BytesIO(data), {"Content-Type": kind})


def names(data: bytes) -> None:
    """Give files the names of objects, as a checkout does."""
    repository = SnarfRepository(io.BytesIO(), case_insensitive=True, enforce_nfd=True)
    for name in data.decode().split("\n"):
        repository.disambiguate("", name)


def element(content: bytes) -> bytes:
    return b"<pickle>%s</pickle>" % content


def dictionary(keys: list[int]) -> bytes:
    item = b"<item><key><int>%d</int></key><value><none/></value></item>"
    return element(b"<dictionary>%s</dictionary>" % b"".join(item % k for k in keys))


def crowd(count: int) -> list[int]:
    """Numbers that have the same hash."""
    return [number * sys.hash_info.modulus for number in range(count)]


def number(value: int) -> bytes:
    """The opcode for a number; to make a set of some takes as long as to read it."""
    return pickle.dumps(value, 2)[2:-1]


def called(module: str, name: str, content: bytes) -> bytes:
    kind = f'<klass><global name="{name}" module="{module}"/></klass>'.encode()
    arguments = b"<arguments><tuple>%s</tuple></arguments>" % content
    return element(b"<initialized_object>%s%s</initialized_object>" % (kind, arguments))


def integers(numbers: list[int]) -> bytes:
    return b"<list>%s</list>" % b"".join(b"<int>%d</int>" % n for n in numbers)


def doubled(count: int) -> bytes:
    """Tuples of the one before, twice."""
    twice = b'<tuple id="o%d"><reference id="o%d"/><reference id="o%d"/></tuple>'
    parts = [twice % (n, n - 1, n - 1) for n in range(1, count)]
    return element(b'<list><tuple id="o0"/>%s</list>' % b"".join(parts))


def repeated(count: int) -> bytes:
    """One text, and references to it that are as long as the text."""
    content = b'<string id="o0">%s</string>' % (b"x" * 20 * count)
    return element(b"<list>%s%s</list>" % (content, b'<reference id="o0"/>' * count))


def cased(count: int) -> bytes:
    """Names that differ in nothing but case."""
    letters = "abcdefghijklmnopqrst"
    return "\n".join(
        "".join(c.upper() if number >> i & 1 else c for i, c in enumerate(letters))
        for number in range(count)
    ).encode()


def packed(names: dict[str, int], count: int) -> bytes:
    return HEAD + dump_index([], [(0, f"{n:032x}") for n in range(count)], names)


#: By what reads it and what it is: what makes as much as it is told.
PRODUCTIONS: dict[str, tuple[Callable[[bytes], Any], Make]] = {
    "archive: members": (archive, lambda n: b"".join(b"0 f%d\n" % i for i in range(n))),
    "archive: directories": (
        archive,
        lambda n: b"".join(b"0 d%d/e%d/\n" % (i, i) for i in range(n)),
    ),
    "archive: deep paths": (
        archive,
        lambda n: b"".join(b"0 %sf%d\n" % (b"d/" * 100, i) for i in range(n)),
    ),
    "archive: a long line": (archive, lambda n: b"0 " + b"n" * n),
    "archive: content": (archive, lambda n: b"%d a\n%s" % (n, b"x" * n)),
    "archive: a name of marks": (archive, lambda n: f"0 {MARKS * n}\n".encode()),
    "entries": (
        load_entries,
        lambda n: ENTRIES % b"".join(b'<entry name="f%d"/>' % i for i in range(n)),
    ),
    "entries: attributes": (
        load_entries,
        lambda n: (
            ENTRIES
            % (b'<entry name="f"%s/>' % b"".join(b' a%d=""' % i for i in range(n)))
        ),
    ),
    "entries: a long value": (
        load_entries,
        lambda n: ENTRIES % b'<entry name="f" id="%s"/>' % (b"&#10;" * n),
    ),
    "entries: a name of marks": (
        load_entries,
        lambda n: ENTRIES % f'<entry name="{MARKS * n}"/>'.encode(),
    ),
    "entries: comments": (load_entries, lambda n: ENTRIES % (b"<!-- -->" * n)),
    "entries: nested": (load_entries, lambda n: b"<entries>" * n),
    "entries: no end": (load_entries, lambda n: b"<entries " + b"a" * n),
    "entries: types": (load_entries, entries('name="f%" type="a.b%" factory="a.b%"')),
    "entries: interfaces": (
        load_entries,
        lambda n: ENTRIES % b'<entry name="f" provides="%s"/>' % (b"a.b " * n),
    ),
    "entries: a long key": (
        keys,
        lambda n: ENTRIES % b'<entry name="f" key="%s"/>' % (b"k" * n),
    ),
    "entries: a key of marks": (
        keys,
        lambda n: ENTRIES % f'<entry name="f" key="{MARKS * n}"/>'.encode(),
    ),
    "entries: keys": (keys, entries('name="f%" key="F%"')),
    "entries: one key": (keys, entries('name="f%" key="F"')),
    "entries: numbers": (keys, entries('name="%" keytype="builtins.int"')),
    "entries: a key of digits": (
        keys,
        lambda n: (
            ENTRIES
            % (b'<entry name="f" keytype="builtins.int" key="%s"/>' % (b"1" * n))
        ),
    ),
    "entries: keys of one hash": (
        keys,
        entries('name="f%" keytype="builtins.int" key="%%"'),
    ),
    "entries: types of keys": (keys, entries('name="f%" keytype="a.b%"')),
    "changes: every kind": (
        changes,
        lambda n: b"".join(
            b"%s d/f%d\n" % (kind, i)
            for kind in (b"tree", b"meta", b"extra", b"annotations")
            for i in range(n)
        ),
    ),
    "changes: a long line": (changes, lambda n: b"tree " + b"n" * n),
    "changes: a name of marks": (changes, lambda n: f"tree {MARKS * n}\n".encode()),
    "changes": (changes, lambda n: b"".join(b"tree f%d\n" % i for i in range(n))),
    "changes: deep": (
        changes,
        lambda n: b"".join(b"tree %sf%d\n" % (b"d/" * 100, i) for i in range(n)),
    ),
    "changes: one path": (changes, lambda n: b"tree a\n" * n),
    "xml: list": (xml, lambda n: element(integers(list(range(n))))),
    "xml: dictionary": (xml, lambda n: dictionary(list(range(n)))),
    "xml: keys of one hash": (xml, lambda n: dictionary(crowd(n))),
    "xml: set": (xml, lambda n: called("builtins", "set", integers(list(range(n))))),
    "xml: set of one hash": (
        xml,
        lambda n: called("builtins", "set", integers(crowd(n))),
    ),
    "xml: frozenset of one hash": (
        xml,
        lambda n: called("builtins", "frozenset", integers(crowd(n))),
    ),
    "xml: tuples of references": (xml, doubled),
    "xml: text in references": (xml, repeated),
    "xml: text": (
        xml,
        lambda n: element(b"<list><string>%s</string></list>" % (b"x" * n)),
    ),
    "xml: references to characters": (
        xml,
        lambda n: element(b"<list><unicode>%s</unicode></list>" % (b"&#229;" * n)),
    ),
    "xml: sections": (
        xml,
        lambda n: element(b"<list><string>%s</string></list>" % (b"<![CDATA[x]]>" * n)),
    ),
    "xml: sections without an end": (
        xml,
        lambda n: element(b"<list><string>%s</string></list>" % (b"<![CDATA[" * n)),
    ),
    "xml: ends of sections": (
        xml,
        lambda n: element(b"<list><string>%s</string></list>" % (b"]]>" * n)),
    ),
    "xml: comments": (xml, lambda n: element(b"<list>%s</list>" % (b"<!-- -->" * n))),
    "xml: attributes": (
        xml,
        lambda n: element(b"<list%s/>" % b"".join(b' a%d=""' % i for i in range(n))),
    ),
    "xml: digits": (xml, lambda n: element(b"<list><int>%s</int></list>" % (b"1" * n))),
    "xml: hexadecimal digits": (
        xml,
        lambda n: element(b"<list><int>0x%s</int></list>" % (b"1" * n)),
    ),
    "xml: an id of parts": (
        xml,
        lambda n: element(b'<list><reference id="%s1"/></list>' % (b"1." * n)),
    ),
    "xml: base64": (
        xml,
        lambda n: element(
            b'<list><string encoding="base64">%s</string></list>' % (b"YWJj" * n)
        ),
    ),
    "xml: bytes in another encoding": (
        text("latin-1"),
        lambda n: element(
            b'<list><string encoding="base64">%s</string></list>' % (b"YWJj" * n)
        ),
    ),
    "binary: list": (binary, lambda n: pickle.dumps(list(range(n)), 3)),
    "binary: dictionary": (
        binary,
        lambda n: pickle.dumps({str(i): i for i in range(n)}, 3),
    ),
    "binary: keys of one hash": (
        binary,
        lambda n: b"\x80\x03}(%su." % b"".join(number(k) + b"N" for k in crowd(n)),
    ),
    "binary: set of one hash": (
        binary,
        lambda n: b"\x80\x04\x8f(%s\x90." % b"".join(map(number, crowd(n))),
    ),
    "binary: frozenset of one hash": (
        binary,
        lambda n: b"\x80\x04(%s\x91." % b"".join(map(number, crowd(n))),
    ),
    "binary: references": (
        binary,
        lambda n: b"\x80\x03](" + b")q\x00" + b"h\x00h\x00\x86q\x00" * n + b"e.",
    ),
    "binary: marks": (binary, lambda n: b"(" * n),
    "binary: text": (binary, lambda n: pickle.dumps("x" * n, 3)),
    "describing: parts": (describing, settings("Extra/a% = b")),
    "describing: deep parts": (
        describing,
        lambda n: b"".join(
            b"Extra/%s%d = 1\n" % (b"d/" * 100, i) for i in range(n // 4)
        ),
    ),
    "describing: sections": (describing, settings("[Extra/a%]\n@value = 1")),
    "describing: properties": (
        describing,
        lambda n: b"[Extra/properties]\n" + settings("a% (lines)\n    b\n    c")(n),
    ),
    "describing: a mapping": (
        describing,
        lambda n: b"[Extra/a]\n@form = dict\n" + settings("a% = [1, 2]")(n),
    ),
    "describing: Dublin Core": (
        describing,
        lambda n: (
            f"[Annotations/{dublincore.ANNOTATION}]\n".encode() + settings("a% = 1")(n)
        ),
    ),
    "describing: a list": (
        describing,
        lambda n: b"Extra/a = [%s]" % (b'1, "a", ' * n),
    ),
    "describing: keys of one hash": (
        describing,
        lambda n: (
            b"Extra/a = {%s}" % b"".join(b"%d: 1, " % number for number in crowd(n))
        ),
    ),
    "describing: a set of one hash": (
        describing,
        lambda n: (
            b"Extra/a = set([%s])" % b"".join(b"%d, " % number for number in crowd(n))
        ),
    ),
    "describing: lists that are nested": (
        describing,
        lambda n: (
            b"Extra/a = [%s]"
            % b"".join(b"[" * 18 + b"1" + b"]" * 18 + b"," for _ in range(n))
        ),
    ),
    "describing: quotes": (describing, lambda n: b"Extra/a = [" + b'"' * n),
    "describing: escapes": (
        describing,
        lambda n: b'Extra/a = "%s"' % (b"\\u00e5" * n),
    ),
    "describing: digits": (describing, lambda n: b"Extra/a = " + b"1" * n),
    "describing: order": (
        describing,
        lambda n: b"[Extra/order]\n" + settings("a%")(n),
    ),
    "described: dictionary": (
        shown,
        lambda n: xmlpickle.dumps({f"a{i}": i for i in range(n)}),
    ),
    "described: keys of one hash": (
        shown,
        lambda n: b'<?xml version="1.0" encoding="utf-8" ?>\n' + dictionary(crowd(n)),
    ),
    "described: elements": (
        shown,
        lambda n: dublincore.dumps({f"a{i}": ("b",) for i in range(n)}),
    ),
    "described: texts without an end": (
        shown,
        lambda n: core(b"<unicode>x\n" * n),
    ),
    "described: escapes": (shown, lambda n: core(b"<unicode>&lt;</unicode>\n" * n)),
    "zip: files": (uploaded, zipped(lambda i: f"f{i}")),
    "zip: deep files": (uploaded, zipped(lambda i: "d/" * 100 + f"f{i}")),
    "zip: names of marks": (uploaded, zipped(lambda i: f"{MARKS * 50}{i}")),
    "zip: ends": (uploaded, lambda n: b"PK\5\6" * n),
    "zip: a directory without files": (uploaded, lambda n: b"PK\1\2" * n),
    "settings: parts": (
        settled,
        lambda n: (
            b"<object>%s</object>"
            % b"".join(b'<index name="a%d"/>' % i for i in range(n))
        ),
    ),
    "settings: values": (settled, lambda n: b"<object>%s</object>" % (b"<x>a</x>" * n)),
    "settings: attributes": (
        settled,
        lambda n: b"<object%s/>" % b"".join(b' a%d=""' % i for i in range(n)),
    ),
    "record: lines": (recorded, lambda n: b"\n" * n),
    "record: nested": (recorded, lambda n: b"[" * n),
    "record: files": (
        recorded,
        lambda n: json.dumps([["", "", {f"f{i}": "=" for i in range(n)}]]).encode(),
    ),
    "pack: names": (
        pack,
        lambda n: packed({f"Original/f{i}": i for i in range(n)}, n),
    ),
    "pack: lists": (
        pack,
        lambda n: (
            HEAD + b"[%s[]]" % (b"[]," * n) + b"%015d %015d\n" % (3 * n + 4, 3 * n + 4)
        ),
    ),
    "head: fields": (head, lambda n: b"GET /\r\n" + b"A: b\r\n" * n + b"\r\n"),
    "head: a long field": (head, lambda n: b"GET /\r\nA: %s\r\n\r\n" % (b"x" * n)),
    "head: a long target": (head, lambda n: b"GET /%s\r\n\r\n" % (b"x" * n)),
    "head: no end of a line": (head, lambda n: b"GET /\r\n" + b"A" * n),
    "answer: fields": (
        answer,
        lambda n: b"HTTP/1.0 200\r\n" + b"A: b\r\n" * n + b"\r\n",
    ),
    "answer: a long field": (
        answer,
        lambda n: b"HTTP/1.0 200\r\nA: %s\r\n\r\n" % (b"x" * n),
    ),
    "answer: a long reason": (
        answer,
        lambda n: b"HTTP/1.0 200 %s\r\n\r\n" % (b"x" * n),
    ),
    "description: keys": (itemtext.loads, settings("key% (string) = value")),
    "description: one key": (itemtext.loads, settings("key")),
    "description: lines": (itemtext.loads, lambda n: b"key\n" + b"    line\n" * n),
    "description: a long key": (itemtext.loads, lambda n: b"k" * n + b" = v\n"),
    "description: blanks": (itemtext.loads, lambda n: b"k" + b" " * n + b"= v\n"),
    "description: a long kind": (itemtext.loads, lambda n: b"k (%s)\n" % (b"x" * n)),
    "description: a kind without an end": (itemtext.loads, lambda n: b"k (" * n),
    "description: escapes": (
        itemtext.loads,
        lambda n: b'"%s" = "%s"\n' % (b"\\u0041" * n, b'\\"' * n),
    ),
    "description: a quote without an end": (itemtext.loads, lambda n: b'"' + b"x" * n),
    "description: comments": (itemtext.loads, settings("# %")),
    "properties": (described(Properties), settings("p% (string) = v", LINES)),
    "properties: with items": (described(Properties, many), settings("p% (int) = 1")),
    "properties: of another kind": (exchanged, settings("p% (string) = value")),
    "properties: words of a kind": (
        described(Properties),
        lambda n: b"p (string%s) = v\n" % (b", mode w" * n),
    ),
    "properties: digits": (
        described(Properties),
        lambda n: b"p (int) = %s\n" % (b"1" * n),
    ),
    "properties: a float": (
        described(Properties),
        lambda n: b"p (float) = %s\n" % (b"1" * n),
    ),
    "properties: a date": (
        described(Properties),
        lambda n: b"p (date) = %s\n" % (b"1/" * n),
    ),
    "roles": (described(Roles), settings("role%", LINES)),
    "roles in one place": (described(LocalRoles), settings("user%\n    Owner", LINES)),
    "permissions": (described(PermissionSettings), settings("_p%_Permission")),
    "groups": (described(GroupsSynchronizer, groups), settings("group% (group)")),
    "groups: members": (
        described(GroupsSynchronizer, groups),
        lambda n: b"group (group)\n" + settings("    member: user%")(n),
    ),
    "fields: unique lines": (
        given(List(value_type=TextLine(), unique=True)),
        lambda n: b"x\n" + settings("    l%", LINES)(n),
    ),
    "fields: a set": (
        given(Set(value_type=TextLine())),
        lambda n: b"x\n" + settings("    l%", LINES)(n),
    ),
    "fields: a set of one hash": (given(Set(value_type=Int())), crowded),
    "fields: unique numbers of one hash": (
        given(List(value_type=Int(), unique=True)),
        crowded,
    ),
    "faults: attributes of each element": (
        lambda data: list(xml_faults(data)),
        lambda n: (
            b"<!DOCTYPE a [<!ATTLIST a %s>]><a>%s</a>"
            % (b"".join(b' b%d CDATA ""' % i for i in range(n)), b"<a/>" * n)
        ),
    ),
    "faults: entities": (
        lambda data: list(xml_faults(data)),
        lambda n: b'<!DOCTYPE a [<!ENTITY e "%s">]><a>%s</a>' % (b"x" * n, b"&e;" * n),
    ),
    "page: tags": (page("text/html"), lambda n: b"<p><title>" * n),
    "page: comments": (page("text/html"), lambda n: b"<!--" * n),
    "page: in punycode": (page("text/plain;charset=punycode"), lambda n: b"a" * n),
    "page: references": (page("text/html"), lambda n: b"&amp" * n),
    "names: of one letter case": (names, cased),
    "names: of marks": (names, lambda n: (MARKS * n).encode()),
}


@pytest.mark.parametrize("name", PRODUCTIONS)
def test_as_many_times_as_much_takes_no_more_than_that(name: str) -> None:
    check_growth(*PRODUCTIONS[name])


#: What is in the files of a working copy or of a person, as text.
FILES: dict[str, Make] = {
    "no text": lambda n: b"\0" * n,
    "lists": lambda n: b"[" * n,
    "pairs": lambda n: json.dumps({f"/p{i}": "s" for i in range(n)}).encode(),
    "state": lambda n: json.dumps(
        {
            "states": {f"/p{i}": "s" for i in range(n)},
            "nonce": "0" * 16,
            "commits": 0,
            "lacking": {},
            "place": 0,
        }
    ).encode(),
    "lines": lambda n: b"http host%d user token\n" * n,
    "one line": lambda n: b"a " * n,
    "first lines of an index": lambda n: b"zsync index 3 %d %d\n" % (n, n) + b"[]," * n,
}


@pytest.mark.parametrize("kind", ["state", "index", "tokens"])
@pytest.mark.parametrize("name", FILES)
def test_files_of_a_person_take_no_more_than_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, name: str
) -> None:
    control = tmp_path / "@@Zope"
    control.mkdir()
    tokens = tmp_path / "tokens"

    def read(data: bytes) -> None:
        if kind == "tokens":
            tokens.write_bytes(data)
            tokens.chmod(0o600)
            PasswordManager(str(tokens)).getToken("http", "host:80", "user")
            return
        (control / kind.capitalize()).write_bytes(data)
        if kind == "state":
            States(Tree(str(tmp_path)), str(tmp_path)).get("/p1")
        else:
            Index(str(tmp_path)).get(".")

    check_growth(read, FILES[name])
