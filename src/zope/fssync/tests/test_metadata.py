"""Entries.xml, byte for byte, and what a reader does with anything else."""

from __future__ import annotations

import io
import os
import tarfile
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from zope.interface.verify import verifyObject

from zope.fssync.errors import Error
from zope.fssync.errors import LimitExceeded
from zope.fssync.errors import MetadataDamaged
from zope.fssync.errors import PathRefused
from zope.fssync.files import Tree
from zope.fssync.interfaces import IMetadata
from zope.fssync.limits import Limits
from zope.fssync.metadata import DirectoryManager
from zope.fssync.metadata import Metadata
from zope.fssync.metadata import dump_entries
from zope.fssync.metadata import load_entries
from zope.fssync.repository import SnarfRepository
from zope.fssync.tests.test_paths import UNSAFE
from zope.fssync.tests.test_snarf import RECORDED
from zope.fssync.tests.test_snarf import TOFS

WC = Path(__file__).parent / "data" / "wc"
WORKING_COPIES = sorted(path.name for path in WC.glob("*.tar.gz"))


def unpacked(name: str, root: Path) -> Path:
    """A recorded working copy, unpacked; returns its directory."""
    with tarfile.open(WC / name) as tar:
        tar.extractall(root, filter="data")
    (top,) = root.iterdir()
    return top


# The text


def test_no_entries_give_sixty_bytes():
    text = dump_entries({})
    assert text == (b"<?xml version='1.0' encoding='utf-8'?>\n<entries>\n</entries>\n")
    assert len(text) == 60


def test_entries_are_sorted_and_attributes_stand_in_a_fixed_order():
    assert dump_entries(
        {
            "b": {"zeta": "1", "flag": "added", "id": "/b", "type": "T", "key": "B"},
            "a": {"type": None},
        }
    ).decode() == (
        "<?xml version='1.0' encoding='utf-8'?>\n"
        "<entries>\n"
        '  <entry name="a"\n'
        "         />\n"
        '  <entry name="b"\n'
        '         key="B"\n'
        '         type="T"\n'
        '         id="/b"\n'
        '         flag="added"\n'
        '         zeta="1"\n'
        "         />\n"
        "</entries>\n"
    )


@pytest.mark.parametrize(
    ("value", "quoted"),
    [
        ("plain", '"plain"'),
        ("a&b<c>d", '"a&amp;b&lt;c&gt;d"'),
        ("l\nr\rt\t", '"l&#10;r&#13;t&#9;"'),
        ("it's", '"it\'s"'),
        ('say "x"', "'say \"x\"'"),
        ("'both\"", '"\'both&quot;"'),
        ("größe", '"größe"'),
    ],
)
def test_values_are_quoted_as_3_6_0_quotes_them(value, quoted):
    text = dump_entries({"n": {"k": value}})
    assert f"k={quoted}\n".encode() in text
    assert load_entries(text) == {"n": {"k": value}}


@pytest.mark.parametrize("char", ["\0", "\x01", "\x1f", "\ud800", "\uffff"])
def test_names_that_xml_cannot_hold_are_refused_on_writing(char):
    with pytest.raises(PathRefused, match="cannot hold this character"):
        dump_entries({"n": {"key": f"a{char}b"}})


values = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])).filter(
    lambda text: "\ufffe" not in text and "\uffff" not in text
) | st.sampled_from(["\n", "\r\n", "\t", "'\"", " x ", "]]>", "\x85", "\x7f"])
attribute_names = st.sampled_from(["type", "factory", "id", "key", "x-unknown", "été"])
safe_names = st.text("abcö.- '\"&<>", min_size=1, max_size=9).filter(
    lambda name: name.strip(". ")
)
entries = st.dictionaries(
    safe_names, st.dictionaries(attribute_names, values, max_size=4), max_size=5
)


@pytest.mark.slow
@given(entries)
def test_every_text_is_read_back_equal_and_is_stable(entries):
    text = dump_entries(entries)
    assert load_entries(text) == entries
    assert dump_entries(dict(reversed(load_entries(text).items()))) == text
    assert text.endswith(b"</entries>\n")


