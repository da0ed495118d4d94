"""The changes of a tree since the state that a client has, from the database.

`token` names a state of the database for a client; `history` reads the records that
were stored since; `referrers` indexes the references between records; `tracer` finds
the objects that records belong to; `clientstate` combines them.  If the changes are not
known for certain, everything is sent.
"""
