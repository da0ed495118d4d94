"""Names of Python 2 and Zope 3.4 lead to what is installed today."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterator

import pytest

from zope.fssync import aliases
from zope.fssync.aliases import MODULES
from zope.fssync.aliases import NAMES
from zope.fssync.aliases import modern
from zope.fssync.aliases import old_names


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("__builtin__.unicode", "builtins.str"),
        ("__builtin__.str", "builtins.str"),
        ("__builtin__.long", "builtins.int"),
        ("copy_reg._reconstructor", "copyreg._reconstructor"),
        ("exceptions.KeyError", "builtins.KeyError"),
        ("UserDict.UserDict", "collections.UserDict"),
        ("urlparse.SplitResult", "urllib.parse.SplitResult"),
        ("persistent.dict.PersistentDict", "persistent.mapping.PersistentMapping"),
        ("zope.app.folder.folder.Folder", "zope.site.folder.Folder"),
        ("zope.app.folder.Folder", "zope.site.folder.Folder"),
        ("zope.app.component.site.LocalSiteManager", "zope.site.site.LocalSiteManager"),
        (
            "zope.app.container.ordered.OrderedContainer",
            "zope.container.ordered.OrderedContainer",
        ),
        (
            "zope.app.securitypolicy.principalrole.AnnotationPrincipalRoleManager",
            "zope.securitypolicy.principalrole.AnnotationPrincipalRoleManager",
        ),
        ("zope.app.file.file.File", "zope.app.file.file.File"),
        ("zope.app.containers.Other", "zope.app.containers.Other"),
        ("unknown", "unknown"),
    ],
)
def test_modern(old: str, new: str) -> None:
    assert modern(old) == new
    assert modern(new) == new
    if old != new:
        assert old in old_names(new)


def test_old_names_lead_back() -> None:
    for old in NAMES:
        assert all(modern(name) == modern(old) for name in old_names(modern(old)))


@pytest.fixture
def registered() -> Iterator[None]:
    aliases.register("old.place.Thing", "new.place.Thing")
    yield
    del NAMES["old.place.Thing"]
    aliases.forget()


@pytest.mark.usefixtures("registered")
def test_an_application_adds_its_own() -> None:
    assert modern("old.place.Thing") == "new.place.Thing"
    assert old_names("new.place.Thing") == ("old.place.Thing",)


def installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


#: Packages that a site may have; the toolkit does not bring them.
OPTIONAL = {"zope.ramcache", "zope.catalog", "zope.intid", "zope.keyreference"}


@pytest.mark.parametrize("new", sorted(set(NAMES.values())))
def test_targets_are_importable(new: str) -> None:
    module, _, name = new.rpartition(".")
    assert hasattr(importlib.import_module(module), name)


@pytest.mark.parametrize("new", sorted(set(MODULES.values())))
def test_target_modules_are_importable(new: str) -> None:
    if new in OPTIONAL and not installed(new):
        pytest.skip(f"{new} is not installed")
    importlib.import_module(new)


#: Classes of Zope 3.4 whose instances are found in databases.
CLASSES = [
    "zope.app.component.site.LocalSiteManager",
    "zope.app.component.site.SiteManagementFolder",
    "zope.app.component.site._LocalAdapterRegistry",
    "zope.app.container.btree.BTreeContainer",
    "zope.app.container.contained.ContainedProxy",
    "zope.app.container.ordered.OrderedContainer",
    "zope.app.container.sample.SampleContainer",
    "zope.app.dublincore.annotatableadapter.ZDCAnnotationData",
    "zope.app.error.error.RootErrorReportingUtility",
    "zope.app.file.file.File",
    "zope.app.file.file.FileChunk",
    "zope.app.file.image.Image",
    "zope.app.folder.folder.Folder",
    "zope.app.location.location.Location",
    "zope.app.principalannotation.Annotations",
    "zope.app.principalannotation.PrincipalAnnotationUtility",
    "zope.app.security.permission.LocalPermission",
    "zope.app.securitypolicy.grantinfo.AnnotationGrantInfo",
    "zope.app.securitypolicy.principalpermission.AnnotationPrincipalPermissionManager",
    "zope.app.securitypolicy.principalrole.AnnotationPrincipalRoleManager",
    "zope.app.securitypolicy.role.LocalRole",
    "zope.app.securitypolicy.rolepermission.AnnotationRolePermissionManager",
    "zope.app.securitypolicy.securitymap.PersistentSecurityMap",
    "zope.app.session.session.PersistentSessionDataContainer",
    "zope.component.registry.UtilityRegistration",
]


@pytest.mark.parametrize("old", CLASSES)
def test_classes_of_old_databases_are_found(old: str) -> None:
    module, _, name = modern(old).rpartition(".")
    assert isinstance(getattr(importlib.import_module(module), name), type)
