"""Sites of Plone for tests, in an environment of their own."""
