"""Faults in texts of common formats."""

from __future__ import annotations

import pytest

from zope.app.fssync.content.checks import checker
from zope.app.fssync.content.checks import json_faults
from zope.app.fssync.content.checks import python_faults
from zope.app.fssync.content.checks import xml_faults
from zope.fssync.limits import CHECKED_JSON_SIZE


@pytest.mark.parametrize(
    ("data", "faults"),
    [
        (b'{"a": [1, 2.5, null]}', []),
        (b'{"a": 1,\n "b"}', [(2, "Expecting ':' delimiter")]),
        (b"", [(1, "Expecting value")]),
        (b'"\xff"', [(0, "the document is no UTF-8")]),
        (b"[" * 100_000, [(0, "the document is nested too deeply")]),
        (b"[" + b" " * CHECKED_JSON_SIZE, []),
    ],
)
def test_json(data, faults):
    assert list(json_faults(data)) == faults


@pytest.mark.parametrize(
    ("data", "faults"),
    [
        (b"<a><b/>\n</a>", []),
        ('<?xml version="1.0" encoding="latin-1"?><a>\xe9</a>'.encode("latin-1"), []),
        (b"<a>\n<b>\n</a>", [(3, "mismatched tag")]),
        (b"<a>&nbsp;</a>", [(1, "undefined entity")]),
        (
            b'<?xml version="1.0" encoding="x-none"?><a/>',
            [(1, "unknown encoding: x-none")],
        ),
        (b'<!DOCTYPE a SYSTEM "a.dtd">\n<a>', [(2, "no element found")]),
        # What declares something is not looked at further.
        (b'<!DOCTYPE a [<!ENTITY e "x">]><a>&e;&f;', []),
        (b'<!DOCTYPE a [<!ENTITY % e "x">]><a>', []),
        (b'<!DOCTYPE a [<!ATTLIST a b CDATA "">]><a>', []),
    ],
)
def test_xml(data, faults):
    assert list(xml_faults(data)) == faults


@pytest.mark.parametrize(
    ("source", "faults"),
    [
        ("import gone\nraise SystemExit\n", []),
        ("", []),
        ("x = 1\ny = (\n", [(2, "'(' was never closed")]),
        ("return 1", [(1, "'return' outside function")]),
        ("-" * 100_000 + "1", [(0, "the code is nested too deeply")]),
    ],
)
def test_python(source, faults):
    assert list(python_faults(source)) == faults


@pytest.mark.parametrize(
    ("content_type", "check"),
    [
        ("application/json", json_faults),
        ("application/ld+json; charset=utf-8", json_faults),
        ("image/svg+xml", xml_faults),
        ("text/XML", xml_faults),
        ("text/html", None),
        ("", None),
        (None, None),
    ],
)
def test_the_content_type_decides(content_type, check):
    assert checker(content_type) is check
