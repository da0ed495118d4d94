"""Every limit, size and time of the package, each with its unit and its reason.

Readers take a `Limits` argument; a site registers its own instance as an
`ILimits` utility, which the server views use.  Constants are not for sites to set:
they bound time and memory, and refuse nothing that is harmless.
"""

# Annotations are not deferred here: named tuples compile each deferred one again,
# and every command waits for that.
from typing import NamedTuple

from zope.fssync.contracts import keeps

# Pieces and buffers, in bytes

#: Bytes read, compared, copied or sent at a time: larger pieces save no time.
CHUNK = 1 << 16
#: The buffer of a stream that is read in small pieces: the lines of an archive.
BUFFER = 1 << 17
#: Headers of an archive of which the paths are checked at once.
SCANNED_HEADERS = 1000
#: Bytes of a temporary file in memory, before it is one on the disk.
SPOOL_SIZE = 1 << 20
#: Bytes of a file from which on a zip has it in the form for large ones.
ZIP64_SIZE = 1 << 31
#: Content that is read once, to be compared, merged and sent, and kept meanwhile.
KEPT_CONTENT = 1 << 18
#: A body from this size on is sent while it is read; a smaller one is not worth it.
STREAMED_BODY = 1 << 17
#: The last member of a streamed archive, which holds a few short lines.
CLOSING_SIZE = 1 << 12
#: Missing and new files that are compared to recognize what was moved by hand.
RENAMES_COMPARED = 50
#: A file of rules what is to be ignored; it may come from a server.
IGNORE_FILE_SIZE = 1 << 20

# Memory for what is read from outside, in bytes

#: Bytes that each byte may take, and that are free besides.  No archive or document of
#: ours comes near: it is reached by ones that hold next to nothing many times.
MEMORY_RATIO = 10
MEMORY_FREE = 1 << 16
#: Bytes of a member and of a directory in the index of an archive, without its name.
MEMBER_MEMORY = 300
DIRECTORY_MEMORY = 300
#: Bytes of an entry, and of an attribute of it.
ENTRY_MEMORY = 300
ATTRIBUTE_MEMORY = 100
#: Bytes of a reported change, without its line.
CHANGE_MEMORY = 400

# Caches, in numbers of results

#: Names that were checked, and names of classes that were looked up.
REMEMBERED_NAMES = 4096
#: Characters of a name that has a composed and a decomposed form; none is that long.
NORMALIZED_LENGTH = 1 << 10
#: Paths that were checked, and the characters of each.
REMEMBERED_PATHS = 8192
REMEMBERED_PATH = 512
#: Pointers to control data that is outside of its working copy, and bytes of each.
REMEMBERED_POINTERS = 16
POINTER_SIZE = 4096
#: Documents of entries that were read, and the bytes of each: those of one checkout
#: are much alike.
REMEMBERED_DOCUMENTS = 512
REMEMBERED_DOCUMENT = 2048
#: The same of larger ones, those of some hundred files.
REMEMBERED_LARGE_DOCUMENTS = 16
REMEMBERED_LARGE_DOCUMENT = 1 << 16
#: Decisions on permissions and places, in a request.
REMEMBERED_DECISIONS = 2048
#: Kinds of objects whose synchronizers a registry remembers.
KNOWN_KINDS = 4096

# Pickles

#: Levels of a BTree; with two keys a node that is more than any database holds.
TREE_DEPTH = 50
#: Parts that references may repeat for each byte of a pickle.  What 3.6.0 wrote
#: repeats small tuples, by references of some twenty bytes.
REPEATS_PER_BYTE = 8
#: Bytes of text that count as one such part.
REPEATED_TEXT = 16
#: Bits of a number that is written in decimal digits; Python refuses to read many.
DECIMAL_BITS = 10_000

# Descriptions

#: Bytes of a part that a description shows in a form for people, or at all: a working
#: copy keeps larger ones in files.
DESCRIBED_SIZE = 1 << 16
#: Levels of lists and mappings in a value that is shown as one.
DESCRIBED_DEPTH = 20
#: Columns of a line with a value; a longer one has a line for each element.
DESCRIBED_WIDTH = 80
#: Bytes of a part of which the lines are remembered, and parts.
REMEMBERED_PART = 1 << 12
REMEMBERED_PARTS = 512

