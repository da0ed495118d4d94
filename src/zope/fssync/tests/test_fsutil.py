"""Where the parts of an object lie."""

from __future__ import annotations

import os

import pytest

from zope.fssync import errors
from zope.fssync import fsutil


def test_the_error_is_the_root_of_the_tree():
    assert fsutil.Error is errors.Error


@pytest.mark.parametrize(
    ("path", "original"),
    [
        ("f", "@@Zope/Original/f"),
        ("d/f", "d/@@Zope/Original/f"),
        ("/d/f", "/d/@@Zope/Original/f"),
        ("d/f/", "d/@@Zope/Original/f"),
        ("d/f/.", "d/@@Zope/Original/f"),
        ("d/f/x/..", "d/@@Zope/Original/f"),
    ],
)
def test_the_original_lies_in_the_control_directory_beside_the_file(path, original):
    found = fsutil.getoriginal(path)
    assert os.path.normpath(found) == original.replace("/", os.sep)


def test_extras_and_annotations_lie_there_too():
    assert fsutil.getextra("d/f") == "d/@@Zope/Extra/f"
    assert fsutil.getannotations("d/f") == "d/@@Zope/Annotations/f"


def test_a_path_is_split_into_a_directory_and_a_real_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    real = os.path.realpath(tmp_path)
    assert fsutil.split("a/b") == ("a", "b")
    assert fsutil.split("b") == (".", "b")
    assert fsutil.split("a/b/") == ("a", "b")
    assert fsutil.split("a/x/..") == (".", "a")
    assert fsutil.split(".") == os.path.split(real)
    assert fsutil.split("") == os.path.split(real)


def test_the_root_of_the_file_system_has_no_name():
    with pytest.raises(errors.Error, match="path '/' is the filesystem root"):
        fsutil.split("/")


def test_directories_are_made_once(tmp_path):
    path = tmp_path / "a" / "b"
    fsutil.ensuredir(str(path))
    fsutil.ensuredir(str(path))
    assert path.is_dir()


def test_names_are_composed_only_where_the_platform_decomposes(monkeypatch):
    monkeypatch.setattr(fsutil.sys, "platform", "darwin")
    assert fsutil.normalize("o\u0308") == "ö"
    monkeypatch.setattr(fsutil.sys, "platform", "linux")
    assert fsutil.normalize("o\u0308") == "o\u0308"


def test_paths_become_bytes():
    assert fsutil.encode("ö", "utf-8") == b"\xc3\xb6"
    assert fsutil.encode(b"abc", "utf-8") == b"abc"
    assert fsutil.encode("undecodable\udcff") == b"undecodable\xff"
