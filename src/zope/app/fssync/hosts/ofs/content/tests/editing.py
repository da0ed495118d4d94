"""A sample whose files are edited and committed."""

from zope.fssync.synchronizer import dottedname

__all__ = ["Edited", "extra"]


def extra(name, aspect):
    return f"folder/@@Zope/Extra/{name}/{aspect}"


class Edited:
    """A sample whose files are edited and committed."""

    def __init__(self, site, sample):
        self.site = site
        self.obj = site.make(sample)
        self.name = self.obj.getId()
        self.files = site.checkout("/folder")

    def __call__(self, aspect, text):
        self.files.edit(extra(self.name, aspect), text.encode())
        return self.commit()

    def body(self, text):
        self.files.edit(f"folder/{self.name}", text.encode())
        return self.commit()

    def add(self, aspect, kind, text):
        self.files.add(
            extra(self.name, aspect),
            text.encode(),
            type=dottedname(kind),
            factory=dottedname(kind),
        )
        return self.commit()

    def commit(self):
        self.site.commit("/folder", self.files)
        self.files = self.site.checkout("/folder")
        self.site.commit("/folder", self.files)
        return self.obj

    def text(self, aspect):
        return self.files[extra(self.name, aspect)].decode()
