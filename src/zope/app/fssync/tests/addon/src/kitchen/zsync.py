"""zsync with one command more."""

import sys

from zope.app.fssync import main as zsync


def shopping(opts, args):
    """%(program)s shopping RECIPE ...

    Prints the ingredients of each RECIPE: the lines that begin with a dash.
    """
    for path in args:
        with open(path, encoding="utf-8") as recipe:
            for line in recipe:
                if line.startswith("- "):
                    print(line.removeprefix("- ").rstrip())


def main():
    zsync.command_table.append((shopping, "shop", "", ""))
    return zsync.main()


if __name__ == "__main__":
    sys.exit(main())