@pytest.mark.parametrize("name", RECORDED)
def test_recorded_entries_come_back_as_parsed(name):
    repository = SnarfRepository(io.BytesIO((TOFS / name).read_bytes()))
    seen = 0
    for path in repository.iterPaths():
        if path.endswith("@@Zope/Entries.xml"):
            entries = load_entries(repository.readFile(path))
            assert load_entries(dump_entries(entries)) == entries
            seen += 1
    assert seen


@pytest.mark.parametrize("name", WORKING_COPIES)
def test_recorded_working_copies_are_loaded_and_left_alone(tmp_path, name):
    top = unpacked(name, tmp_path)
    before = {path: path.read_bytes() for path in top.rglob("*") if path.is_file()}
    metadata = Metadata()
    found = 0
    for entries in top.rglob("Entries.xml"):
        found += len(metadata.getnames(str(entries.parent.parent)))
    metadata.flush()
    assert found
    assert before == {p: p.read_bytes() for p in top.rglob("*") if p.is_file()}


@pytest.mark.slow
def test_a_large_document_takes_time_in_proportion():
    entries = {f"file{number}": {"id": f"/f{number}"} for number in range(100_000)}
    started = time.process_time()
    assert load_entries(dump_entries(entries)) == entries
    assert time.process_time() - started < 10


# Reading


def document(body: str) -> bytes:
    return (
        f"<?xml version='1.0' encoding='utf-8'?>\n<entries>{body}</entries>\n".encode()
    )


@pytest.mark.parametrize(
    "text",
    [
        b'<?xml version="1.0" encoding="utf-8" ?>\n'
        b"<pickle>\n  <dictionary />\n</pickle>\n",
        b"<pickle><dictionary></dictionary></pickle>",
    ],
)
def test_the_old_form_of_an_empty_directory_is_read(text):
    assert load_entries(text) == {}


def test_other_pickles_are_refused():
    with pytest.raises(MetadataDamaged, match="<item>"):
        load_entries(b"<pickle><dictionary><item/></dictionary></pickle>")
    with pytest.raises(MetadataDamaged, match="<initialized_object>"):
        load_entries(b"<pickle><initialized_object/></pickle>")


def test_unknown_attributes_are_kept():
    entries = load_entries(document('<entry name="a" future="yes" x:y="z"/>'))
    assert entries == {"a": {"future": "yes", "x:y": "z"}}
    assert load_entries(dump_entries(entries)) == entries


def test_an_entry_may_have_nothing_but_a_name():
    assert load_entries(document('<entry name="a"/>')) == {"a": {}}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "no element found"),
        (b"\0" * 100, "line 1"),
        (document("")[:-5], "unclosed token"),
        (document("")[:43], "line 2"),
        (b"not xml", "syntax error: line 1"),
        (b"<other/>", "unexpected element <other> at the top"),
        (document("<thing/>"), "unexpected element <thing> in <entries>: line 2"),
        (document('\n<entry name="a"><entry name="b"/></entry>'), "in <entry>: line 3"),
        (document("<entry/>"), "entry without a name: line 2"),
        (document("\n\nwords"), "text between elements: 'words': line"),
        (document('<entry name="a"/><entry name="a"/>'), "two entries for 'a'"),
        (document('<entry name="a" flag="maybe"/>'), "unknown flag of entry 'a'"),
        (b"<a>" * 200, "unexpected element <a> at the top"),
        (b"<!DOCTYPE entries><entries/>", "document type is not allowed: line 1"),
        (
            b'<!DOCTYPE e [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><e>&b;</e>',
            "document type",
        ),
        (
            b'<!DOCTYPE e [<!ENTITY x SYSTEM "file:///etc/passwd">]><entries>&x;</entries>',
            "document type",
        ),
        (
            b'<!DOCTYPE e [<!ENTITY % p SYSTEM "http://127.0.0.1:9/">%p;]><e/>',
            "document",
        ),
        (document("&undefined;"), "undefined entity"),
        (b"<?xml version='1.0' encoding='rot13'?><entries/>", "line|encoding"),
        (b"<?xml version='1.0' encoding='shift_jis'?><entries/>", "encoding"),
        (b"<?xml version='1.0' encoding='no-such'?><entries/>", "encoding"),
        (b"<entries/><entries/>", "junk after document element"),
    ],
)
def test_invalid_entries_are_damage_with_file_and_line(text, message):
    with pytest.raises(MetadataDamaged, match=message) as caught:
        load_entries(text, source="d/@@Zope/Entries.xml")
    assert "d/@@Zope/Entries.xml" in str(caught.value)
    assert caught.value.path == "d/@@Zope/Entries.xml"
    assert caught.value.advice


