"""From staging to production on a demo server: both are folders of it."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest

from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.promoting import Wanted
from zope.app.fssync.client.promoting import _covers
from zope.app.fssync.client.promoting import _tell
from zope.app.fssync.client.workingcopy.lock import Lock
from zope.app.fssync.testing.demoserver import LOGIN
from zope.app.fssync.testing.demoserver import Demo
from zope.app.fssync.testing.person import Person
from zope.fssync.errors import ServerUnreachable

#: Marks what starts a server.
slow = pytest.mark.slow

LINES = "".join(f"{n}\n" for n in range(8))


class Publisher(Person):
    """Somebody with two sites that began alike, and a working copy of the first."""

    def __init__(self, place: Path, demo: Demo) -> None:
        super().__init__(place)
        self.demo = demo
        self.host = f"{LOGIN}@127.0.0.1:{demo.running.port}"
        self.state = self.home / ".local" / "state" / "zsync"
        source = place / "source"
        (source / "sub").mkdir(parents=True)
        (source / "a.txt").write_text(LINES)
        (source / "b.txt").write_text("b\n")
        (source / "sub" / "c.txt").write_text("c\n")
        for site in ("staging", "www"):
            self("import", "source", self.url(site))
        self.since = self.transactions("staging")[0]["id"]
        self("checkout", "-q", self.url("staging"), "co")
        self.here = next(place.joinpath("co").glob("*-staging"))

    def url(self, site: str, user: bool = True) -> str:
        host = self.host if user else self.host.rpartition("@")[2]
        return f"http://{host}/demo/{self.place.name}-{site}"

    def transactions(self, site: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self("log", "--json", self.url(site)))[
            "items"
        ]
        return found

    def until(self) -> str:
        """The last transaction of the first site."""
        return f"0x{self.transactions('staging')[0]['id'].removeprefix('0x')}"

    def promotes(self, *arguments: str, status: int = 0) -> str:
        sites = (self.url("staging"), self.url("www"))
        options = [each for each in arguments if each.startswith("-")]
        rest = [each for each in arguments if not each.startswith("-")]
        shown = self("promote", *options, *sites, *rest, status=status)
        return shown + self.said

    def commits(self) -> None:
        self("watch", "--once", "co")

    def edits(self, site: str, path: str, text: str) -> None:
        self.demo.put(f"demo/{self.place.name}-{site}/{path}", text.encode())

    def there(self, path: str) -> str | None:
        try:
            return self.demo.get(f"demo/{self.place.name}-www/{path}").decode()
        except OSError:
            return None


@pytest.fixture
def me(tmp_path: Path, demo: Demo) -> Publisher:
    return Publisher(tmp_path, demo)


@slow
def test_changes_are_merged_in_one_transaction_and_from_there_the_next(
    me: Publisher,
) -> None:
    assert "--since" in me.promotes(status=1)
    me.edits("www", "a.txt", LINES.replace("0\n", "theirs\n"))
    (me.here / "a.txt").write_text(LINES.replace("7\n", "seven\n"))
    (me.here / "b.txt").unlink()
    (me.here / "sub" / "new.txt").write_text("new\n")
    me.commits()
    count = len(me.transactions("www"))
    rehearsed = me.promotes("-n", f"--since={me.since}")
    assert "Would promote" in rehearsed
    assert len(me.transactions("www")) == count
    shown = me.promotes(f"--since={me.since}", "--message=May")
    for line in ("M  www/a.txt", "D  www/b.txt", "A  www/sub/new.txt"):
        line = line.replace("www", f"{me.place.name}-www")
        assert line in shown
        assert line in rehearsed
    assert me.there("a.txt") == LINES.replace("0\n", "theirs\n").replace("7", "seven")
    assert me.there("b.txt") is None
    assert me.there("sub/new.txt") == "new\n"
    logged = me.transactions("www")
    assert len(logged) == count + 1
    source = me.url("staging", user=False)
    assert logged[0]["message"].startswith("May")
    assert f"Promoted from {source} as of 0x" in logged[0]["message"]
    # So does the first site, in the log of its server.
    told = me.demo.instance.log.read_text().partition(
        f"-staging was promoted as of {me.until()}"
    )[2]
    assert told.startswith(f" to {me.url('www', user=False)} as 0x{logged[0]['id']}")
    assert not me.state.exists()
    # Somebody else goes on from there, on another machine.
    other = Person(me.place / "other")
    sites = (me.url("staging"), me.url("www"))
    continued = f"Continues from {me.until()}, by the note of zope.zsync in 0x{{}}.\n"
    nothing = f"{continued.format(logged[0]['id'])}Nothing to promote.\n"
    assert other("promote", *sites) == nothing
    me.edits("staging", "sub/new.txt", "newer\n")
    assert "Promoted 0x" in other("promote", *sites)
    assert me.there("sub/new.txt") == "newer\n"


@slow
def test_a_note_of_a_state_that_is_still_to_come_ends_no_promotions(
    me: Publisher,
) -> None:
    me.edits("staging", "b.txt", "once\n")
    me.promotes(f"--since={me.since}")
    forged = f"Promoted from {me.url('staging', user=False)} as of 0x{'7' + 'f' * 15}"
    me("checkout", "-q", me.url("www"), "production")
    (path,) = (me.place / "production").glob("*-www/a.txt")
    path.write_text("forged\n")
    me("commit", "-q", "-m", forged, "production")
    assert forged in me.transactions("www")[0]["message"]
    me.edits("staging", "b.txt", "twice\n")
    assert "Promoted 0x" in me.promotes()
    assert me.there("b.txt") == "twice\n"


@slow
def test_moved_files_are_moved(me: Publisher) -> None:
    me.edits("www", "sub/c.txt", "theirs\n")
    me("move", f"{me.here}/sub", f"{me.here}/below")
    me("move", f"{me.here}/b.txt", f"{me.here}/b1.txt")
    me("commit", "-q", "-m", "Names", str(me.here))
    me("move", f"{me.here}/b1.txt", f"{me.here}/below/b2.txt")
    (me.here / "below" / "b2.txt").write_text("edited\n")
    me("mkdir", f"{me.here}/new")
    me("mkdir", f"{me.here}/new/inner")
    (me.here / "new" / "e.txt").write_text("e\n")
    me("add", f"{me.here}/new/e.txt")
    me("move", f"{me.here}/a.txt", f"{me.here}/new/inner/a.txt")
    me("commit", "-q", "-m", "More names", str(me.here))
    me.edits("www", "a.txt", LINES.replace("0\n", "theirs\n"))
    me.promotes(f"--since={me.since}")
    assert me.there("below/c.txt") == "theirs\n"
    assert me.there("below/b2.txt") == "edited\n"
    assert me.there("new/inner/a.txt") == LINES.replace("0\n", "theirs\n")
    assert me.there("new/e.txt") == "e\n"
    assert [me.there(each) for each in ("sub/c.txt", "b.txt", "a.txt")] == [None] * 3
    changes = me.transactions("www")[0]["changes"]
    told = {each["path"]: (each["letter"], each.get("origin")) for each in changes}
    assert told["below"] == ("R", "sub")
    assert told["below/b2.txt"] == ("R", "b.txt")
    assert told["new"] == ("A", None)
    assert told["new/inner/a.txt"] == ("R", "a.txt")
    assert told["new/e.txt"] == ("A", None)
    assert not {"a.txt", "b.txt", "sub"} & told.keys()
    assert me.promotes().endswith("\nNothing to promote.\n")


def renames(me: Publisher, site: str, *moves: tuple[str, str | None]) -> None:
    """Move objects of a site, or remove them, in one transaction."""
    copy = Path(tempfile.mkdtemp(dir=me.place))
    me("checkout", "-q", me.url(site), str(copy))
    (top,) = copy.glob(f"*-{site}")
    for old, new in moves:
        if new is None:
            me("remove", f"{top}/{old}")
        else:
            me("move", f"{top}/{old}", f"{top}/{new}")
    me("commit", "-q", "-m", "Names", str(top))


def resolves(me: Publisher, *arguments: str) -> Path:
    """Settle what a promotion left in conflict, and go on; return the site's copy."""
    (copy,) = me.state.glob("promote/*/copy")
    (top,) = copy.glob("*-www")
    me("-C", str(top), "resolve", *arguments)
    me.promotes()
    assert not me.state.exists()
    return top