# Merges of texts, in lines

#: Differences up to which the shortest script is looked for at first, and at last,
#: when that failed several times: the time is their square.
DIFF_COST = 1000
LEAST_DIFF_COST = 50
#: Common lines at the end of a text that a change may still slide into.
MERGE_HORIZON = 100
#: Times that a merge is decided anew, since files are being edited meanwhile.
MERGE_ATTEMPTS = 3

# Tasks and views of the server

#: Rounds of callbacks of a commit that return further callbacks.
CALLBACK_PASSES = 10
#: Times that a checkout is made anew, where objects fail one by one.
CHECKOUT_PASSES = 5
#: Seconds for which objects are counted before a checkout begins.
ANNOUNCED_TIME = 2.0
#: Objects after which the memory of a task is tidied up, and those for which
#: permissions are remembered.
TIDY_INTERVAL = 1000
TIDY_DECISIONS = 3000
#: Characters of the languages that a browser asks for; it names a few.
LANGUAGES_LENGTH = 1 << 10
#: Characters of a note: storages take 65,535 bytes of it, and of what hosts note.
NOTE_LENGTH = 4000
#: Characters of the header that names the paths which were left out.
LEFT_OUT_SIZE = 1000
#: Faults of a commit that are told.
FAULTS = 20
#: Characters of the header that tells them; servers take lines of 8 KiB.
FAULTS_SIZE = 6000
#: Characters of the message of one fault.
FAULT_MESSAGE = 200
#: Bytes of a body that is checked for faults: it is read as a whole.
CHECKED_SIZE = 1 << 22
#: The same for JSON, which takes up to thirty times as much memory.
CHECKED_JSON_SIZE = 1 << 20
#: Elements and attributes of the settings of a tool in XML, some 900 bytes each; those
#: of all of Plone are fewer.
SETTINGS_PARTS = 200_000

