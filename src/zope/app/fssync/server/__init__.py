"""Checkout and commit on the server, for any host."""
