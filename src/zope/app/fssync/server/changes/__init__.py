"""What changed in a tree since a client last saw it, as the database tells.

`state` names a state of the database, as a client keeps it; `history` reads what
was stored since; `referrers` knows which objects records belong to; `changes`
puts it together.  Wherever there is any doubt the answer is: send everything.
"""