@slow
def test_objects_that_one_site_moved_have_the_edits_of_the_other(me: Publisher) -> None:
    renames(me, "www", ("b.txt", "mine.txt"), ("sub", "below"))
    me.edits("staging", "b.txt", "edited\n")
    me.edits("staging", "sub/c.txt", "edited, too\n")
    (me.here / "sub" / "new.txt").write_text("new\n")
    me("add", f"{me.here}/sub/new.txt")
    me("move", f"{me.here}/a.txt", f"{me.here}/sub/a.txt")
    me("commit", "-q", "-m", "New", str(me.here / "sub"), str(me.here / "a.txt"))
    me.promotes(f"--since={me.since}")
    found = [me.there(f"{each}.txt") for each in ("mine", "below/c", "below/new")]
    assert found == ["edited\n", "edited, too\n", "new\n"]
    assert me.there("below/a.txt") == LINES
    assert [me.there(each) for each in ("b.txt", "sub", "a.txt")] == [None] * 3
    # The same moves on both sides are none that is left.
    renames(me, "staging", ("b.txt", "mine.txt"))
    me.edits("staging", "mine.txt", "edited again\n")
    me.promotes()
    assert me.there("mine.txt") == "edited again\n"


@slow
def test_objects_that_both_sites_moved_are_in_conflict(me: Publisher) -> None:
    renames(me, "staging", ("b.txt", "sub/d.txt"))
    me.edits("staging", "sub/d.txt", "edited\n")
    renames(me, "www", ("b.txt", "mine.txt"))
    shown = me.promotes(f"--since={me.since}", status=3)
    assert f"C  {me.place.name}-www/mine.txt" in shown
    assert me.there("mine.txt") == "b\n"
    resolves(me)
    assert me.there("mine.txt") == "edited\n"
    assert me.there("sub/d.txt") is None
    assert me.promotes().endswith("\nNothing to promote.\n")