#: Bytes of a file with the settings of another, as skins have them.
SKIN_METADATA_SIZE = 1 << 16
#: Bytes of the quoted id of an object in a header; servers take lines of 8 KiB.
OBJECT_ID_SIZE = 4096
#: Records since the state of a client: beyond them all objects are compared.
CHANGED_RECORDS = 20_000
#: Records that are looked at to find the objects which those belong to.
TRACED_RECORDS = 100_000
#: Changed records that a ZEO server, say, is asked for at once.
PREFETCHED_RECORDS = 500
#: Records that one round trip to a ZEO server may bring where a whole database is read,
#: and bytes of them after which the next one is to bring fewer.
BATCHED_RECORDS = 200
BATCH_SIZE = 4 << 20
#: Records of which the references are remembered meanwhile, some 500 bytes each.
REMEMBERED_REFERENCES = 20_000
#: Bytes of a record that leaves the cache of the database at once.
LARGE_RECORD = 1 << 13
#: Records of a database for which an index of referrers is made: it takes 40 bytes
#: for each on the disk.
INDEXED_RECORDS = 20_000_000
#: Rows of that index that are written at a time.
INDEX_ROWS = 10_000
#: Records that are looked up in it at a time, to find those that one leads to: others
#: wait meanwhile.
DESCENDED_RECORDS = 500
#: Records of a database for which a thread makes that index, before it is asked for.
PREPARED_RECORDS = 10_000
#: How many times the time of that thread are left to running exchanges.
EXCHANGES_SHARE = 9
#: Records after which that index is kept for the next process, or the part of it that
#: is new since.
KEPT_RECORDS = 10_000
KEPT_PART = 20
#: The part of its records after which that of a ZEO server is made anew: a record of a
#: transaction takes five times the time of one that is read with others.
REBUILT_PART = 5
#: Pages of it that are copied at a time: nobody may read it meanwhile.
KEPT_PAGES = 256
#: Objects of which the records that they lead to are remembered; they are as many as
#: a log goes through at most.
REMEMBERED_BELOW = 16
#: Parts of a working copy with a state of their own that the server asks after.
STATE_PARTS = 100
#: Transactions that are searched for a commit of which no receipt is left.
SEARCHED_TRANSACTIONS = 5000
#: Transactions of a database that are read at a time, and looked at for one answer,
#: to find those of a log.
LOG_PAGE = 100
#: Seconds in which a log need not notice that a ZEO server has packed.
PACKED_UNSEEN = 10.0
#: The time before a transaction in which another one is looked for first: a tenth of a
#: second, as the difference of their ids.
PROBED_TIME = (1 << 32) // 600
#: Transactions of which the records are read at a time.
LOG_READ = 10
#: Records of the newest transactions, after which a log goes by the records of what is
#: logged.
LOOKED_RECORDS = 5000
#: Transactions that git asks for at a time, and bytes of records in one answer.
LOG_RECORDS = 1000
LOG_RECORDS_SIZE = 4 << 20
#: Transactions that a client asks for first, so that it soon has something to show.
LOG_FIRST = 10
#: Records of an object that are loaded for a log, rather than to use an index of all;
#: and records that are loaded at a time.
NEAR_RECORDS = 1000
LOADED_RECORDS = 200
#: Objects of which the records that were loaded in place of an index are remembered.
KEPT_WALKS = 3
#: Records for which a log asks what leads to them, before it loads them.
CLIMBED_RECORDS = 2000
#: Records of an object that a log goes through, some 200 bytes each, before all
#: transactions are looked at in their place, and that it loads, rather than to wait for
#: an index; and revisions of one that a storage is asked for at first.
LISTED_RECORDS = 200_000
REVISIONS_ASKED = 8
#: Transactions that are asked for, to tell who changed what an update would bring.
BLAMED_TRANSACTIONS = 100
#: Versions of an object that its log shows, and seconds that saving one may take.
SHOWN_VERSIONS = 100
SAVING_SECONDS = 300
#: Transactions that are looked at to find who wrote the lines of a text, each by a
#: request.
ANNOTATED_TRANSACTIONS = 1000
#: Transactions that one request asks to be replayed, and bytes of archives after which
#: the answer leaves the rest to the next request.
REPLAYED_TRANSACTIONS = 200
REPLAYED_SIZE = 16 << 20
#: Bytes of what git needs to know of a commit, which is kept with the transaction:
#: storages take 65,535 bytes of all that is.
RECORD_SIZE = 48_000
#: Commits that become one transaction, and parents of one, for which it is kept.
RECORD_COMMITS = 1000
RECORD_PARENTS = 100
#: Files of a commit that only git needs.
FOR_GIT = 100
#: The depth with which git asks for the whole history.
GIT_DEPTH = 0x7FFFFFFF
#: The size of a pointer of Git LFS: by its specification it is smaller.
LFS_POINTER = 1024
#: Connections to old states of a database in a process, each with the thousand objects
#: that ZODB keeps, and seconds that a request waits for one.
OLD_CONNECTIONS = 4
OLD_CONNECTION_WAIT = 10.0
#: Seconds until an answer that is late gets signs of life, and between two of them:
#: proxies give up after thirty or sixty.
SIGN_DELAY = 10.0
SIGN_INTERVAL = 5.0
#: Seconds of the processor, and seconds in all, after which a request is long and waits
#: for those that are not; and seconds for which it waits at a time.
SHORT_WORK = 0.02
SHORT_TIME = 0.5
GIVEN_WAY = 0.25
#: Seconds for a replica of a database that is behind; publishers try three times.
CATCH_UP_PAUSE = 0.5
#: Bytes that are sent by a large exchange, of which a process has only some at once,
#: and the seconds after which others ask again.
LARGE_EXCHANGE = 1 << 20
BUSY_PAUSE = 1
#: The longest time that a setting may be, a day in seconds.
LONGEST_TIME = 86400.0
EXAMINED_TRANSACTIONS = 10_000
#: Records of the last transactions of a database that a process remembers, some 150
#: bytes each; and seconds in all, and between two attempts, for a storage that cannot
#: list transactions while one is written.
RECENT_RECORDS = 20_000
LISTING_PATIENCE = 2.0
LISTING_PAUSE = 0.02
#: Bytes of an archive from which on it is sent in parts, and of a part; of one that a
#: proxy does not let through, the next is a quarter, down to the least.  A server takes
#: parts up to the most, and the rest of an archive however small.
UPLOADED_SIZE = 64 << 20
UPLOAD_PART = 16 << 20
LEAST_UPLOAD_PART = 1 << 18
MOST_UPLOAD_PART = 64 << 20
#: Seconds for which a server keeps the parts of an archive that nobody continues.
UPLOAD_TIME = 2 * 86400
#: Digits of the size of such an archive.
UPLOAD_DIGITS = 15
#: Days for which the receipt of a commit is kept at least.
RECEIPT_DAYS = 100
#: Receipts that are looked at, whether they are too old, whenever one is added.
RECEIPTS_CHECKED = 2
#: Chunks of a file that wait in memory for a savepoint: 1 MiB.
SAVEPOINT_CHUNKS = 16
#: Bits of a number in a property: Python refuses to read 4,300 digits and more.
NUMBER_BITS = 4000
#: Elements of a field that are compared with each other, since they have no hash.
COMPARED_ELEMENTS = 100
#: Schemas whose fields are remembered.
SCHEMAS = 256
#: Characters of a date in a property.
DATE_LENGTH = 80

