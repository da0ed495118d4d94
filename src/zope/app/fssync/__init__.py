"""Work on Zope content with ordinary files: the web API and the client."""
