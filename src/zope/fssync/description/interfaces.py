"""What makes extras, annotations and values readable in descriptions."""

from zope.interface import Attribute
from zope.interface import Interface

from zope.fssync.contracts import declare


class IValueForm(Interface):
    """Writes the instances of a class as its name with arguments.

    Register it by `zope.fssync.description.register_value`.  It is used for a value
    only where reading what it wrote gives the same bytes; otherwise the part that the
    value stands in is shown as XML.  Neither method imports or calls the class.
    """

    name = Attribute("The name in descriptions: ``Decimal``.")
    function = Attribute(
        """The class or function that pickles name, a `Global` of its module and name,
        as they are today."""
    )

    def arguments(instance):
        """Return a tuple of plain values that tell all of an `Instance`.

        None where it has another shape, or ValueError.
        """

    def instance(arguments):
        """Return the `Instance` that plain values tell of; raises ValueError.

        They were written by a person, perhaps.
        """


class IPartForm(Interface):
    """Writes a kind of extras or annotations as items with keys.

    Register it by `zope.fssync.description.register_part`, for the paths or types of
    such parts.  It is used for a part only where reading what it wrote gives the same
    bytes.
    """

    name = Attribute("The name in descriptions, after ``@form``.")
    is_ordered = Attribute("A bool: does the order of items count?")
    is_pickled = Attribute(
        "A bool: is the content an XML pickle?  Merges try such forms in turn."
    )
    server_only = Attribute(
        """A frozenset of the keys that only the server sets.  They are not in the
        text; their values are those of the base."""
    )

    def items(content, python2):
        """Return the content of a part as a list of `TextItem`, None for another kind.

        With ``python2`` a release 3.6.0 wrote it.
        """

    def content(items, python2):
        """Return the content that items stand for; raises ValueError.

        They were written by a person, perhaps.
        """


declare(__name__, globals())