def test_text_in_another_encoding_is_read_right():
    text = "<?xml version='1.0' encoding='{}'?><entries><entry name='ö'/></entries>"
    assert load_entries(text.format("utf-16").encode("utf-16")) == {"ö": {}}
    assert load_entries(text.format("iso-8859-1").encode("latin-1")) == {"ö": {}}


@pytest.mark.parametrize("name", [*UNSAFE, "../x", "/abs", "d/f"])
def test_an_unsafe_name_is_refused_with_the_file(name):
    with pytest.raises(PathRefused, match=r"cannot hold|in Entries\.xml"):
        load_entries(dump_entries({name: {"id": "/x"}}))


def test_a_document_over_the_limit_is_refused():
    with pytest.raises(LimitExceeded, match="more than 59 bytes"):
        load_entries(dump_entries({}), Limits(entries_size=59))
    assert load_entries(dump_entries({}), Limits(entries_size=60)) == {}


def test_equal_documents_give_entries_of_their_own():
    text = dump_entries({"a": {"id": "/a"}})
    load_entries(text)["a"]["id"] = "changed"
    assert load_entries(text) == {"a": {"id": "/a"}}


sample = dump_entries({"a": {"id": "/a", "key": "x\n"}, "ö": {"flag": "added"}})


@settings(max_examples=200)
@given(
    st.lists(
        st.tuples(
            st.integers(0, len(sample)),
            st.integers(0, 9),
            st.binary(max_size=3) | st.sampled_from([b"<", b"&", b'"', b"/", b"<!--"]),
        ),
        min_size=1,
        max_size=3,
    )
)
def test_mutated_documents_raise_only_errors_of_ours(mutations):
    text = sample
    for start, length, replacement in mutations:
        text = text[:start] + replacement + text[start + length :]
    try:
        loaded = load_entries(text)
    except Error:
        return
    assert load_entries(dump_entries(loaded)) == loaded


# The database


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(tmp_path, {"f": {"id": "/f", "type": "T", "factory": "F"}, "g": {"id": "/g"}})
    return tmp_path


def write(directory: Path, entries: dict[str, dict[str, str]]) -> None:
    (directory / "@@Zope").mkdir(parents=True, exist_ok=True)
    (directory / "@@Zope" / "Entries.xml").write_bytes(dump_entries(entries))


def read(directory: Path) -> dict[str, dict[str, str]]:
    return load_entries((directory / "@@Zope" / "Entries.xml").read_bytes())


def test_the_database_provides_its_contract():
    assert verifyObject(IMetadata, Metadata())


def test_entries_are_found_and_an_unknown_one_is_empty(root):
    metadata = Metadata()
    assert metadata.getnames(str(root)) == ["f", "g"]
    assert metadata.getentry(str(root / "f"))["id"] == "/f"
    assert metadata.gettypeinfo(str(root / "f")) == ("T", "F")
    assert metadata.gettypeinfo(str(root / "g")) == (None, None)
    assert metadata.getentry(str(root / "x")) == {}
    assert metadata.getnames(str(root)) == ["f", "g"]
    assert metadata.getnames(str(root / "nowhere")) == []


def test_a_path_that_ends_in_no_name_means_the_directory_it_leads_to(root, monkeypatch):
    (root / "f").mkdir()
    monkeypatch.chdir(root / "f")
    metadata = Metadata()
    for path in (".", "../f/", str(root / "f" / "."), str(root / "f") + "/"):
        assert metadata.getentry(path)["id"] == "/f"
    monkeypatch.chdir(root)
    assert metadata.getmanager("") is metadata.getmanager(str(root))


def test_changes_last_when_flushed(root):
    metadata = Metadata()
    metadata.getentry(str(root / "new"))["flag"] = "added"
    metadata.getentry(str(root / "g")).clear()
    assert set(read(root)) == {"f", "g"}
    metadata.flush()
    assert read(root) == {
        "f": {"id": "/f", "type": "T", "factory": "F"},
        "new": {"flag": "added"},
    }


