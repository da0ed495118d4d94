"""A setting that a file leaves out stays, and what is none is refused."""

import pytest

from zope.app.fssync.hosts.ofs.content.settings import Field
from zope.app.fssync.hosts.ofs.content.settings import Settings
from zope.fssync import itemtext
from zope.fssync.errors import SynchronizationError


class Stand:
    """An object with one attribute of each kind."""

    title = "A title"
    size = 7
    quick = False
    names = ("a", "b")
    about = "one\ntwo"


class StandSettings(Settings):
    """Its settings."""

    fields = (
        Field("title", "title"),
        Field("how large", "size", "int"),
        Field("quick", "quick", "boolean"),
        Field("names", "names", "lines"),
        Field("about", "about", "text"),
        Field("password", "password", secret="password"),
    )

    def apply(self, values):
        self.owner.values = values


def text(settings):
    return itemtext.dumps(settings.items()).decode()


def test_each_kind_is_read_as_it_is_written():
    settings = StandSettings(Stand())
    written = text(settings)
    assert written == (
        "title = A title\nhow large = 7\nquick = no\nnames\n    a\n    b\n"
        "about\n    one\n    two\n"
    )
    settings.replace(itemtext.loads(written.encode()))
    values = settings.owner.values
    assert (values["title"], values["how large"], values["quick"]) == ("A title", 7, 0)
    assert tuple(values["names"]) == ("a", "b")
    assert values["about"] == "one\ntwo"


def test_left_out_objects_stay():
    settings = StandSettings(Stand())
    settings.replace(itemtext.loads(b"how large = 8\n"))
    values = settings.owner.values
    assert (values["title"], values["how large"]) == ("A title", 8)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"colour = red\n", "there is no setting 'colour'"),
        (b"how large = much\n", "the setting 'how large' is no whole number: 'much'"),
    ],
)
def test_invalid_setting_is_refused(line, said):
    with pytest.raises(SynchronizationError, match=said):
        StandSettings(Stand()).replace(itemtext.loads(line))
