"""What Zope has no meaning for is refused: roles, types of properties, methods."""

from __future__ import annotations

import pytest
from OFS.DTMLMethod import DTMLMethod
from OFS.Folder import Folder
from Products.PythonScripts.PythonScript import manage_addPythonScript
from Products.ZSQLMethods.SQL import SQL

from zope.fssync.task.commit import CommitFailed


def folder(parent):
    parent._setObject("f", Folder("f"))
    parent.f._setObject("m", DTMLMethod("one", __name__="m"))
    parent.f._setObject("s", SQL("s", "", "", "", "select 1"))
    manage_addPythonScript(parent.f, "p")
    parent.f.manage_addFile("x.txt", b"x")
    return "f"


@pytest.fixture
def edited(site):
    """Commit a file of the folder with another content, or a new one."""

    def edit(path, content, more=()):
        site.make(folder)
        files = site.checkout("/folder/f")
        for where, data in (*more, (path, content)):
            if where in files:
                files.edit(where, data)
            else:
                files.add(where, data)
        site.commit("/folder/f", files)
        return site.app.folder.f

    return edit


EXTRA = "f/@@Zope/Extra/{}"


@pytest.mark.parametrize(
    ("path", "content", "reason"),
    [
        ("x.txt/permissions", b"View\n    Managerr\n", "no role 'Managerr'"),
        ("x.txt/roles-local", b"ann\n    Managerr\n", "no role 'Managerr'"),
        ("p/proxy-roles", b"Managerr\n", "no role 'Managerr'"),
        ("x.txt/properties", b"p (integer) = 7\n", "type of properties 'integer'"),
        ("x.txt/properties", b"p (required) = 7\n", "type of properties 'required'"),
        ("x.txt/properties", b"p (selection of no) = 7\n", "No select variable no"),
        ("x.txt/properties", b"p (selection) = 7\n", "No select variable"),
    ],
)
def test_parts_with_unknown_roles_and_types_are_refused(
    edited, site, path, content, reason
):
    if path.endswith("properties"):
        site.make(folder)
        content = site.checkout("/folder/f")[EXTRA.format(path)] + content
        site.app.folder._delObject("f")
    with pytest.raises(CommitFailed, match=reason):
        edited(EXTRA.format(path), content)


def test_a_rule_without_its_method(edited):
    with pytest.raises(CommitFailed, match="no method 'gone'"):
        edited("@@Zope/Extra/f/access-rule", b"method = gone\n")


def test_roles_and_methods_of_the_same_commit_count(edited):
    obj = edited(
        EXTRA.format("x.txt/permissions"),
        b"View\n    Editor\n",
        [
            ("@@Zope/Extra/f/roles", b"Editor\n"),
            ("@@Zope/Extra/f/access-rule", b"method = rule\n"),
            ("f/rule", b""),
            (
                "@@Zope/Extra/f/properties",
                b"some (lines)\n    a\npick (selection of some) = a\ntitle = \n",
            ),
        ],
    )
    assert obj["x.txt"]._View_Permission == ("Editor",)
    assert obj.pick == "a"


def test_a_role_that_is_gone_may_stay(site):
    obj = site.make(folder)["x.txt"]
    obj.manage_permission("View", ["Gone"])
    obj._View_Permission = ("Gone",)
    path = EXTRA.format("x.txt/permissions")
    files = site.checkout("/folder/f")
    files.edit(path, b"View\n    Gone\n    Manager\n")
    site.commit("/folder/f", files)
    assert sorted(site.app.folder.f["x.txt"]._View_Permission) == ["Gone", "Manager"]


@pytest.mark.parametrize(
    ("path", "content", "reason"),
    [
        ("m", b"\n<dtml-in x>", "no DTML: No closing tag, .* <dtml-in x>, on line 2"),
        ("m", b'<dtml-var "(">', "no DTML: .* never closed , for tag .*, on line 1"),
        ("m", b'<dtml-var expr="(">', "no DTML: .* never closed in an expression"),
        ("s", b"select <dtml-in x>", "no SQL template: .* <dtml-in x>, on line 1"),
        ("_x", b"", 'The id "_x" is invalid because it begins with an underscore'),
    ],
)
def test_files_that_zope_does_not_store_are_refused(edited, path, content, reason):
    with pytest.raises(CommitFailed, match=reason):
        edited(f"f/{path}", content)