def test_nothing_is_written_where_nothing_changed(root):
    efile = root / "@@Zope" / "Entries.xml"
    efile.write_bytes(b'<entries><entry name="f" id="/f"/><entry name="e"/></entries>')
    before = efile.stat()
    metadata = Metadata()
    metadata.getentry(str(root / "x"))
    metadata.getentry(str(root / "elsewhere" / "x"))
    metadata.flush()
    assert efile.stat().st_mtime_ns == before.st_mtime_ns
    assert efile.stat().st_ino == before.st_ino
    assert not (root / "elsewhere").exists()


def test_a_directory_can_be_written_without_entries(tmp_path):
    manager = DirectoryManager(str(tmp_path))
    manager.flush()
    assert not (tmp_path / "@@Zope").exists()
    manager.required = True
    manager.flush()
    assert read(tmp_path) == {}
    DirectoryManager(str(tmp_path / "other")).ensure()
    assert read(tmp_path / "other") == {}


def test_a_released_directory_is_written_and_read_anew(root):
    metadata = Metadata()
    metadata.getentry(str(root / "f"))["id"] = "/changed"
    metadata.release(str(root))
    metadata.release(str(root))
    assert read(root)["f"]["id"] == "/changed"
    write(root, {"f": {"id": "/again"}})
    assert metadata.getentry(str(root / "f")) == {"id": "/again"}


def test_a_forgotten_directory_is_not_written(root):
    metadata = Metadata()
    metadata.getentry(str(root / "f"))["id"] = "/changed"
    metadata.forget(str(root))
    metadata.flush()
    assert read(root)["f"]["id"] == "/f"


def test_flagging_all_as_added_registers_nothing_new(root):
    metadata = Metadata()
    metadata.getentry(str(root / "f"))
    metadata.getentry(str(root / "unregistered"))
    metadata.added()
    assert metadata.getentry(str(root / "g"))["flag"] == "added"
    assert metadata.getnames(str(root)) == ["f", "g"]


def test_all_directories_are_written_before_the_first_error_is_raised(root):
    (root / "a").mkdir()
    (root / "b").mkdir()
    metadata = Metadata()
    metadata.getentry(str(root / "a" / "x"))["key"] = "\0"
    metadata.getentry(str(root / "b" / "x"))["id"] = "/b/x"
    with pytest.raises(PathRefused):
        metadata.flush()
    assert read(root / "b") == {"x": {"id": "/b/x"}}


@pytest.mark.parametrize("text", [b"", b"\0" * 60, b"<entries>"])
def test_a_damaged_file_is_not_taken_for_an_empty_directory(root, text):
    (root / "@@Zope" / "Entries.xml").write_bytes(text)
    with pytest.raises(MetadataDamaged) as caught:
        Metadata().getnames(str(root))
    assert caught.value.path == str((root / "@@Zope" / "Entries.xml").resolve())
    assert (root / "@@Zope" / "Entries.xml").read_bytes() == text


@pytest.mark.skipif(os.name != "posix", reason="links and FIFOs")
@pytest.mark.parametrize("make", ["link", "fifo", "directory"])
def test_control_data_that_is_no_file_is_refused(tmp_path, make):
    (tmp_path / "@@Zope").mkdir()
    efile = tmp_path / "@@Zope" / "Entries.xml"
    (tmp_path / "elsewhere").write_bytes(dump_entries({"f": {"id": "/f"}}))
    if make == "link":
        efile.symlink_to("../elsewhere")
    elif make == "fifo":
        os.mkfifo(efile)
    else:
        efile.mkdir()
    with pytest.raises(PathRefused, match="not a regular file"):
        Metadata().getnames(str(tmp_path))


def test_control_data_is_not_written_through_a_link(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "@@Zope").symlink_to("../elsewhere")
    metadata = Metadata(Tree(str(tmp_path)))
    metadata.getentry(str(tmp_path / "d" / "f"))["id"] = "/f"
    with pytest.raises(PathRefused):
        metadata.flush()
    assert not any((tmp_path / "elsewhere").iterdir())
