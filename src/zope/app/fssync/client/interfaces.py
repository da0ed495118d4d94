"""Contracts of the client: its verbs, transports, their answers, progress.

An interface says what a caller may rely on; implementations do not repeat it.
"""

from __future__ import annotations

from zope.interface import Attribute
from zope.interface import Interface

from zope.fssync.contracts import declare

__all__ = ["IClient", "IProgress", "IResponse", "ITransport"]


class IResponse(Interface):
    """The answer to one request, with a body that is still to be read."""

    status = Attribute("The status code, an int.")
    reason = Attribute("The reason phrase as the server sent it, a str; not escaped.")
    headers = Attribute("An `email.message.Message` or another mapping of its kind.")
    fp = Attribute(
        """The body as a binary stream with ``read(n=-1)``, ``readline(limit=-1)``,
        ``close()``.

        It ends where the body ends.  `ServerUnreachable` is raised by a read where
        the connection breaks, stalls, or ends before the announced length.
        """
    )

    def close():
        """Give the body up; may be called again and before the end is read."""


class ITransport(Interface):
    """Carries requests to one server, one after the other.

    The factory of a transport is called with a `RootURL` and the keyword
    arguments ``options`` (a `TransportOptions`).  Nothing is connected before
    the first request.  Before the next request the last response is read to
    its end or closed.
    """

    def request(method, target, headers, body=None, length=None):
        """Send a request and return an `IResponse` once its headers are there.

        ``method`` is ``GET`` or ``POST``; ``target`` the quoted path with its
        query, ASCII; ``headers`` an iterable of pairs in the order of sending,
        without Host, Connection, Content-Length and Accept-Encoding, which are
        the transport's.  ``body`` is a binary stream, of which exactly
        ``length`` bytes are sent from its current position.

        A POST is sent at most once, a GET may be repeated where a kept
        connection turns out to be closed.  Statuses are not judged, except
        that redirects within the same origin are followed for a GET.

        Raises `ServerUnreachable` where no answer is to be had, and
        `AccessDenied` where the transport's own login fails (ssh).
        """

    def close():
        """End kept connections; a later request opens a new one."""


class IProgress(Interface):
    """Shows how far a command is.

    None stands for no progress.
    """

    def __call__(phase, done, total=None):
        """Note that ``done`` of ``total`` bytes of ``phase`` are through.

        ``phase`` is a word to be shown: ``sending``, ``waiting``,
        ``receiving`` or another.  ``total`` is None where it is unknown.
        May be called often.
        """

    def objects(phase, done, total, word=""):
        """Note that ``done`` of ``total`` objects of ``phase`` are through.

        ``done`` is None where only bytes are counted.  ``word`` is to be shown before
        the total: ``about`` where it is estimated, ``at least`` where there may be
        more.  May be called often.
        """

    def finish():
        """Remove what was shown; a later call starts again."""


