"""Plone as a host: what is beyond Zope, content first.  See plone.txt.

Nothing outside of this package imports it, or anything of Plone.
"""
