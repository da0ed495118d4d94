"""The pages of the management interface: see docs/pages.rst."""
