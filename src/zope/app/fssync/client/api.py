"""The client: one method for each verb of `zsync`.

See `zope.app.fssync.client.interfaces.IClient` for what each method promises, and
the module of a verb for what it does.  These modules are imported where they are
called: a command needs one of them.
"""

from __future__ import annotations

import builtins
import os
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from contextlib import nullcontext
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING
from typing import TypeVar
from typing import cast

from zope.app.fssync.client.opencopies import OpenCopies
from zope.app.fssync.client.session import cat
from zope.app.fssync.client.session import reading
from zope.app.fssync.client.workingcopy.compact import CompactTree
from zope.app.fssync.client.workingcopy.workingcopy import WorkingCopy
from zope.fssync import fsutil
from zope.fssync.contracts import keeps
from zope.fssync.metadata import Metadata
from zope.fssync.terminal import escape

if TYPE_CHECKING:
    from zope.app.fssync.client.annotating import Line
    from zope.app.fssync.client.conflicts import Conflict
    from zope.app.fssync.client.conflicts import Sides
    from zope.app.fssync.client.connection import Network
    from zope.app.fssync.client.diff import Compare
    from zope.app.fssync.client.editing import Edit
    from zope.app.fssync.client.incoming import Incoming
    from zope.app.fssync.client.listing import Listing
    from zope.app.fssync.client.log import Began
    from zope.app.fssync.client.log import Logged
    from zope.app.fssync.client.log import Query
    from zope.app.fssync.client.logdiff import LogDiff
    from zope.app.fssync.client.making import Makeable
    from zope.app.fssync.client.making import Types
    from zope.app.fssync.client.promotion import Promotion
    from zope.app.fssync.client.promotion import Wanted
    from zope.app.fssync.client.properties import Parts
    from zope.app.fssync.client.workingcopy.operations import Operation
    from zope.fssync.fsmerger import FSMerger
    from zope.fssync.ignorepatterns import Rule

__all__ = ["FSSync"]

_Verb = TypeVar("_Verb", bound=Callable[..., object])


def _local(verb: _Verb) -> _Verb:
    """Mark a verb that asks no server: all its targets are one change."""
    verb.is_local = True  # type: ignore[attr-defined]
    return verb


