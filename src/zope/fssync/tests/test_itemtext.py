"""The text of settings: round trips, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zope.fssync import itemtext
from zope.fssync.errors import SynchronizationError
from zope.fssync.itemtext import Item

values = st.builds(
    lambda key, value, kind: Item(key, value, kind=kind),
    st.text(),
    st.text(),
    st.text(),
)
lists = st.builds(
    lambda key, lines, kind: Item(key, lines=tuple(lines), kind=kind),
    st.text(),
    st.lists(st.text()),
    st.text(),
)


@pytest.mark.slow
@given(st.lists(values | lists, unique_by=lambda item: item.key))
def test_written_data_is_read_back(items):
    assert itemtext.loads(itemtext.dumps(items)) == items


@pytest.mark.slow
@given(st.lists(values | lists, unique_by=lambda item: item.key))
def test_windows_line_ends_change_nothing(items):
    text = itemtext.dumps(items).replace(b"\n", b"\r\n")
    assert itemtext.loads(b"\xef\xbb\xbf" + text) == items


@given(st.binary())
def test_any_bytes_are_items_or_refused(data):
    try:
        items = itemtext.loads(data)
    except SynchronizationError:
        return
    assert itemtext.loads(itemtext.dumps(items)) == items


@given(st.text(alphabet='ab"=() #\\\n\t{}[]u1'))
def test_any_text_is_items_or_refused(text):
    try:
        items = itemtext.loads(text.encode())
    except SynchronizationError:
        return
    assert itemtext.loads(itemtext.dumps(items)) == items


def test_plain_text_stands_as_it_is():
    items = [
        Item("title", 'A title = with (signs), "quotes" and # more', kind="string"),
        Item("keywords", lines=("one", "two words", " blank first"), kind="lines"),
        Item("Add Documents, Images, and Files", lines=("Manager",)),
        Item("#5", "tab\there"),
        Item("none"),
    ]
    text = (
        'title (string) = A title = with (signs), "quotes" and # more\n'
        "keywords (lines)\n"
        "    one\n"
        "    two words\n"
        '    " blank first"\n'
        "Add Documents, Images, and Files\n"
        "    Manager\n"
        '"#5" = "tab\\there"\n'
        "none\n"
    )
    assert itemtext.dumps(items).decode() == text
    assert itemtext.loads(text.encode()) == items


def test_people_may_write_comments_and_blanks():
    text = b"# mine\n\ntitle(string)=Hello  \n\n\tkey\n".replace(b"\tkey", b"list")
    text += b"\n# more\n\t one\n"
    assert itemtext.loads(text) == [
        Item("title", "Hello", kind="string"),
        Item("list", lines=("one",)),
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"    x\n", "line 1: an indented line that belongs to no item"),
        (b"a = b\n    x\n", "line 2: an indented line that belongs to no item"),
        (b"a = b\na = c\n", "line 2: 'a' is there twice"),
        (b"= b\n", "line 1: there is no name"),
        (b"(x) = b\n", "line 1: there is no name"),
        (b"a (x = b\n", "line 1: a kind that does not end"),
        (b"a () = b\n", "line 1: there is no name"),
        (b'a = "b\n', "line 1: a quote that is not closed"),
        (b'a = "b" c\n', "line 1: text after the closing quote: 'c'"),
        (b'a = "\\x41"\n', "line 1: a quote that is not closed, or holds"),
        (b"a) = b\n", "line 1: neither a value nor a kind"),
        (b"\xff\n", "the settings are not UTF-8"),
    ],
)
def test_invalid_item_is_refused_with_their_line(text, reason):
    with pytest.raises(SynchronizationError) as caught:
        itemtext.loads(text)
    assert str(caught.value).startswith(reason)


def test_long_lines_take_no_long_time():
    spaces = b" " * (1 << 20)
    itemtext.loads(b"a" + spaces + b"b" + spaces + b"\n")
    with pytest.raises(SynchronizationError):
        itemtext.loads(b"a" + spaces + b'"' + b"\\" * (1 << 20))


def test_too_much_is_not_read(monkeypatch):
    import io

    from zope.fssync.errors import LimitExceeded
    from zope.fssync.limits import DEFAULT

    monkeypatch.setattr(itemtext, "DEFAULT", DEFAULT._replace(pickle_size=10))
    assert itemtext.read(io.BytesIO(b"a = 345678")) == [Item("a", "345678")]
    with pytest.raises(LimitExceeded):
        itemtext.read(io.BytesIO(b"a = 3456789"))
