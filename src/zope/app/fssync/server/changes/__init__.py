"""The changes of a tree since the state that a client has, from the database.

`token` is the name of a state of the database, as a client keeps it; `history` reads
the records that were stored since; `referrers` is an index of references between
records; `tracer` finds the objects that records belong to; `clientstate` puts it
together.  Wherever there is doubt everything is sent.
"""
