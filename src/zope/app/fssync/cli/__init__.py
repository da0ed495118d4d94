"""The commands of `zsync`, a module for each.

A module holds the function, whose docstring is the help, and ``ENTRY``: the
function, its aliases, its short and its long options as getopt has them.
What a command works with is imported when it runs.
"""
