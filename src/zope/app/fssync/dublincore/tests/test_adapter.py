"""Dublin Core metadata are for content managers."""

from __future__ import annotations

from zope.dublincore.annotatableadapter import ZDCAnnotationData
from zope.interface.verify import verifyObject

from zope.app.fssync.content.tests.registering import registered
from zope.app.fssync.dublincore.adapter import ZDCAnnotationDataSynchronizer
from zope.fssync.interfaces import IDefaultSynchronizer


def test_the_annotation_has_it_with_a_lesser_permission() -> None:
    data = ZDCAnnotationData()
    assert verifyObject(IDefaultSynchronizer, ZDCAnnotationDataSynchronizer(data))
    found = registered("zope.app.fssync.dublincore", data)
    assert found is not None
    assert found.factory is ZDCAnnotationDataSynchronizer
    assert found.permission == "zope.ManageContent"