class IClient(Interface):
    """The verbs of `zsync`, for programs.

    A target is the path of a registered file or directory.  All verbs raise
    `zope.fssync.errors.Error` or `OSError`.

    Order: a verb finishes first what an interrupted command has left; takes the
    lock of the working copy, unless it only looks; asks the server; makes its
    changes; and reports them last.

    Failure: a verb that fails changes nothing in the working copy.  Exceptions are
    `upgrade` and `downgrade`, which continue where they ended when they are called
    again.  A `commit` may fail after the server has stored the changes; the advice
    of the error says so, and an update brings the result.

    Threads: a client belongs to one thread.  Clients in other threads and processes
    may use the same working copy: a verb raises `Locked` while another changes it.

    A client prints nothing.

    .. versionadded:: 4.0
    """

    network = Attribute(
        "The `Network`, which speaks to the server; made when it is first used."
    )
    metadata = Attribute(
        """The entries of all working copies, a `Metadata`.

        It belongs to the current verb: get it anew after each."""
    )
    files = Attribute("The `IFileTree` that ``metadata`` describes.")
    fsmerger = Attribute("An `FSMerger` of files within a working copy.")
    overwrite_local = Attribute("Ignored; for callers of 3.6.0.")
    conflicts = Attribute("Paths of files that verbs have left in conflict, a list.")
    later = Attribute("Paths that take a second `undo_transaction` after a commit.")
    damaged = Attribute("Paths of what `doctor` could not repair, a list.")
    accept_deletions = Attribute(
        """Called with a question before an update deletes a great part of the files.

        Returns True to allow it.  By default no such update is allowed."""
    )

    brings_back = Attribute(
        "A bool: whether an update brings what is missing here and was not removed."
    )

    rehearsing = Attribute(
        """A bool: whether verbs that ask no server only report what they would do."""
    )

    def close():
        """Close the connections to servers that were made."""

    def reporter(msg):
        """Note what happened to a file: a letter, a blank and the path.

        `zope.fssync.fsmerger` has a table of the letters.  A verb calls it when the
        changes are made.  Subclasses may replace it.  The text is a
        `zope.fssync.report.Change` where it is about a file.  A client that is made
        with an ``observer`` calls that instead, also for what 3.6.0 does not report.
        """

    def multiple(args, method, *more):
        """Call ``method(target, *more)`` for every target.

        No targets mean the current directory.  A directory that is not registered
        means the objects registered in it.  See `each`.
        """

    def each(paths, method, *more):
        """Call ``method(path, *more)`` for every path.

        `add`, `remove`, `resolve` and `revert` of all paths are one change for each
        working copy: the entries of a directory are read and written once, and if
        one path fails nothing is changed.  Other verbs change one path after the
        other, and those before a failure stay changed.

        .. versionadded:: 4.0
        """

    def checkout(target, depth=None, exclude=()):
        """Copy the object of the root URL into the directory ``target``.

        Files that are there already are merged, and never replaced.  The working copy
        remembers what it leaves out: what is deeper than ``depth``, see
        `zope.fssync.sparse`, and what the patterns of ``exclude`` match.
        """

    def update(target, dry_run=False):
        """Merge the changes of the server into ``target``.

        Local changes are kept.  With ``dry_run`` they are only reported.
        """

    def commit(target, note="fssync_commit", raise_on_conflicts=False, dry_run=False):
        """Send the changes of ``target``, and merge what the server made of them.

        The server stores all of them in one transaction labelled ``note``, or raises
        `OutOfDate` where its objects are newer.  With ``raise_on_conflicts`` it
        answers that with an error status.  With ``dry_run`` nothing is stored on
        either side.
        """

    def leaves_out(target):
        """Return True if ``target`` is left out of the working copy."""

    def set_depth(target, depth, dry_run=False):
        """Bring what is left out of ``target``, or leave it out from now on.

        ``depth`` is one of `zope.fssync.sparse.DEPTHS`, or ``exclude``.
        """

    def update_all(targets, dry_run=False, depth=None):
        """Merge the changes of several targets, one after the other.

        With ``depth`` each gets that depth, see `set_depth`.  Each is updated as a
        whole or not at all.  An error says which were before.
        """

    def commit_all(
        targets, note="fssync_commit", raise_on_conflicts=False, dry_run=False
    ):
        """Send the changes of several targets, see `commit`.

        Those of one working copy are stored in one transaction.  Where that cannot be,
        since they were checked out from several places or the server is one of 3.6.0,
        an error says what was committed before.
        """

    def checkin(target, note="fssync_checkin", dry_run=False, encoding=None):
        """Copy ``target`` to the new object of the root URL; return the report.

        The working copy is not changed.
        """

    def login(url=None, user=None, check=True):
        """Store a token for the server of ``url`` or of the current directory.

        Returns the URL of the server, the user, and where the token is kept.
        """

    def logout(url=None, user=None):
        """Remove the token for the server of ``url`` or of the current directory."""

    def add(path, type=None, factory=None, recursive=False, parents=False):
        """Register a file or directory, to be added by the next commit.

        With ``recursive`` all that is in a directory is added too, but for what is
        ignored; with ``parents`` the directories above, where need be.
        """

    def basicadd(path, type=None, factory=None):
        """Register a file without a path on the server; return the new entry.

        ``metadata.flush()`` writes it.
        """

    def copy(src, dst=None, children=True):
        """Copy a file or an object, and register the copy as `add` does."""

    def move(sources, target, after=False):
        """Move files or directories to ``target``, or into it if it is a directory.

        The next commit moves the objects on the server: they keep all that is known of
        them.  With ``after`` what was moved by hand is registered.
        """

    def mkdir(path):
        """Make a directory, and register it as `add` does."""

    def remove(path, force=False, keep_local=False):
        """Delete a file or directory, and schedule it for removal by the next commit.

        Raises an error where it has changes that are not on the server, unless
        ``force`` says that they may go.  With ``keep_local`` no file is deleted.
        """

    def resolve(target, force=True, accept="working", alone=False):
        """Settle the conflicts at and below ``target``, or with ``alone`` just at it.

        Each path is reported.  ``accept`` says what each object becomes: ``working``
        what stands there; ``merged`` the same, but never with conflict markers;
        ``mine`` what it was before it was merged; ``theirs`` what the server last
        sent; ``base`` what the server had sent before that.  What is replaced and
        stands nowhere else is kept under another name.  Without ``force`` nothing is
        resolved if conflict markers are left in one of the files; 3.6.0 did not look.
        """

    def revert(target):
        """Undo the local changes at and below ``target``."""

    def undo_transaction(target, revision):
        """Take back what a transaction did to ``target``, as local changes.

        Returns the `zope.app.fssync.client.log.Logged`.
        """

    def undo_on_server(target, revision, note=None, dry_run=False):
        """Take back what a transaction did to ``target``, in one commit.

        It is rehearsed first; with ``dry_run`` nothing else is done.  Raises an error,
        and changes nothing, where others changed the same since, or ``target`` has
        local changes.
        """

    def revert_to(target, revision):
        """Let ``target`` be as it was after a ``revision``, as local changes."""

    def edit(url, note="fssync_edit", description=False):
        """Yield the object of a URL in a temporary working copy, in a ``with`` block.

        It is a `zope.app.fssync.client.editing.Edit`: a file for an editor, whose saves
        are committed.  With ``description`` the file is that of the object's
        description.  Nothing is left at the end, unless something could not be
        committed: then it is kept, and the error names the place.
        """

    def promote(wanted, dry_run=False):
        """Merge what changed on one site since the last time into another.

        ``wanted`` is a `zope.app.fssync.client.promotion.Wanted`; returns a
        `Promotion` of that module.  In a conflict, and where the commit is refused, a
        working copy stays, and the next call goes on with it.
        """

    def abort_promotion(source, target):
        """Give up what `promote` has left unfinished between two URLs."""

    def undo(target):
        """Take back the last operation on the working copy of ``target``.

        That is the last command that changed it.  Returns the
        `zope.app.fssync.client.workingcopy.operations.Operation`.  Files that were
        edited since are kept, and are in ``conflicts``.
        """

    def operations(target):
        """Return the operations that are known, the newest first."""

    def merge(args):
        """Apply the changes of one working copy to another.

        ``args`` is the source, and the target if that is not the current directory.
        """

    def status(target, descend_only=False, verbose=True, conflicts=True, ignored=False):
        """Report each file that is not as the server sent it; changes nothing.

        With ``verbose`` unchanged files are reported too, with ``descend_only`` an
        unregistered directory is not.  What is in conflict is reported as C, but
        without ``conflicts`` as 3.6.0 did it: by its edit or its flag.  With
        ``ignored`` what `.zsyncignore` has ignored is reported as I.
        """

    def ignore_rules(directory):
        """Return the rules what to ignore in a directory, the strongest last.

        Each has ``text``, ``source``, ``number`` and ``negated``.
        """

    def ignore_rule(path):
        """Return whether a path is registered, and the rule that decides about it.

        The rule is None where there is none.  What is registered is not ignored.
        """

    def diff(target, mode=1, diffopts="", need_original=True, write=None, begin=None):
        """Write the differences between ``target`` and its originals.

        ``write`` is called with bytes.  ``mode`` is ignored; with ``need_original``
        added and removed files are left out.
        """

    def import_(directory, target, note="fssync_import", dry_run=False, force=False):
        """Make a new object of a plain directory or file, in one transaction.

        ``target`` is its URL, or the path that it would have in a working copy, which
        is not changed.  A folder that is there is filled: files that are there are
        refused, or with ``force`` get other content.  Returns what the server says.
        """

    def export(target, directory, force=False):
        """Write the content of ``target``, a path or a URL, into a plain directory.

        Raises `Error` where the directory has something in it, unless ``force``.
        """

    def list(target):
        """Ask what ``target``, a path or a URL, is on the server, and what is in it.

        Returns ``top``, ``items`` and ``withheld``, the number of what is hidden.  An
        item has ``name``, ``kind``, ``type``, ``factory``, ``id`` and ``modified``.
        """

    def info(target, ask=False):
        """Return what is known of ``target``, a path or a URL: names and texts.

        The server is asked for a URL, and if ``ask``.
        """

    def explain(target):
        """Ask how the server synchronizes ``target``, a path or a URL.

        Returns names and texts, and the files that a path has here.
        """

    def moved_by_hand(new=(), missing=()):
        """Return pairs of paths: what is missing, and what it seems to be called now.

        ``new`` or ``missing`` are known; the other is looked for in the same folders.
        """

    def types(target, names=()):
        """Ask what the caller can make in ``target``, a path or a URL.

        Returns a `zope.app.fssync.client.making.Types`, with what becomes of files of
        these ``names``; those of directories end in a slash.
        """

    def is_sent(target):
        """Return True if the server of the working copy has, or had, ``target``."""

    def factory_named(target, name):
        """Return the factory that the server of ``target`` calls ``name``."""

    def attach(target):
        """Make ``target`` a working copy of layout 3 of the object of the root URL.

        Its files are there already, without control data, and none is changed.
        Raises `Error` where there is control data.
        """

    def relocate(old, new, target, force=False):
        """Let the URL of the working copy of ``target`` begin with ``new``.

        It began with ``old``.  Returns the new URL.  Raises an error if another
        object answers there, or, without ``force``, another database.
        """

    def properties(target):
        """Return the `zope.app.fssync.client.properties.Parts` of an object, to read.

        These are its title, content type and other metadata.
        """

    def change_properties(target):
        """Return a context manager with the same to be changed.

        What its block changes is registered when it ends, for the next commit.
        """

    def conflicts_in(target):
        """Return what is in conflict at and below ``target``.

        Each has ``path`` and ``kind``: both-changed, other-kind, removed-here or
        removed-there.
        """

    def sides(path):
        """Return the sides of a file in conflict.

        ``mine``, ``base`` and ``theirs`` are paths or None; ``content`` takes one of
        them and returns bytes.
        """

    def cat(target, write, revision=None):
        """Write the file ``target`` as the server last sent it, or as it was.

        ``write`` is called with bytes.  With a ``revision``, see
        `zope.app.fssync.client.revisions`, the server is asked, and ``target`` may be
        a URL or what was removed since.
        """

    def diff_revisions(target, revisions, diffopts, write, begin):
        """Show how ``target``, a path or a URL, differs between two revisions.

        ``revisions`` is a pair; the second is None for the files as they are here.  The
        other arguments are as for `diff`.
        """

    def annotate(target, revision="HEAD"):
        """Return the lines of a text, each with ``text`` and ``logged``.

        That is the transaction which brought it, None where that is not kept.
        """

    def incoming(target, warn=lambda line: None):
        """Return what an update of ``target`` would bring, and change nothing.

        Each has ``path``, ``state`` (new, changed or gone), ``is_directory`` and
        ``logged``, the last transaction that changed it, or None.  ``warn`` is called
        with a line if the server does not tell who changed it.
        """

    def log(target, query):
        """Return an iterator of the transactions that changed ``target``.

        ``target`` is a path in a working copy or a URL, ``query`` a
        `zope.app.fssync.client.log.Query`.  Yields a `Logged` for each, the newest
        first, and asks the server for more when they are wanted.
        """

    def cleanup(target):
        """Finish or drop what interrupted commands left in a working copy."""

    def doctor(target):
        """Verify the control data of ``target``, and repair it from the server.

        No file that the user edits is written or removed.
        """

    def upgrade(target):
        """Bring a working copy into a newer layout; return whether it was another."""

    def downgrade(target):
        """Bring a working copy into the layout of 3.6.0; return as `upgrade` does."""


declare(__name__, globals())
