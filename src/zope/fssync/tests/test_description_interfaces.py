"""Every registered form does what its interface says."""

from zope.interface.verify import verifyObject

from zope.fssync.description import partforms
from zope.fssync.description import valueforms
from zope.fssync.description.interfaces import IPartForm
from zope.fssync.description.interfaces import IValueForm


def test_forms_of_values_provide_their_interface() -> None:
    form = valueforms.form_named("Decimal")
    assert verifyObject(IValueForm, form)
    assert verifyObject(IValueForm, valueforms.form_named("OOBTree"))


def test_forms_of_parts_provide_their_interface() -> None:
    for name in ("items", "dublincore", "dict"):
        assert verifyObject(IPartForm, partforms.named_form(name))
