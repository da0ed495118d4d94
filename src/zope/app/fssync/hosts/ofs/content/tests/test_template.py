"""Page templates are files with their source."""

from zope.app.fssync.hosts.ofs.content.tests import samples


def test_page_templates(edited):
    template = edited(samples.page_template)
    text = "<p tal:content='options/x'>é</p>"
    assert template.body(text)._text == text


def test_a_template_that_does_not_compile_is_stored(edited):
    template = edited(samples.page_template)
    text = "<p tal:foo='x'/>"
    assert template.body(text)._text == text
    assert template.files[f"folder/{template.name}"].decode() == text
