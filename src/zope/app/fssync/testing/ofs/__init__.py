"""Sites and instances of Zope for tests."""
