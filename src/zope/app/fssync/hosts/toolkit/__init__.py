"""The Zope Toolkit as a host."""
