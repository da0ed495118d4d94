"""The client's side of ssh: whom to trust, how to log in, what to ask a person."""