@slow
def test_objects_removed_on_one_site_and_changed_on_the_other_are_in_conflict(
    me: Publisher,
) -> None:
    renames(me, "www", ("b.txt", None), ("sub", None))
    me.edits("staging", "b.txt", "edited\n")
    renames(me, "staging", ("sub/c.txt", "sub/d.txt"), ("a.txt", None))
    me.edits("staging", "sub/d.txt", "edited, too\n")
    renames(me, "www", ("a.txt", "mine.txt"))
    alone = me.promotes(f"--since={me.since}", "sub/d.txt", status=1)
    assert "has no 'sub' for 'sub/d.txt'" in alone
    assert not me.state.exists()
    shown = me.promotes(f"--since={me.since}", status=3)
    name = f"{me.place.name}-www"
    for each in ("b.txt", "sub/d.txt", "mine.txt"):
        assert f"C  {name}/{each}" in shown
    assert me.there("b.txt") is None
    # One is wanted, another one is not.
    (top,) = me.state.glob(f"promote/*/copy/{name}")
    me("-C", str(top), "resolve", "--accept", "theirs", "b.txt")
    resolves(me)
    assert me.there("sub/d.txt") == "edited, too\n"
    assert me.there("b.txt") is None
    assert me.there("mine.txt") == LINES


@slow
def test_objects_moved_on_one_site_and_removed_on_the_other_stay_removed(
    me: Publisher,
) -> None:
    renames(me, "www", ("b.txt", None), ("sub", None))
    renames(me, "staging", ("b.txt", "sub/d.txt"), ("sub/c.txt", "c.txt"))
    me.edits("staging", "a.txt", "edited\n")
    me.promotes(f"--since={me.since}")
    assert me.there("a.txt") == "edited\n"
    assert [me.there(each) for each in ("sub/d.txt", "c.txt", "b.txt")] == [None] * 3


@slow
def test_a_conflict_is_resolved_in_a_working_copy_and_the_command_goes_on(
    me: Publisher,
) -> None:
    me.edits("staging", "a.txt", LINES.replace("0\n", "mine\n"))
    me.edits("staging", "b.txt", "more\n")
    me.edits("www", "a.txt", LINES.replace("0\n", "theirs\n"))
    assert "would" not in me.promotes("-n", f"--since={me.since}", status=3)
    assert not me.state.exists()
    shown = me.promotes(f"--since={me.since}", status=3)
    (copy,) = me.state.glob("promote/*/copy")
    assert str(copy.relative_to(me.place)) in shown
    assert me.there("b.txt") == "b\n"
    me.promotes(status=3)
    assert "not finished" in me.promotes("b.txt", status=1)
    with Lock(f"{copy.parent}.lock", "promote"):
        assert "the promotion is locked by promote" in me.promotes(status=7)
        assert "the promotion is locked" in me.promotes("--abort", status=7)
    (file,) = copy.glob("*/a.txt")
    assert "<<<<<<<" in file.read_text()
    file.write_text(LINES.replace("0\n", "both\n"))
    me("-C", str(copy), "resolve")
    # Meanwhile production goes on.
    me.edits("www", "sub/c.txt", "theirs\n")
    me.promotes()
    assert me.there("a.txt") == LINES.replace("0\n", "both\n")
    assert me.there("b.txt") == "more\n"
    assert me.there("sub/c.txt") == "theirs\n"
    assert not me.state.exists()


