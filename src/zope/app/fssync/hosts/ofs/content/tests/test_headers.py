"""Headers of sources are read when an object is made of a file."""

from __future__ import annotations

import pytest

from zope.app.fssync.hosts.ofs.content.tests import samples

SCRIPT = b"""\
## Script (Python) "calc"
##title=A sum
##bind context=here
##parameters=a, b=2
return a + b
"""

SKIN = b"""\
<dtml-comment>
title: Customers
connection id : main
arguments: name city
max_rows: 50
class_file: evil
</dtml-comment>
select * from customers
"""


@pytest.fixture
def made(site):
    """Make an object of a file that is added, and return it."""
    site.make(samples.plain_folder)

    def make(name, content):
        files = site.checkout("/folder")
        files.add(f"folder/{name}", content)
        site.commit("/folder", files)
        return site.app.folder[name]

    return make


def test_a_script_has_its_parameters(made, site):
    script = made("calc.py", SCRIPT)
    assert (script.title, script._params) == ("A sum", "a, b=2")
    assert script.getBindingAssignments().getAssignedName("name_context") == "here"
    assert script.body() == "return a + b\n"
    # Later they are comments, as the settings have a file.
    files = site.checkout("/folder")
    files.edit("folder/calc.py", b"##parameters=c\nreturn 1\n")
    site.commit("/folder", files)
    assert script._params == "a, b=2"
    assert script.body().startswith("##parameters=c")


def test_comments_of_a_script_are_comments(made):
    script = made("plain.py", b"## what it does\n# parameters=a\nreturn 1\n")
    assert script._params == ""
    assert script.body() == "## what it does\n# parameters=a\nreturn 1\n"


def test_headers_of_another_kind_of_script_are_comments(made):
    head = "## Controller Validator\n##bind state=state\n"
    script = made("check.vpy", f"{head}##parameters=a\n##\nreturn a\n".encode())
    assert script._params == "a"
    assert script.body() == f"{head}return a\n"
    note = b"##title=Note\n## parameters=b\n##twice=2\nreturn 2\n"
    script = made("note.py", note)
    assert (script.title, script._params) == ("Note", "")
    assert script.body() == "## parameters=b\n##twice=2\nreturn 2\n"


def test_a_script_with_a_header_may_be_broken(made):
    assert made("broken.py", b"##parameters=a\nreturn (\n").errors


def test_a_sql_method_of_a_skin(made):
    method = made("find.zsql", SKIN)
    assert (method.title, method.connection_id) == ("Customers", "main")
    assert (method.arguments_src, method.max_rows_) == ("name city", 50)
    assert method.class_file_ == ""
    assert method.src == SKIN.decode()


def test_a_sql_method_as_webdav_writes_it(made):
    method = made("find.sql", b"<params>name\ncity</params>\nselect 1\n")
    assert method.arguments_src == "name\ncity"
    assert method.src == "select 1\n"


def test_parameters_may_follow_a_comment(made):
    comment = "<dtml-comment>\ntitle: Find\n</dtml-comment>\n"
    source = f"{comment}<params>name city</params>\nselect 1\n"
    method = made("find.zsql", source.encode())
    assert (method.title, method.arguments_src) == ("Find", "name city")
    assert method.src == f"{comment}select 1\n"
