"""The configurations of content types together."""

from zope.configuration import xmlconfig


def test_including_everything_twice_is_no_conflict(configured_layer):
    xmlconfig.string(
        """
        <configure xmlns="http://namespaces.zope.org/zope" i18n_domain="zope">
          <include package="zope.app.fssync" />
          <include package="zope.app.fssync.file" />
          <include package="zope.app.fssync.folder" />
          <include package="zope.app.fssync.dublincore" />
          <include package="zope.app.fssync" />
        </configure>
        """,
        execute=False,
    ).execute_actions(testing=True)