@slow
def test_paths_and_kinds_are_all_that_is_promoted(me: Publisher) -> None:
    for path in ("a.txt", "b.txt", "sub/c.txt"):
        me.edits("staging", path, "new\n")
    me.promotes(f"--since={me.since}", "sub")
    assert (me.there("sub/c.txt"), me.there("a.txt")) == ("new\n", LINES)
    assert "(sub)" in me.transactions("www")[0]["message"]
    me("mkdir", f"{me.here}/new")
    (me.here / "new" / "e.txt").write_text("e\n")
    me("add", f"{me.here}/new/e.txt")
    me("commit", "-q", "-m", "New", f"{me.here}/new")
    # A part is no base of the whole.
    me.promotes(status=1)
    me.promotes(f"--since={me.since}", "--kind=Folder")
    changes = me.transactions("www")[0]["changes"]
    added = [each["path"] for each in changes if each["letter"] == "A"]
    assert added == ["new"]
    assert me.there("a.txt") == LINES
    me.promotes(f"--since={me.since}", "--kind=File", "a.txt")
    assert (me.there("a.txt"), me.there("b.txt")) == ("new\n", "b\n")
    # Folders come with the objects that they hold.
    me("update", "-q", str(me.here))
    me("move", f"{me.here}/b.txt", f"{me.here}/new/b.txt")
    me("mkdir", f"{me.here}/other")
    (me.here / "other" / "f.txt").write_text("f\n")
    me("add", f"{me.here}/other/f.txt")
    me("mkdir", f"{me.here}/empty")
    me("commit", "-q", "-m", "Other", str(me.here))
    me.promotes(f"--since={me.since}", "--kind=File")
    found = [me.there(path) for path in ("b.txt", "new/b.txt", "new/e.txt")]
    assert found == [None, "new\n", "e\n"]
    assert me.there("other/f.txt") == "f\n"
    assert me.there("empty") is None
    me.promotes(f"--since={me.since}")
    assert me.there("empty") is not None
    assert me.promotes("sub").endswith("\nNothing to promote.\n")


@slow
def test_both_sites_have_their_own_callers_and_a_conflict_can_be_given_up(
    me: Publisher,
) -> None:
    # Nobody has stored a login in this home.
    other = Person(me.place / "other")
    state = other.home / ".local" / "state" / "zsync"
    me.edits("staging", "a.txt", "new\n")
    known, www = me.url("staging"), me.url("www")
    for sites in (
        (known, me.url("www", user=False)),
        (me.url("staging", user=False), www),
    ):
        other("promote", f"--since={me.since}", *sites, status=4)
    assert me.there("a.txt") == LINES
    assert not state.exists()
    me.edits("www", "a.txt", "other\n")
    other("promote", f"--since={me.since}", known, www, status=3)
    assert state.exists()
    assert other("promote", "--abort", known, www) == "Given up.\n"
    assert other("promote", "--abort", known, www) == "There is none.\n"
    assert not state.exists()
    assert me.there("a.txt") == "other\n"


class Lost(Network):
    """Has no answer from its server."""

    def httpreq(self, *args: Any, **more: Any) -> Any:
        raise ServerUnreachable("the network is away")


def test_a_promotion_that_is_not_logged_is_done_and_there_is_a_warning() -> None:
    warnings: list[str] = []
    network = Lost()
    network.options = network.options._replace(warn=warnings.append)
    wanted = Wanted("http://me:pw@staging/site", "http://www/site")
    _tell(network, wanted, "03" * 8, "0x" + "04" * 8)
    assert warnings == [
        "warning: http://staging/site does not log the promotion: the network is away"
    ]


@pytest.mark.parametrize(
    ("scope", "path", "kinds", "covers"),
    [
        ("", "", (), True),
        ("", "a", ("File",), True),
        ("a", "", (), False),
        ("a, b", "b/c", (), True),
        ("a", "ab", (), False),
        ("kind File", "", (), False),
        ("kind File, kind Page", "", ("File",), True),
        ("a, kind File", "a", ("File", "Page"), False),
    ],
)
def test_promoted_files_are_a_base_for_all_that_they_cover(
    scope: str, path: str, kinds: tuple[str, ...], covers: bool
) -> None:
    assert _covers(scope, path, kinds) is covers