# The client

#: Parts of a key in a file of settings; ours have two.
SETTING_PARTS = 50
#: Redirects that are followed for one request, and interim answers before one.
REDIRECTS = 5
INTERIM_ANSWERS = 20
#: Times in a row that a part of an archive is lost, before a command gives up, and
#: seconds before the first of them is sent once more; each further one waits for twice
#: as long, and a server has a minute to start anew.
UPLOAD_TRIES = 6
UPLOAD_PAUSE = 1.0
#: Digits of the length that a server announces.
LENGTH_DIGITS = 18
#: Jump hosts on the way to an ssh server.
JUMPS = 8
#: Questions for the passphrase of one key.
PASSPHRASE_TRIES = 3
#: Seconds between two looks at a file that is open in an editor, and the time below
#: which an editor has handed the file over to another process.
EDIT_PAUSE = 0.2
EDIT_AT_ONCE = 2.0
#: The end of the year 9998 in seconds since 1970: calendars have later times not in all
#: time zones.
LATEST = 253_370_764_800
#: Questions for a password that a server refuses.
ASKED = 3
#: Seconds that a client waits at most and at least, for a server that is busy, before
#: it asks again, and in all.
LONGEST_PAUSE = 30.0
SHORTEST_PAUSE = 0.1
BUSY_PATIENCE = 900.0
#: Seconds to wait for other commands that store tokens, and between two attempts.
TOKEN_PATIENCE = 30.0
TOKEN_PAUSE = 0.01

#: Seconds until progress is shown, and between two times that it is.
PROGRESS_DELAY = 0.5
PROGRESS_INTERVAL = 0.1
#: Digits of the number of objects that a server announces.
ANNOUNCED_DIGITS = 12
#: Columns of a terminal that does not tell.
DEFAULT_COLUMNS = 80

# The server of the demo and its tour

#: Seconds between two looks at a database for all who wait for news; that one waits at
#: most, which no proxy takes for a server that hangs; and between two signs of life, by
#: which a server notices who has left.
PULSE = 0.15
WATCH_TIME = 50.0
WATCH_LIFE = 20.0
#: Seconds that those stay away at least for whom a server has no thread to wait, and
#: between the questions of any two of them: so they cost two percent of a processor.
WATCH_PAUSE = 0.7
WATCH_COST = 0.2
#: Threads of the demo server for requests, and more for those who wait.
DEMO_THREADS = 4
SWITCH_INTERVAL = 0.001
DEMO_WATCHERS = 120
#: Of a client that watches: seconds of quiet before a burst of changes is sent; between
#: two looks at the files, where no system tells of changes, and how many times as long
#: as a look took; between two questions to a server that does not let one wait; and
#: between two attempts to reach one that is away, at first and in the end.
WATCH_QUIET = 0.5
WATCH_SCAN = 0.25
WATCH_SCAN_SHARE = 10
WATCH_POLL = 5.0
WATCH_AWAY = (0.5, 30.0)
#: Signs of life that a client reads before it asks again, and bytes of each.
WATCH_SIGNS = 100
WATCH_LINE = 100
#: Seconds for which an empty file with a name of vim's probes is taken for one.
WATCH_PROBE = 2.0
#: Files that may disappear at once before a person is asked whether that was meant.
WATCH_DELETIONS = 10
#: Connections at a time.  None costs a thread before its request is complete, so
#: that many slow or idle ones keep nobody out.
DEMO_CONNECTIONS = 2000
#: Bytes of the head of a request, whose address has the message of a commit, of all its
#: headers, and of its cookies.
DEMO_HEAD = 1 << 17
DEMO_HEADERS = 1 << 15
DEMO_COOKIES = 1 << 13
#: Escapes in cookies, steps of a path, and arguments.  A publisher takes the square of
#: the time for the first, before Python 3.11.10, and the last; it looks up each step.
DEMO_ESCAPES = 1000
DEMO_STEPS = 160
DEMO_FIELDS = 1000
#: Connections that wait to be accepted.
DEMO_BACKLOG = 1024
#: Bytes in the file with what a client has not taken yet.  Only a client that asks
#: for more, and takes it slowly, keeps a thread waiting.
UNTAKEN_SIZE = 1 << 30
#: Seconds for the server to start, to stop, and between two looks at it.
START_TIME = 120.0
STOP_TIME = 60.0
START_POLL = 0.05
#: Seconds for one command or request of the tour, and for the first request, which
#: loads the application.
COMMAND_TIME = 300.0

