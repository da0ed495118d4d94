"""The dealings with one client's state: whom it belongs to, and when it is believed."""

from __future__ import annotations

from typing import Any

import pytest
from transaction.interfaces import TransientError
from zope.security.simplepolicies import ParanoidSecurityPolicy
from zope.securitypolicy.principalpermission import principalPermissionManager
from zope.securitypolicy.zopepolicy import ZopeSecurityPolicy

from zope.app.fssync.server.changes.clientstate import ClientState
from zope.app.fssync.server.changes.fingerprint import conditions
from zope.app.fssync.server.changes.tests.callers import MANAGER
from zope.app.fssync.server.changes.tests.callers import Principal
from zope.app.fssync.server.changes.tests.callers import called_by
from zope.app.fssync.server.changes.tests.callers import demo
from zope.app.fssync.tests.scenarios.changesonly.conftest import server as server
from zope.app.fssync.tests.scenarios.changesonly.conftest import site as site
from zope.app.fssync.tests.scenarios.changesonly.site import Site


def since(host: Any, obj: Any, text: str | None) -> ClientState:
    return ClientState(obj, host, host.access(), text)


def change(site: Site) -> None:
    with site.changing() as root:
        root["area"]["demo"]["docs"]["two.txt"].data = b"new\n"


class TestStates:
    def test_a_state_holds_until_something_changes(self, server, site):
        with called_by(MANAGER) as host, demo(site) as obj:
            state = since(host, obj, "none").state(False)
            assert since(host, obj, state).changed is not None
            assert not since(host, obj, state).changed
            assert since(host, obj, state).state(False) == state
            assert since(host, obj, None).state(False) is None
            assert since(host, obj, None).changed is None
        change(site)
        with called_by(MANAGER) as host, demo(site) as obj:
            later = since(host, obj, state)
            assert later.changed
            assert not later.is_intact(obj["docs"])
            assert later.is_intact(obj["docs"]["deep"])
            assert later.is_intact(obj["secret"])
            assert later.news() == 1

    def test_a_state_of_the_future_has_the_request_repeated(self, server, site):
        with demo(site) as behind:
            # As a process that has not heard yet of what another one stored.
            change(site)
            with called_by(MANAGER) as host:
                with demo(site) as ahead:
                    state = since(host, ahead, "none").state(False)
                with pytest.raises(TransientError):
                    assert since(host, behind, state).changed

    def test_one_that_never_comes_has_everything_sent(self, server, site):
        with called_by(MANAGER) as host, demo(site) as obj:
            state = since(host, obj, "none").state(False) or ""
            assert since(host, obj, f"4-{'7' * 16}{state[18:]}").changed is None

    def test_somebody_else_is_somebody_else(self, server, site):
        with called_by(MANAGER) as host, demo(site) as obj:
            state = since(host, obj, "none").state(False)
        with called_by(Principal("zope.editor")) as host, demo(site) as obj:
            assert since(host, obj, state).changed is None
            assert since(host, obj, state).news() == 0
            assert not since(host, obj, state).is_intact(obj["docs"])

    def test_the_state_of_what_is_above_will_do(self, server, site):
        with called_by(MANAGER) as host, demo(site) as obj:
            state = since(host, obj, "none").state(False)
            assert since(host, obj["docs"], state).changed is not None
            part = since(host, obj["docs"], "none").state(False)
            assert since(host, obj, part).changed is None


class TestTheCaller:
    def shown(self, *principals: Principal, **options: Any) -> str | None:
        with called_by(*principals, **options) as host:
            found: str | None = host.fingerprint()
            return found

    def test_equal_rights_have_equal_fingerprints(self, server):
        assert self.shown(MANAGER) == self.shown(Principal("zope.manager"))

    def test_another_caller_or_group_has_another_one(self, server):
        staff = Principal("zope.manager", "zope.Staff")
        found = {self.shown(each) for each in (MANAGER, staff, Principal("x"))}
        assert len(found) == 3
        assert None not in found

    def test_so_has_another_grant_in_zcml(self, server):
        before = self.shown(MANAGER)
        grants = principalPermissionManager
        grants.grantPermissionToPrincipal("zope.View", "zope.weak")
        try:
            assert self.shown(MANAGER) != before
        finally:
            grants.unsetPermissionForPrincipal("zope.View", "zope.weak")

    def test_a_caller_whose_rights_are_not_known_has_no_state(self, server):
        assert self.shown(Principal("x", "no.such.group")) is None
        assert self.shown(MANAGER, Principal("x")) is None
        assert self.shown(MANAGER, policy=ParanoidSecurityPolicy) is None

        class Moody(ZopeSecurityPolicy):
            """Decides by the time of day."""

        assert self.shown(MANAGER, policy=Moody) is None

    def test_conditions_are_the_same_each_time(self, server):
        import json

        assert json.dumps(conditions()) == json.dumps(conditions())
