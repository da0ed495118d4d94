"""The content types of Zope, a module for each family; see interfaces.py."""