# The control data of a working copy

#: Bytes that one byte of an index may inflate to: it holds digests, which do not
#: shrink, and takes twenty times as much memory when it is read.
INDEX_RATIO = 16
#: Bytes of an index for each list or object in it, at the least: those of ``[1,1],``.
INDEX_LIST_SIZE = 6
#: Lists and objects that are allowed besides, in an index that is small.
INDEX_FREE_LISTS = 1000
#: Bytes that any data may inflate to, and that one byte of larger data may.
INFLATED_FREE = 1 << 20
INFLATED_RATIO = 50
#: Bytes of larger data, which is deflated only if samples of it shrink: so many
#: samples, of so many bytes.
SAMPLED_SIZE = 1 << 14
SAMPLES = 8
SAMPLE_SIZE = 512
#: Bytes of an original from which on it is a file of its own and not in a pack.
UNPACKED_SIZE = 1 << 16
#: Bytes of the blocks that a larger content is cut into.
BLOCK_SIZE = 1 << 16
#: Bytes of a block of a pack: at least and at most, and on an average between two
#: contents that end one.  A file that changes makes one block anew.
LEAST_BLOCK = 1 << 14
MOST_BLOCK = 1 << 17
MEAN_BLOCK = 1 << 15
#: Bytes of a pack that is read at once.
WHOLE_PACK = 1 << 20
#: Bytes of the blocks of one pack that are kept, and of all packs together.
KEPT_BLOCKS = 1 << 20
KEPT_PACKS = 8 << 20
#: Bytes of a pack that wait in memory while it is written, and then in a file.
WRITTEN_PACK = 4 << 20
#: Bytes of the lock that name its owner.
OWNER_SIZE = 400
#: Directories of which the place and the content are remembered.
REMEMBERED_DIRECTORIES = 1024

#: Containers of which a working copy knows what the server can make there, and of one
#: container the types.
REMEMBERED_CONTAINERS = 8
REMEMBERED_TYPES = 200
#: Objects of which a working copy knows which commit of its own they are from.
REMEMBERED_COMMITS = 512
#: Objects of which a working copy knows who changed them last.
REMEMBERED_CHANGES = 1000
#: Operations that can be taken back: how many are kept, for how many days, and how many
#: bytes of what they replaced.
KEPT_OPERATIONS = 100
OPERATION_DAYS = 30
OPERATIONS_SIZE = 256 << 20
#: Files that are staged one by one; for more one sync of the system is cheaper.
SYNCED_FILES = 32
#: Directories that are converted between two steps of the journal.
CONVERTED_DIRECTORIES = 2000
#: Bytes of the state of a server, and characters of what it says.
STATE_SIZE = 1 << 20
#: Characters that a state has of files which were written.
RECEIVED_PATHS = 1 << 19
STATE_LENGTH = 1000
#: Paths that an error names.
NAMED_PATHS = 5
#: Characters of a header that tells what a working copy leaves out; and rules.
SPARSE_LENGTH = 4000
SPARSE_RULES = 200
#: Bytes of records, some 2,000 objects, that are worth a process; and processes.
SCAN_SHARE = 1 << 19
#: Directories whose outlines are in memory at once meanwhile.
SCANNED_OUTLINES = 100
SCAN_PROCESSES = 8
#: Bytes of a member beside the directory that is checked out; larger ones are none of
#: its parts, and have the checkout begin anew without streaming.
SMALL_MEMBER = 1 << 20
#: Times and seconds that the clock of a file system is waited for: those of most
#: tick every 4 or 10 milliseconds.
CLOCK_TICKS = 4
CLOCK_TICK = 0.011


