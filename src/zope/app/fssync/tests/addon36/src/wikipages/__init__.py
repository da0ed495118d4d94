# A wiki.