@keeps("zope.app.fssync.client.interfaces.IClient")
class FSSync:
    """A client of the servers that working copies were checked out from."""

    def __init__(
        self,
        metadata: Metadata | None = None,
        network: Network | None = None,
        rooturl: str | None = None,
        overwrite_local: bool = False,
        reporter: Callable[[str], object] | None = None,
        observer: Callable[[str], object] | None = None,
    ) -> None:
        if network is not None:
            self.network = network
        if rooturl is not None or network is not None:
            self.network.setrooturl(rooturl)
        # 3.6.0 replaced edits by what the server sent if this was set.  It is
        # still passed by callers of that release; no edit is replaced here.
        self.overwrite_local = overwrite_local
        self.damaged: list[str] = []
        #: The number of changes that were reported.
        self.reported = 0
        self.accept_deletions: Callable[[str], bool] = lambda question: False
        self.brings_back = True
        self._report = reporter or _print
        self._observer = observer
        self._copies = OpenCopies(self._tell)
        if metadata is not None:
            self._copies.session.metadata = metadata
            self._copies.session.files = cast(CompactTree, metadata.files)

    def reporter(self, msg: str) -> None:
        """Pass a line on, unless it says that nothing happened."""
        if msg[0] not in "/*":
            self._report(msg)

    @cached_property
    def network(self) -> Network:
        """The servers; local verbs ask none."""
        return self.make_network()

    def make_network(self) -> Network:
        """Return what is used where no network was given."""
        from zope.app.fssync.client.connection import Network

        return Network()

    def close(self) -> None:
        """Close the connections that were made."""
        if "network" in vars(self):
            self.network.close()

    def _tell(self, change: str) -> None:
        """Pass a `Change` to the observer, else the line of 3.6.0 to the reporter."""
        self.reported += 1
        if self._observer is not None:
            self._observer(change)
        elif change:
            self.reporter(change)

    def _show(self, change: str) -> None:
        """Pass on what a verb found that changes nothing, all lines of it."""
        if self._observer is not None:
            self._observer(change)
        elif change:
            self._report(change)

    # Working copies

    @property
    def metadata(self) -> Metadata:
        return self._copies.session.metadata

    @property
    def files(self) -> CompactTree:
        return self._copies.session.files

    @property
    def fsmerger(self) -> FSMerger:
        return self._copies.session.fsmerger

    @property
    def conflicts(self) -> builtins.list[str]:
        return self._copies.conflicts

    @conflicts.setter
    def conflicts(self, paths: builtins.list[str]) -> None:
        self._copies.conflicts = paths

    @property
    def later(self) -> builtins.list[str]:
        return self._copies.later

    @property
    def transaction(self) -> str | None:
        return self._copies.transaction

    @transaction.setter
    def transaction(self, transaction: str | None) -> None:
        self._copies.transaction = transaction

    @property
    def rehearsing(self) -> bool:
        return self._copies.rehearsing

    @rehearsing.setter
    def rehearsing(self, rehearsing: bool) -> None:
        self._copies.rehearsing = rehearsing

    def multiple(
        self, args: Iterable[str], method: Callable[..., object], *more: object
    ) -> None:
        self.each(self._registered(args), method, *more)

    def each(
        self, paths: Iterable[str], method: Callable[..., object], *more: object
    ) -> None:
        is_local = getattr(method, "is_local", False)
        # All targets of a local verb are one change, and none if one is wrong.
        paths = list(paths) if is_local else paths
        with self._copies.sharing() if is_local else nullcontext():
            for path in paths:
                method(path, *more)

    def _registered(self, targets: Iterable[str]) -> Iterator[str]:
        """Yield the registered paths that targets stand for, by default all here."""
        wanted = list(targets) or [os.curdir]
        return chain.from_iterable(map(self._copies.registered, wanted))

    # Verbs that need a server

    def checkout(
        self,
        target: str,
        depth: str | None = None,
        exclude: Iterable[str] = (),
        revision: str | None = None,
        layout: int | None = None,
        control: str | None = None,
    ) -> None:
        from zope.app.fssync.client.checkout import checkout

        sparse = None
        if depth or exclude:
            from zope.fssync.sparse import Sparse

            sparse = Sparse.of_depth(depth, exclude)
        report, new = self._copies.report, (layout, control)
        session = checkout(self.network, target, report, sparse, revision, *new)
        self._copies.take(session)

    def attach(self, target: str, control: str | None = None) -> None:
        from zope.app.fssync.client.attaching import attach

        self._copies.take(attach(self.network, target, self._copies.report, control))

    def update(self, target: str, dry_run: bool = False) -> None:
        from zope.app.fssync.client.update import update

        accept, bring_back = self.accept_deletions, self.brings_back
        with self._copies.changing(target, "update") as session:
            update(session, self.network, target, accept, dry_run, bring_back)

    def leaves_out(self, target: str) -> bool:
        from zope.app.fssync.client.depths import leaves_out

        return leaves_out(target)

    def set_depth(self, target: str, depth: str, dry_run: bool = False) -> None:
        from zope.app.fssync.client.depths import change_depth

        accept = self.accept_deletions
        with self._copies.changing(target, "update") as session:
            change_depth(session, self.network, target, depth, accept, dry_run)

    def update_all(
        self,
        targets: Iterable[str],
        dry_run: bool = False,
        depth: str | None = None,
    ) -> None:
        from zope.app.fssync.client.partial import in_turn

        def change(paths: Sequence[str]) -> None:
            if depth is None:
                self.update(paths[0], dry_run)
            else:
                self.set_depth(paths[0], depth, dry_run)

        groups = [[path] for path in self._registered(targets)]
        in_turn(groups, change, None if dry_run else "Updated")

    def commit(
        self,
        target: str,
        note: str = "fssync_commit",
        raise_on_conflicts: bool = False,
        dry_run: bool = False,
    ) -> None:
        self._commit([target], note, raise_on_conflicts, dry_run)

    def commit_all(
        self,
        targets: Iterable[str],
        note: str = "fssync_commit",
        raise_on_conflicts: bool = False,
        dry_run: bool = False,
        strict: bool = False,
    ) -> None:
        from zope.app.fssync.client.partial import in_turn

        def change(paths: Sequence[str]) -> None:
            self._commit(paths, note, raise_on_conflicts, dry_run, strict)

        in_turn(self._groups(targets), change, None if dry_run else "Committed")

    def _commit(
        self,
        targets: Sequence[str],
        note: str,
        raise_on_conflicts: bool,
        dry_run: bool,
        strict: bool = False,
    ) -> None:
        from zope.app.fssync.client.commit import commit

        with self._copies.changing(targets[0], "commit") as session:
            refusal = commit(
                session,
                self.network,
                targets,
                note,
                raise_on_conflicts,
                dry_run,
                strict,
            )
        if refusal is not None:
            raise refusal

    def _groups(self, targets: Iterable[str]) -> builtins.list[builtins.list[str]]:
        """Return the targets by the transaction that can store their changes."""
        from zope.app.fssync.client.committargets import transactions

        paths = chain.from_iterable(map(self._copies.registered, targets))
        return transactions(self.network, paths)

    def checkin(
        self,
        target: str,
        note: str = "fssync_checkin",
        dry_run: bool = False,
        encoding: str | None = None,
    ) -> str:
        from zope.app.fssync.client.checkin import checkin

        session = reading(target)
        return checkin(session, self.network, target, note, dry_run, encoding)

    def export(self, target: str, directory: str, force: bool = False) -> None:
        from zope.app.fssync.client.exporting import export_copy
        from zope.app.fssync.client.exporting import export_url

        if "://" in target:
            export_url(self.network, target, directory, force, self._show)
        else:
            export_copy(target, directory, force, self._show)

    def import_(
        self,
        directory: str,
        target: str,
        note: str = "fssync_import",
        dry_run: bool = False,
        force: bool = False,
    ) -> str:
        from zope.app.fssync.client.importing import import_directory

        return import_directory(
            self.network, directory, target, note, dry_run, self._show, force
        )

    def login(
        self, url: str | None = None, user: str | None = None, check: bool = True
    ) -> tuple[str, str, str]:
        from zope.app.fssync.client.login import login

        return login(self.network, url, user, check)

    def logout(self, url: str | None = None, user: str | None = None) -> None:
        from zope.app.fssync.client.login import logout

        logout(self.network, url, user)

    def logout_all(self) -> int:
        from zope.app.fssync.client.login import logout_all

        return logout_all(self.network)

    def get_login_info(self, url: str | None, user: str | None) -> tuple[str, str, str]:
        from zope.app.fssync.client.login import login_info

        return login_info(self.network, url, user)

    # Verbs that register local changes

    @_local
    def add(
        self,
        path: str,
        type: str | None = None,
        factory: str | None = None,
        recursive: bool = False,
        parents: bool = False,
    ) -> None:
        from zope.app.fssync.client.adding import add

        with self._copies.changing(fsutil.split(path)[0], "add", path) as session:
            add(session, path, type, factory, recursive, parents)

    def basicadd(
        self, path: str, type: str | None = None, factory: str | None = None
    ) -> dict[str, str]:
        from zope.app.fssync.client.adding import basicadd

        return basicadd(self._copies.session, path, type, factory)

    def copy(self, src: str, dst: str | None = None, children: bool = True) -> None:
        from zope.app.fssync.client.copying import copy
        from zope.app.fssync.client.copying import copy_target

        target = copy_target(self._copies.session, src, dst)
        with self._copies.changing(fsutil.split(target)[0], "copy") as session:
            copy(session, src, target, children)

    def move(self, sources: list[str], target: str, after: bool = False) -> None:
        from zope.app.fssync.client.moving import move

        with self._copies.changing(fsutil.split(sources[0])[0], "move") as session:
            move(session, sources, target, after)

    @_local
    def mkdir(self, path: str) -> None:
        from zope.app.fssync.client.adding import mkdir
        from zope.app.fssync.client.adding import mkdir_parent

        parent = mkdir_parent(self._copies.session, path)
        with self._copies.changing(parent, "mkdir") as session:
            mkdir(session, path)

    @_local
    def remove(self, path: str, force: bool = False, keep_local: bool = False) -> None:
        from zope.app.fssync.client.removing import remove

        with self._copies.changing(fsutil.split(path)[0], "remove", path) as session:
            remove(session, path, force, keep_local)

    @_local
    def resolve(
        self,
        target: str,
        force: bool = True,
        accept: str = "working",
        alone: bool = False,
    ) -> None:
        from zope.app.fssync.client.resolving import resolve

        with self._copies.changing(target, "resolve") as session:
            for path in session.told(target):
                resolve(session, path, force, accept, alone)

    @contextmanager
    def change_properties(self, target: str) -> Iterator[Parts]:
        from zope.app.fssync.client.properties import Parts

        with self._copies.changing(target, "prop") as session:
            yield Parts(session, target)

    @_local
    def revert(self, target: str) -> None:
        from zope.app.fssync.client.reverting import revert_all

        with self._copies.changing(target, "revert") as session:
            revert_all(session, target)

    def undo_transaction(self, target: str, revision: str) -> Logged:
        from zope.app.fssync.client.reversing import undo_transaction

        with self._copies.changing(target, "undo") as session:
            return undo_transaction(session, self.network, target, revision)

    def undo_on_server(
        self,
        target: str,
        revision: str,
        note: str | None = None,
        dry_run: bool = False,
    ) -> Logged:
        from zope.app.fssync.client.serverundo import undo_on_server

        return undo_on_server(self, target, revision, note, dry_run)

    def revert_to(self, target: str, revision: str) -> None:
        from zope.app.fssync.client.reversing import revert_to

        with self._copies.changing(target, "revert") as session:
            revert_to(session, self.network, target, revision)

    def undo(self, target: str) -> Operation:
        from zope.app.fssync.client.undoing import undo_operation

        found, kept = undo_operation(target, self._copies.report)
        self.conflicts.extend(kept)
        return found

    def operations(self, target: str) -> builtins.list[Operation]:
        from zope.app.fssync.client.undoing import operations

        return operations(target)

    @contextmanager
    def edit(
        self, url: str, note: str = "fssync_edit", description: bool = False
    ) -> Iterator[Edit]:
        from zope.app.fssync.client.editing import editing

        with editing(self.network, url, note, description) as edit:
            try:
                yield edit
            finally:
                self.transaction = edit.transaction or self.transaction

    def promote(self, wanted: Wanted, dry_run: bool = False) -> Promotion:
        from zope.app.fssync.client.promoting import promote

        source = self.make_network()
        try:
            done = promote(source, self.network, wanted, dry_run, self._show)
        finally:
            source.close()
        self.transaction = done.transaction or self.transaction
        return done

    def abort_promotion(self, source: str, target: str) -> bool:
        from zope.app.fssync.client.promoting import abort

        return abort(source, target)

    def merge(self, args: list[str]) -> None:
        from zope.app.fssync.client.transplant import check_targets
        from zope.app.fssync.client.transplant import transplant

        source, target = check_targets(self._copies.session, *args)
        with self._copies.changing(target, "merge") as session:
            transplant(session, source, target)

    # Verbs that only look

    def status(
        self,
        target: str,
        descend_only: bool = False,
        verbose: bool = True,
        conflicts: bool = True,
        ignored: bool = False,
    ) -> None:
        from zope.app.fssync.client.status import status

        session = reading(target, self._show)
        status(session, target, descend_only, verbose, conflicts, ignored)

    def incoming(
        self, target: str, warn: Callable[[str], object] = lambda line: None
    ) -> list[Incoming]:
        from zope.app.fssync.client.incoming import incoming

        return incoming(self.network, target, warn)

    def learn_changes(self, target: str) -> None:
        from zope.app.fssync.client.blame import learn_earlier

        with self._copies.changing(target, "status") as session:
            learn_earlier(session, self.network, target)

    def ignore_rules(self, directory: str) -> list[Rule]:
        from zope.app.fssync.client.ignoring import rules_in

        return rules_in(reading(directory), directory)

    def ignore_rule(self, path: str) -> tuple[bool, Rule | None]:
        from zope.app.fssync.client.ignoring import rule_for

        return rule_for(reading(path), path)

    def diff(
        self,
        target: str,
        mode: int = 1,
        diffopts: str = "",
        need_original: bool = True,
        write: Callable[[bytes], object] | None = None,
        begin: Callable[[str], object] | None = None,
        compare: Compare | None = None,
    ) -> None:
        from zope.app.fssync.client.diff import Differ

        session, write = reading(target), write or self._write
        differ = Differ(session, diffopts, need_original, write, begin, compare)
        differ.show(target)

    def properties(self, target: str) -> Parts:
        from zope.app.fssync.client.properties import Parts

        WorkingCopy.find(target)
        return Parts(reading(target), target)

    def conflicts_in(self, target: str) -> list[Conflict]:
        from zope.app.fssync.client.conflicts import conflicts_in

        return conflicts_in(target)

    def sides(self, path: str) -> Sides:
        from zope.app.fssync.client.conflicts import Sides

        return Sides(reading(path), path)

    def cat(
        self,
        target: str,
        write: Callable[[bytes], object],
        revision: str | None = None,
    ) -> None:
        if revision is None or (revision == "BASE" and "://" not in target):
            cat(reading(target), target, write)
            return
        from zope.app.fssync.client.history import cat_old

        cat_old(self.network, target, revision, write)

    def diff_revisions(
        self,
        target: str,
        revisions: tuple[str, str | None],
        diffopts: str,
        write: Callable[[bytes], object],
        begin: Callable[[str], object],
        compare: Compare | None = None,
    ) -> None:
        from zope.app.fssync.client.revisiondiff import compare_revisions

        compare_revisions(
            self.network, target, revisions, diffopts, write, begin, compare
        )

    def states_of(self, target: str, revision: str) -> tuple[str, str]:
        from zope.app.fssync.client.revisions import states_of

        return states_of(self.network, target, revision)

    def annotate(self, target: str, revision: str = "HEAD") -> builtins.list[Line]:
        from zope.app.fssync.client.annotating import annotate

        return annotate(self.network, target, revision)

    def list(self, target: str) -> Listing:
        from zope.app.fssync.client.listing import fetch
        from zope.app.fssync.client.response import find

        return fetch(self.network, find(self.network, target))

    def info(self, target: str, ask: bool = False) -> dict[str, str]:
        from zope.app.fssync.client.info import info

        return info(self.network if ask or "://" in target else None, target)

    def explain(self, target: str) -> tuple[dict[str, str], builtins.list[str]]:
        from zope.app.fssync.client.explaining import explain

        return explain(self.network, target)

    def moved_by_hand(
        self, new: Sequence[str] = (), missing: Sequence[str] = ()
    ) -> builtins.list[tuple[str, str]]:
        from zope.app.fssync.client.renames import moved_by_hand

        return builtins.list(moved_by_hand(new, missing))

    def types(self, target: str, names: Iterable[str] = ()) -> Types:
        from zope.app.fssync.client.making import remember
        from zope.app.fssync.client.making import types

        found = types(self.network, target, names)
        if "://" not in target:
            opened = self._copies.changing(target, "types")
            remember(opened, self.network, target, found.makeable)
        return found

    def is_sent(self, target: str) -> bool:
        entry = reading(target).metadata.getentry(target)
        return bool(entry) and entry.get("flag") != "added"

    def factory_named(self, target: str, name: str) -> str:
        from zope.app.fssync.client.making import factory_named
        from zope.app.fssync.client.making import remembered
        from zope.fssync.errors import ServerUnreachable

        known: Sequence[Makeable]
        try:
            known = self.types(target).makeable
        except ServerUnreachable as error:
            known = remembered(self.network, target, error)
        return factory_named(known, target, name)

    def relocate(self, old: str, new: str, target: str, force: bool = False) -> str:
        from zope.app.fssync.client.relocating import relocate

        with self._copies.changing(target, "relocate") as session:
            return relocate(session, self.network, old, new, force)

    def relocate_control(self, target: str, control: str) -> str:
        from zope.app.fssync.client.workingcopy.outside import relocate

        return relocate(os.path.realpath(target), control)

    def log(
        self, target: str, query: Query, began: Began | None = None
    ) -> Iterator[Logged]:
        from zope.app.fssync.client.log import log
        from zope.app.fssync.client.revisions import resolved

        return log(self.network, target, resolved(self.network, target, query), began)

    def log_diff(
        self,
        target: str,
        write: Callable[[bytes], object],
        begin: Callable[[str], object],
    ) -> LogDiff:
        from zope.app.fssync.client.logdiff import LogDiff

        return LogDiff(self.network, target, write, begin)

    def _write(self, data: bytes) -> None:
        self._report(data.decode("utf-8", "replace").rstrip("\n"))

    # Verbs that maintain a working copy

    def cleanup(self, target: str) -> None:
        from zope.app.fssync.client.doctor import cleanup

        for line in cleanup(target):
            self._show(line)

    def doctor(self, target: str) -> None:
        from zope.app.fssync.client.doctor import discard_journal
        from zope.app.fssync.client.doctor import doctor

        for line in discard_journal(WorkingCopy.find(target)):
            self._show(line)
        with self._copies.changing(target, "doctor") as session:
            damaged = doctor(session, self.network, target)
        self.damaged.extend(damaged)

    def upgrade(self, target: str, layout: int | None = None) -> bool:
        from zope.app.fssync.client.upgrading import upgrade

        return upgrade(self._copies, target, layout)

    def downgrade(self, target: str) -> bool:
        from zope.app.fssync.client.upgrading import downgrade

        return downgrade(self._copies, target)


def _print(line: str) -> None:
    # A name with a line break stays on one line.
    print(escape(line))