@keeps("zope.fssync.fileinterfaces.ILimits")
class Limits(NamedTuple):
    """Limits on what is read from a peer or from a working copy.

    Sizes are in bytes unless the name says otherwise.
    """

    #: One archive: the sum of all its members.
    archive_size: int = 1 << 40
    #: One member of an archive.
    member_size: int = 1 << 38
    #: Members of one archive.
    members: int = 20_000_000
    #: The line before a member: a size of at most 20 digits and a path.
    header_size: int = 8192
    #: Components of a path.
    path_depth: int = 128
    #: One component of a path, in UTF-8; the common limit of file systems.
    name_size: int = 255
    #: One Entries.xml.
    entries_size: int = 256 << 20
    #: Marks of an archive of changes: each takes some 200 bytes of memory.
    marks: int = 1_000_000
    #: A deflated body of a request or an answer, or a block of a pack, inflated.
    deflated_size: int = 1 << 20
    #: The description of one object.
    description_size: int = 64 << 20
    #: One XML pickle, which is held in memory.
    pickle_size: int = 32 << 20
    #: Nesting of elements in an XML pickle.
    pickle_depth: int = 200
    #: Elements in an XML pickle.
    pickle_elements: int = 2_000_000
    #: Parts that references in a pickle repeat, besides 8 for each of its bytes: of
    #: tuples and frozensets, and pieces of 16 bytes of text, which are hashed and
    #: written in full each time.
    pickle_repeats: int = 50_000
    #: Different keys of one mapping, or members of one set, that have the same hash:
    #: each is compared with all others. Those of numbers are known to everybody.
    equal_hashes: int = 100
    #: The text of an error document that is shown to a person.
    error_text_size: int = 64 << 10
    #: The message of a commit, in UTF-8.  It travels in the address of a request, in
    #: which a byte may take three; storages keep at most 65,535 bytes.
    note_size: int = 20_000
    #: One line of the head of a message over ssh; the note of a commit travels there.
    head_line_size: int = 64 << 10
    #: All lines of such a head together.
    head_size: int = 128 << 10
    #: Lines of such a head.
    head_lines: int = 100
    #: Clients that wait for news, each of which keeps a thread of the server busy.  A
    #: server with a thread more for each of them may set more.
    watchers: int = 2
    #: A text that is merged line by line, which needs it in memory; of larger ones
    #: both versions are kept.
    merge_size: int = 8 << 20
    #: Files that an update deletes without asking, if they are no more than half
    #: of all.
    deletions: int = 1000
    #: Files that it deletes without asking, even if they are all.
    few_deletions: int = 20
    #: Archives of one user that were sent in part and wait for the rest, or for their
    #: commit; the one that waits longest gives way to another.
    uploads: int = 3
    #: Bytes of all of these together, and of those of all users.
    upload_size: int = 1 << 36
    uploads_size: int = 1 << 38
    #: Large exchanges at once in a process of a server: checkouts, checkins, and what
    #: sends more than 1 MiB.  Processes of Zope have four threads, and pages need some.
    exchanges: int = 2


