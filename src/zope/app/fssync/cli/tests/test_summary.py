"""The sentences at the end of a command."""

from zope.app.fssync.cli.summary import per_object


def test_per_object_has_a_line_for_each_object() -> None:
    assert per_object(
        "Up-to-date check failed:\n"
        "demo/a.txt\n"
        "demo/@@Zope/Annotations/a.txt/zope.app.dublincore.ZopeDublinCore\n"
        "demo/@@Zope/Extra/b.txt/contentType"
    ) == ("Up-to-date check failed:\ndemo/a.txt\ndemo/@@Zope/Extra/b.txt/contentType")


def test_per_object_leaves_other_messages_alone() -> None:
    assert per_object("demo is locked") == "demo is locked"