class ServerLimits(NamedTuple):
    """The resources of the demo servers for their clients; times are in seconds."""

    #: Connections at a time, each of which costs a thread.
    connections: int = 64
    #: Connections that are not logged in.
    unauthenticated: int = 16
    #: As many as OpenSSH allows.
    sessions_per_connection: int = 10
    #: From connecting to being logged in, with time for a question at a terminal.
    login_time: float = 120.0
    #: Without a byte in a session, or without a session in a connection.
    idle_time: float = 300.0
    #: The body of a request.
    body_size: int = Limits().archive_size
    #: The body of a request to a page that takes no archive: an upload in a browser.
    page_body: int = 64 << 20
    #: The same from a client that sends no name and password: a form with a login.
    anonymous_body: int = 1 << 20
    #: A form without files.
    form_body: int = 1 << 16
    #: A question which paths are hidden: anybody may ask, and it is held in memory.
    asked_body: int = 32 << 20
    #: Paths of such a question.
    asked_paths: int = 500_000
    #: Names of which is asked what would be made of them: each is made for that.
    asked_names: int = 1000
    #: The question what transactions made of an object.
    replay_body: int = 8 << 20
    #: Transactions in one answer of a log, and changes that it lists of each.
    logged_transactions: int = 1000
    logged_changes: int = 1000
    #: Exchanges that a process remembers, some 500 bytes each.
    remembered_exchanges: int = 500
    #: Paths that a page in the browser lists.
    shown_paths: int = 500
    #: An uploaded zip: its files and directories, and the bytes of all files inflated.
    uploaded_files: int = 20_000
    uploaded_size: int = 64 << 20
    #: Bytes of all uploads that wait on the disk for a person to confirm them.
    waiting_uploads: int = 256 << 20
    #: The number of these uploads, each of which is an open file.
    waiting_files: int = 100
    #: Transactions on one page of a history, and changes that a page compares.
    shown_transactions: int = 20
    compared_changes: int = 50
    #: Changes of a transaction that a page takes back, of each of which it reads the
    #: state before and after.
    taken_back: int = 200
    #: Bytes of a file that a page compares, and lines of the difference that it shows.
    compared_size: int = 1 << 18
    compared_lines: int = 2000
    #: For running sessions, when the server is asked to stop.
    stop_time: float = 10.0
    #: A wrong password costs so much: guessing is to be slow.
    failure_delay: float = 0.5
    #: Between two signs of life: routers forget connections that are silent.
    keepalive: int = 60
    #: Connections that wait to be accepted.
    backlog: int = 128
    #: For Zope to accept a connection.
    connect_time: float = 10.0
    #: For Zope to accept one, when it is asked only whether it runs.
    probe_time: float = 2.0
    #: For Zope to check a password.
    password_time: float = 20.0
    #: Until Zope answers: it may work long on a commit.
    answer_time: float = 3600.0
    #: Bytes of a refused request that are still read, so that a client in the middle
    #: of sending gets to see the answer.
    drained_size: int = 1 << 22
    #: Arguments of a view; no view of zsync takes half as many.
    arguments: int = 20


class ClientTimes(NamedTuple):
    """How long the client waits for a server, in seconds."""

    #: For a connection to be made.
    connect: float = 30.0
    #: Between two pieces of data.
    read: float = 300.0
    #: Until the answer begins: a server may work long on a commit.
    answer: float = 3600.0


class SSHTimes(NamedTuple):
    """How long the client waits for an ssh server, in seconds."""

    #: For a connection to be made.
    connect: float = 30.0
    #: For the first line of the server.
    banner: float = 15.0
    #: For the login, without the time that a person takes.
    login: float = 60.0
    #: Between two signs of life: routers forget connections that are silent.
    keepalive: int = 30


class LocalSizes(NamedTuple):
    """How much is read of small files of this machine, and of a greeting.

    Anything behind that is ignored.
    """

    #: `@@Zope/Root`, which holds a URL.
    root: int = 1 << 16
    #: An index, inflated: of the originals in one directory, with some 200 bytes
    #: for each file, or of what looked unchanged. It takes up to twenty times its size.
    index_size: int = 32 << 20
    #: A line of the journal, which names one path.
    plan_line: int = 1 << 18
    #: The settings of the script for the Subsystem of OpenSSH.
    settings: int = 1 << 16
    #: A file of known hosts.
    known_hosts: int = 64 << 20
    #: The text of an ssh server before the login, which is shown to the person.
    banner: int = 2000
    #: Characters of a document that is no text of a zsync server: its title will do.
    summary: int = 200


DEFAULT = Limits()
TIMES = ClientTimes()
SIZES = LocalSizes()
SERVER = ServerLimits()
